package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mayImport says which of our packages a package may import; a rule ends in
// "/..." if it holds for the packages below as well. The first rule that fits
// counts.
var mayImport = []struct {
	pkg  string
	ours []string
}{
	{"maildiag/cmd/...", []string{"maildiag/..."}},
	{"maildiag/checks", []string{"maildiag/checks/...", "maildiag/dnsrec/...", "maildiag/smtpprobe/...", "maildiag/report"}},
	{"maildiag/checks/inspect", []string{"maildiag/checks/kit", "maildiag/dnsrec/...", "maildiag/report"}},
	{"maildiag/service/...", []string{"maildiag/..."}},
	{"maildiag/checks/kit/...", []string{"maildiag/checks/kit", "maildiag/dnsrec/...", "maildiag/smtpprobe/...", "maildiag/report"}},
	{"maildiag/checks/doctor", []string{"maildiag/checks/kit", "maildiag/checks/submission", "maildiag/dnsrec/...", "maildiag/smtpprobe/...", "maildiag/report"}},
	{"maildiag/checks/facts", nil},
	{"maildiag/checks/migrate", []string{"maildiag/checks", "maildiag/checks/kit", "maildiag/checks/records", "maildiag/dnsrec/...", "maildiag/report"}},
	{"maildiag/checks/plan", []string{"maildiag/checks/kit", "maildiag/dnsrec/...", "maildiag/report"}},
	{"maildiag/checks/records", []string{"maildiag/checks/kit", "maildiag/dnsrec/...", "maildiag/smtpprobe/...", "maildiag/report"}},
	{"maildiag/checks/senders/intake", []string{"maildiag/checks/refusal/container", "maildiag/checks/refusal/message/eml"}},
	{"maildiag/checks/senders/failurereport", []string{"maildiag/checks/refusal/message/eml"}},
	{"maildiag/checks/senders", []string{"maildiag/checks/kit", "maildiag/checks/senders/dmarcreport", "maildiag/dnsrec/..."}},
	{"maildiag/checks/senders/tlslive", []string{"maildiag/checks/kit", "maildiag/checks/senders/tlsreport", "maildiag/dnsrec/...", "maildiag/report"}},
	{"maildiag/checks/senders/...", nil},
	{"maildiag/checks/mxserver", []string{"maildiag/checks/kit", "maildiag/dnsrec/...", "maildiag/smtpprobe/...", "maildiag/report"}},
	{"maildiag/checks/submission", []string{"maildiag/checks/kit", "maildiag/checks/refusal/replies", "maildiag/dnsrec/...", "maildiag/smtpprobe/...", "maildiag/report"}},
	{"maildiag/checks/refusal/...", []string{"maildiag/checks/kit", "maildiag/checks/submission", "maildiag/checks/refusal/...", "maildiag/dnsrec/...", "maildiag/smtpprobe/...", "maildiag/report", "maildiag/report/htmlpage"}},
	{"maildiag/dnsrec", nil},
	{"maildiag/dnsrec/...", []string{"maildiag/dnsrec/..."}},
	{"maildiag/smtpprobe/...", []string{"maildiag/smtpprobe/..."}},
	{"maildiag/report/planfmt", []string{"maildiag/report"}},
	{"maildiag/report/htmlpage", []string{"maildiag/report"}},
	{"maildiag/report/...", nil},
}

// onlyIn says which packages and files may see a library.
var onlyIn = map[string][]string{
	"github.com/miekg/dns":                       {"maildiag/dnsrec", "maildiag/dnsrec/dnstest"},
	"github.com/fatih/color":                     {"maildiag/report"},
	"github.com/spf13/cobra":                     {"maildiag/cmd/maildiag", "maildiag/cmd/maildiagd"},
	"github.com/spf13/pflag":                     {"maildiag/cmd/maildiag", "maildiag/cmd/maildiagd", "maildiag/cmd/internal/flagvalue"},
	"github.com/prometheus/...":                  {"maildiag/report", "maildiag/service/httpd", "maildiag/service/probe"},
	"github.com/jackc/...":                       {"maildiag/service/fleet/history"},
	"github.com/nats-io/...":                     {"maildiag/service/fleet/bus"},
	"github.com/parquet-go/...":                  {"maildiag/service/fleet/export"},
	"github.com/modelcontextprotocol/go-sdk/...": {"maildiag/service/mcp", "maildiag/cmd/maildiagd"},
}

func fits(rule, pkg string) bool {
	base, below := strings.CutSuffix(rule, "/...")
	return pkg == base || below && strings.HasPrefix(pkg, base+"/")
}

// TestImports holds the direction of the arrows in the design.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "maildiag/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "maildiag/") && !allowed(p.ImportPath, imp) {
				t.Errorf("%s must not import %s", p.ImportPath, imp)
			}
			for lib, places := range onlyIn {
				if fits(lib, imp) && !slices.Contains(places, p.ImportPath) {
					t.Errorf("%s must not see %s", p.ImportPath, imp)
				}
			}
		}
	}
}

func allowed(pkg, imp string) bool {
	for _, r := range mayImport {
		if fits(r.pkg, pkg) {
			return slices.ContainsFunc(r.ours, func(o string) bool { return fits(o, imp) })
		}
	}
	return false
}

// sources calls f with every Go file that ships.
func sources(t *testing.T, f func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		f(filepath.ToSlash(strings.TrimPrefix(path, "../../")), string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSourceRules holds what can be read from the text of the code.
func TestSourceRules(t *testing.T) {
	initFunc := regexp.MustCompile(`(?m)^func init\(\)`)
	comment := regexp.MustCompile(`(?m)//.*$`)
	wrong := regexp.MustCompile(`\bRFC[0-9]{4}\b|\brfc ?[0-9]{4}\b`) // the form is RFC 7208 4.6.4
	sources(t, func(path, text string) {
		if strings.Contains(text, "os.Exit(") && path != "cmd/maildiag/main.go" && path != "cmd/maildiagd/main.go" {
			t.Errorf("%s calls os.Exit", path)
		}
		if initFunc.MatchString(text) {
			t.Errorf("%s has an init function", path)
		}
		for _, c := range comment.FindAllString(text, -1) {
			if w := wrong.FindString(c); w != "" && !strings.Contains(c, "://") {
				t.Errorf("%s cites %q; the form is RFC 7208 4.6.4", path, w)
			}
		}
	})
}

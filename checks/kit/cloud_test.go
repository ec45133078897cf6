package kit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"maildiag/checks/kit"
)

// elsewhere are the files that may name hosts of clouds, and why.
var elsewhere = []string{
	"checks/kit/cloud.go",                // the table
	"checks/kit/mxhosts.go",              // names that no cloud has: of consumers, and retired ones
	"checks/refusal/replies/",            // rows of replies, and marks in their text
	"checks/refusal/message/exchange.go", // servers in Received fields, wherever mail of a tenant passes
	"checks/senders/",                    // who is behind a DKIM domain or an address in a report
	"checks/submission/hosts.go",         // submission hosts beside those of the clouds, each with its rules
	"checks/submission/advise.go",        // ways to send, with what to type
	"cmd/maildiag/demo.go",               // the servers of the demo worlds
	"dnsrec/dkim/selectors.go",           // senders among others, by what they publish
	"dnsrec/spf/senders.go",
}

// A new cloud is one row: no other file tells clouds apart by their hosts.
// Sentences for people, which have blanks, may name them.
func TestCloudsAreOneTable(t *testing.T) {
	hosts := cloudHosts()
	const root = "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			slices.ContainsFunc(elsewhere, func(e string) bool { return strings.HasPrefix(filepath.ToSlash(name), e) }) {
			return err
		}
		for _, text := range literals(t, path) {
			if i := slices.IndexFunc(hosts, func(h string) bool { return strings.Contains(text, h) }); i >= 0 {
				t.Errorf("%s has %q, which is for checks/kit/cloud.go to say (%s)", name, text, hosts[i])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// cloudHosts returns the names in the rows of the clouds that not all of them
// share.
func cloudHosts() (hosts []string) {
	shared := map[string]int{}
	for _, c := range kit.Clouds() {
		v := reflect.ValueOf(c)
		for i := range v.NumField() {
			if slices.Contains([]string{"ID", "Title", "Unsure"}, v.Type().Field(i).Name) {
				continue
			}
			texts, _ := v.Field(i).Interface().([]string)
			if v.Field(i).Kind() == reflect.String {
				texts = []string{v.Field(i).String()}
			}
			for _, s := range texts {
				shared[s]++
			}
		}
	}
	const dkim, mx = ".dkim.mail.microsoft", ".mx.microsoft" // one zone for all clouds, and no other yet
	for s := range shared {
		if s != "" && s != dkim && s != mx {
			hosts = append(hosts, strings.TrimSuffix(strings.TrimPrefix(s, "https://"), "/"))
		}
	}
	slices.Sort(hosts)
	return hosts
}

// literals returns the string literals of a file that are no sentences.
func literals(t *testing.T, path string) (out []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil && !strings.ContainsAny(s, " \n") {
				out = append(out, "."+s) // so that suffixes match whole names too
			}
		}
		return true
	})
	return out
}

// Every cloud's own hosts are known as its servers.
func TestCloudOfServer(t *testing.T) {
	for _, c := range kit.Clouds() {
		got := kit.CloudOfServer(c.Submission)
		if got == nil || got.SPF != c.SPF {
			t.Errorf("%s is a server of %+v, not of %s", c.Submission, got, c.ID)
		}
	}
	for _, host := range []string{"", "outlook.com.example", "notoutlook.com", ".outlook.com", "mail.example.us"} {
		if c := kit.CloudOfServer(host); c != nil {
			t.Errorf("%q is a server of %s", host, c.ID)
		}
	}
}

package message

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"maildiag/checks/refusal/message/eml"
	"maildiag/dnsrec"
)

// Parsed reads a message's header.
func Parsed(s string) *eml.Part { return eml.Parse([]byte(s + "\n\n")).Part }

func corpus(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	return filepath.Join(dir, "dkim", name)
}

// keyFile answers from a file of "name  value" lines, where the value may be
// a fault. Names it does not hold do not exist.
type keyFile map[string]string

func (f keyFile) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a := dnsrec.Answer{Query: q, Rcode: "NOERROR"}
	switch v, ok := f[q.Name]; {
	case !ok, v == "NXDOMAIN":
		a.Rcode = "NXDOMAIN"
	case strings.HasPrefix(v, "~~Query"):
		return a, &dnsrec.Error{Query: q, Kind: dnsrec.KindTimeout}
	case strings.HasPrefix(v, "~~"):
		return a, &dnsrec.Error{Query: q, Kind: dnsrec.KindServFail}
	default:
		a.Values = []string{v}
	}
	return a, nil
}

func readKeys(t *testing.T, name string) keyFile {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	keys := keyFile{}
	for line := range strings.Lines(string(data)) {
		n, v, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n != "" && n[0] != '#' {
			keys[dnsrec.Canonical(n)] = strings.TrimSpace(v)
		}
	}
	return keys
}

// verdict is the outcome for a message in the three words of the other tool:
// the best of its signatures.
func verdict(a *Analysis) string {
	v := "none"
	for _, s := range a.DKIM {
		switch s.Result {
		case "pass":
			return "pass"
		case "fail":
			v = "fail"
		case "permerror", "temperror", "policy", "neutral":
			if v == "none" {
				v = "invalid"
			}
		}
	}
	return v
}

// TestMailDKIM compares the verdicts with those of another verifier. Each
// difference has its reason.
func TestMailDKIM(t *testing.T) {
	dir := corpus(t, "mail-dkim")
	keys := readKeys(t, filepath.Join(dir, "FAKE_DNS.dat"))
	f, err := os.Open(filepath.Join(dir, "expected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 50 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	same := 0
	for _, r := range rows[1:] {
		data, err := os.ReadFile(filepath.Join(dir, "corpus", r[0]))
		if err != nil {
			t.Fatal(err)
		}
		a := Analyse(t.Context(), data, Options{DNS: keys, Now: today})
		got := verdict(a)
		if got == r[1] {
			same++
			continue
		}
		if why := difference(r[0], a); why == "" {
			t.Errorf("%s: %s, want %s: %+v", r[0], got, r[1], a.DKIM)
		}
	}
	t.Logf("%d of %d the same, the others explained", same, len(rows)-1)
}

// explained are the reasons for which the verdict of this old collection
// differs: what RFCs have forbidden since, and one limit of the library.
var explained = []struct{ reason, why string }{
	{"the version of the signature is not 1", "a draft before RFC 4871, or v=5"},
	{"the signature has no bh=", "a draft before RFC 4871"},
	{"a=rsa-sha1", "RFC 8301 3.1"},
	{"shorter than 1024 bits", "RFC 8301 3.2"},
	{"the body that was signed is not here", "the file holds no body"},
}

func difference(name string, a *Analysis) string {
	if len(a.DKIM) == 0 && strings.Contains(name, "dk_") {
		return "DomainKeys (RFC 4870, historic) is not DKIM"
	}
	for _, s := range a.DKIM {
		for _, e := range explained {
			if strings.Contains(s.Reason, e.reason) {
				return e.why
			}
		}
	}
	return ""
}

var simpleResult = regexp.MustCompile(`(?m)^\s*(spf|dkim|dmarc|iprev)=(\w+)`)

// TestAuthenticationMilter reads results that another tool wrote, and compares
// them with a plain reading. Of the messages in which it found forged results,
// only its own are trusted.
func TestAuthenticationMilter(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus(t, "authentication_milter"), "example", "*.eml"))
	if len(files) < 40 {
		t.Fatalf("%d files", len(files))
	}
	read := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !eml.IsMessage(data) {
			continue // a transcript
		}
		a := Analyse(t.Context(), data, Options{AuthservID: "test.module", Now: today})
		for _, r := range a.AuthResults {
			if r.AuthservID != "test.module" {
				continue
			}
			read++
			want := map[string]int{}
			for _, m := range simpleResult.FindAllStringSubmatch(strings.ReplaceAll(r.Raw, ";", "\n"), -1) {
				want[m[1]+"="+m[2]]++
			}
			for _, m := range r.Results {
				want[m.Method+"="+m.Value]--
			}
			for k, n := range want {
				if n > 0 && simpleResult.MatchString(k) {
					t.Errorf("%s: %s is missing in %+v", filepath.Base(name), k, r.Results)
				}
			}
		}
	}
	if read < 15 {
		t.Errorf("only %d results read", read)
	}
}

// TestForgedByMilterSource reads a message with eight forged fields: none is
// trusted in the name of a server that did not write them.
func TestForgedByMilterSource(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(corpus(t, "authentication_milter"), "source",
		"google_apps_good_sanitize.eml"))
	if err != nil {
		t.Fatal(err)
	}
	a := Analyse(t.Context(), data, Options{AuthservID: "mx.fabrikam.com", Now: today})
	if len(a.AuthResults) < 8 {
		t.Fatalf("%d fields", len(a.AuthResults))
	}
	for _, r := range a.AuthResults {
		if r.Trusted {
			t.Errorf("%+v", r)
		}
	}
}

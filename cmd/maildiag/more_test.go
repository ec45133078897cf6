package main

import (
	"bytes"
	"strings"
	"testing"

	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// One lookup decides unless --stable asks for more; migrate always makes several.
func TestStable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want int
		asks int
	}{
		{[]string{"check", "--only", "spf", "a.example"}, exitOK, 1},
		{[]string{"check", "--only", "spf", "--stable", "1", "a.example"}, exitOK, 1},
		{[]string{"check", "--only", "spf", "--stable", "3", "a.example"}, exitUnknown, 3},
		{[]string{"migrate", "--no-name-servers", "a.example"}, exitUnknown, samples},
		{[]string{"check", "--stable", "11", "a.example"}, exitUsage, 0},
		{[]string{"check", "--stable", "-1", "a.example"}, exitUsage, 0},
	} {
		srv := dnstest.New(t, "a.example MX 10 mail.a.example.\nmail.a.example A 192.0.2.1\na.example TXT \"v=spf1 mx -all\"\n")
		srv.Fault("a.example", "TXT", dnstest.Fault{Skip: 1, Records: `a.example. 60 IN TXT "v=spf1 -all"`})
		var out, errs bytes.Buffer
		code := run(t.Context(), append(c.args, "--resolver", srv.Addr), strings.NewReader(""), &out, &errs)
		if code != c.want {
			t.Errorf("%s: exit code %d, want %d\n%s%s", strings.Join(c.args, " "), code, c.want, out.String(), errs.String())
		}
		asks := 0
		for _, q := range srv.Queries() {
			if q.Name == "a.example" && q.Type == "TXT" {
				asks++
			}
		}
		if asks != c.asks {
			t.Errorf("%s: asked %d times, want %d", strings.Join(c.args, " "), asks, c.asks)
		}
	}
}

// The mail servers are dialed only with --dial-mx, and those of one domain.
func TestDialMX(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]struct{ code, servers int }{
		"check --demo migrating --only mx":                       {exitFound, 0},
		"check --demo migrating --only mx --dial-mx":             {exitFound, 1},
		"check --demo migrating --only mx --dial-mx a.com b.com": {exitUsage, 0},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), append(strings.Fields(args), "--json"), strings.NewReader(""), &out, &errs)
		servers := 0
		for r, err := range report.ReadReports(&out) {
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				if f.Code == "mxserver.greeting" {
					servers++
				}
			}
		}
		if code != want.code || min(servers, 1) != want.servers {
			t.Errorf("%s: exit code %d, %d servers, want %+v\n%s", args, code, servers, want, errs.String())
		}
	}
}

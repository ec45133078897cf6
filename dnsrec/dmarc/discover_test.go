package dmarc

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// world is a DNS server that serves lines of the form "domain policy": a
// policy at _dmarc.domain, or SERVFAIL there. A name that begins with = is
// taken as it is.
func world(t *testing.T, lines ...string) (dnsrec.Resolver, *dnstest.Server) {
	t.Helper()
	var zone strings.Builder
	var failing []string
	for _, line := range lines {
		name, value, _ := strings.Cut(line, " ")
		if n, as := strings.CutPrefix(name, "="); as {
			name = n
		} else {
			name = Name(name)
		}
		if value == "SERVFAIL" {
			failing = append(failing, name)
			continue
		}
		fmt.Fprintf(&zone, "%s. TXT %q\n", name, value)
	}
	srv := dnstest.New(t, zone.String())
	for _, name := range failing {
		srv.Fault(name, "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	}
	s, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	c := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}, Timeout: time.Second})
	t.Cleanup(c.Close)
	return c, srv
}

func TestWalkNames(t *testing.T) {
	for domain, want := range map[string]string{
		"com":                "com",
		"example.com":        "example.com com",
		"a.mail.example.com": "a.mail.example.com mail.example.com example.com com",
		"a.b.c.d.e.f.g.h":    "a.b.c.d.e.f.g.h b.c.d.e.f.g.h c.d.e.f.g.h d.e.f.g.h e.f.g.h f.g.h g.h h",
		"a.b.c.d.e.f.g.h.i.j.mail.example.com": // the example of RFC 9989 4.10
		"a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com i.j.mail.example.com " +
			"j.mail.example.com mail.example.com example.com com",
	} {
		if got := strings.Join(walkNames(domain), " "); got != want {
			t.Errorf("%s:\n%s, want\n%s", domain, got, want)
		}
	}
	if n := len(walkNames(strings.Repeat("a.", 100) + "com")); n != maxQueries {
		t.Errorf("a long name leads to %d queries", n)
	}
}

func TestDiscover(t *testing.T) {
	tests := []struct {
		name   string
		domain string
		zone   []string
		tree   string // "org at tag policy", or the error
		list   string
		diffs  int
	}{
		{"own record", "example.com", []string{"example.com v=DMARC1; p=reject"},
			"example.com example.com p reject", "example.com example.com p reject", 0},
		{"no record", "example.com", nil, "example.com - - -", "example.com - - -", 0},
		{"inherited", "mail.example.com", []string{"example.com v=DMARC1; p=reject"},
			"example.com example.com p reject", "example.com example.com p reject", 0},
		{"inherited with sp", "mail.example.com", []string{"=mail.example.com x", "example.com v=DMARC1; p=reject; sp=none; np=reject"},
			"example.com example.com sp none", "example.com example.com sp none", 0},
		{"inherited, name does not exist", "gone.example.com", []string{"example.com v=DMARC1; p=none; sp=quarantine; np=reject"},
			"example.com example.com np reject", "example.com example.com sp quarantine", 1},
		{"inherited, np without sp", "gone.example.com", []string{"example.com v=DMARC1; p=none; np=reject"},
			"example.com example.com np reject", "example.com example.com p none", 1},
		{"own and above", "mail.example.com", []string{"mail.example.com v=DMARC1; p=none", "example.com v=DMARC1; p=reject"},
			"example.com mail.example.com p none", "example.com mail.example.com p none", 0},
		{"between does not count", "a.mail.example.com", []string{"mail.example.com v=DMARC1; p=none", "example.com v=DMARC1; p=reject"},
			"example.com example.com p reject", "example.com example.com p reject", 0},
		{"only between", "a.mail.example.com", []string{"mail.example.com v=DMARC1; p=reject"},
			"mail.example.com mail.example.com p reject", "example.com - - -", 2},
		{"psd=n below", "a.mail.example.com", []string{"mail.example.com v=DMARC1; p=none; psd=n", "example.com v=DMARC1; p=reject"},
			"mail.example.com mail.example.com p none", "example.com example.com p reject", 3},
		{"psd=y at the top", "a.mail.example.com", []string{"com v=DMARC1; p=reject; psd=y"},
			"example.com com p reject", "example.com - - -", 1},
		{"psd=y and own", "a.mail.example.com", []string{"com v=DMARC1; p=reject; psd=y", "example.com v=DMARC1; p=none"},
			"example.com example.com p none", "example.com example.com p none", 0},
		{"psd=y at the start", "example.com", []string{"example.com v=DMARC1; p=reject; psd=y"},
			"example.com example.com p reject", "example.com example.com p reject", 0},
		{"psd=y in the middle", "a.mail.example.com", []string{"example.com v=DMARC1; p=reject; psd=y"},
			"mail.example.com example.com p reject", "example.com example.com p reject", 1},
		{"a public suffix with a record", "a.example.co.uk", []string{"example.co.uk v=DMARC1; p=none", "co.uk v=DMARC1; p=reject; psd=y"},
			"example.co.uk example.co.uk p none", "example.co.uk example.co.uk p none", 0},
		{"a top-level domain with a record and no psd", "example.com", []string{"com v=DMARC1; p=reject"},
			"com com p reject", "example.com - - -", 2},
		{"two records, one above", "mail.example.com", []string{"mail.example.com v=DMARC1; p=none", "mail.example.com v=DMARC1; p=reject", "example.com v=DMARC1; p=quarantine"},
			"example.com example.com p quarantine", "permerror", 1},
		{"two records", "example.com", []string{"example.com v=DMARC1; p=none", "example.com v=DMARC1; p=reject"}, "permerror", "permerror", 0},
		{"one record and other text", "example.com", []string{"example.com v=DMARC1; p=none", "example.com v=spf1 -all", "example.com v=dmarc1; p=reject"},
			"example.com example.com p none", "example.com example.com p none", 0},
		{"test mode", "example.com", []string{"example.com v=DMARC1; p=reject; t=y"},
			"example.com example.com p quarantine", "example.com example.com p reject", 1},
		{"pct", "example.com", []string{"example.com v=DMARC1; p=reject; pct=30"},
			"example.com example.com p reject", "example.com example.com p reject 30%", 1},
		{"bad policy with reports", "example.com", []string{"example.com v=DMARC1; p=x; rua=mailto:a@example.com"},
			"example.com example.com - none", "example.com example.com - none", 0},
		{"bad policy without reports", "example.com", []string{"example.com v=DMARC1; p=x"}, "permerror", "permerror", 0},
		{"SERVFAIL at the name", "example.com", []string{"example.com SERVFAIL", "com v=DMARC1; p=none; psd=y"}, "temperror", "temperror", 0},
		{"SERVFAIL between", "a.b.example.com", []string{"b.example.com SERVFAIL", "example.com v=DMARC1; p=none"}, "temperror", "example.com example.com p none", 0},
		{"SERVFAIL at the organization", "b.example.com", []string{"example.com SERVFAIL"}, "temperror", "temperror", 0},
		{"SERVFAIL at the top", "b.example.com", []string{"example.com v=DMARC1; p=none", "com SERVFAIL"},
			"example.com example.com p none unsure", "example.com example.com p none", 0},
		{"SERVFAIL at the top, nothing below", "b.example.com", []string{"com SERVFAIL"}, "temperror", "example.com - - -", 0},
		{"SERVFAIL above an own record", "b.example.com", []string{"b.example.com v=DMARC1; p=none", "example.com SERVFAIL"},
			"b.example.com b.example.com p none unsure", "example.com b.example.com p none", 1},
		{"over eight labels", "a.b.c.d.e.f.g.h.example.com", []string{"example.com v=DMARC1; p=reject"},
			"example.com example.com p reject", "example.com example.com p reject", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dns, srv := world(t, tt.zone...)
			r := Discover(t.Context(), dns, tt.domain)
			if got := summary(&r.Tree); got != tt.tree {
				t.Errorf("RFC 9989: %s, want %s", got, tt.tree)
			}
			if got := summary(&r.List); got != tt.list {
				t.Errorf("RFC 7489: %s, want %s", got, tt.list)
			}
			if d := r.Differences(); len(d) != tt.diffs {
				t.Errorf("differences %+v, want %d", d, tt.diffs)
			}
			if n := srv.Count("", "TXT"); n > maxQueries+1 { // SERVFAIL may be asked again
				t.Errorf("%d queries", n)
			}
		})
	}
}

func summary(rd *Reading) string {
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	switch {
	case rd.Err != nil:
		return "temperror"
	case rd.Broken:
		return "permerror"
	}
	s := fmt.Sprintf("%s %s %s %s", rd.Org, dash(rd.At), dash(rd.Tag), dash(string(rd.Policy)))
	if rd.Percent != maxPercent && rd.Found() {
		s += fmt.Sprintf(" %d%%", rd.Percent)
	}
	if rd.OrgErr != nil {
		s += " unsure"
	}
	return s
}

// The policy is found where a server answers "no data" for a name that does
// not exist, as signers of negative answers on the fly do.
func TestFault_003_BlackLies(t *testing.T) {
	dns, _ := world(t, "example.com v=DMARC1; p=reject; sp=quarantine; np=reject", "=below._dmarc.sub.example.com x")
	r := Discover(t.Context(), dns, "sub.example.com")
	if r.Tree.At != "example.com" || r.Tree.Policy != Quarantine || r.Exists != Present {
		t.Errorf("found %s at %s, exists %s", r.Tree.Policy, r.Tree.At, r.Exists)
	}
}

func TestEvaluate(t *testing.T) {
	zone := []string{
		"example.com v=DMARC1; p=reject; sp=quarantine", "strict.com v=DMARC1; p=reject; adkim=s; aspf=s",
		"division.example.com v=DMARC1; p=none; psd=n", "co.uk v=DMARC1; p=none; psd=y",
	}
	tests := []struct {
		from, dkim, spf string
		tree, list      string
	}{
		{"example.com", "", "", "fail reject", "fail reject"},
		{"example.com", "example.com", "", "pass none", "pass none"},
		{"example.com", "mail.example.com", "", "pass none", "pass none"},
		{"mail.example.com", "EXAMPLE.com.", "", "pass none", "pass none"},
		{"mail.example.com", "", "other.com", "fail quarantine", "fail quarantine"},
		{"example.com", "other.com example.com", "", "pass none", "pass none"},
		{"example.com", "division.example.com", "", "fail reject", "pass none"},
		{"division.example.com", "example.com", "", "fail none", "pass none"},
		{"strict.com", "mail.strict.com", "", "fail reject", "fail reject"},
		{"strict.com", "", "strict.com", "pass none", "pass none"},
		{"strict.com", "mail.strict.com", "strict.com", "pass none", "pass none"},
		{"nodmarc.com", "nodmarc.com", "", "none none", "none none"},
		{"a.co.uk", "a.co.uk", "", "pass none", "none none"},
		{"a.co.uk", "b.co.uk", "", "fail none", "none none"},
	}
	dns, _ := world(t, zone...)
	for _, tt := range tests {
		r := Discover(t.Context(), dns, tt.from)
		v := r.Evaluate(t.Context(), dns, strings.Fields(tt.dkim), tt.spf)
		tree, list := v.Tree.Result+" "+string(v.Tree.Policy), v.List.Result+" "+string(v.List.Policy)
		if tree != tt.tree || list != tt.list {
			t.Errorf("From %s, DKIM %q, SPF %q: %q and %q, want %q and %q", tt.from, tt.dkim, tt.spf, tree, list, tt.tree, tt.list)
		}
	}
}

func TestFault_067_ManyReportAddresses(t *testing.T) {
	var uris []string
	for i := range 1000 {
		uris = append(uris, fmt.Sprintf("mailto:r@r%d.example", i))
	}
	rec, _, err := Parse("v=DMARC1; p=none; rua=" + strings.Join(uris, ","))
	if err != nil || len(rec.RUA) != 1000 {
		t.Fatalf("%d addresses, %v", len(rec.RUA), err)
	}
	dns, srv := world(t, "=example.com._report._dmarc.r3.example v=DMARC1;", "=*._report._dmarc.r4.example v=DMARC1",
		"=example.com._report._dmarc.r5.example v=DMARC2", "=example.com._report._dmarc.r6.example SERVFAIL")
	list, unchecked := Authorizations(t.Context(), dns, "example.com", rec)
	if len(list) != MaxAuthorizations || len(unchecked) != 990 {
		t.Errorf("%d asked, %d not", len(list), len(unchecked))
	}
	if n := len(srv.Queries()); n > 12 {
		t.Errorf("%d queries", n)
	}
	for i, a := range list {
		if a.OK != (i == 3 || i == 4) || (a.Err != nil) != (i == 6) {
			t.Errorf("%s: ok %v, err %v", a.Host, a.OK, a.Err)
		}
	}
}

func TestExternal(t *testing.T) {
	rec, _, _ := Parse("v=DMARC1; p=none; rua=mailto:a@example.co.uk,mailto:b@sub.example.co.uk,mailto:c@other.co.uk,mailto:d@other.co.uk; ruf=mailto:e@third.example,https://fourth.example/x")
	list := external("mail.example.co.uk", rec)
	var got []string
	for _, a := range list {
		got = append(got, a.Tag+" "+a.Name)
	}
	want := []string{
		"rua mail.example.co.uk._report._dmarc.other.co.uk",
		"ruf mail.example.co.uk._report._dmarc.third.example",
		"ruf mail.example.co.uk._report._dmarc.fourth.example",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A name that cannot be asked for decides nothing where it cannot be aligned,
// and records that are discarded are as none.
func TestEvaluateUnsure(t *testing.T) {
	zone := []string{"example.com v=DMARC1; p=reject", "other.com SERVFAIL", "two.com v=DMARC1; p=none",
		"two.com v=DMARC1; p=reject", "nop.com v=DMARC1; sp=none"}
	dns, _ := world(t, zone...)
	for _, tt := range []struct{ from, dkim, spf, tree string }{
		{"example.com", "b.other.com", "", "fail"},
		{"example.com", "", "other.com", "fail"},
		{"example.com", "b.other.com example.com", "", "pass"},
		{"two.com", "two.com", "", "none"},
		{"nop.com", "nop.com", "", "none"},
	} {
		r := Discover(t.Context(), dns, tt.from)
		if v := r.Evaluate(t.Context(), dns, strings.Fields(tt.dkim), tt.spf); v.Tree.Result != tt.tree {
			t.Errorf("From %s, DKIM %q, SPF %q: %s, want %s", tt.from, tt.dkim, tt.spf, v.Tree.Result, tt.tree)
		}
	}
}

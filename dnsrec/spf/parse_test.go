package spf

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ txt, want string }{
		{"v=spf1", "v=spf1"},
		{"V=SPF1 +A -ALL", "v=spf1 a -all"},
		{"v=spf1  mx   ~all  ", "v=spf1 mx ~all"},
		{"v=spf1 a/32//128 mx:Mail.Example.com/24//64 -all", "v=spf1 a mx:Mail.Example.com/24//64 -all"},
		{"v=spf1 ip4:192.0.2.0/24 ip6:2001:DB8:0::1/128 ?all", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::1 ?all"},
		{"v=spf1 exists:%{ir}.%{v}._spf.%{d2} redirect=_spf.example.com", "v=spf1 exists:%{ir}.%{v}._spf.%{d2} redirect=_spf.example.com"},
		{"v=spf1 -ptr:example.com exp=why.%{d} Foo.1=%{l}%%", "v=spf1 -ptr:example.com exp=why.%{d} foo.1=%{l}%%"},
		{"v=spf1 a:foo:bar/baz.example.com", "v=spf1 a:foo:bar/baz.example.com"},
		{"v=spf1 a:%{d}/24", "v=spf1 a:%{d}/24"},
	} {
		rec, ours, err := Parse(c.txt)
		if !ours || err != nil {
			t.Errorf("Parse(%q): ours %v, error %v", c.txt, ours, err)
			continue
		}
		if got := rec.String(); got != c.want {
			t.Errorf("Parse(%q).String() = %q, want %q", c.txt, got, c.want)
		}
	}
}

func TestNotOurs(t *testing.T) {
	for _, txt := range []string{"", "v=spf10", "v=spf2.0 all", " v=spf1 -all", "v=spf1\t-all", "v=DMARC1; p=none", "spf2.0/pra -all"} {
		if rec, ours, err := Parse(txt); ours || rec != nil || err != nil {
			t.Errorf("Parse(%q) = %v, %v, %v", txt, rec, ours, err)
		}
	}
}

// TestFaultPlace checks that the place of a fault is exact: the text at
// Offset and Len is what is wrong.
func TestFaultPlace(t *testing.T) {
	for _, c := range []struct{ txt, place, term, hint string }{
		{"v=spf1 ip:192.0.2.1 -all", "ip", "ip:192.0.2.1", "ip4:192.0.2.1"},
		{"v=spf1 a ipv4:192.0.2.1 -all", "ipv4", "ipv4:192.0.2.1", "ip4:192.0.2.1"},
		{"v=spf1 ip:2001:db8::1 -all", "ip", "ip:2001:db8::1", "ip6:2001:db8::1"},
		{"v=spf1 ip:mail.example.com -all", "ip", "ip:mail.example.com", "a:mail.example.com"},
		{"v=spf1 i4:192.0.2.1/24 -all", "i4", "i4:192.0.2.1/24", "ip4:192.0.2.1/24"},
		{"v=spf1 ip4:192.0.2.1/33 -all", "33", "ip4:192.0.2.1/33", ""},
		{"v=spf1 ip4:192.0.2.1/024 -all", "024", "ip4:192.0.2.1/024", "ip4:192.0.2.1/24"},
		{"v=spf1 ip4:192.0.2.1/29/29 -all", "29/29", "ip4:192.0.2.1/29/29", "ip4:192.0.2.1/29"},
		{"v=spf1 ip4:192.0.2.1:25 -all", "192.0.2.1:25", "ip4:192.0.2.1:25", "ip4:192.0.2.1"},
		{"v=spf1 ip4:192.0.2 -all", "192.0.2", "ip4:192.0.2", "ip4:192.0.2.0/24"},
		{"v=spf1 ip4:192.0.2.* -all", "192.0.2.*", "ip4:192.0.2.*", "ip4:192.0.2.0/24"},
		{"v=spf1 ip4:192.0.2.1,192.0.2.2 -all", "192.0.2.1,192.0.2.2", "ip4:192.0.2.1,192.0.2.2", "ip4:192.0.2.1 ip4:192.0.2.2"},
		{"v=spf1 ip4:192.0.2.1ip4:192.0.2.2 -all", "192.0.2.1ip4:192.0.2.2", "ip4:192.0.2.1ip4:192.0.2.2", "ip4:192.0.2.1 ip4:192.0.2.2"},
		{"v=spf1 +ip4:ip4:192.0.2.1 -all", "ip4:192.0.2.1", "+ip4:ip4:192.0.2.1", "ip4:192.0.2.1"},
		{"v=spf1 ip4:I92.0.2.1 -all", "I92.0.2.1", "ip4:I92.0.2.1", "ip4:192.0.2.1"},
		{"v=spf1 ip4:192.0.2.45192.0.2.43 -all", "192.0.2.45192.0.2.43", "ip4:192.0.2.45192.0.2.43", "ip4:192.0.2.45 ip4:192.0.2.43"},
		{"v=spf1 ip6:192.0.2.1 -all", "192.0.2.1", "ip6:192.0.2.1", "ip4:192.0.2.1"},
		{"v=spf1 ip6:fe80::1%eth0 -all", "fe80::1%eth0", "ip6:fe80::1%eth0", "ip6:fe80::1"},
		{"v=spf1 a:192.0.2.1 -all", "1", "a:192.0.2.1", "ip4:192.0.2.1"},
		{"v=spf1 a/24/64 -all", "64", "a/24/64", "a/24//64"},
		{"v=spf1 192.0.2.0/24 -all", "192.0.2.0", "192.0.2.0/24", "ip4:192.0.2.0/24"},
		{"v=spf1 mail.example.com -all", "mail.example.com", "mail.example.com", "a:mail.example.com"},
		{"v=spf1 spf.example.com -all", "spf.example.com", "spf.example.com", "include:spf.example.com"},
		{"v=spf1 include:spf.example.com/32 -all", "com/32", "include:spf.example.com/32", "include:spf.example.com"},
		{"v=spf1 include: spf.example.com -all", "include: spf.example.com", "include: spf.example.com", "include:spf.example.com"},
		{"v=spf1 include :x.test ~all", "include :x.test", "include :x.test", "include:x.test"},
		{"v=spf1 includ:x.test ~all", "includ", "includ:x.test", "include:x.test"},
		{"v=spf1 incldue:x.test ~all", "incldue", "incldue:x.test", "include:x.test"},
		{"v=spf1 include.protection.outlook.com -all", "include.protection.outlook.com", "include.protection.outlook.com", "include:spf.protection.outlook.com"},
		{"v=spf1 redirect:_spf.example.com", "redirect", "redirect:_spf.example.com", "redirect=_spf.example.com"},
		{"v=spf1 mx prt -all", "prt", "prt", "ptr"},
		{"v=spf1 mx -al", "al", "-al", "-all"},
		{"v=spf1 mx - all", "- all", "- all", "-all"},
		{"v=spf1 mx –all", "–", "–all", "-all"},
		{"v=spf1 mx -all.", "all.", "-all.", "-all"},
		{"v=spf1 mx -allv=spf1", "allv", "-allv=spf1", "-all"},
		{"v=spf1 mx ~allv=dmarc1;", "allv", "~allv=dmarc1;", "~all"},
		{"v=spf1 include:x.test~all", "test~all", "include:x.test~all", "include:x.test ~all"},
		{"v=spf1 a: -all", ":", "a:", "a"},
		{"v=spf1 \u200eip4:192.0.2.1\u200e -all", "\u200e", "\u200eip4:192.0.2.1\u200e", "ip4:192.0.2.1"},
		{"v=spf1 mx\u00a0ip4:192.0.2.1 -all", "\u00a0", "mx\u00a0ip4:192.0.2.1", "mx ip4:192.0.2.1"},
		{"v=spf1 ip4:\n192.0.2.1 -all", "\n", "ip4:\n192.0.2.1", "ip4:192.0.2.1"},
		{"v=spf1 \u201cmx\u201d -all", "\u201c", "\u201cmx\u201d", "mx"},
		{"v=spf1 redirect=a.test redirect=b.test", "redirect=b.test", "redirect=b.test", "include:b.test"},
	} {
		rec, _, err := Parse(c.txt)
		if err == nil {
			t.Errorf("Parse(%q): no fault", c.txt)
			continue
		}
		f := rec.Faults[0]
		if got := c.txt[f.Offset : f.Offset+f.Len]; got != c.place {
			t.Errorf("Parse(%q): place %q, want %q (%s)", c.txt, got, c.place, f.Problem)
		}
		if f.Term != c.term || f.Hint != c.hint || c.txt[f.TermOffset:f.TermOffset+len(f.Term)] != f.Term {
			t.Errorf("Parse(%q): term %q hint %q, want %q and %q", c.txt, f.Term, f.Hint, c.term, c.hint)
		}
		if c.hint == "" && !f.Drop {
			continue
		}
		if fixed, whole := rec.Corrected(); !whole || strings.Contains(fixed, "  ") {
			t.Errorf("Parse(%q).Corrected() = %q, %v", c.txt, fixed, whole)
		}
	}
}

func TestFault_052_BrokenMacros(t *testing.T) {
	for _, m := range []string{
		"%", "%{", "%{}", "%{x}", "%{d0}", "%{d-", "%{d!}", "%{" + strings.Repeat("9", 400) + "}", "%{d" + strings.Repeat("9", 400) + "}",
		"%a", "%}", "%(d)", "%{d r}", "%{c}", "%{r}", "%{t}", "%{dd}", "%{1d}", "%{dr2}", "%{d00}",
	} {
		txt := "v=spf1 exists:" + m + ".example.com -all"
		rec, ours, err := Parse(txt)
		if !ours || err == nil {
			t.Errorf("%q: no fault", txt)
			continue
		}
		if f := rec.Faults[0]; f.Offset < len("v=spf1 exists:") || f.Len < 1 || f.Offset+f.Len > len(txt)-len(" -all") {
			// A macro with a blank in it is two terms.
			if !strings.Contains(m, " ") {
				t.Errorf("%q: place %d+%d", txt, f.Offset, f.Len)
			}
		}
	}
}

func TestMark(t *testing.T) {
	txt := "v=spf1 mx \u200eip4:192.0.2.1 -all"
	rec, _, _ := Parse(txt)
	f := rec.Faults[0]
	want := "v=spf1 mx <U+200E>ip4:192.0.2.1 -all\n          ^^^^^^^^"
	if got := Mark(txt, f.Offset, f.Len); got != want {
		t.Errorf("Mark:\n%s\nwant\n%s", got, want)
	}
	long := "v=spf1 " + strings.Repeat("ip4:192.0.2.1 ", 50) + "ip:192.0.2.1 " + strings.Repeat("ip4:192.0.2.1 ", 50)
	rec, _, _ = Parse(long)
	for line := range strings.Lines(Mark(long, rec.Faults[0].Offset, rec.Faults[0].Len)) {
		if len(line) > 100 {
			t.Errorf("Mark of a long record has a line of %d", len(line))
		}
	}
}

func TestFault_055_LookAlikes(t *testing.T) {
	for _, c := range []struct{ txt, meant string }{
		{"v=ѕpf1 include:x.test -all", "v=spf1 include:x.test -all"}, // Cyrillic s
		{"\u200bv=spf1 -all", "v=spf1 -all"},
		{"\xff\xfev\x00=\x00s\x00p\x00f\x001\x00 \x00-\x00a\x00l\x00l\x00", "v=spf1 -all"},
		{" v=spf1 mx -all", "v=spf1 mx -all"},
		{"\u00a0v=spf1 mx -all", "v=spf1 mx -all"},
		{"v=spf1\tmx -all", "v=spf1 mx -all"},
		{"v=spf1\u00a0mx -all", "v=spf1 mx -all"},
		{"v=spf1include:x.test ~all", "v=spf1 include:x.test ~all"},
		{"v=spf1; mx -all", "v=spf1 mx -all"},
		{"\"v=spf1 mx -all\"", "v=spf1 mx -all"},
		{"v=spf10 mx -all", "v=spf1 mx -all"},
		{"v=sfp1 mx -all", "v=spf1 mx -all"},
		{"v=spf mx -all", "v=spf1 mx -all"},
		{"spf1 mx -all", "v=spf1 mx -all"},
		{"v=spf2 mx -all", "v=spf1 mx -all"},
		{"v-spf1 mx -all", "v=spf1 mx -all"},
		{"include:x.test -all", "v=spf1 include:x.test -all"},
	} {
		like := LookAlike(c.txt)
		if like == nil || like.Meant != c.meant || like.Reason == "" {
			t.Errorf("LookAlike(%q) = %+v, want %q", c.txt, like, c.meant)
		}
	}
	for _, txt := range []string{"", "v=spf1 -all", "v=DMARC1; p=none", "MS=ms12345678", "v=DKIM1; p=", "all",
		"google-site-verification=abc", "v=spf-verification", "v=verifydomain MS=123", "mx"} {
		if like := LookAlike(txt); like != nil {
			t.Errorf("LookAlike(%q) = %+v", txt, like)
		}
	}
	if like := LookAlike("spf2.0/pra include:x.test -all"); like == nil || !like.SenderID {
		t.Errorf("Sender ID not told: %+v", like)
	}
}

func TestLint(t *testing.T) {
	for _, c := range []struct{ txt, code, term, hint string }{
		{"v=spf1 -all mx", IssueAfterAll, "mx", ""},
		{"v=spf1 redirect=x.test -all", IssueRedirect, "redirect=x.test", ""},
		{"v=spf1 ptr -all", IssuePTR, "ptr", ""},
		{"v=spf1 mx +MX -all", IssueDuplicate, "+MX", ""},
		{"v=spf1 ip4=192.0.2.1 -all", IssueModifier, "ip4=192.0.2.1", "ip4:192.0.2.1"},
		{"v=spf1 include=x.test -all", IssueModifier, "include=x.test", "include:x.test"},
		{"v=spf1 ra=postmaster -all", IssueUnknown, "ra=postmaster", ""},
		{"v=spf1 mx -all v=spf1 a ~all", IssueGlued, "v=spf1", ""},
		{"v=spf1 include:x.test-all", IssueName, "include:x.test-all", "include:x.test -all"},
		{"v=spf1 include:spf:x.test -all", IssueName, "include:spf:x.test", "include:spf.x.test"},
		{"v=spf1 include:me@x.test -all", IssueName, "include:me@x.test", "include:x.test"},
		{"v=spf1 a:x.test,y.test -all", IssueName, "a:x.test,y.test", "a:x.test a:y.test"},
		{"v=spf1 ip4:0.0.0.0/0 -all", IssueRange, "ip4:0.0.0.0/0", ""},
		{"v=spf1 ip4:198.51.0.0/15 -all", IssueRange, "ip4:198.51.0.0/15", ""},
		{"v=spf1 ip6:2001::/16 -all", IssueRange, "ip6:2001::/16", ""},
		{"v=spf1 a/8 -all", IssueRange, "a/8", ""},
		{"v=spf1 ip4:10.1.2.3 -all", IssuePrivate, "ip4:10.1.2.3", ""},
		{"v=spf1 ip4:192.168.1.0/24 -all", IssuePrivate, "ip4:192.168.1.0/24", ""},
	} {
		rec, _, err := Parse(c.txt)
		if err != nil {
			t.Errorf("%q: %v", c.txt, err)
			continue
		}
		issues := rec.Lint()
		if len(issues) != 1 || issues[0].Code != c.code || issues[0].Term.Text != c.term || issues[0].Hint != c.hint {
			t.Errorf("%q: %+v, want %s at %q, hint %q", c.txt, issues, c.code, c.term, c.hint)
		}
		if fixed, whole := rec.Corrected(); !whole {
			t.Errorf("%q: corrected to %q", c.txt, fixed)
		}
	}
	rec, _, _ := Parse("v=spf1 a mx include:x.test ip4:192.0.2.0/24 ip6:2001:db8::/32 exp=why.x.test ~all")
	if issues := rec.Lint(); len(issues) > 0 {
		t.Errorf("a good record has issues: %+v", issues)
	}
}

func TestEdit(t *testing.T) {
	rec, _, _ := Parse("v=spf1 mx include:x.test -all")
	if got := rec.With("ip4:192.0.2.1"); got != "v=spf1 mx include:x.test ip4:192.0.2.1 -all" {
		t.Errorf("With: %q", got)
	}
	if got, n := rec.Without("include:X.test"); got != "v=spf1 mx -all" || n != 1 {
		t.Errorf("Without: %q, %d", got, n)
	}
	if _, n := rec.Without("a"); n != 0 {
		t.Errorf("Without what is not there: %d", n)
	}
}

// FuzzParse holds that the short form of a record means the same as the
// record, that faults lie within it, and that hints are what they promise.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=spf1 a/24//64 mx:%{d2r-} ip4:192.0.2.0/24 -all", "v=spf1 ip:192.0.2.1 –all",
		"v=spf1 include: x.test ip4:a,b -allv=spf1", "v=spf1\u00a0a", "v=spf1 exists:%{l255r-+,/_=}.x.test exp=%{p}.x",
		"v=spf1 exp=a.x exp=a.x redirect=b.x redirect=b.x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, txt string) {
		rec, ours, err := Parse(txt)
		if !ours {
			if like := LookAlike(txt); like != nil && like.Reason == "" {
				t.Errorf("no reason for %q", txt)
			}
			return
		}
		again, ours, err2 := Parse(rec.String())
		for _, e := range again.Faults { // a modifier that is there twice is a fault of the record, and not of a term
			if !slices.ContainsFunc(rec.Faults, func(f SyntaxError) bool { return f.Problem == e.Problem }) {
				t.Errorf("%q → %q: %v", txt, rec.String(), e)
			}
		}
		if !ours || err2 != nil && err == nil || len(again.Terms) != len(rec.Terms) && err == nil {
			t.Fatalf("%q → %q: %v", txt, rec.String(), err2)
		}
		for i := range again.Terms {
			if err == nil && !again.Terms[i].same(rec.Terms[i]) {
				t.Errorf("%q: term %q became %q", txt, rec.Terms[i].Text, again.Terms[i].Text)
			}
		}
		for _, e := range rec.Faults {
			if e.Offset < 0 || e.Len < 1 && e.Offset < len(txt) || e.Offset > len(txt) || good(e.Hint) != e.Hint {
				t.Errorf("%q: fault %+v", txt, e)
			}
			Mark(txt, e.Offset, e.Len)
		}
		rec.Corrected()
	})
}

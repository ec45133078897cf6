package spf

import "testing"

// Records as they are found, and what was meant: nothing that authorizes a sender
// is lost on the way.
func TestMeantRecord(t *testing.T) {
	for txt, want := range map[string]string{
		// a blank is missing, mostly where a TXT record was cut into strings
		"v=spf1 include:a.testinclude:b.test -all":         "v=spf1 include:a.test include:b.test -all",
		"v=spf1 include:a.testip4:192.0.2.1 -all":          "v=spf1 include:a.test ip4:192.0.2.1 -all",
		"v=spf1 include:a.testip4:192.0.2.1mx:c.test ~all": "v=spf1 include:a.test ip4:192.0.2.1 mx:c.test ~all",
		"v=spf1 ip4:192.0.2.1ip4:192.0.2.2 -all":           "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all",
		"v=spf1 ip4:192.0.2.1include:a.test -all":          "v=spf1 ip4:192.0.2.1 include:a.test -all",
		"v=spf1 ip6:2001:db8::1ip4:192.0.2.2 -all":         "v=spf1 ip6:2001:db8::1 ip4:192.0.2.2 -all",
		"v=spf1 mxinclude:a.test -all":                     "v=spf1 mx include:a.test -all",
		"v=spf1 include:a.test-all":                        "v=spf1 include:a.test -all",
		"v=spf1 include:a.test~all":                        "v=spf1 include:a.test ~all",
		"v=spf1 include:a.test?all":                        "v=spf1 include:a.test ?all",
		"v=spf1 ip4:192.0.2.1-all":                         "v=spf1 ip4:192.0.2.1 -all",
		"v=spf1 mx -allinclude:a.test":                     "v=spf1 mx include:a.test -all",
		"v=spf1 include:a.test+include:b.test -all":        "v=spf1 include:a.test +include:b.test -all",
		"v=spf1 include:a.testredirect=b.test":             "v=spf1 include:a.test redirect=b.test",
		"v=spf1 include:a.testmx:b.test -all":              "v=spf1 include:a.test mx:b.test -all",
		"v=spf1 include:a.testa:b.test -all":               "v=spf1 include:a.test a:b.test -all",
		"v=spf1 a:h.testinclude:b.test,c.test ~all":        "v=spf1 a:h.test include:b.test include:c.test ~all",
		"v=spf1 include:a.test,b.testinclude:c.test -all":  "v=spf1 include:a.test include:b.test include:c.test -all",
		"v=spf1 INCLUDE:A.testINCLUDE:B.test -ALL":         "v=spf1 INCLUDE:A.test INCLUDE:B.test -ALL",
		"v=spf1-all":                                       "v=spf1 -all",
		"v=spf1include:a.test -all":                        "v=spf1 include:a.test -all",
		"v=spf1include:a.testinclude:b.test-all":           "v=spf1 include:a.test include:b.test -all",
		"v=spf1 a -allv=spf1 include:b.test ~all":          "v=spf1 a include:b.test ~all",
		"v=spf1 include:a.test -all v=spf1 include:b.test": "v=spf1 include:a.test include:b.test -all",
		"v=spf1 include:a.testv=spf1 include:b.test ~all":  "v=spf1 include:a.test include:b.test ~all",
		"v=spf1 include:a.test v=spf1 ip4:192.0.2.1v=spf1": "v=spf1 include:a.test ip4:192.0.2.1",
		"v=spf1 include:a.test -allv=DMARC1; p=none":       "v=spf1 include:a.test -all",
		"v=spf1 include:a.test -all,include:b.test":        "v=spf1 include:a.test -all include:b.test",

		// lists and punctuation
		"v=spf1 include:a.test,b.test -all":                  "v=spf1 include:a.test include:b.test -all",
		"v=spf1 include:a.test, include:b.test, -all":        "v=spf1 include:a.test include:b.test -all",
		"v=spf1 include:a.test;b.test;c.test -all":           "v=spf1 include:a.test include:b.test include:c.test -all",
		"v=spf1 include:a.test,ip4:192.0.2.1,192.0.2.2 -all": "v=spf1 include:a.test ip4:192.0.2.1 ip4:192.0.2.2 -all",
		"v=spf1 ip4:192.0.2.1,192.0.2.2 -all":                "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all",
		"v=spf1 ip4:192.0.2.1;ip6:2001:db8::1 -all":          "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all",
		"v=spf1; include:a.test; -all":                       "v=spf1 include:a.test -all",
		"v=spf1; include: a.test; -all;":                     "v=spf1 include:a.test -all",
		"v=spf1 include:\"a.test\" -all":                     "v=spf1 include:a.test -all",
		"v=spf1 \"include:a.test\" \"include:b.test\" -all":  "v=spf1 include:a.test include:b.test -all",
		"v=spf1 include:a.test\"\"include:b.test -all":       "v=spf1 include:a.test include:b.test -all",
		"\"v=spf1 include:a.test -all\"":                     "v=spf1 include:a.test -all",
		"v=spf1 include:a.test\u00a0include:b.test -all":     "v=spf1 include:a.test include:b.test -all",
		"v=spf1\u00a0include:a.test\u00a0-all":               "v=spf1 include:a.test -all",
		"v=spf1 include:a.test\tinclude:b.test -all":         "v=spf1 include:a.test include:b.test -all",
		"v=spf1 include:\u200ba.test \u2013all":              "v=spf1 include:a.test -all",

		// blanks and signs out of place
		"v=spf1 include: a.test -all":                   "v=spf1 include:a.test -all",
		"v=spf1 include :a.test -all":                   "v=spf1 include:a.test -all",
		"v=spf1 include a.test -all":                    "v=spf1 include:a.test -all",
		"v=spf1 include: a.test, ip4: 192.0.2.7, - all": "v=spf1 include:a.test ip4:192.0.2.7 -all",
		"v=spf1 ip4 192.0.2.7 -all":                     "v=spf1 ip4:192.0.2.7 -all",
		"v=spf1 include=a.test ip4=192.0.2.1 -all":      "v=spf1 include:a.test ip4:192.0.2.1 -all",
		"v=spf1 redirect:a.test":                        "v=spf1 redirect=a.test",
		"v=spf1 include:https://a.test/ -all":           "v=spf1 include:a.test -all",
		"v=spf1 ip4:spf.a.test -all":                    "v=spf1 include:spf.a.test -all",
		"v=spf1 ip4:_spf.a.test -all":                   "v=spf1 include:_spf.a.test -all",
		"v=spf1 ip4:mail.a.test -all":                   "v=spf1 a:mail.a.test -all",
		"v=spf1 redirect=a.test redirect=b.test":        "v=spf1 include:b.test redirect=a.test",

		// versions
		"spf1 include:a.test -all":     "v=spf1 include:a.test -all",
		"v=spf10 include:a.test -all":  "v=spf1 include:a.test -all",
		"v=spf2 include:a.test -all":   "v=spf1 include:a.test -all",
		"v=spf2.0 include:a.test -all": "v=spf1 include:a.test -all",
		"v=spf 1 include:a.test -all":  "v=spf1 include:a.test -all",
		"v = spf1 include:a.test -all": "v=spf1 include:a.test -all",
		"v= spf1 include:a.test -all":  "v=spf1 include:a.test -all",
		"v=spf1: include:a.test -all":  "v=spf1 include:a.test -all",
		"v=spfl include:a.test -all":   "v=spf1 include:a.test -all",
		"V=SPF include:a.test -all":    "v=spf1 include:a.test -all",
		"v=spf1.0 include:a.test -all": "v=spf1 include:a.test -all",
		"=spf1 include:a.test -all":    "v=spf1 include:a.test -all",
		"v=sfp1 include:a.test -all":   "v=spf1 include:a.test -all",
		"include:a.test -all":          "v=spf1 include:a.test -all",
		"V=SPF1 INCLUDE:A.test -ALL":   "V=SPF1 INCLUDE:A.test -ALL",

		// what only its author knows is left as it is
		"v=spf1 include:a.test ip4:192.0.2.999 -all": "v=spf1 include:a.test ip4:192.0.2.999 -all",
		"v=spf1 foo:bar.test -all":                   "v=spf1 foo:bar.test -all",
	} {
		got, err := Apply(txt, RepairSyntax()...)
		if err != nil || got != want {
			t.Errorf("%q\n is made %q, %v\n   want %q", txt, got, err, want)
		}
	}
}

// Records that are no SPF, and must not be made one.
func TestNotMeantAsSPF(t *testing.T) {
	for _, txt := range []string{"spf2.0/pra include:a.test -all", "v=spf2.0/pra include:a.test -all", "spf2.0/mfrom,pra a -all",
		"v=DMARC1; p=none", "spf", "google-site-verification=spf1", "spf check done by all", "v=verify 1 all", ""} {
		if got, err := Apply(txt, RepairSyntax()...); txt != "" && err == nil {
			t.Errorf("%q is made %q", txt, got)
		}
	}
}

// A merge keeps who may send by either record, and opens neither to all.
func TestMergeKeepsSenders(t *testing.T) {
	for _, c := range []struct{ one, other, want string }{
		{"v=spf1 mx -all", "v=spf1 include:a.test ~all", "v=spf1 mx include:a.test ~all"},
		{"v=spf1 mx -all", "v=spf1 +all", "v=spf1 mx ~all"},
		{"v=spf1 +all", "v=spf1 mx -all", "v=spf1 mx ~all"},
		{"v=spf1 -ip4:192.0.2.1 mx -all", "v=spf1 ip4:192.0.2.1 ?all", "v=spf1 ip4:192.0.2.1 mx ?all"},
		{"v=spf1 redirect=a.test", "v=spf1 mx -all", "v=spf1 mx include:a.test ~all"},
	} {
		if got, err := Apply(c.one, MergeRecord(c.other)); err != nil || got != c.want {
			t.Errorf("%q with %q: %q, %v; want %q", c.one, c.other, got, err, c.want)
		}
	}
}

// What is to come first comes before those who may send, and behind those who
// may not.
func TestAddFirst(t *testing.T) {
	for txt, want := range map[string]string{
		"v=spf1 mx -all":                          "v=spf1 include:a.test mx -all",
		"v=spf1 -ip4:192.0.2.1 mx ~all":           "v=spf1 -ip4:192.0.2.1 include:a.test mx ~all",
		"v=spf1 mx ?include:a.test -all":          "v=spf1 include:a.test mx -all",
		"v=spf1 redirect=b.test":                  "v=spf1 include:a.test redirect=b.test",
		"v=spf1 -all include:a.test":              "v=spf1 include:a.test -all",
		"v=spf1 mx include:a.test include:b.test": "v=spf1 include:a.test mx include:b.test",
	} {
		if got, err := Apply(txt, AddFirst("include:a.test")); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", txt, got, err, want)
		}
	}
}

// TestMergeRedirect merges a record that ends in a redirect: how its target ends is
// not known, so the end is not stricter than ~all.
func TestMergeRedirect(t *testing.T) {
	for record, want := range map[string]string{
		"v=spf1 include:a.test -all": "v=spf1 include:a.test include:b.test ~all",
		"v=spf1 include:a.test ?all": "v=spf1 include:a.test include:b.test ?all",
		"v=spf1 include:a.test":      "v=spf1 include:a.test include:b.test ~all",
	} {
		if got, err := Apply(record, MergeRecord("v=spf1 redirect=b.test")); err != nil || got != want {
			t.Errorf("%q: %q, %v", record, got, err)
		}
	}
}

package dmarc

import (
	"errors"
	"strings"
	"testing"
)

func TestRepairKeepsWhatWasMeant(t *testing.T) {
	const rua = "; rua=mailto:a@b.test"
	for in, want := range map[string][2]string{ // no stricter than today, as meant
		"v=DMARC1; p=rejct" + rua:                                {"v=DMARC1; p=none" + rua, "v=DMARC1; p=reject" + rua},
		"v=DMARC1; p=quarentine" + rua:                           {"v=DMARC1; p=none" + rua, "v=DMARC1; p=quarantine" + rua},
		"v=DMARC1; p=nonee" + rua:                                {"v=DMARC1; p=none" + rua, "v=DMARC1; p=none" + rua},
		"v=DMARC1; p=reject; adkim=strict":                       {"v=DMARC1; p=reject", "v=DMARC1; p=reject; adkim=s"},
		"v=DMARC1; p=reject; pct=100%":                           {"v=DMARC1; p=reject; pct=100", "v=DMARC1; p=reject; pct=100"},
		"v=DMARC1; p=none; rua=a@b.test":                         {"v=DMARC1; p=none" + rua, "v=DMARC1; p=none" + rua},
		"v=DMARC1; p=none; rua=mailto:a@b.test; mailto:c@d.test": {"v=DMARC1; p=none" + rua + ",mailto:c@d.test", "v=DMARC1; p=none" + rua + ",mailto:c@d.test"},
		"v=DMARC1; p=none; rua=mailto:a@b.test mailto:c@d.test":  {"v=DMARC1; p=none" + rua + ",mailto:c@d.test", "v=DMARC1; p=none" + rua + ",mailto:c@d.test"},
		"v=DMARC1 p=none rua=mailto:a@b.test":                    {"v=DMARC1; p=none" + rua, "v=DMARC1; p=none" + rua},
		"v=dmarc1; p=reject" + rua:                               {"v=DMARC1; p=none" + rua, "v=DMARC1; p=reject" + rua},
		`"v=DMARC1\; p=none"`:                                    {"v=DMARC1; p=none", "v=DMARC1; p=none"},
		"v=DMARC1; p=none; fo=1:; ruf=mailto:a@b.test":           {"v=DMARC1; p=none; ruf=mailto:a@b.test; fo=1", "v=DMARC1; p=none; ruf=mailto:a@b.test; fo=1"},
		"v=DMARC1; p=none; adkm=s":                               {"v=DMARC1; p=none", "v=DMARC1; p=none; adkim=s"},
	} {
		for i, edit := range []Edit{RepairRecord(), AsMeant()} {
			got, err := Apply(in, edit)
			if err != nil || got != want[i] {
				t.Errorf("%s of %q = %q, %v; want %q", edit.Op, in, got, err, want[i])
			}
			if again, err := Apply(got, edit); err != nil || again != got {
				t.Errorf("%s again of %q = %q, %v", edit.Op, got, again, err)
			}
		}
	}
}

func TestMergeKeepsTheMildest(t *testing.T) {
	a, b := "v=DMARC1; p=reject; rua=mailto:a@b.test", "v=DMARC1; p=none; rua=mailto:c@d.test"
	one, err := Apply(a, MergeRecord(b))
	two, err2 := Apply(b, MergeRecord(a))
	rec, _, _ := Parse(one)
	if err != nil || err2 != nil || one != two || rec.P != None || len(rec.RUA) != 2 {
		t.Errorf("%q %v, %q %v", one, err, two, err2)
	}
}

func TestSetAndRemove(t *testing.T) {
	got, err := Apply("v=DMARC1; rua=mailto:a@b.test; x=y; p=none", SetTag("t", "y"), SetTag("p", "quarantine"), RemoveTag("x"))
	if want := "v=DMARC1; p=quarantine; rua=mailto:a@b.test; t=y"; err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if _, err := Apply("v=DMARC1; p=none", SetTag("p", "reject"), RemoveTag("p")); !errors.Is(err, ErrConflict) {
		t.Errorf("set and remove: %v", err)
	}
}

// A tag beside p that receivers ignore takes nothing from a valid p.
func TestRepairKeepsTheValidPolicy(t *testing.T) {
	for _, p := range []Policy{None, Quarantine, Reject} {
		for _, bad := range []string{"np=foo", "adkim=x", "aspf=strict", "t=maybe", "psd=q", "fo=9", "pct=200", "ri=x", "rua=", "x=y", "ruf=nonsense", "rf=afrf; rf=z"} {
			for _, form := range []string{"v=DMARC1; p=%p; rua=mailto:a@b.test; %b", "v=DMARC1; p=%p; %b; adkim=r"} {
				in := strings.NewReplacer("%p", string(p), "%b", bad).Replace(form)
				got, err := Apply(in, RepairRecord())
				if rec, _, fault := Parse(got); err != nil || fault != nil || rec.P != p || rec.SP != "" || rec.NP != "" {
					t.Errorf("%q became %q (%v, %v)", in, got, err, fault)
				}
			}
		}
		in := "v=DMARC1; p=" + string(p) + "; sp=foo; rua=mailto:a@b.test"
		got, err := Apply(in, RepairRecord())
		rec, _, _ := Parse(got)
		if err != nil || rec.P != p || or(rec.SP, rec.P) != None {
			t.Errorf("%q became %q, %v; subdomains begin with none", in, got, err)
		}
	}
}

// What was never in force begins with p=none, and keeps its addresses.
func TestBegin(t *testing.T) {
	for _, in := range []string{"v=DMARC1; p=reject; sp=reject; rua=mailto:a@b.test", "p=reject; v=DMARC1; rua=a@b.test", "v=dmarc1; p=rejct; np=reject; t=y; pct=50; rua=mailto:a@b.test"} {
		if got, err := Apply(in, Begin()); err != nil || got != "v=DMARC1; p=none; rua=mailto:a@b.test" {
			t.Errorf("%q became %q, %v", in, got, err)
		}
	}
}

// Damaged addresses are repaired if there is one reading, and else left out.
func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"mailto:a@b.test":                   "mailto:a@b.test",
		"a@b.test":                          "mailto:a@b.test",
		"MAILTO:a@b.test":                   "mailto:a@b.test",
		"mailto a@b.test":                   "mailto:a@b.test",
		"mailto: a@b.test":                  "mailto:a@b.test",
		"mailto:mailto:a@b.test":            "mailto:a@b.test",
		"mailto://a@b.test":                 "mailto:a@b.test",
		"mailto:<a@b.test>":                 "mailto:a@b.test",
		"John Doe <a@b.test>":               "mailto:a@b.test",
		"mailto:a@b.test.":                  "mailto:a@b.test",
		"mailto:a@b,test":                   "mailto:a@b.test",
		"mailto:a@b,co.uk":                  "mailto:a@b.co.uk",
		"mailto:a@b.test!10m":               "mailto:a@b.test!10m",
		"mailto:a@b.test!10z":               "mailto:a@b.test",
		"mailto:a@b.test mailto:c@d.test":   "mailto:a@b.test,mailto:c@d.test",
		"mailto:a@b.testmailto:c@d.test":    "mailto:a@b.test,mailto:c@d.test",
		"a@b.test c@d.test":                 "mailto:a@b.test,mailto:c@d.test",
		"mailto:a@b.test,,mailto:a@b.test":  "mailto:a@b.test",
		"https://x.test/, mailto:a@g44,com": "https://x.test/,mailto:a@g44.com",
		"mailto:a@b.test,com":               "mailto:a@b.test !com",
		"mailto:a@g44":                      "!mailto:a@g44",
		"mailto:a@@b.test":                  "!mailto:a@@b.test",
		"mailto:a b@c.test":                 "!mailto:a b@c.test",
		"mailto:b.test":                     "!mailto:b.test",
		"mailto:@b.test":                    "!mailto:@b.test",
		"a at b.test":                       "!a at b.test",
		"mailto:a@b..test":                  "!mailto:a@b..test",
		"mailto:a@203.0.113.5":              "!mailto:a@203.0.113.5",
		"mailto:a@b.test, mailto:c@d":       "mailto:a@b.test !mailto:c@d",
		"mailto:a@b.testv=DMARC1":           "!mailto:a@b.testv=DMARC1",
	} {
		good, lost := addresses(in)
		got := strings.Join(good, ",")
		for _, l := range lost {
			got = strings.TrimSpace(got + " !" + l)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got, err := Apply("v=DMARC1; p=none; rua=mailto:a@b.testv=DMARC1; p=reject", RepairRecord()); err != nil || got != "v=DMARC1; p=none; rua=mailto:a@b.test" {
		t.Errorf("two records in one: %q, %v", got, err)
	}
}

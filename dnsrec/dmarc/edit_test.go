package dmarc

import (
	"errors"
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

package dmarc

import (
	"slices"
	"strings"
	"testing"
)

func TestEffectOf(t *testing.T) {
	const rua = "; rua=mailto:a@b.test"
	for _, c := range []struct {
		before          []string
		after           string
		starts, givenUp []string
		lowered         []string
	}{
		{[]string{"v=DMARC1" + rua + "; p=quarantine"}, "v=DMARC1; p=quarantine" + rua, []string{"p=quarantine"}, nil, nil},
		{[]string{"v=DMARC1; sp=reject; p=none"}, "v=DMARC1; p=none; sp=reject", []string{"sp=reject"}, nil, nil},
		{[]string{"v=DMARC1; P=reject" + rua}, "v=DMARC1; p=reject" + rua, []string{"p=reject"}, nil, nil},
		{[]string{"v=DMARC1; p=Reject; np=reject" + rua}, "v=DMARC1; p=reject; np=reject" + rua, []string{"p=reject", "np=reject"}, nil, nil},
		{[]string{"v=DMARC1; p=reject; sp=foo" + rua}, "v=DMARC1; p=reject; sp=none" + rua, []string{"p=reject"}, nil, nil},
		{[]string{"v=DMARC1; p=reject; rua=mailto:a@b.test; rua=mailto:c@d.test"}, "v=DMARC1; p=reject; rua=mailto:a@b.test,mailto:c@d.test", []string{"p=reject"}, nil, nil},
		{[]string{"v=dmarc1; p=reject; adkim=s; aspf=strict"}, "v=DMARC1; p=none", nil, []string{"adkim=s", "aspf=s", "p=reject"}, nil},
		{[]string{"v=DMARC1; p=none; p=reject"}, "v=DMARC1; p=none", nil, []string{"p=reject"}, nil},
		{[]string{"v=DMARC1; p=reject; sp=quarantine; t=y; psd=n", "v=DMARC1; p=none; np=reject"}, "v=DMARC1; p=none",
			nil, []string{"np=reject", "p=reject", "psd=n", "sp=quarantine", "t=y"}, nil},
		{[]string{"v=DMARC1; p=reject; sp=none", "v=DMARC1; p=reject; adkim=r"}, "v=DMARC1; p=none", nil, []string{"p=reject"}, nil},
		{[]string{"v=DMARC1; p=none; sp=reject; np=quarantine"}, "v=DMARC1; p=quarantine; sp=reject; np=quarantine; t=y", nil, nil, []string{"sp=reject", "np=quarantine"}},
		{[]string{"v=DMARC1; p=none; sp=reject; t=y"}, "v=DMARC1; p=quarantine; sp=reject; t=y", nil, nil, nil},
		{[]string{"v=DMARC1; p=none" + rua}, "v=DMARC1; p=reject" + rua, nil, nil, nil}, // what the change is for
		{nil, "v=DMARC1; p=reject", nil, nil, nil},
		{[]string{"v=DMARC1; p=none"}, "", nil, nil, nil},
	} {
		e := EffectOf(c.before, c.after)
		if !slices.Equal(e.Starts, c.starts) || !slices.Equal(e.GivenUp, c.givenUp) || !slices.Equal(e.Lowered, c.lowered) {
			t.Errorf("%q to %q: %+v", c.before, c.after, e)
		}
	}
}

// Whatever records are merged: the new one asks for no more than any of them, and
// each tag that one of them has is kept or given up in words.
func TestMergesLoseNothingSilently(t *testing.T) {
	policies := []string{"none", "quarantine", "reject"}
	tails := []string{"", "; sp=none", "; sp=reject", "; np=reject", "; adkim=s", "; aspf=s", "; adkim=s; aspf=s", "; t=y", "; psd=n"}
	for _, p := range policies {
		for _, q := range policies {
			for _, a := range tails {
				for _, b := range tails {
					before := []string{"v=DMARC1; p=" + p + a, "v=DMARC1; p=" + q + b}
					after, err := Apply(before[0], MergeRecord(before[1]))
					rec, _, fault := Parse(after)
					if err != nil || fault != nil || rec.P != None || rec.SP.Strength()+rec.NP.Strength() > 0 {
						t.Fatalf("%q became %q: %v, %v", before, after, err, fault)
					}
					said := EffectOf(before, after).GivenUp
					for _, text := range before {
						for tag := range strings.SplitSeq(text, "; ") {
							enforces := strings.HasSuffix(tag, "=reject") || strings.HasSuffix(tag, "=quarantine") ||
								slices.Contains([]string{"adkim=s", "aspf=s", "t=y", "psd=n"}, tag)
							if enforces && !strings.Contains(after, tag) && !slices.Contains(said, tag) {
								t.Errorf("%q became %q: %s is lost silently", before, after, tag)
							}
						}
					}
				}
			}
		}
	}
}

// Whatever is wrong with a record: where its correction asks for a milder policy
// than what was meant, the change says so.
func TestRepairsLowerNothingSilently(t *testing.T) {
	forms := []string{ // of a policy, and what comes after it
		"v=DMARC1; p=%s", "p=%s; v=DMARC1", "p=%s; rua=mailto:a@b.test; v=DMARC1", "rua=mailto:a@b.test; p=%s; v=DMARC1", "p=%s;v=DMARC1", "P=%s; V=DMARC1",
		"p=%s v=DMARC1", "sp=none; p=%s; v=DMARC1", "v=dmarc1; p=%s", "DMARC1; p=%s", "v=DMARC1 p=%s", "v=DMARC1, p=%s", "v:DMARC1; p:%s", "v=DMARC1; rua=mailto:a@b.test; p=%s",
		"\"v=DMARC1; p=%s\"", "v=DMARC1;; p=%s", "v=DMARC1\\; p=%s", "v=DMARC1; p=%s; p=none", "v=DMARC1; p=none; p=%s", "v=DMARC1; P=%s; sp=foo",
		"v=DMARC1; p = %s", "v=DMARC1; p=%st", "v=DMARC1; p=x%s; rua=mailto:a@b.test", "v=DMARC1; p=%s v=DMARC1; p=none", " v=DMARC1; p=%s",
	}
	for _, form := range forms {
		for _, policy := range []string{"none", "quarantine", "reject"} {
			text := strings.Replace(form, "%s", policy, 1)
			for _, e := range []Edit{RepairRecord(), Begin(), MergeRecord("v=DMARC1; p=none")} {
				after, err := Apply(text, e)
				rec, _, fault := Parse(after)
				if err != nil || rec == nil || fault != nil {
					t.Errorf("%q, %s: %q, %v, %v", text, e.Op, after, err, fault)
					continue
				}
				before := []string{text}
				if e.Op == OpMerge {
					before = append(before, e.Value)
				}
				said := slices.Contains(EffectOf(before, after).GivenUp, "p="+policy)
				if lowered := rec.P.Strength() < Policy(policy).Strength(); lowered != said {
					t.Errorf("%q, %s: %q, said: %v", text, e.Op, after, said)
				}
			}
		}
	}
}

// A sound record that is made milder says so too.
func TestLoweringIsSaid(t *testing.T) {
	for _, c := range []struct{ before, after, said string }{
		{"v=DMARC1; p=reject", "v=DMARC1; p=none", "p=reject"},
		{"v=DMARC1; p=quarantine; t=y", "v=DMARC1; p=none; t=y", "p=quarantine"},
		{"v=DMARC1; p=reject; pct=50", "v=DMARC1; p=quarantine", "p=reject"},
		{"v=DMARC1; p=none; sp=reject", "v=DMARC1; p=none", "sp=reject"},
		{"v=DMARC1; p=quarantine; np=reject", "v=DMARC1; p=quarantine", "np=reject"},
		{"v=DMARC1; p=reject; sp=none", "v=DMARC1; p=reject", ""},
		{"v=DMARC1; p=reject; sp=reject; np=reject", "v=DMARC1; p=reject", ""},
		{"v=DMARC1; p=none", "v=DMARC1; p=reject", ""},
	} {
		if said := strings.Join(EffectOf([]string{c.before}, c.after).GivenUp, " "); said != c.said {
			t.Errorf("%q to %q: %q", c.before, c.after, said)
		}
	}
}

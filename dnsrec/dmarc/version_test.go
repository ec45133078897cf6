package dmarc

import "testing"

// A record with a slip of the pen in its version is meant as DMARC, and is repaired like
// one with a slip in a value; a text of another kind is left alone.
func TestMisspelledVersion(t *testing.T) {
	for text, want := range map[string]string{
		"v=DMRAC1; p=reject; rua=mailto:a@example.com": "v=DMARC1; p=none; rua=mailto:a@example.com",
		"v=DMARK1; p=none":         "v=DMARC1; p=none",
		"v=DMAC1;p=quarantine":     "v=DMARC1; p=none",
		"V=DMAARC1 ; p=none; fo=1": "v=DMARC1; p=none; fo=1",
		"v=DAMRC1 p=none":          "v=DMARC1; p=none",
	} {
		rec, ours, err := Parse(text)
		if rec != nil || !ours || err == nil || !Meant(text) {
			t.Errorf("%q: record %v, ours %v, %v", text, rec, ours, err)
		}
		got, err := Apply(text, RepairRecord())
		if err != nil || got != want {
			t.Errorf("%q is repaired to %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"v=spf1 -all", "v=BIMI1; l=", "v=DKIM1; p=x", "v=DMX; p=none", "dmrac1", "v=msv1 t=1", "", "v="} {
		if _, ours, _ := Parse(text); ours || Meant(text) {
			t.Errorf("%q is taken for DMARC", text)
		}
	}
}

// What is meant as DMARC is what Parse calls ours.
func FuzzMeant(f *testing.F) {
	for _, text := range []string{"v=DMARC1; p=none", "v=DMARC1;", "V=DMARC1", "v=DMRAC1; p=none", " v=DMARC1; p=none", "p=none; v=DMARC1", "v=dmarc 1", "v=spf1 -all", "d m a r c"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, ours, _ := Parse(text); ours != Meant(text) {
			t.Errorf("%q: ours %v, meant %v", text, ours, Meant(text))
		}
	})
}

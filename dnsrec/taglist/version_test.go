package taglist

import "testing"

// Each single slip of each version is one, and nothing else is: not the version, not that
// of other records, not two slips.
func TestSlippedVersions(t *testing.T) {
	for _, version := range []string{"DMARC1", "STSv1", "TLSRPTv1", "spf1"} {
		slips := map[string]bool{}
		for i := range len(version) {
			slips[version[:i]+version[i+1:]] = true
			slips[version[:i]+"x"+version[i+1:]] = true
			slips[version[:i]+version[i:i+1]+version[i:]] = true
			if i > 0 && version[i] != version[i-1] {
				slips[version[:i-1]+version[i:i+1]+version[i-1:i]+version[i+1:]] = true
			}
		}
		for word := range slips {
			for _, text := range []string{"v=" + word + "; rest", "V = " + word + " rest", "\"v=" + word + ";rest"} {
				if _, ok := Slipped(text, version); !ok {
					t.Errorf("%q is not taken for %s", text, version)
				}
			}
		}
		for _, word := range append([]string{version, "", "x", "MSv1", "google", "verify1", version + "xy", "xy" + version}, versions...) {
			if rest, ok := Slipped("v="+word+"; rest", version); ok {
				t.Errorf("%q is taken for %s, rest %q", word, version, rest)
			}
		}
		if _, ok := Slipped(version+"; rest", version); ok {
			t.Error("a text without v= is taken")
		}
	}
	if rest, _ := Slipped("v=DMRAC1; p=none", "DMARC1"); rest != "; p=none" {
		t.Errorf("rest %q", rest)
	}
}

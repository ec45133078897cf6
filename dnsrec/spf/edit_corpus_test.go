package spf

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maildiag/dnsrec/nearmiss"
)

// includeTargets returns the real include targets with their records.
func includeTargets(t *testing.T) map[string]json.RawMessage {
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	f, err := os.Open(filepath.Join(dir, "dns", "spf-include-targets.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]json.RawMessage{}
	if err := json.NewDecoder(z).Decode(&targets); err != nil {
		t.Fatal(err)
	}
	return targets
}

// TestRealTargetsAreNoNearMisses: what has an SPF record of its own was not
// mistyped.
func TestRealTargetsAreNoNearMisses(t *testing.T) {
	known := []string{"spf.protection.outlook.com", "spf.protection.office365.us", "spf.protection.partner.outlook.cn"}
	for name, text := range includeTargets(t) {
		if meant, ok := nearmiss.Of(name, known); ok {
			t.Logf("%s -> %s (%s)", name, meant, text)
			if strings.Contains(string(text), versionTag) {
				t.Errorf("%s has a record of its own and is taken for %s", name, meant)
			}
		}
	}
}

// TestApplyOnRealRecords: an include is added to every real record once, with
// all other terms kept in place.
func TestApplyOnRealRecords(t *testing.T) {
	const inc = "include:new.example.com"
	n := 0
	for name, raw := range includeTargets(t) {
		var text string
		if json.Unmarshal(raw, &text) != nil || !Ours(text) {
			continue
		}
		n++
		got, err := Apply(text, AddTerm(inc))
		again, _ := Apply(got, AddTerm(inc))
		rest := strings.Fields(strings.Replace(got, " "+inc, "", 1))
		if err != nil || got != again || strings.Count(got, inc) != 1 || strings.Join(rest, " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%s: %q -> %q, %v", name, text, got, err)
		}
		mended, err := Apply(text, RepairSyntax()...)
		if err != nil && strings.TrimSpace(text) != versionTag {
			t.Errorf("%s: repair of %q: %v", name, text, err)
		} else if again, _ := Apply(mended, RepairSyntax()...); again != mended {
			t.Logf("%s: repair twice: %q -> %q -> %q", name, text, mended, again)
		}
	}
	if n == 0 {
		t.Error("no record was read")
	}
}

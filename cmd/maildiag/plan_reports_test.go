package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"maildiag/report"
)

// fabrikamMonth writes the reports of aMonth for the domain of the demo.
func fabrikamMonth(t *testing.T, rows ...aRow) string {
	t.Helper()
	dir := t.TempDir()
	for day := 1; day <= 10; day++ {
		text := strings.ReplaceAll(aReport("a", day, "<p>none</p>", rows...), "contoso.com", "fabrikam.com")
		writeTest(t, filepath.Join(dir, "a"+string(rune('a'+day))+".xml"), text)
		writeTest(t, filepath.Join(dir, "b"+string(rune('a'+day))+".xml"), strings.ReplaceAll(text, "orga.example", "orgb.example"))
	}
	return dir
}

// policyStep returns the step of a plan that decides on the DMARC policy.
func policyStep(t *testing.T, args ...string) report.Step {
	t.Helper()
	out, stderr, code := maildiag(t, "", append([]string{"plan", "--demo", "migrating", "--to", "json"}, args...)...)
	var doc struct{ Plan report.Plan }
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != exitFound {
		t.Fatalf("exit code %d, %v: %s", code, err, stderr)
	}
	for _, s := range doc.Plan.Steps {
		if s.Name == "_dmarc.fabrikam.com." {
			return s
		}
	}
	t.Fatalf("no step about DMARC: %s", out)
	return report.Step{}
}

// The step about the policy says what the reports show: nothing more where all
// senders pass, a caution with the senders where some would lose mail, and where
// the reports are too few to tell.
func TestPlanReports(t *testing.T) {
	without := policyStep(t)
	for _, tt := range []struct {
		name    string
		rows    []aRow
		verdict string
		caution string // what it names; "": none is added
	}{
		{"all senders pass", []aRow{fromMicrosoft}, "SAFE for p=quarantine", ""},
		{"a sender would lose mail", []aRow{fromMicrosoft, sendgrid}, "NOT SAFE for p=quarantine", "SendGrid"},
	} {
		s := policyStep(t, "--reports", fabrikamMonth(t, tt.rows...))
		if !strings.Contains(s.Text, ": "+tt.verdict) || !strings.HasSuffix(s.Text, without.Text) {
			t.Errorf("%s: %q", tt.name, s.Text)
		}
		if added := strings.TrimPrefix(s.Caution, without.Caution); (added == "") != (tt.caution == "") || !strings.Contains(added, tt.caution) {
			t.Errorf("%s: caution %q", tt.name, s.Caution)
		}
		if len(s.Alternatives) != len(without.Alternatives) {
			t.Errorf("%s: %d alternatives", tt.name, len(s.Alternatives))
		}
	}
	few := t.TempDir()
	writeTest(t, filepath.Join(few, "r.xml"), strings.ReplaceAll(aReport("a", 1, "<p>none</p>", aRow{"40.107.1.1", "contoso.com", "contoso.com", "s", "pass", "contoso.com", "pass", 1}), "contoso.com", "fabrikam.com"))
	if s := policyStep(t, "--reports", few); !strings.Contains(s.Text, "NOT ENOUGH DATA") || s.Caution == without.Caution {
		t.Errorf("one message: %q %q", s.Text, s.Caution)
	}
}

// Reports that cannot be evidence stop the run, before it asks anything.
func TestPlanReportsRefused(t *testing.T) {
	empty := t.TempDir()
	for _, path := range []string{empty, filepath.Join(empty, "missing"), aMonth(t, "<p>none</p>", fromMicrosoft)} {
		if out, stderr, code := maildiag(t, "", "plan", "--demo", "migrating", "--reports", path); code != exitUsage || out != "" || !strings.Contains(stderr, "hint") {
			t.Errorf("%s: exit code %d, %q %q", path, code, out, stderr)
		}
	}
}

// A name without a DMARC record of its own is covered by the reports about its
// organizational domain; another domain is not.
func TestPlanReportsOfOrganization(t *testing.T) {
	dir := fabrikamMonth(t, fromMicrosoft)
	for domain, refused := range map[string]bool{"mail.fabrikam.com": false, "fabrikam.com": false, "fabrikam.example": true, "myfabrikam.com": true} {
		_, errs, code := maildiag(t, "", "plan", domain, "--demo", "migrating", "--reports", dir)
		if got := code == exitUsage; got != refused {
			t.Errorf("%s: exit code %d: %s", domain, code, errs)
		}
	}
}

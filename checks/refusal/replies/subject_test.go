package replies

import (
	"fmt"
	"testing"
)

// TestSubjects puts the words of known causes where a person wrote them: into a subject, or
// the name of a document. They are no cause then.
func TestSubjects(t *testing.T) {
	causes := []string{"mailbox is full", "user unknown", "spam detected", "virus found", "relay access denied", "SPF check failed", "greylisted"}
	forms := []string{`message with subject "%s" florped`, `message titled '%s' florped`, `Subject: RE: %s`, "Betreff: AW: %s", "blorp %s.pdf glarp", "blorp 2024_%s.docx"}
	for _, cause := range causes {
		for i, form := range forms {
			said := cause
			if i > 3 {
				said = "report-" + said[:4]
			}
			for _, m := range Explain(Query{Code: 550, Enhanced: "5.3.0", Text: fmt.Sprintf(form, said)}) {
				if m.Known() {
					t.Errorf("%s: %s", fmt.Sprintf(form, said), m.Row.ID)
				}
			}
		}
	}
}

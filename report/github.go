package report

import (
	"fmt"
	"io"
	"strings"
)

// newGitHub writes workflow commands of GitHub Actions, which become
// annotations: an error a failure, a warning what might fail or could not be
// checked, and a notice with the verdict.
// Source: GitHub Docs, "Workflow commands for GitHub Actions".
func newGitHub(w io.Writer, _ Options) Sink {
	return Collect(func(r *Report) error {
		var b strings.Builder
		for i := range r.Findings {
			f := &r.Findings[i]
			level := map[Status]string{Fail: "error", Warn: "warning", Unknown: "warning"}[f.Status]
			if f.Status == Warn && r.Start.FailOn == Warn {
				level = "error"
			}
			if level == "" {
				continue
			}
			text := append([]string{saying(f, r.Begin.Domain)}, plainDetail(f, r.End.Plan)...)
			b.WriteString(annotation(level, r.Begin.Domain+" "+f.Code, text))
		}
		c := r.Counts()
		b.WriteString(annotation("notice", "maildiag "+r.Begin.Domain, []string{fmt.Sprintf(
			"%s: %d fail, %d unknown, %d warn, %d pass", r.Start.titleOf(r.Verdict()), c.Fail, c.Unknown, c.Warn, c.Pass)}))
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// annotation writes one command on one line.
func annotation(level, title string, lines []string) string {
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(Clean(l), "%", "%25")
	}
	title = strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C").Replace(CleanTo(title, 120))
	return fmt.Sprintf("::%s title=%s::%s\n", level, title, strings.Join(lines, "%0A"))
}

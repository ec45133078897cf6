package report

import (
	"fmt"
	"io"
	"strings"
)

// newCheckmk writes local checks of Checkmk: a line a service, and a service
// for the verdict and for each check of a domain.
// Source: Checkmk manual, "Local checks".
func newCheckmk(w io.Writer, _ Options) Sink {
	return Collect(func(r *Report) error {
		var b strings.Builder
		c := r.Counts()
		b.WriteString(localCheck(verdictState(r.Verdict()), "Mail "+r.Begin.Domain,
			fmt.Sprintf("time=%.3f|fail=%d|warn=%d|unknown=%d", r.End.Elapsed.Seconds(), c.Fail, c.Warn, c.Unknown),
			fmt.Sprintf("%s: %d fail, %d unknown, %d warn, %d pass", r.Start.titleOf(r.Verdict()), c.Fail, c.Unknown, c.Warn, c.Pass)))
		numbers := measures(r)
		for _, row := range rowsOf(r) {
			text := row.words(r.Begin.Domain)
			b.WriteString(localCheck(row.nagiosCode(), "Mail "+r.Begin.Domain+" "+row.check, checkmkMetrics(row.check, numbers), text))
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// verdictState returns the state of a verdict, with the numbers of Nagios.
func verdictState(v Verdict) int {
	switch v.degree() {
	case Ready, NotOnMicrosoft:
		return NagiosOK
	case ReadyWarned:
		return NagiosWarning
	case NotReady:
		return NagiosCritical
	}
	return NagiosUnknown
}

func checkmkMetrics(check string, all []measure) string {
	var out []string
	id, _ := plainName(check)
	for _, m := range all {
		if m.check == id {
			out = append(out, m.key+"="+number(m.value))
		}
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, "|")
}

// localCheck writes one line. Checkmk reads \n in the text as the end of a
// line, (!) as a mark of its own, and the name ends at a quote.
func localCheck(state int, service, metrics, text string) string {
	service = strings.NewReplacer(`"`, "", `\`, "/").Replace(CleanTo(service, 200))
	text = strings.NewReplacer(`\`, "/", "(!", "( !").Replace(CleanTo(text, 500))
	return fmt.Sprintf("%d \"%s\" %s %s\n", state, service, metrics, text)
}

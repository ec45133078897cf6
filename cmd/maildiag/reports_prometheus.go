package main

import (
	"fmt"
	"io"
	"strings"

	"maildiag/checks/senders"
	"maildiag/report"
)

// writeReportsPrometheus writes numbers for the textfile collector.
func writeReportsPrometheus(w io.Writer, r *reported) {
	family(w, "maildiag_reports_messages", "Messages in DMARC reports, by source.")
	for _, d := range r.domains {
		for _, s := range d.Sources {
			fmt.Fprintf(w, "maildiag_reports_messages{domain=%s,source=%s,kind=%s} %d\n", promLabel(d.Name), promLabel(s.Name),
				promLabel(string(s.Kind)), s.Messages)
		}
	}
	family(w, "maildiag_reports_lost_messages", "Messages that the tried policy would reject or send to junk, by source.")
	for _, d := range r.domains {
		for _, s := range d.Sources {
			fmt.Fprintf(w, "maildiag_reports_lost_messages{domain=%s,source=%s,kind=%s,policy=%s} %d\n", promLabel(d.Name),
				promLabel(s.Name), promLabel(string(s.Kind)), promLabel(string(d.Tried)), s.Lost)
		}
	}
	family(w, "maildiag_reports_safe", "Whether the tried policy is safe: 1 yes, 0 no or not known.")
	for _, d := range r.domains {
		safe := 0
		if d.Verdict.Answer == senders.Safe {
			safe = 1
		}
		fmt.Fprintf(w, "maildiag_reports_safe{domain=%s,policy=%s} %d\n", promLabel(d.Name), promLabel(string(d.Tried)), safe)
	}
	if len(r.tls) == 0 {
		return
	}
	family(w, "maildiag_reports_tls_sessions", "Sessions in TLS reports, by result.")
	for _, d := range r.tls {
		fmt.Fprintf(w, "maildiag_reports_tls_sessions{domain=%s,result=\"success\"} %d\n", promLabel(d.Name), d.Succeeded)
		fmt.Fprintf(w, "maildiag_reports_tls_sessions{domain=%s,result=\"failure\"} %d\n", promLabel(d.Name), d.Failed)
	}
}

func family(w io.Writer, name, help string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

// promLabel quotes a value; after cleaning it has no control bytes.
func promLabel(s string) string {
	const most = 100
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(report.CleanTo(s, most)) + `"`
}

package submission

import (
	"slices"

	"maildiag/report"
)

// notConfirmed is what a finding says that rests on such a field.
func notConfirmed(what string) string { return "Microsoft has not publicly confirmed " + what }

// doubted says in findings that rest on a host name that is not confirmed that
// they do, and lets none of them fail. A certificate that was verified for the
// name proves it.
func (f submissionFacts) doubted(fs []report.Finding) []report.Finding {
	proven := slices.ContainsFunc(f.families, func(x familyFacts) bool {
		return x.session != nil && x.session.TLS.Trusted()
	})
	if !f.cloud.IsUnsure("Submission") || proven {
		return fs
	}
	for i := range fs {
		y := &fs[i]
		if y.Status < report.Warn {
			continue
		}
		if y.Status == report.Fail {
			y.Status = report.Warn
		}
		y.Summary += "; " + notConfirmed("this name") + ", so this may be the wrong host"
		if y.Fix != nil {
			y.Fix.Text += " If your organization uses another submission host, give it: maildiag smtp HOST."
		}
	}
	return fs
}

// scopeUnconfirmed reports whether what a token must be for is not confirmed for
// the cloud; applications have a scope of their own.
func (t target) scopeUnconfirmed(c tokenClaims) bool {
	return t.cloud.IsUnsure("AppScope") && c.app() || t.cloud.IsUnsure("Scope") && !c.app()
}

// scopes names what to ask a token for.
func (t target) scopes() string {
	s := t.cloud.Scope + " (an application: " + t.cloud.AppScope + ")"
	switch {
	case t.cloud.IsUnsure("Scope"):
		s += "; " + notConfirmed("these names for "+t.cloud.Title)
	case t.cloud.IsUnsure("AppScope"):
		s += "; " + notConfirmed("the latter for "+t.cloud.Title)
	}
	return s
}

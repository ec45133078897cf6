package records

import (
	"cmp"
	"fmt"
	"net/url"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// clockDoubted reports whether a certificate is out of its time by the clock of
// this computer alone, or by that of its server alone: a third clock decides.
func clockDoubted(r *httpsget.Response) bool {
	switch {
	case r == nil || r.TLS == nil || r.TLS.Leaf == nil:
		return false
	case r.TLS.Untimely():
		return true
	}
	theirs, ok := r.Date()
	return ok && r.TLS.Verified && !r.TLS.Leaf.In(theirs)
}

// clockFault is the finding about a certificate of which another host shows that
// this computer's clock is wrong about it. The server itself does not count: no
// request is sent to one whose certificate does not verify.
func clockFault(f mtastsFacts) (x report.Finding, ours bool) {
	r, w := f.policy, f.compared
	if !clockDoubted(r) || w == nil || w.TLS == nil || w.TLS.Leaf == nil {
		return x, false
	}
	checked := cmp.Or(r.TLS.Checked, f.now).Format(dayFormat) // an old recording does not have it
	subject, witness := mtasts.PolicyHost(f.domain), urlHost(w.URL)
	x = kit.Find(report.Unknown, "mtasts.certificate", subject, "")
	x.Cause = report.CauseLocal
	x.Evidence = []report.Evidence{shownCertificate(r), shownCertificate(w)}
	x.Fix = &report.Fix{Owner: report.OwnerYou, Links: []string{"RFC 9110 6.6.1"},
		Text: "Check this computer's clock (date, time zone, NTP), then run again."}
	theirs, dated := w.Date()
	switch {
	case dated && w.TLS.Verified && r.TLS.Leaf.In(theirs) != r.TLS.Verified:
		x.Summary = fmt.Sprintf("the web server's certificate %s by this computer's clock (%s), but not by that of %s (%s)",
			certificateState(r.TLS), checked, witness, theirs.Format(dayFormat))
		x.Data = map[string]any{"clock_ahead_seconds": int64(cmp.Or(w.TLS.Checked, f.now).Sub(theirs) / time.Second)}
	case r.TLS.Untimely() && w.TLS.Untimely() && w.TLS.Has(r.TLS.Faults[0]):
		x.Summary = fmt.Sprintf("by this computer's clock (%s), the certificates of %s and %s are both expired or not yet valid: "+
			"the clock is probably wrong", checked, subject, witness)
	default:
		return x, false
	}
	return x, true
}

// certificateState says how the time of a certificate is by the clock of this computer.
func certificateState(t *httpsget.TLS) string {
	switch {
	case t.Has(httpsget.FaultExpired):
		return "has expired"
	case t.Has(httpsget.FaultNotYet):
		return "is not valid yet"
	}
	return "is valid"
}

// urlHost returns the host of a URL that was fetched.
func urlHost(fetched string) string {
	u, err := url.Parse(fetched)
	if err != nil {
		return fetched
	}
	return u.Hostname()
}

// Package tlslive says how the faults that TLS reports count stand now: a report
// (RFC 8460) is a day old or more, and names neither who can clear a fault nor
// whether it is gone.
package tlslive

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/senders/tlsreport"
	"maildiag/dnsrec"
	"maildiag/report"
)

// State is how a fault in TLS reports stands now.
type State string

// The states of a fault. A report is a day old or more, so the fault may be gone.
const (
	Open     State = "open"     // the records of the domain show it
	Mended   State = "mended"   // they are in order
	Moved    State = "moved"    // the mail server is no longer an MX host of the domain
	Unknown  State = "unknown"  // the DNS or the policy host did not answer
	NotShown State = "notshown" // only a connection to the mail server shows it
)

// Today is how a fault stands now, in words, and who can clear it.
type Today struct {
	State State
	Text  string
	Owner string // as in findings; "" if nobody needs to do anything or it is not certain
}

// Over reports whether nothing is left to do.
func (t Today) Over() bool { return t.State == Mended || t.State == Moved }

// Now is what is known now of a domain that TLS reports are about.
type Now struct {
	Domain   string
	MX       kit.Answer       // of the domain
	Findings []report.Finding // of the checks mtasts and dane
}

// claimsOf returns the findings that show a fault of RFC 8460 4.3; none: it is
// not visible in the DNS.
func claimsOf(result string) []string {
	switch result {
	case "sts-policy-fetch-error":
		return []string{"mtasts.record", "mtasts.policy", "mtasts.certificate"}
	case "sts-policy-invalid":
		return []string{"mtasts.policy"}
	case "sts-webpki-invalid":
		return []string{"mtasts.certificate"}
	case "tlsa-invalid", "dane-required", "dnssec-invalid":
		return []string{"dane.tlsa", "dane.partial"}
	}
	return nil
}

// Of says how a fault that a TLS report counts stands now.
func (n Now) Of(g *tlsreport.Group) Today {
	mx := strings.ToLower(strings.TrimSuffix(g.MX, "."))
	if n.MX.Err != nil {
		return Today{State: Unknown, Text: kit.Reason(n.MX.Err)}
	}
	if n.moved(mx) {
		return Today{State: Moved, Text: mx + " is no longer an MX host of " + n.Domain + ", so this needs nothing more"}
	}
	if g.Result == "certificate-host-mismatch" { // RFC 8460 4.3.1: or the policy does not name the host
		if f := n.worst("mtasts.mx"); f != nil && bad(f) {
			return Today{Open, f.Summary, ownerOf(f)}
		}
	}
	claims := claimsOf(g.Result)
	if claims == nil {
		return n.notShown(mx)
	}
	today := judge(n.worst(claims...))
	if today.State == Mended && g.Result == "tlsa-invalid" { // the records are sound; the certificate is not known
		return n.notShown(mx)
	}
	return today
}

// moved reports whether a host that a report names is no MX host of the domain
// any more. Some reports have a pattern or an address there.
func (n Now) moved(mx string) bool {
	if _, _, err := dnsrec.ParseDomain(mx); mx == "" || err != nil {
		return false
	}
	if len(n.MX.Values) == 0 { // RFC 5321 5.1: the domain itself
		return mx != n.Domain
	}
	return !slices.ContainsFunc(kit.ReadMXs(n.MX.Values), func(t kit.MXTarget) bool { return t.Host == mx })
}

// judge turns the worst finding about a fault into its state.
func judge(f *report.Finding) Today {
	switch {
	case f == nil || f.Status == report.Skip:
		return Today{State: Unknown, Text: "this was not checked"}
	case f.Status == report.Unknown:
		return Today{State: Unknown, Text: f.Summary}
	case bad(f):
		return Today{Open, f.Summary, ownerOf(f)}
	case f.Code == "mtasts.record" && f.Status == report.Info:
		return Today{State: Mended, Text: "the domain has no MTA-STS record now; senders forget the policy when its max_age is over"}
	}
	return Today{State: Mended, Text: f.Summary}
}

// notShown says where a fault of the mail server itself shows.
func (n Now) notShown(mx string) Today {
	if mx != "" && kit.OnlyReceives(mx) {
		return Today{NotShown, "Microsoft operates " + mx + ": if it goes on, open a support request with the report", report.OwnerMicrosoft}
	}
	return Today{State: NotShown, Text: "maildiag smtp --mx " + n.Domain + " shows the servers as they are now"}
}

// worst returns the worst finding with one of the codes; nil: there is none.
func (n Now) worst(codes ...string) (worst *report.Finding) {
	for i := range n.Findings {
		f := &n.Findings[i]
		if slices.Contains(codes, f.Code) && (worst == nil || rank(f) > rank(worst)) {
			worst = f
		}
	}
	return worst
}

// rank orders findings by how much they tell of a fault.
func rank(f *report.Finding) int {
	return slices.Index([]report.Status{report.Skip, report.Info, report.Pass, report.Unknown, report.Warn, report.Fail}, f.Status)
}

func bad(f *report.Finding) bool { return f.Status == report.Warn || f.Status == report.Fail }

func ownerOf(f *report.Finding) string {
	if f.Fix == nil {
		return ""
	}
	return f.Fix.Owner
}

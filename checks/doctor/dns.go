package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// wellKnown is a name that every working resolver has an address for.
var wellKnown = kit.Clouds()[0].Submission

// resolver reports whether the resolver answers, and whether it is honest about
// names that do not exist.
func resolver(ctx context.Context, m Machine) Line {
	a, err := m.DNS.Lookup(ctx, dnsrec.Q(wellKnown, dnsrec.TypeA))
	switch {
	case err != nil:
		return Line{Status: report.Fail, Summary: fmt.Sprintf("%s gives no usable answer: %s", m.Resolver, why(err)),
			Effect: "No domain can be checked.", Fix: "Give another resolver with --resolver ADDR, or ask your network admin."}
	case len(a.Values) == 0:
		return Line{Status: report.Fail, Summary: fmt.Sprintf("%s returns no address for %s, although one exists publicly", m.Resolver, wellKnown),
			Effect: "A DNS filter or an internal view hides names: results for domains would be wrong.",
			Fix:    "Give another resolver with --resolver ADDR."}
	}
	if lies, _ := dnsrec.Redirected(ctx, m.DNS, m.Now().String()); len(lies) > 0 {
		return Line{Status: report.Fail, Summary: fmt.Sprintf("%s sends names that do not exist to %s", m.Resolver, strings.Join(lies, ", ")),
			Effect: "Whether a record exists cannot be trusted.", Fix: "Give another resolver with --resolver ADDR."}
	}
	return Line{Status: report.Pass, Summary: fmt.Sprintf("%s answers in %d ms", m.Resolver, a.RTT.Round(time.Millisecond).Milliseconds())}
}

// why shortens the error of a lookup to what is wrong.
func why(err error) string {
	var e *dnsrec.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	switch {
	case e.Kind == dnsrec.KindReferral:
		return "it is a name server, not a resolver"
	case e.Rcode != "":
		return e.Rcode
	case e.Kind == dnsrec.KindTimeout:
		return "no answer in time"
	case e.Kind == dnsrec.KindNetwork:
		return "the resolver could not be reached"
	}
	return string(e.Kind)
}

// mute returns why the resolver gives no usable answer at all, nil if it does.
func mute(ctx context.Context, m Machine) error {
	_, err := m.DNS.Lookup(ctx, dnsrec.Q(wellKnown, dnsrec.TypeA))
	return err
}

// dnssec reports whether the resolver validates. The root zone is signed, so a
// validating resolver sets AD in an answer from it (RFC 4035 3.2.3).
func dnssec(ctx context.Context, m Machine) Line {
	a, err := m.DNS.Lookup(ctx, dnsrec.Q(".", dnsrec.TypeNS))
	switch {
	case err != nil:
		return Line{Status: report.Unknown, Summary: "could not check: " + why(err)}
	case !a.Authentic:
		return Line{Status: report.Warn, Summary: "the resolver does not validate signatures",
			Effect: "DANE (TLSA records) cannot be checked.",
			Fix:    "Use a validating resolver, for instance unbound on this machine."}
	case !m.TrustAD:
		return Line{Status: report.Info, Summary: "the resolver validates, but the path to it is not protected",
			Effect: "DANE results are not proven.",
			Fix:    "Ask a resolver on this machine, or one over TLS: --resolver tls://ADDR."}
	}
	return Line{Status: report.Pass, Summary: "the resolver validates, and the path to it is protected"}
}

// largeTXT are names whose TXT answers do not fit into 512 bytes, the limit
// without EDNS (RFC 1035 2.3.4, RFC 6891 4.3).
var largeTXT = []string{"microsoft.com", "google.com", "cisco.com", "apple.com"}

const plainDNS = 512

// dnsSize reports whether answers of more than 512 bytes arrive.
func dnsSize(ctx context.Context, m Machine) Line {
	if m.TCP == nil {
		return Line{Status: report.Info, Summary: "not needed: this resolver is not asked over UDP"}
	}
	overUDP, overTCP := 0, 0
	var lost error
	for _, name := range largeTXT {
		a, err := m.DNS.Lookup(ctx, dnsrec.Q(name, dnsrec.TypeTXT))
		switch {
		case err != nil:
			lost = err
		case strings.HasSuffix(a.Server, "/udp"):
			overUDP = max(overUDP, size(a))
		default:
			overTCP = max(overTCP, size(a))
		}
	}
	if err := mute(ctx, m); err != nil {
		return Line{Status: report.Unknown, Summary: "could not check: " + why(err)}
	}
	data := map[string]any{"largest_udp_bytes": overUDP, "largest_tcp_bytes": overTCP}
	switch {
	case overUDP > plainDNS:
		return Line{Status: report.Pass, Summary: fmt.Sprintf("answers of %d bytes arrive over UDP", overUDP), Data: data}
	case overTCP > plainDNS:
		return Line{Status: report.Pass, Summary: fmt.Sprintf("answers of %d bytes arrive over TCP", overTCP), Data: data}
	case lost != nil:
		return Line{Status: report.Warn, Summary: "large answers do not arrive: " + why(lost), Data: data,
			Effect: "Long TXT records (SPF, DKIM) are reported as could not check.",
			Fix:    "Allow UDP packets of up to 1232 bytes and TCP 53 from your resolver in the firewall."}
	}
	return Line{Status: report.Unknown, Summary: "could not check: no answer was larger than 512 bytes", Data: data}
}

// size is about the length of the records of an answer. The name is compressed,
// and each record has 12 bytes before its data (RFC 1035 4.1.3).
func size(a dnsrec.Answer) (n int) {
	for _, v := range a.Values {
		n += 12 + len(v) + 1
	}
	return n
}

// dnsTCP reports whether the resolver answers over TCP (RFC 7766 5).
func dnsTCP(ctx context.Context, m Machine) Line {
	if m.TCP == nil {
		return Line{Status: report.Info, Summary: "not needed: this resolver is not asked over UDP"}
	}
	a, err := m.TCP.Lookup(ctx, dnsrec.Q(wellKnown, dnsrec.TypeA))
	if silent := mute(ctx, m); err != nil && silent != nil {
		return Line{Status: report.Unknown, Summary: "could not check: " + why(silent)}
	}
	if err != nil {
		return Line{Status: report.Warn, Summary: "the resolver does not answer over TCP: " + why(err),
			Effect: "Answers that do not fit into a UDP packet are reported as could not check.",
			Fix:    "Allow outgoing TCP 53 to the resolver in the firewall."}
	}
	return Line{Status: report.Pass, Summary: fmt.Sprintf("answers in %d ms", a.RTT.Round(time.Millisecond).Milliseconds())}
}

package doctor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// genuine reports whether certificates of two owners arrive as they were issued.
func genuine(ctx context.Context, m Machine) Line {
	var seen []contact
	for _, host := range peers[443] {
		c := m.connect(ctx, host, 443, dnsrec.TypeA, smtpprobe.PhaseTLS)
		if c.session != nil && c.session.TLS != nil {
			seen = append(seen, c)
		}
	}
	if len(seen) == 0 {
		return Line{Status: report.Unknown, Summary: "could not check: no TLS connection on port 443"}
	}
	var issuers []string
	for _, c := range seen {
		issuers = append(issuers, c.session.TLS.Leaf().IssuerOrg)
	}
	data := map[string]any{"issuers": issuers}
	const effect = "Certificates, MTA-STS policies and sign-in cannot be judged from here."
	for _, c := range seen {
		if !c.session.TLS.Trusted() {
			l := distrusted(c)
			l.Effect, l.Data = effect, data
			return l
		}
	}
	if len(seen) > 1 && slices.Equal(issuers[:1], issuers[1:2]) && issuers[0] != "" {
		return Line{Status: report.Warn, Data: data, Effect: effect,
			Summary: fmt.Sprintf("the certificates of %s and %s both come from %q: TLS is probably intercepted on this machine or network",
				seen[0].host, seen[1].host, issuers[0]),
			Fix: "Exempt this machine from TLS inspection, or run maildiag elsewhere."}
	}
	return Line{Status: report.Pass, Summary: "genuine; issued by " + strings.Join(issuers, " and "), Data: data}
}

// distrusted says why a certificate is not trusted here.
func distrusted(c contact) Line {
	is := func(kinds ...smtpprobe.CertKind) bool {
		return slices.ContainsFunc(c.session.TLS.Problems, func(p smtpprobe.CertProblem) bool { return slices.Contains(kinds, p.Kind) })
	}
	leaf := c.session.TLS.Leaf()
	switch {
	case is(smtpprobe.CertNoRoots):
		return Line{Status: report.Warn, Summary: "this machine trusts no certificate authority",
			Fix: "Install the package ca-certificates."}
	case is(smtpprobe.CertExpired, smtpprobe.CertFuture):
		return Line{Status: report.Warn, Summary: fmt.Sprintf("the certificate of %s is valid from %s to %s, which does not match this machine's clock",
			c.host, leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly)), Fix: "Set the clock."}
	}
	return Line{Status: report.Warn, Summary: fmt.Sprintf("the certificate of %s was issued by %q and is not trusted: TLS is intercepted, "+
		"or the authorities of this machine are outdated", c.host, leaf.IssuerOrg),
		Fix: "Exempt this machine from TLS inspection, or update its certificate authorities (package ca-certificates)."}
}

// How far the clock may be off. OAuth servers allow five minutes, and a day
// decides whether a certificate is valid.
const (
	slightlyOff = 5 * time.Minute
	farOff      = 24 * time.Hour
)

// clock compares the clock with the Date field of web servers (RFC 9110 6.6.1).
// If none can be reached over verified TLS, nothing is known.
func clock(ctx context.Context, m Machine) Line {
	if m.HTTPS == nil {
		return Line{Status: report.Unknown, Summary: "could not check"}
	}
	for _, host := range peers[443] {
		r := m.HTTPS(ctx, "https://"+host+"/")
		if r == nil {
			continue
		}
		then, err := http.ParseTime(r.Header["Date"])
		if err != nil {
			continue
		}
		return judgeClock(m.Now().Sub(then).Round(time.Second), host)
	}
	return Line{Status: report.Unknown, Summary: "could not check: no web server with a verified certificate was reached"}
}

func judgeClock(off time.Duration, host string) Line {
	l := Line{Status: report.Pass, Summary: "right, compared with " + host, Data: map[string]any{"offset_seconds": int64(off.Seconds())}}
	if off.Abs() <= slightlyOff {
		return l
	}
	way := "ahead of"
	if off < 0 {
		way = "behind"
	}
	l.Status, l.Summary = report.Warn, fmt.Sprintf("%s %s %s", off.Abs(), way, host)
	l.Effect, l.Fix = "Sign-in with OAuth can fail.", "Turn on time synchronization (NTP)."
	if off.Abs() > farOff {
		l.Status, l.Effect = report.Fail, "The validity of certificates and all dates are judged wrongly."
	}
	return l
}

package records

import (
	"context"
	"net/http"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// A certificate out of its time by this computer's clock alone is not the
// domain's fault; one that is expired for everybody is.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	leaf := httpsget.Certificate{Subject: "CN=mta-sts.contoso.com", NotBefore: now.Add(-30 * day), NotAfter: now.Add(60 * day)}
	for name, c := range map[string]struct {
		ours   time.Duration // this computer's clock, from now
		server time.Duration // the clock of the policy's server
		other  time.Duration // the clock of the comparison host
		life   time.Duration // what is left of its certificate
		extra  httpsget.Fault
		silent bool // the comparison host cannot be reached
		want   report.Status
		cause  report.Cause
	}{
		"years ahead":                  {ours: 3650 * day, life: 300 * day, want: report.Unknown, cause: report.CauseLocal},
		"years behind":                 {ours: -3650 * day, life: 300 * day, want: report.Unknown, cause: report.CauseLocal},
		"months ahead":                 {ours: 90 * day, life: 300 * day, want: report.Unknown, cause: report.CauseLocal},
		"months behind":                {ours: -40 * day, life: 300 * day, want: report.Unknown, cause: report.CauseLocal},
		"no Date, both certificates":   {ours: 90 * day, life: 30 * day, want: report.Unknown, cause: report.CauseLocal},
		"expired for all":              {ours: 61 * day, server: 61 * day, other: 61 * day, life: 300 * day, want: report.Fail, cause: report.CauseDomain},
		"expired, server's clock lies": {ours: 61 * day, server: 0, other: 61 * day, life: 300 * day, want: report.Fail, cause: report.CauseDomain},
		"expired, nobody to compare":   {ours: 61 * day, other: 61 * day, silent: true, want: report.Fail, cause: report.CauseDomain},
		"expired and of another name":  {ours: 90 * day, life: 300 * day, extra: httpsget.FaultName, want: report.Fail, cause: report.CauseDomain},
		"valid by our clock alone":     {ours: 0, server: 90 * day, other: 90 * day, life: 300 * day, want: report.Unknown, cause: report.CauseLocal},
		"valid, server's clock lies":   {ours: 0, server: 90 * day, other: 0, life: 300 * day, want: report.Pass},
		"all right":                    {life: 300 * day, want: report.Pass},
	} {
		env, _ := mailEnv(t, "contoso.com", microsoftMX+"_mta-sts.contoso.com TXT v=STSv1; id=1\n")
		env.Now = now.Add(c.ours)
		env.HTTPS = func(_ context.Context, url string) *httpsget.Response {
			switch r := (&httpsget.Response{URL: url, Status: 200, ContentType: "text/plain", Body: []byte(stsPolicy)}); {
			case url != comparisonURL():
				return seenAt(r, leaf, env.Now, now.Add(c.server), c.extra)
			case c.silent:
				return &httpsget.Response{URL: url, Err: &httpsget.Error{Kind: httpsget.KindTimeout}}
			default:
				other := httpsget.Certificate{Subject: "CN=other", NotBefore: now.Add(-5000 * day), NotAfter: now.Add(c.life)}
				if c.ours < 0 {
					other.NotBefore = now.Add(-65 * day)
				}
				return seenAt(r, other, env.Now, now.Add(c.other), "")
			}
		}
		fs := kit.Gather(t.Context(), env, MTASTS)
		soundRecords(t, fs)
		if x := find(fs, "mtasts.certificate"); x.Status != c.want || x.Cause != c.cause {
			t.Errorf("%s: %v %v %s, want %v %v", name, x.Status, x.Cause, x.Summary, c.want, c.cause)
		}
	}
}

// seenAt makes what a fetch is for a client with this clock. Nothing is asked
// over TLS that does not verify.
func seenAt(r *httpsget.Response, leaf httpsget.Certificate, ours, theirs time.Time, extra httpsget.Fault) *httpsget.Response {
	r.TLS = &httpsget.TLS{Version: "TLS 1.3", Checked: ours, Leaf: &leaf}
	switch {
	case ours.Before(leaf.NotBefore):
		r.TLS.Faults = append(r.TLS.Faults, httpsget.FaultNotYet)
	case ours.After(leaf.NotAfter):
		r.TLS.Faults = append(r.TLS.Faults, httpsget.FaultExpired)
	}
	if extra != "" {
		r.TLS.Faults = append(r.TLS.Faults, extra)
	}
	if r.TLS.Verified = len(r.TLS.Faults) == 0; r.TLS.Verified {
		r.Header = map[string]string{"Date": theirs.UTC().Format(http.TimeFormat)}
		return r
	}
	r.Status, r.ContentType, r.Body = 0, "", nil
	r.Err = &httpsget.Error{Kind: httpsget.KindCertificate, Phase: httpsget.PhaseTLS}
	return r
}

// A validator that calls every name bogus, as one with a wrong clock or an old
// trust anchor does, says nothing about the domain.
func TestValidatorBroken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		domain  string
		domains uint16 // the extended error of the domain; 0: none
		other   uint16 // of the name that is compared
		want    string
	}{
		{"contoso.com", 7, 7, "domain.resolver unknown"}, // signature expired: the clock is ahead
		{"contoso.com", 8, 8, "domain.resolver unknown"}, // not yet valid: it is behind
		{"contoso.com", 9, 6, "domain.resolver unknown"}, // no DNSKEY fits: an old trust anchor
		{"contoso.com", 7, 0, "domain.exists fail"},
		{"contoso.com", 7, 22, "domain.exists fail"},
		{"microsoft.com", 7, 7, "domain.exists fail"},
		{"contoso.com", 22, 7, "domain.exists unknown"},
	} {
		env, srv := mailEnv(t, c.domain, "microsoft.com A 192.0.2.1\n")
		for name, code := range map[string]uint16{"microsoft.com": c.other, c.domain: c.domains} {
			if code != 0 {
				srv.Fault(name, "", dnstest.Fault{Rcode: "SERVFAIL", Extended: []dnstest.Extended{{Code: code}}})
			}
		}
		fs := kit.Gather(t.Context(), env, Domain)
		kittest.Sound(t, fs)
		kittest.EqualLines(t, kittest.Verdicts(fs, false), c.want)
		if c.want == "domain.resolver unknown" && fs[0].Cause != report.CauseResolver {
			t.Errorf("%v: cause %s", c, fs[0].Cause)
		}
	}
}

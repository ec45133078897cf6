package main

import (
	"context"

	"maildiag/checks/kit"
	"maildiag/checks/senders/tlslive"
	"maildiag/checks/senders/tlsreport"
	"maildiag/dnsrec"
	"maildiag/report"
)

// maxTLSLive bounds the domains of TLS reports that are looked up.
const maxTLSLive = 50

// tlsLiveAtOnce is the number of these that are looked up at the same time.
const tlsLiveAtOnce = 8

// tlsNow looks at the domains of TLS reports with failures, by name.
func (f *reportsFlags) tlsNow(ctx context.Context, w *world, domains []*tlsreport.Domain) (map[string]*tlslive.Now, error) {
	check := checkFlags{netFlags: f.netFlags, domainFlags: domainFlags{expect: string(kit.ExpectAny), cloud: "auto", noPlan: true,
		only: []string{"mtasts", "dane"}}}
	rows, err := check.rows()
	if err != nil {
		return nil, err
	}
	var failed []*tlsreport.Domain
	for _, d := range domains {
		if _, _, err := dnsrec.ParseDomain(d.Name); err == nil && d.Failed > 0 && len(failed) < maxTLSLive {
			failed = append(failed, d)
		}
	}
	found, errs := make([]*tlslive.Now, len(failed)), make([]error, len(failed))
	kit.Each(len(failed), tlsLiveAtOnce, func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			found[i], errs[i] = f.tlsOf(ctx, w, failed[i].Name, &check, rows)
		}
	})
	now := map[string]*tlslive.Now{}
	for i, d := range failed {
		if errs[i] != nil {
			return nil, errs[i]
		}
		now[d.Name] = found[i]
	}
	return now, nil
}

// tlsOf looks at one domain.
func (f *reportsFlags) tlsOf(ctx context.Context, w *world, domain string, check *checkFlags, rows []kit.Check) (*tlslive.Now, error) {
	name, _, err := dnsrec.ParseDomain(domain)
	if err != nil {
		return nil, err
	}
	envs, err := check.envs([]string{name}, w)
	if err != nil {
		return nil, err
	}
	n := &tlslive.Now{Domain: name}
	sink := sinkFunc(func(e report.Event) error {
		if e.Finding != nil {
			n.Findings = append(n.Findings, *e.Finding)
		}
		return nil
	})
	if err := runDomain(ctx, envs[0], rows, f.timeout, sink); err != nil {
		return nil, err
	}
	n.MX.Answer, n.MX.Err = w.DNS.Lookup(ctx, dnsrec.Query{Name: name, Type: dnsrec.TypeMX})
	return n, nil
}

// today says how a failure stands now; nil if that was not looked up.
func (r *reported) today(d *tlsreport.Domain, g *tlsreport.Group) *tlslive.Today {
	n := r.tlsNow[d.Name]
	if n == nil {
		return nil
	}
	t := n.Of(g)
	return &t
}

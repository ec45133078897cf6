package main

import (
	"context"
	"sync"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/senders/tlslive"
	"maildiag/checks/senders/tlsreport"
	"maildiag/dnsrec"
	"maildiag/report"
)

// maxTLSLive bounds the domains of TLS reports that are looked up, and tlsLiveAtOnce
// how many at once.
const (
	maxTLSLive    = 50
	tlsLiveAtOnce = 8
)

// tlsNow looks at the domains of TLS reports with failures, by name.
func (f *reportsFlags) tlsNow(ctx context.Context, w *world, domains []*tlsreport.Domain) (map[string]*tlslive.Now, error) {
	check := checkFlags{netFlags: f.netFlags, domainFlags: domainFlags{expect: string(kit.ExpectAny), cloud: "auto", noPlan: true,
		only: []string{"mtasts", "dane"}}}
	rows, err := check.rows()
	if err != nil {
		return nil, err
	}
	newEnv, err := check.envMaker(w)
	if err != nil {
		return nil, err
	}
	now := map[string]*tlslive.Now{}
	var group sync.WaitGroup
	places := make(chan struct{}, tlsLiveAtOnce)
	for _, d := range domains {
		env, err := newEnv(d.Name)
		if err != nil || d.Failed == 0 || len(now) == maxTLSLive {
			continue
		}
		n := &tlslive.Now{Domain: env.Domain}
		now[d.Name] = n
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			lookTLS(ctx, env, rows, f.timeout, n)
		})
	}
	group.Wait()
	return now, ctx.Err()
}

// lookTLS fills n with what DNS and the policy host say of a domain now.
func lookTLS(ctx context.Context, env *kit.Env, rows []kit.Check, limit time.Duration, n *tlslive.Now) {
	_ = runDomain(ctx, env, rows, limit, sinkFunc(func(e report.Event) error { // the sink has no errors
		if e.Finding != nil {
			n.Findings = append(n.Findings, *e.Finding)
		}
		return nil
	}))
	n.MX.Answer, n.MX.Err = env.DNS.Lookup(ctx, dnsrec.Query{Name: env.Domain, Type: dnsrec.TypeMX})
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

package worker

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"maildiag/checks/kit/pause"
	"maildiag/dnsrec"
	"maildiag/service/limit"
)

// operators spares those who run name servers: a list may be all of one operator's.
type operators struct{ buckets atomic.Pointer[limit.Buckets] }

// maxOperators is how many are kept in mind.
const maxOperators = 1 << 14

// allow sets how many domains of one operator may begin in a second; 0: any number.
func (o *operators) allow(rate float64) {
	if rate <= 0 {
		o.buckets.Store(nil)
		return
	}
	o.buckets.Store(limit.NewBuckets(1, time.Duration(float64(time.Second)/rate), maxOperators))
}

// wait waits for the turn of a domain among those of its operator.
func (o *operators) wait(ctx context.Context, r dnsrec.Resolver, domain string) error {
	b := o.buckets.Load()
	if b == nil {
		return nil
	}
	if operator := operatorOf(ctx, r, domain); operator != "" {
		return pause.For(ctx, b.Turn(operator, time.Now()))
	}
	return ctx.Err()
}

// operatorOf names the operator of the name servers of a domain; empty: not known.
func operatorOf(ctx context.Context, r dnsrec.Resolver, domain string) string {
	ctx, cancel := dnsrec.WithTimeout(ctx, resolveTime)
	defer cancel()
	for strings.Contains(domain, ".") {
		a, err := r.Lookup(ctx, dnsrec.Q(domain, dnsrec.TypeNS))
		if err != nil {
			return ""
		}
		if len(a.Values) > 0 {
			return operatorName(slices.Min(a.Values))
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return ""
}

// operatorName returns the label of the operator in the name of a name server. Large
// ones number their zones, and have them below several domains: ns-1.awsdns-01.com,
// ns-2.awsdns-02.co.uk.
func operatorName(host string) string {
	labels := strings.Split(host, ".")
	at := len(labels) - 2
	if at > 0 && len(labels[at]) <= 3 && len(labels[at+1]) == 2 { // co.uk
		at--
	}
	label := labels[max(at, 0)]
	return cmp.Or(strings.TrimRight(label, "0123456789"), label)
}

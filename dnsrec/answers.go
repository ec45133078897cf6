package dnsrec

import (
	"context"
	"time"
)

// How often the first question is asked, at most. Where most packets are lost, one
// of them is answered.
const (
	firstTries = 16
	firstEach  = 500 * time.Millisecond
)

// Answers returns why a resolver answers nothing at all; nil: it does. The time for
// the pace of the resolver does not count.
func Answers(ctx context.Context, r Resolver) (err error) {
	for try := range firstTries {
		within, cancel := WithTimeout(ctx, firstEach*time.Duration(min(try+1, 2)))
		_, err = r.Lookup(within, Q(".", TypeNS))
		cancel()
		switch kind := KindOf(err); {
		case ctx.Err() != nil, kind == KindNetwork:
			return err
		case kind != KindTimeout && kind != KindCanceled:
			return nil
		}
	}
	return err
}

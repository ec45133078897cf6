package run

import (
	"bytes"
	"context"
	"time"

	"maildiag/checks/inspect"
	"maildiag/checks/kit"
)

// SPF evaluates the SPF record of a domain and returns the JSON document of
// maildiag spf.
func (r *Runner) SPF(ctx context.Context, q inspect.SPFQuestion) ([]byte, error) {
	var b bytes.Buffer
	err := r.do(ctx, q.Domain, func(ctx context.Context, w kit.World) {
		res, _ := inspect.SPF(ctx, w.DNS, time.Now(), q) // only a change can fail
		_ = res.WriteJSON(&b, false)                     // to memory
	})
	return b.Bytes(), err
}

// DMARC finds the policy of a domain and returns the JSON document of maildiag
// dmarc.
func (r *Runner) DMARC(ctx context.Context, q inspect.DMARCQuestion) ([]byte, error) {
	var b bytes.Buffer
	err := r.do(ctx, q.Domain, func(ctx context.Context, w kit.World) {
		_ = inspect.DMARC(ctx, w.DNS, q).WriteJSON(&b) // to memory
	})
	return b.Bytes(), err
}

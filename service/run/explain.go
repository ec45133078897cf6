package run

import (
	"context"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/explain"
)

// Explain explains a text or a message. It asks the DNS for the keys of
// signatures and nothing else of anybody.
func (r *Runner) Explain(ctx context.Context, name string, input []byte) (x *explain.Explanation, err error) {
	called := r.do(ctx, "", func(ctx context.Context, w kit.World) {
		x, err = explain.Explain(ctx, name, input, explain.Options{
			Now: time.Now().UTC(), Timeout: r.cfg.Timeout,
			Open: func() (*explain.World, error) {
				return &explain.World{World: kit.World{DNS: w.DNS}, Resolver: r.cfg.Resolver, TrustAD: r.cfg.TrustAD,
					Close: func() error { return nil }}, nil
			},
		})
	})
	if called != nil {
		return nil, called
	}
	return x, err
}

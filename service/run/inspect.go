package run

import (
	"bytes"
	"context"
	"time"

	"maildiag/checks/inspect"
	"maildiag/checks/kit"
	"maildiag/checks/migrate"
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

// MoveQuestion is what a client may say of a move to Microsoft 365.
type MoveQuestion struct {
	Domain, Unicode string
	MX              string // that the admin center shows
	Hybrid          bool
	Cloud           string
}

// Move finds out where the move of a domain stands and returns the JSON document
// of maildiag migrate. The domain's name servers are not asked: the service
// connects to the ports of mail and HTTPS only.
func (r *Runner) Move(ctx context.Context, q MoveQuestion) ([]byte, error) {
	var b bytes.Buffer
	err := r.do(ctx, q.Domain, func(ctx context.Context, w kit.World) {
		env := r.env(&Request{Domain: q.Domain, Unicode: q.Unicode, Expect: kit.ExpectM365}, time.Now())
		env.World, env.Cloud = w, q.Cloud
		doc := migrate.Assess(ctx, env, migrate.Options{MX: q.MX, Hybrid: q.Hybrid, Unasked: true}).Document(nil)
		_ = doc.WriteJSON(&b) // to memory
	})
	return b.Bytes(), err
}

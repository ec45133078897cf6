package kit

import (
	"context"

	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/smtpprobe"
)

// World is everything that checks may ask of the network, in three questions.
// A live world, a recorded one and a replayed one look the same.
type World struct {
	DNS   dnsrec.Resolver
	SMTP  func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session
	HTTPS func(ctx context.Context, url string) *httpsget.Response
}

package kit

import (
	"context"
	"net/netip"

	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/smtpprobe"
)

// World is everything that checks and comparisons may ask of the network. A live
// world, a recorded one and a replayed one look the same.
type World struct {
	DNS   dnsrec.Resolver
	SMTP  func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session
	HTTPS func(ctx context.Context, url string) *httpsget.Response

	// Ask puts a question to one name server; nil: name servers cannot be asked.
	Ask func(ctx context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error)
}

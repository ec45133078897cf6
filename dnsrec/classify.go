package dnsrec

import (
	"errors"
	"net"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// failure makes an Error of what went wrong in between, and notes a server
// that has said nothing since the question was sent.
func (u *upstream) failure(err error, server string, began time.Time) *Error {
	e := &Error{Kind: kindOf(err), Server: server, Err: certificateFault(err)}
	if e.Kind == KindTimeout || e.Kind == KindNetwork {
		sent := int64(began.Sub(u.client.began))
		if u.replied.Load() <= sent {
			u.dead.Store(true)
		}
	}
	return e
}

func kindOf(err error) Kind {
	var netErr net.Error
	switch {
	case errors.Is(err, errEnded), errors.Is(err, errClosed):
		return KindCanceled
	case errors.Is(err, errMalformed), errors.Is(err, errMisfit):
		return KindMalformed
	case errors.Is(err, errRefused):
		return KindRefused
	case errors.Is(err, errTimeout), errors.As(err, &netErr) && netErr.Timeout():
		return KindTimeout
	}
	return KindNetwork
}

// Extended errors (RFC 8914 4) that decide the kind of an Error.
var (
	edeBogus   = []uint16{6, 7, 8, 9, 10, 11, 12} // validation failed
	edeNetwork = []uint16{22, 23}                 // no reachable authority, network error
	edeFilter  = []uint16{4, 15, 16, 17, 18}      // forged, blocked, censored, filtered, prohibited
)

// classify distinguishes answers from the lack of one.
func (u *upstream) classify(c *call, server string) *Error {
	m := &c.msg
	good := m.rcode == dns.RcodeSuccess || m.rcode == dns.RcodeNameError
	switch {
	case m.referral():
		return &Error{Kind: KindReferral, Server: server, Rcode: rcodeName(m.rcode)}
	case good && len(m.ede) == 0:
		return nil
	}
	e := &Error{Server: server, Rcode: rcodeName(m.rcode), Extended: m.ede}
	has := func(codes []uint16) bool {
		return slices.ContainsFunc(m.ede, func(x Extended) bool { return slices.Contains(codes, x.Code) })
	}
	switch {
	case has(edeFilter):
		e.Kind = KindRefused // the resolver's words, not the domain's, whatever the rcode
	case good:
		return nil
	case m.rcode != dns.RcodeServerFailure:
		e.Kind = KindRefused
	case has(edeBogus) && has(edeNetwork): // it could not ask everyone, so what it calls bogus may be incomplete
		e.Kind = KindServFail
	case has(edeBogus):
		e.Kind = KindBogus
	case has(edeNetwork):
		e.Kind = KindNetwork
	default:
		e.Kind = KindServFail
	}
	return e
}

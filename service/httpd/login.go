package httpd

import (
	"net/http"
	"net/netip"
	"time"

	"maildiag/service/api"
	"maildiag/service/limit"
)

// Logins limits failed sign-ins. The handler of exporter-toolkit checks passwords,
// and is put in front of ours when the server starts: this one stands before both.
type Logins struct {
	Failed *limit.Buckets       // of clients; nil: no limit
	Note   func(outcome string) // of each sign-in that fails or is not tried: [LoginFailed], [LoginLimited]
	client func(*http.Request) netip.Addr
}

// The outcomes that are counted.
const (
	LoginFailed  = "failed"
	LoginLimited = "limited" // refused without a look at the password
)

// NewLogins returns the limit of a server.
func NewLogins(g *Gate, failed *limit.Buckets, note func(string)) *Logins {
	return &Logins{Failed: failed, Note: note, client: g.client}
}

// Wrap answers for next where a client has failed too often. Requests without a
// password are what browsers send first; they guess nothing.
func (l *Logins) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		harden(w.Header())
		if r.Header.Get("Authorization") == "" {
			next.ServeHTTP(w, r)
			return
		}
		key := limit.Site(l.client(r)).String()
		if l.Failed != nil {
			if wait := l.Failed.Wait(key, time.Now()); wait > 0 {
				l.Note(LoginLimited)
				api.TooManyLogins(wait).Write(w)
				return
			}
		}
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)
		if rec.code != http.StatusUnauthorized {
			return
		}
		l.Note(LoginFailed)
		if l.Failed != nil {
			l.Failed.Charge(key, time.Now())
		}
	})
}

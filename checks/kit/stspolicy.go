package kit

import (
	"net/http"

	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/mtasts"
)

// STSPolicy returns the MTA-STS policy that a web server sends, if senders accept it.
// RFC 8461 3.3
func STSPolicy(r *httpsget.Response) (p mtasts.Policy, ok bool) {
	if r.Err != nil || r.Status != http.StatusOK {
		return p, false
	}
	p, problems := mtasts.ParsePolicy(r.Body)
	return p, mtasts.Valid(problems)
}

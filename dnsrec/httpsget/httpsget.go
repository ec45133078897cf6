// Package httpsget fetches one small file by HTTPS for the e-mail records that
// live there (MTA-STS policies, BIMI images): addresses from our own resolver,
// verified TLS, no redirects, no proxy, bounded in bytes and time.
package httpsget

import "time"

// Response is what came of one GET. It is complete in itself: it can be
// written to a record and judged later.
type Response struct {
	URL     string        `json:"url"`
	Status  int           `json:"status,omitempty"` // HTTP status; 0: none came
	Elapsed time.Duration `json:"elapsed,omitempty"`
}

// Package api answers programs: /api/v1.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"maildiag/service/limit"
	"maildiag/service/run"
	"maildiag/service/upload"
)

// Problem is what went wrong, for programs. RFC 9457 3
type Problem struct {
	Type   string `json:"type"` // a URN of ours; it is API
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`

	wait time.Duration // for Retry-After; 0: none
}

// The types of problems are urn:maildiag:problem: and one of these.
const (
	typePrefix  = "urn:maildiag:problem:"
	typeRequest = "request"  // a parameter is wrong
	typeTarget  = "target"   // the target is not a domain name
	typeAccept  = "accept"   // no such form of the answer
	typeTooBig  = "too-big"  // the body
	typeBusy    = "busy"     // too much is asked
	typeStop    = "stopping" // the service stops
	typeTime    = "time"     // the time limit was reached
	typeIntern  = "internal" // a fault of maildiagd
	typeMissing = "missing"  // there is nothing at this path
	typeRun     = "run"      // there is no such run
	typeSite    = "site"     // there is no such site
	typeMethod  = "method"   // not allowed here
)

// newProblem makes a problem of one of the types.
func newProblem(typ string, status int, detail string) *Problem {
	return &Problem{Type: typePrefix + typ, Title: http.StatusText(status), Status: status, Detail: detail}
}

// ProblemOf says what an error means for the client.
func ProblemOf(err error) *Problem {
	var busy *run.BusyError
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &busy):
		p := newProblem(typeBusy, http.StatusTooManyRequests, busy.Error())
		p.wait = busy.Wait
		return p
	case errors.Is(err, limit.ErrFull):
		p := newProblem(typeBusy, http.StatusServiceUnavailable, "Too many checks are waiting. Try again shortly.")
		p.wait = 5 * time.Second
		return p
	case errors.Is(err, run.ErrStopping):
		p := newProblem(typeStop, http.StatusServiceUnavailable, "The service is stopping.")
		p.wait = 5 * time.Second
		return p
	case errors.Is(err, run.ErrTarget):
		text := "The target is " + run.ErrTarget.Error() + "."
		if near, ok := errors.AsType[*run.NearError](err); ok {
			text += " " + near.Error()
		}
		return newProblem(typeTarget, http.StatusBadRequest, text)
	case errors.Is(err, upload.ErrTooLarge), errors.As(err, &tooBig):
		return newProblem(typeTooBig, http.StatusRequestEntityTooLarge, fmt.Sprintf("The input is larger than %d MiB.", upload.Max>>20))
	case errors.Is(err, upload.ErrBody):
		return newProblem(typeRequest, http.StatusBadRequest, "The body cannot be read.")
	case errors.Is(err, run.ErrNoPlan):
		return newProblem(typeTime, http.StatusServiceUnavailable, "The check is not finished, so there is no plan.")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return newProblem(typeTime, http.StatusServiceUnavailable, "The time limit for this request was reached.")
	}
	return newProblem(typeIntern, http.StatusInternalServerError, "Internal error in maildiagd. The log has the details.")
}

// Limited is the problem of a client that asks too often.
func Limited(wait time.Duration) *Problem {
	p := newProblem(typeBusy, http.StatusTooManyRequests, "Too many requests from this address.")
	p.wait = wait
	return p
}

// TooManyLogins is the problem of a client that has failed to sign in too often.
func TooManyLogins(wait time.Duration) *Problem {
	p := newProblem(typeBusy, http.StatusTooManyRequests, "Too many failed sign-ins from this address.")
	p.wait = wait
	return p
}

// Refused is the problem of a request that is not for this service.
func Refused(status int, detail string) *Problem { return newProblem(typeRequest, status, detail) }

// NoRun reports whether a run does not exist.
func (p *Problem) NoRun() bool { return p.Type == typePrefix+typeRun }

// NoSite reports whether a site does not exist.
func (p *Problem) NoSite() bool { return p.Type == typePrefix+typeSite }

func (p *Problem) Error() string { return p.Detail }

// Write answers with the problem.
func (p *Problem) Write(w http.ResponseWriter) {
	p.Retry(w)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// Retry sets Retry-After. RFC 9110 10.2.3
func (p *Problem) Retry(w http.ResponseWriter) {
	if p.wait > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(math.Ceil(p.wait.Seconds()))))
	}
}

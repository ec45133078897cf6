// Package tlsreport reads SMTP TLS reports (RFC 8460): how many connections to
// the mail servers of a domain a sender made under MTA-STS and DANE, and why
// some failed.
package tlsreport

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// The limits of one report.
const (
	MaxSize     = 20 << 20
	maxPolicies = 1000
	maxFailures = 100_000
	maxSessions = 1 << 40
)

// Report is one report, RFC 8460 4.4. All its strings are hostile.
type Report struct {
	Org      string
	ID       string
	Contact  string
	Begin    time.Time
	End      time.Time
	Policies []Policy
}

// Policy is what was seen of one policy of a domain.
type Policy struct {
	Type      string   // sts, tlsa or no-policy-found
	Domain    string   // whose policy it is
	Text      []string // of the policy
	Succeeded int64    // sessions
	Failed    int64
	Failures  []Failure
}

// Failure counts sessions that failed for one reason.
type Failure struct {
	Result      string // RFC 8460 4.3
	SendingIP   string
	MX          string // receiving-mx-hostname
	ReceivingIP string
	Sessions    int64
	Reason      string // failure-reason-code
	More        string // additional-information
}

// The wire form. Several senders write a string where an array belongs, or a
// number as a string.
type (
	wireReport struct {
		Org     string `json:"organization-name"`
		ID      string `json:"report-id"`
		Contact string `json:"contact-info"`
		Range   struct {
			Begin string `json:"start-datetime"`
			End   string `json:"end-datetime"`
		} `json:"date-range"`
		Policies list[wirePolicy] `json:"policies"`
	}
	wirePolicy struct {
		Policy struct {
			Type   string       `json:"policy-type"`
			Domain string       `json:"policy-domain"`
			Text   list[string] `json:"policy-string"`
		} `json:"policy"`
		Summary struct {
			Succeeded number `json:"total-successful-session-count"`
			Failed    number `json:"total-failure-session-count"`
		} `json:"summary"`
		Failures list[wireFailure] `json:"failure-details"`
	}
	wireFailure struct {
		Result      string `json:"result-type"`
		SendingIP   string `json:"sending-mta-ip"`
		MX          string `json:"receiving-mx-hostname"`
		ReceivingIP string `json:"receiving-ip"`
		Sessions    number `json:"failed-session-count"`
		Reason      string `json:"failure-reason-code"`
		More        string `json:"additional-information"`
	}
)

// list is an array, or the one element that stands in its place.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '[' && string(b) != "null" {
		var one T
		if err := json.Unmarshal(b, &one); err != nil {
			return err
		}
		*l = list[T]{one}
		return nil
	}
	return json.Unmarshal(b, (*[]T)(l))
}

// number is a number of sessions.
type number int64

func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" || s == "" {
		return nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < 0 || v > maxSessions {
		return fmt.Errorf("%.40q is not a number of sessions", s)
	}
	*n = number(v)
	return nil
}

// Read reads a report.
func Read(r io.Reader) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the report is larger than %d MiB", MaxSize>>20)
	}
	var w wireReport
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	if len(w.Policies) == 0 && w.ID == "" && w.Org == "" {
		return nil, errors.New("not a TLS report")
	}
	rep := &Report{Org: w.Org, ID: w.ID, Contact: w.Contact, Begin: timeOf(w.Range.Begin), End: timeOf(w.Range.End)}
	failures := 0
	for _, p := range w.Policies {
		if failures += len(p.Failures); len(rep.Policies) >= maxPolicies || failures > maxFailures {
			return nil, errors.New("the report has too many policies or failures")
		}
		rep.Policies = append(rep.Policies, policyOf(&p))
	}
	return rep, nil
}

func policyOf(w *wirePolicy) Policy {
	p := Policy{Type: strings.ToLower(w.Policy.Type), Domain: strings.ToLower(w.Policy.Domain), Text: w.Policy.Text,
		Succeeded: int64(w.Summary.Succeeded), Failed: int64(w.Summary.Failed)}
	for _, f := range w.Failures {
		p.Failures = append(p.Failures, Failure{Result: strings.ToLower(f.Result), SendingIP: f.SendingIP,
			MX: strings.ToLower(f.MX), ReceivingIP: f.ReceivingIP, Sessions: int64(f.Sessions), Reason: f.Reason, More: f.More})
	}
	return p
}

// timeOf reads a time of RFC 3339; some senders leave out the zone.
func timeOf(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

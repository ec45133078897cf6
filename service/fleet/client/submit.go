package client

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"maildiag/service/api"
	"maildiag/service/fleet/job"
)

// Submission is a list on its way to the server.
type Submission struct {
	ID string

	client  *Client
	domains int
	items   int
	open    []string
}

// Submit makes a run with an ID, which may be one that was interrupted. Domains
// are then added, each once and in the same order, and at last it is sealed.
func (c *Client) Submit(ctx context.Context, id string, opts *job.Options) (*Submission, error) {
	text, err := json.Marshal(opts)
	if err != nil {
		return nil, err
	}
	err = c.send(ctx, http.MethodPut, api.NewRun{Version: job.Version, Options: text}, "runs", id)
	return &Submission{ID: id, client: c}, err
}

// Add adds a domain, in A-labels.
func (s *Submission) Add(ctx context.Context, domain string) error {
	s.domains++
	if s.open = append(s.open, domain); len(s.open) < job.ItemSize {
		return nil
	}
	return s.flush(ctx)
}

// flush sends the domains that are not sent yet. It waits while the queue is full
// or the server cannot be reached.
func (s *Submission) flush(ctx context.Context) error {
	if len(s.open) == 0 {
		return nil
	}
	if err := s.client.insist(ctx, api.NewItem{Domains: s.open}, "runs", s.ID, "items", strconv.Itoa(s.items)); err != nil {
		return err
	}
	s.items++
	s.open = s.open[:0]
	return nil
}

// Seal ends the list.
func (s *Submission) Seal(ctx context.Context) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	return s.client.insist(ctx, api.Seal{Domains: s.domains, Items: s.items}, "runs", s.ID, "seal")
}

// Domains returns how many were added.
func (s *Submission) Domains() int { return s.domains }

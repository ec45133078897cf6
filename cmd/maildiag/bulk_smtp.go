package main

import (
	"context"
	"sync"

	"maildiag/smtpprobe"
)

// maxShared is how many different conversations are remembered. The clouds
// have a handful of submission hosts.
const maxShared = 256

type probe = func(context.Context, smtpprobe.Config) *smtpprobe.Session

// onceEach returns a probe that has the same conversation only once, and hands
// it to all who ask for it: thousands of domains have the same submission host.
//
// The conversation belongs to nobody: it goes on when the time of the domain
// that asked first is up, within the limits of its own.
func onceEach(inner probe) probe {
	var mu sync.Mutex
	kept := map[string]*shared{}
	return func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
		mu.Lock()
		s := kept[cfg.Key()]
		if s == nil && len(kept) < maxShared {
			s = &shared{done: make(chan struct{})}
			kept[cfg.Key()] = s
			go s.ask(context.WithoutCancel(ctx), inner, cfg)
		}
		mu.Unlock()
		if s == nil {
			return inner(ctx, cfg)
		}
		select {
		case <-s.done:
			return s.session
		case <-ctx.Done():
			return inner(ctx, cfg) // says at once that the time is up
		}
	}
}

// shared is one conversation.
type shared struct {
	done    chan struct{}
	session *smtpprobe.Session
}

func (s *shared) ask(ctx context.Context, inner probe, cfg smtpprobe.Config) {
	defer close(s.done)
	s.session = inner(ctx, cfg)
}

package run

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/service/guard"
	"maildiag/smtpprobe"
)

// Live is the network: the operator's resolver, and everything else through the
// guard.
type Live struct {
	client *dnsrec.Client
	dialer *guard.Dialer
	shared kit.World
	spared *shared[*smtpprobe.Session] // of workers
}

// politeFor is how long what a server said is told to those who ask next, before
// it is connected to again.
const politeFor = 30 * time.Second

// NewLive returns the network as the resolvers of opts see it.
func NewLive(opts dnsrec.Options, d *guard.Dialer) *Live {
	l := &Live{client: dnsrec.NewClient(opts), dialer: d}
	l.shared = Polite(l.world(), politeFor)
	l.spared = newShared[*smtpprobe.Session](time.Minute)
	return l
}

// Resolver names the resolver; Trusted reports whether its path is authentic.
func (l *Live) Resolver() string { return l.client.String() }

// Trusted reports whether nobody can alter the resolver's answers on their way.
func (l *Live) Trusted() bool { return l.client.Trusted() }

// Close closes all sockets.
func (l *Live) Close() { l.client.Close() }

// DNS returns the shared cache.
func (l *Live) DNS() dnsrec.Resolver { return l.shared.DNS }

// World returns what checks may ask, with the memory that all share or, if fresh
// is true, with one of its own for the DNS. What a server said is shared in any
// case: it must not be flooded.
func (l *Live) World(fresh bool) kit.World {
	if !fresh {
		return l.shared
	}
	w := l.shared
	w.DNS = dnsrec.NewCache(l.client, dnsrec.CacheOptions{})
	return w
}

// Spare bounds what is asked here to a part of what the workers of a site may ask
// together: qps DNS queries a second, 0 for any number, and a conversation a minute
// with each mail server.
func (l *Live) Spare(workers int, qps float64) {
	if qps > 0 {
		l.client.SetQPS(qps / float64(workers))
	}
	l.spared.within.Store(int64(time.Duration(workers) * time.Minute))
}

// Spared returns the world of a worker, in which conversations are shared for as
// long as [Live.Spare] says.
func (l *Live) Spared() kit.World {
	w := l.shared
	w.SMTP = share(l.spared, l.shared.SMTP)
	return w
}

// world makes a cache and connects through the guard.
func (l *Live) world() kit.World {
	cache := dnsrec.NewCache(l.client, dnsrec.CacheOptions{})
	get := &httpsget.Client{Resolver: cache, Dialer: l.dialer, PublicOnly: true, Allow: l.dialer.Allow}
	return kit.World{
		DNS: cache,
		SMTP: func(ctx context.Context, c smtpprobe.Config) *smtpprobe.Session {
			return smtpprobe.Probe(ctx, l.dialer, c)
		},
		HTTPS: func(ctx context.Context, url string) *httpsget.Response { return get.Get(ctx, url, 0) },
	}
}

// Polite returns a world in which all who ask a server the same within a time
// share one conversation.
func Polite(w kit.World, within time.Duration) kit.World {
	sessions, files := newShared[*smtpprobe.Session](within), newShared[*httpsget.Response](within)
	return kit.World{
		DNS:  w.DNS,
		SMTP: share(sessions, w.SMTP),
		HTTPS: func(ctx context.Context, url string) *httpsget.Response {
			return files.do(ctx, url, func(ctx context.Context) *httpsget.Response { return w.HTTPS(ctx, url) })
		},
	}
}

// share lets those who ask a mail server the same share one conversation, unless it
// signs in or names a sender.
func share(s *shared[*smtpprobe.Session], probe func(context.Context, smtpprobe.Config) *smtpprobe.Session) func(context.Context, smtpprobe.Config) *smtpprobe.Session {
	return func(ctx context.Context, c smtpprobe.Config) *smtpprobe.Session {
		if c.Auth != nil || c.From != "" {
			return probe(ctx, c)
		}
		return s.do(ctx, c.Key(), func(ctx context.Context) *smtpprobe.Session { return probe(ctx, c) })
	}
}

// shared lets those who ask the same at once, or shortly after, share one call.
type shared[V any] struct {
	within atomic.Int64 // how long a result is shared: a [time.Duration]

	mu    sync.Mutex
	calls map[string]*sharedCall[V]
}

// sharedCall is a call under way, or its result. Who asks next waits for it; it
// ends early only if all who waited are gone.
type sharedCall[V any] struct {
	done    chan struct{}
	value   V
	until   time.Time
	waiting int
	cancel  context.CancelFunc
}

// maxShared bounds the results that are kept.
const maxShared = 4096

func newShared[V any](within time.Duration) *shared[V] {
	s := &shared[V]{calls: map[string]*sharedCall[V]{}}
	s.within.Store(int64(within))
	return s
}

func (s *shared[V]) do(ctx context.Context, key string, f func(context.Context) V) V {
	c := s.join(ctx, key, f)
	defer s.leave(key, c)
	select {
	case <-c.done:
		return c.value
	case <-ctx.Done():
		return f(ctx) // at once: the value that says so
	}
}

// join returns the call of a key, which it starts if there is none.
func (s *shared[V]) join(ctx context.Context, key string, f func(context.Context) V) *sharedCall[V] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.calls[key]; c != nil && (c.until.IsZero() || time.Now().Before(c.until)) {
		c.waiting++
		return c
	}
	if len(s.calls) >= maxShared {
		s.sweep()
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &sharedCall[V]{done: make(chan struct{}), waiting: 1, cancel: cancel}
	s.calls[key] = c
	go func() {
		v := f(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		c.value, c.until = v, time.Now().Add(time.Duration(s.within.Load()))
		close(c.done)
		cancel()
	}()
	return c
}

// leave ends a call that nobody waits for, and forgets it.
func (s *shared[V]) leave(key string, c *sharedCall[V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.waiting--; c.waiting == 0 && c.until.IsZero() {
		c.cancel()
		if s.calls[key] == c {
			delete(s.calls, key)
		}
	}
}

// sweep drops the results that are too old, and if that is not enough all that
// are done.
func (s *shared[V]) sweep() {
	now := time.Now()
	for _, all := range []bool{false, true} {
		for key, c := range s.calls {
			if !c.until.IsZero() && (all || now.After(c.until)) {
				delete(s.calls, key)
			}
		}
		if len(s.calls) < maxShared/2 {
			return
		}
	}
}

// Package pool holds conversations with mail servers for a list of domains, and
// spares the servers: what one has said is told to all who ask for it again, and no
// network has two connections at a time.
//
// The mail servers of thousands of domains are those of a few providers, so that a
// list without a pool would connect to the same server for each of them.
package pool

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"maildiag/smtpprobe"
)

// Partitions is how many connections there are at once, at the most: the networks of
// servers are cut into so many by their hash, with one connection each.
const Partitions = 256

// The bounds of a pool.
const (
	maxServers = 1 << 12          // that are remembered; those used longest ago are forgotten
	maxNames   = 10               // of a server that shows each of them another certificate
	maxWait    = 5 * time.Minute  // for the turn of a network
	maxTalk    = 65 * time.Second // for one conversation, which has limits of its own
)

// portSMTP is the port whose networks have one connection at a time: that of mail
// servers, of which a list has thousands. RFC 5321 4.5.4.2
const portSMTP = 25

// Pool holds conversations. It is safe for any number of goroutines.
type Pool struct {
	Probe func(context.Context, smtpprobe.Config) *smtpprobe.Session
	// Keep is how long what a server said is told again; 0: as long as the pool.
	Keep time.Duration
	// Brief is [Pool.Keep] of the hosts by which the way to all others is judged.
	Brief   time.Duration
	IsBrief func(host string) bool // nil: there are none
	// Hold holds the clock of a domain that waits: none is slow because others wait too.
	Hold func(context.Context) (resume func())
	// Beside are programs that spare the same servers; nil: there are none.
	Beside Beside

	once  sync.Once
	turns [Partitions]chan struct{} // of capacity 1: taken by who connects

	mu            sync.Mutex
	servers, past map[string]*server // past are those of the generation before
}

// Beside is what programs share that spare the same servers.
type Beside interface {
	// Lease waits until no other program connects to a network of a partition. None
	// does before release is called or a program that died is known to be gone.
	Lease(ctx context.Context, partition int) (release func(), err error)
	// Load returns what was stored about a server, and is not too old. What is kept
	// briefly is kept apart.
	Load(ctx context.Context, server string, brief bool) []*smtpprobe.Session
	Store(ctx context.Context, server string, brief bool, said []*smtpprobe.Session)
}

// server is what is known of one address and port.
type server struct {
	turn chan struct{} // of capacity 1, as [Pool.turns], for other ports
	mu   sync.Mutex
	said []*smtpprobe.Session
	at   []time.Time // when each of them came here: clocks of others may be wrong
}

// Talk returns a conversation: a new one, or what the server said before.
func (p *Pool) Talk(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
	if cfg.Auth != nil || cfg.From != "" {
		return p.Probe(ctx, cfg)
	}
	s, id := p.server(cfg)
	if known := p.known(s, cfg); known != nil {
		return known
	}
	if p.Hold != nil {
		defer p.Hold(ctx)()
	}
	part := Partition(cfg.Address)
	turn := s.turn
	if cfg.Port == portSMTP {
		turn = p.turnOf(part)
	}
	leave, err := take(ctx, turn)
	if err != nil {
		return declined(ctx, cfg, err)
	}
	defer leave()
	if known := p.known(s, cfg); known != nil {
		return known
	}
	return p.first(ctx, cfg, s, id, part)
}

// turnOf returns the turn of a partition in this program.
func (p *Pool) turnOf(part int) chan struct{} {
	p.once.Do(func() {
		for i := range p.turns {
			p.turns[i] = make(chan struct{}, 1)
		}
	})
	return p.turns[part]
}

// take waits for a turn.
func take(ctx context.Context, turn chan struct{}) (leave func(), err error) {
	late := time.NewTimer(maxWait)
	defer late.Stop()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-late.C:
		return nil, errors.New("too many mail servers of the same network wait for their turn")
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// first connects to a server of which nothing is known here. The turn is taken.
func (p *Pool) first(ctx context.Context, cfg smtpprobe.Config, s *server, id string, part int) *smtpprobe.Session {
	if p.Beside != nil {
		if known := p.load(ctx, s, id, cfg); known != nil {
			return known
		}
		release, err := p.Beside.Lease(ctx, part)
		if err != nil {
			return declined(ctx, cfg, err)
		}
		defer release()
		if known := p.load(ctx, s, id, cfg); known != nil {
			return known
		}
	}
	if s.names() >= maxNames {
		return declined(ctx, cfg, errors.New("this server has been connected to under many other names"))
	}
	limited, cancel := context.WithTimeout(ctx, maxTalk)
	defer cancel()
	said := p.Probe(limited, cfg)
	if ctx.Err() != nil || !lasting(said) {
		return said
	}
	all := s.add(said)
	if p.Beside != nil {
		p.Beside.Store(ctx, id, p.brief(cfg), all)
	}
	return said
}

// lasting reports whether a conversation says something about the server: not if it
// was not begun because of this machine.
func lasting(s *smtpprobe.Session) bool {
	failed := s.Failed()
	if failed == nil {
		return true
	}
	switch failed.Err.Class {
	case smtpprobe.ClassDeclined, smtpprobe.ClassCanceled, smtpprobe.ClassLocal, smtpprobe.ClassInput:
		return false
	}
	return true
}

// load takes over what other programs know of a server.
func (p *Pool) load(ctx context.Context, s *server, id string, cfg smtpprobe.Config) *smtpprobe.Session {
	said := p.Beside.Load(ctx, id, p.brief(cfg))
	s.mu.Lock()
	for _, x := range said[min(len(said), len(s.said)):] {
		s.said, s.at = append(s.said, x), append(s.at, time.Now())
	}
	s.mu.Unlock()
	return p.known(s, cfg)
}

func (p *Pool) brief(cfg smtpprobe.Config) bool { return p.IsBrief != nil && p.IsBrief(cfg.Host) }

// known returns what a server said, if that is what cfg asks for; nil: it is not known.
func (p *Pool) known(s *server, cfg smtpprobe.Config) *smtpprobe.Session {
	keep := p.Keep
	if p.brief(cfg) {
		keep = p.Brief
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for keep > 0 && len(s.at) > 0 && time.Since(s.at[0]) >= keep { // the oldest is the first
		s.said, s.at = s.said[1:], s.at[1:]
	}
	for _, x := range s.said {
		if same, ok := x.For(cfg.Host); ok {
			return same
		}
	}
	return nil
}

func (s *server) names() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.said)
}

func (s *server) add(said *smtpprobe.Session) []*smtpprobe.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said, s.at = append(s.said, said), append(s.at, time.Now())
	return slices.Clone(s.said)
}

// server returns the server that cfg is about. Conversations with it that go another
// way are as those with another one.
func (p *Pool) server(cfg smtpprobe.Config) (s *server, id string) {
	cfg.Host = ""
	id = cfg.Key()
	p.mu.Lock()
	defer p.mu.Unlock()
	if s = p.servers[id]; s != nil {
		return s, id
	}
	if s = p.past[id]; s == nil {
		s = &server{turn: make(chan struct{}, 1)}
	}
	if p.servers == nil || len(p.servers) >= maxServers/2 {
		p.servers, p.past = map[string]*server{}, p.servers
	}
	p.servers[id] = s
	return s, id
}

// Bits of an address that name its network: all servers of one hall are mostly in one.
const (
	bits4 = 24
	bits6 = 64
)

// Partition returns the number of the partition that has the network of an address.
func Partition(address string) int {
	text := address
	if ip, err := netip.ParseAddr(address); err == nil {
		ip = ip.Unmap().WithZone("")
		bits := bits4
		if ip.Is6() {
			bits = bits6
		}
		network, _ := ip.Prefix(bits) // bits fit the family
		text = network.String()
	}
	sum := uint32(2166136261) // FNV-1a
	for _, c := range []byte(text) {
		sum = (sum ^ uint32(c)) * 16777619
	}
	return int(sum % Partitions)
}

// declined is a conversation that was not begun.
func declined(ctx context.Context, cfg smtpprobe.Config, why error) *smtpprobe.Session {
	return smtpprobe.Probe(ctx, refusal{why}, cfg)
}

// refusal is a dialer that does not connect, and why.
type refusal struct{ error }

func (r refusal) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, r
}

func (r refusal) Declined() string { return r.Error() }

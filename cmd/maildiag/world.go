package main

import (
	"context"
	"net"
	"os"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/mxserver"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/dnsrec/httpsget"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/pool"
)

// world is all that commands ask of the network: live, recorded or replayed.
type world struct {
	kit.World
	Resolver string // how the resolver is called in reports
	TrustAD  bool
	Now      time.Time
	views    []authority.Resolver // to compare; none: DNS alone
	close    []func() error
}

// open makes the world that the flags describe. Nothing is sent before the
// first question.
func (n *netFlags) open() (*world, error) {
	if n.replay != "" {
		return n.reopen()
	}
	w, err := n.demoOrLive()
	if err != nil {
		return nil, err
	}
	if n.pooled {
		w.pool()
	}
	if err := w.recordTo(n.record); err != nil {
		return nil, closing(w, err)
	}
	return w, nil
}

// demoOrLive starts the demo world that --demo names, or opens the network.
func (n *netFlags) demoOrLive() (*world, error) {
	if n.demo == "" {
		return n.live()
	}
	d, err := demoNamed(n.demo)
	if err != nil {
		return nil, err
	}
	return d.open()
}

// names returns the domains that the user gave, or else those of the demo world.
func (n *netFlags) names(args []string) []string {
	if d, err := demoNamed(n.demo); len(args) == 0 && n.demo != "" && err == nil {
		return d.domains
	}
	return args
}

// recordTo keeps all that the world answers in a file; "" keeps nothing.
func (w *world) recordTo(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return usage("name a file that can be written", "cannot record: %v", err)
	}
	recording, err := kit.Record(f, w.World, kit.RecordingHeader{
		Version: version(), Recorded: w.Now, Resolver: w.Resolver, TrustAD: w.TrustAD,
	})
	if err != nil {
		f.Close()
		return failed("name a file on a disk with room", "cannot record: %v", err)
	}
	w.World = recording.World()
	w.close = append(w.close, recording.Close, f.Close)
	return nil
}

func (n *netFlags) reopen() (*world, error) {
	f, err := os.Open(n.replay)
	if err != nil {
		return nil, usage("name a file that --record made", "cannot replay: %v", err)
	}
	defer f.Close()
	past, head, err := kit.Replay(f)
	if err != nil {
		return nil, usage("name a file that --record made", "cannot replay %s: %v", n.replay, err)
	}
	past.DNS = dnsrec.NewCache(past.DNS, dnsrec.CacheOptions{})
	return &world{World: past, Resolver: head.Resolver, TrustAD: head.TrustAD, Now: head.Recorded}, nil
}

func (n *netFlags) live() (*world, error) {
	opts, err := n.options()
	if err != nil {
		return nil, err
	}
	opts.QPS = n.qps
	behind := runCache
	if n.expiries != nil {
		behind = n.expiries.behind
	}
	if n.samples > 1 {
		cache := behind
		behind = func(r dnsrec.Resolver) dnsrec.Resolver { return cache(dnsrec.NewSampler(r, n.samples)) }
	}
	w := newWorldBehind(behind, opts, n.families(), &net.Dialer{})
	w.Ask = authority.Pace(askPublic)
	if len(n.resolvers) > 1 {
		w.compareResolvers(opts.Servers)
	}
	return w, nil
}

// families returns the address families of --ipv4 and --ipv6; none means both.
func (n *netFlags) families() []dnsrec.Type {
	switch {
	case n.v4 && !n.v6:
		return []dnsrec.Type{dnsrec.TypeA}
	case n.v6 && !n.v4:
		return []dnsrec.Type{dnsrec.TypeAAAA}
	}
	return nil
}

// options says which DNS servers to ask, and how.
func (n *netFlags) options() (opts dnsrec.Options, err error) {
	if len(n.resolvers) == 0 {
		if opts, err = dnsrec.SystemOptions(); err != nil {
			return opts, failed("name one with --resolver ADDR, for instance the address of your router",
				"no DNS resolver: %v", err)
		}
		return opts, nil
	}
	for _, r := range n.resolvers {
		s, err := dnsrec.ParseServer(r)
		if err != nil {
			return opts, usage("--resolver 192.0.2.53, --resolver tls://192.0.2.53 or "+
				"--resolver https://dns.example/dns-query", "%v", err)
		}
		opts.Servers = append(opts.Servers, s)
	}
	return opts, nil
}

// newWorld asks the servers of opts and dials with d. The demo uses it too.
func newWorld(opts dnsrec.Options, families []dnsrec.Type, d smtpprobe.Dialer) *world {
	return newWorldBehind(runCache, opts, families, d)
}

// runCache makes the cache of one run.
func runCache(r dnsrec.Resolver) dnsrec.Resolver { return dnsrec.NewCache(r, dnsrec.CacheOptions{}) }

// newWorldBehind is newWorld with a cache of one's own.
func newWorldBehind(behind func(dnsrec.Resolver) dnsrec.Resolver, opts dnsrec.Options, families []dnsrec.Type,
	d smtpprobe.Dialer) *world {
	client := dnsrec.NewClient(opts)
	cache := behind(client)
	get := &httpsget.Client{Resolver: cache, Dialer: d, Families: families}
	return &world{
		World: kit.World{
			DNS: cache,
			SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
				return smtpprobe.Probe(ctx, d, cfg)
			},
			HTTPS: func(ctx context.Context, url string) *httpsget.Response { return get.Get(ctx, url, 0) },
		},
		Resolver: client.String(),
		TrustAD:  client.Trusted(),
		Now:      time.Now(),
		close:    []func() error{func() error { client.Close(); return nil }},
	}
}

// pool lets all domains of a list share what mail servers say: thousands of domains
// have the same ones.
func (w *world) pool() {
	w.SMTP = (&pool.Pool{Probe: w.SMTP, Brief: mxserver.Fresh, IsBrief: mxserver.IsReference, Hold: dnsrec.HoldClock}).Talk
}

// Close ends recording and closes all sockets.
func (w *world) Close() error {
	var first error
	for _, f := range w.close {
		if err := f(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

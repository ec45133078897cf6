package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/pflag"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/service/fleet/worker"
	"maildiag/service/guard"
	"maildiag/service/limit"
	"maildiag/service/run"
)

// worldFlags say whom to ask.
type worldFlags struct {
	resolvers []string
	allow     []string
	replay    string
}

func (f *worldFlags) add(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.resolvers, "resolver", nil,
		"DNS server to ask: `ADDR`, tcp://ADDR, tls://ADDR or https://URL (repeatable; default: the system's)")
	fs.StringSliceVar(&f.allow, "allow-net", nil, "`PREFIX` that is not public but may be connected to (repeatable)")
	fs.StringVar(&f.replay, "replay", "", "answer everything from `FILE` of maildiag --record; no network is used")
}

// world is whom the checks ask.
type world struct {
	open     func(fresh bool) kit.World
	resolver string
	trustAD  bool
	ready    func(context.Context) error // nil unless nothing can be checked
	lists    func() kit.World            // of workers
	spare    func(workers int, qps float64)
	close    func()
}

// The politeness to one address, no matter who asks.
const (
	atOnce  = 2
	aMinute = 10
)

// nat64Time is how long the start may wait for the resolver.
const nat64Time = 3 * time.Second

func (f *worldFlags) open(ctx context.Context) (*world, error) {
	if f.replay != "" {
		return f.recorded()
	}
	opts, err := f.options()
	if err != nil {
		return nil, err
	}
	allow, err := prefixes("--allow-net", f.allow)
	if err != nil {
		return nil, err
	}
	d := &guard.Dialer{Allow: allow, Hosts: limit.NewHosts(atOnce, aMinute), Own: guard.OwnAddresses}
	live := run.NewLive(opts, d)
	ctx, cancel := context.WithTimeout(ctx, nat64Time)
	defer cancel()
	d.NAT64 = guard.FindNAT64(ctx, live.DNS())
	return &world{open: live.World, lists: live.Spared, spare: live.Spare, resolver: live.Resolver(), trustAD: live.Trusted(), close: live.Close,
		ready: func(ctx context.Context) error { return worker.Resolves(ctx, live.World(true).DNS) }}, nil
}

// options says which DNS servers to ask.
func (f *worldFlags) options() (opts dnsrec.Options, err error) {
	if len(f.resolvers) == 0 {
		if opts, err = dnsrec.SystemOptions(); err != nil {
			return opts, failed("name one with --resolver ADDR", "no DNS resolver: %v", err)
		}
		return opts, nil
	}
	for _, r := range f.resolvers {
		s, err := dnsrec.ParseServer(r)
		if err != nil {
			return opts, usage("--resolver 192.0.2.53", "%v", err)
		}
		opts.Servers = append(opts.Servers, s)
	}
	return opts, nil
}

// recorded is the world of a recording.
func (f *worldFlags) recorded() (*world, error) {
	file, err := os.Open(f.replay)
	if err != nil {
		return nil, usage("name a file that maildiag --record made", "cannot replay: %v", err)
	}
	defer file.Close()
	past, head, err := kit.Replay(file)
	if err != nil {
		return nil, usage("name a file that maildiag --record made", "cannot replay %s: %v", f.replay, err)
	}
	again := func(bool) kit.World {
		w := past
		w.DNS = dnsrec.NewCache(past.DNS, dnsrec.CacheOptions{})
		return w
	}
	return &world{open: again, lists: func() kit.World { return again(false) }, spare: func(int, float64) {}, resolver: head.Resolver, trustAD: head.TrustAD, close: func() {}, ready: func(context.Context) error { return nil }}, nil
}

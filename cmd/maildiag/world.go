package main

import (
	"context"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"time"

	"maildiag/checks"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/smtpprobe"
)

// world is all that commands ask of the network: live, recorded or replayed.
type world struct {
	checks.World
	Resolver string // how the resolver is called in reports
	TrustAD  bool
	Now      time.Time
	close    []func() error
}

// open makes the world that the flags describe. Nothing is sent before the
// first question.
func (n *netFlags) open() (*world, error) {
	if n.replay != "" {
		return n.reopen()
	}
	w, err := n.live()
	if err != nil || n.record == "" {
		return w, err
	}
	f, err := os.OpenFile(n.record, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, usage("name a file that can be written", "cannot record: %v", err)
	}
	tape, err := checks.Record(f, w.World, checks.TapeHeader{
		Version: version(), Recorded: w.Now, Resolver: w.Resolver, TrustAD: w.TrustAD,
	})
	if err != nil {
		return nil, failed("name a file on a disk with room", "cannot record: %v", err)
	}
	w.World = tape.World()
	w.close = append(w.close, tape.Close, f.Close)
	return w, nil
}

func (n *netFlags) reopen() (*world, error) {
	f, err := os.Open(n.replay)
	if err != nil {
		return nil, usage("name a file that --record made", "cannot replay: %v", err)
	}
	defer f.Close()
	world_, head, err := checks.Replay(f)
	if err != nil {
		return nil, usage("name a file that --record made", "cannot replay %s: %v", n.replay, err)
	}
	return &world{World: world_, Resolver: head.Resolver, TrustAD: head.TrustAD, Now: head.Recorded}, nil
}

func (n *netFlags) live() (*world, error) {
	servers, err := n.servers()
	if err != nil {
		return nil, err
	}
	client := dnsrec.NewClient(servers...)
	return newWorld(client, servers, nil, &net.Dialer{}), nil
}

func (n *netFlags) servers() ([]dnsrec.Server, error) {
	if len(n.resolvers) == 0 {
		servers, err := dnsrec.SystemServers()
		if err != nil {
			return nil, failed("name one with --resolver ADDR, for instance the address of your router", "no DNS resolver: %v", err)
		}
		return servers, nil
	}
	var servers []dnsrec.Server
	for _, r := range n.resolvers {
		s, err := dnsrec.ParseServer(r)
		if err != nil {
			return nil, usage("--resolver 192.0.2.53, --resolver tls://192.0.2.53 or --resolver https://dns.example/dns-query", "--resolver %s: %v", r, err)
		}
		servers = append(servers, s)
	}
	return servers, nil
}

// newWorld asks the given servers and dials with d. The demo uses it too.
func newWorld(client *dnsrec.Client, servers []dnsrec.Server, roots *x509.CertPool, d smtpprobe.Dialer) *world {
	cache := dnsrec.NewCache(client)
	get := &httpsget.Client{Resolver: cache, Dialer: d, Roots: roots}
	names := make([]string, len(servers))
	trusted := true
	for i, s := range servers {
		names[i] = s.String()
		trusted = trusted && s.Trusted()
	}
	return &world{
		World: checks.World{
			DNS: cache,
			SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
				return smtpprobe.Probe(ctx, d, cfg)
			},
			HTTPS: get.Get,
		},
		Resolver: strings.Join(names, ", "),
		TrustAD:  trusted,
		Now:      time.Now(),
		close:    []func() error{client.Close},
	}
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

package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/checks/mxserver"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/job"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/pool"
	"maildiag/smtpprobe/smtptest"
)

// mailLab is the mail servers of a few providers, whose customers are many domains.
type mailLab struct {
	ca    *smtptest.CA
	dns   *dnstest.Server
	net   *smtptest.Net
	meter *smtptest.Meter // connections at a time, by partition

	mu    sync.Mutex
	dials map[string]int // by address
}

const (
	labProviders = 3
	labServers   = 4 // of each; the last one refuses connections
	labDomains   = 40
)

func newMailLab(t *testing.T) *mailLab {
	t.Helper()
	ca, err := smtptest.NewCA("Lab CA")
	if err != nil {
		t.Fatal(err)
	}
	l := &mailLab{ca: ca, net: &smtptest.Net{Routes: map[string]smtptest.Route{}}, dials: map[string]int{}}
	l.meter = &smtptest.Meter{Net: l.net, Group: pool.Partition}
	zone := ". SOA ns.test. h.test. 1 3600 600 86400 60\ngmail-smtp-in.l.google.com. A 192.0.2.1\n"
	l.serve(t, "192.0.2.1", "gmail-smtp-in.l.google.com")
	for p := range labProviders {
		for s := range labServers {
			if at := fmt.Sprintf("198.51.%d.%d", 100+p, s+1); s < labServers-1 {
				l.serve(t, at, fmt.Sprintf("*.p%d.test", p))
			} else {
				l.net.Routes[at+":25"] = smtptest.Route{Fault: smtptest.Refused}
			}
		}
	}
	for i := range labDomains {
		p := i % labProviders
		zone += fmt.Sprintf("%s. MX 10 c%d.p%d.test.\n", name(i), i, p)
		for s := range labServers {
			zone += fmt.Sprintf("c%d.p%d.test. A 198.51.%d.%d\n", i, p, 100+p, s+1)
		}
	}
	l.dns = dnstest.New(t, zone, dnstest.Unlogged())
	return l
}

func (l *mailLab) serve(t *testing.T, address, cert string) {
	t.Helper()
	c, err := l.ca.Issue(smtptest.Spec{Names: []string{cert}})
	if err != nil {
		t.Fatal(err)
	}
	p := smtptest.Persona{Greeting: "220 mx ESMTP", Name: "mx", EHLO: []string{"STARTTLS"}, TLS: smtptest.Config(c)}
	srv, err := smtptest.Start(smtptest.HandlerFunc(func(c *smtptest.Conn) {
		l.mu.Lock()
		l.dials[address]++
		l.mu.Unlock()
		p.Serve(c)
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	l.net.Routes[address+":25"] = smtptest.Route{Server: srv}
}

func (l *mailLab) world(t *testing.T, d smtpprobe.Dialer) kit.World {
	t.Helper()
	server, err := dnsrec.ParseServer(l.dns.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{server}})
	t.Cleanup(client.Close)
	return kit.World{DNS: dnsrec.NewCache(client, dnsrec.CacheOptions{}), SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
		cfg.Roots = l.ca.Roots()
		return smtpprobe.Probe(ctx, d, cfg)
	}}
}

// worker is one of a program of its own, which has only the bus in common with others.
func (l *mailLab) worker(t *testing.T, f *fleet, url, site string, d smtpprobe.Dialer, log *slog.Logger) {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Config{URL: url, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	world := l.world(t, d)
	f.work(&Worker{Bus: b, Site: site, World: func() kit.World { return world }, Examine: checks.Run, Log: log})
}

// aboutServers is what a report says about mail servers.
func aboutServers(r *report.Report) (out []string) {
	for _, f := range r.Findings {
		if f.Check == mxserver.ID {
			out = append(out, fmt.Sprint(f.Code, f.Status, f.Cause, f.Optional, f.Subject, f.Summary, f.Data, len(f.Evidence)))
		}
	}
	slices.Sort(out)
	return out
}

// alone is what each domain has in a run about it alone, over the same servers.
func (l *mailLab) alone(t *testing.T, o *job.Options) map[string][]string {
	t.Helper()
	world, out := l.world(t, l.net), map[string][]string{}
	var lines bytes.Buffer
	sink := report.CollectLines(func(_ *report.Report, line []byte) error { lines.Write(line); return nil })
	for i := range labDomains {
		env := o.Env(name(i), "", time.Now())
		env.World = world
		rows := o.Rows()
		if err := sink.Emit(report.Event{Start: o.Start(rows, "", time.Now())}); err != nil {
			t.Fatal(err)
		}
		if err := checks.Run(t.Context(), env, rows, sink); err != nil {
			t.Fatal(err)
		}
	}
	for r, err := range report.ReadReports(&lines) {
		if err != nil {
			t.Fatal(err)
		}
		out[r.Begin.Domain] = aboutServers(r)
	}
	return out
}

// listening is a fleet whose bus others can reach.
func listening(t *testing.T) (f *fleet, url string) {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(conf, []byte("listen: 127.0.0.1:-1"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), Server: conf, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return &fleet{b, t, job.Options{Expect: "any", Cloud: "auto", FailOn: "fail", Timeout: 30, Only: []string{"mx"}, DialMX: true}}, "nats://" + b.Addr()
}

// However many workers of however many sites there are: each site connects to each
// server once, and no two to a network at a time. The reports say what those of a run
// about each domain alone say.
func TestDialMX(t *testing.T) {
	l := newMailLab(t)
	f, url := listening(t)
	want := l.alone(t, &f.opts)
	l.mu.Lock()
	clear(l.dials)
	l.mu.Unlock()
	for _, site := range []string{"fra", "fra", "ams"} {
		l.worker(t, f, url, site, l.meter, nil)
	}
	runs := []string{"run1", "run2", "run3"}
	for _, id := range runs {
		f.submit(id, labDomains, f.opts.Hash())
	}
	for _, id := range runs {
		for domain, r := range f.reports(id, labDomains) {
			if got := aboutServers(r); len(got) < labServers || !slices.Equal(got, want[domain]) {
				t.Errorf("%s:\n%s\nalone\n%s", domain, strings.Join(got, "\n"), strings.Join(want[domain], "\n"))
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.dials) != 1+labProviders*(labServers-1) {
		t.Errorf("servers: %v", slices.Sorted(maps.Keys(l.dials)))
	}
	for address, n := range l.dials {
		if n > 2 {
			t.Errorf("%s has had %d connections from 2 sites", address, n)
		}
	}
	for part, n := range l.meter.Most() {
		if n > 1 {
			t.Errorf("%d connections at a time in partition %d", n, part)
		}
	}
}

// A site whose network blocks port 25 says so once, and takes nothing for a fault of a
// domain.
func TestDialMXBlocked(t *testing.T) {
	l := newMailLab(t)
	f, url := listening(t)
	var log lockedBuffer
	blocked := &smtptest.Net{Routes: map[string]smtptest.Route{":25": {Fault: smtptest.Refused}}}
	l.worker(t, f, url, "fra", blocked, slog.New(slog.NewTextHandler(&log, nil)))
	for _, id := range []string{"run1", "run2"} {
		f.submit(id, labDomains, f.opts.Hash())
		for domain, r := range f.reports(id, labDomains) {
			for _, y := range r.Findings {
				if y.Check == mxserver.ID && (y.Code != "mxserver.path" || y.Status != report.Unknown || !y.Optional || y.Cause != report.CauseNetwork) {
					t.Errorf("%s: %+v", domain, y)
				}
			}
		}
	}
	if n := strings.Count(log.all(), "port 25 is blocked"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log.all())
	}
	if dialed := blocked.Dialed(); len(dialed) != 1 {
		t.Errorf("dialed %v", dialed)
	}
}

// Watching connects to no mail server, whoever asks for it.
func TestWatchingDialsNobody(t *testing.T) {
	l := newMailLab(t)
	f, url := listening(t)
	asked, err := json.Marshal(&f.opts)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(&job.Item{Run: "watch-1", Options: f.opts.Hash(), Asked: asked, Domains: []string{name(0)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.PutWatch(t.Context(), bus.WatchQueue(job.Version, "fra"), 0, data); err != nil {
		t.Fatal(err)
	}
	var log lockedBuffer
	l.worker(t, f, url, "fra", l.meter, slog.New(slog.NewTextHandler(&log, nil)))
	log.await(job.ErrUnknown.Error())
	if len(l.net.Dialed()) != 0 {
		t.Errorf("dialed %v", l.net.Dialed())
	}
}

// lockedBuffer is a log that a test waits for.
type lockedBuffer struct {
	mu   sync.Mutex
	cond *sync.Cond
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cond != nil {
		b.cond.Broadcast()
	}
	return b.text.Write(p)
}

func (b *lockedBuffer) all() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *lockedBuffer) await(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cond = sync.NewCond(&b.mu)
	for !strings.Contains(b.text.String(), text) {
		b.cond.Wait()
	}
}

//go:build integration

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"maildiag/dnsrec/dnstest"
	"maildiag/service/api"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/job"
)

// asProgram makes this test binary the program.
const asProgram = "MAILDIAGD_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	os.Unsetenv(asProgram)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	switch os.Args[1] {
	case "nats-server":
		os.Exit(natsProcess(ctx, os.Args[2]))
	case "poisoned-worker":
		os.Exit(poisonedWorker(ctx, os.Args[2], os.Args[3]))
	}
	os.Exit(program(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// process is the program as one that can be killed.
type process struct {
	*exec.Cmd
	out, log *syncBuffer
}

func spawn(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{exec.Command(os.Args[0], args...), new(syncBuffer), new(syncBuffer)}
	p.Env = append(os.Environ(), asProgram+"=1")
	p.Stdout, p.Stderr = p.out, p.log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// kill ends the process as a power failure does.
func (p *process) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

// lab is a server without a worker of its own, and a world to check.
type lab struct {
	t         *testing.T
	dns       *dnstest.Server
	zone      string
	list      string
	web, nats string // addresses
	url       string // of NATS, for workers
	args      []string
	server    *process
	bulk      string // the program maildiag
}

// newLab makes a world of domains, of which some have no MX record.
func newLab(t *testing.T, bulk string, domains int) *lab {
	t.Helper()
	l := &lab{t: t, web: freePort(t), nats: freePort(t), bulk: bulk}
	zone := ". 300 IN SOA ns.test. h.test. 1 3600 600 86400 60\n. NS ns.test.\nmx.host.example. A 192.0.2.1\n"
	for i := range domains {
		l.list += fmt.Sprintf("d%d.example\n", i)
		if i%3 > 0 {
			zone += fmt.Sprintf("d%d.example. MX 10 mx.host.example.\n", i)
		}
		zone += fmt.Sprintf("d%d.example. TXT \"v=spf1 mx -all\"\n_dmarc.d%[1]d.example. TXT \"v=DMARC1; p=reject\"\n", i)
	}
	l.zone = zone
	l.dns = l.resolver()
	l.args = []string{"--data", t.TempDir(), "--listen", l.web, "--fleet", "--fleet-concurrency", "0", "--resolver", l.dns.Addr}
	return l
}

// resolver starts a resolver of the world.
func (l *lab) resolver() *dnstest.Server {
	return dnstest.New(l.t, l.zone, dnstest.Unlogged(), dnstest.Latency(10*time.Millisecond))
}

// inside starts the server with NATS in its process.
func (l *lab) inside(maxItems int64) *lab {
	l.t.Helper()
	dir := l.args[1]
	l.prepare(bus.Config{Dir: dir, MaxItems: maxItems})
	conf := filepath.Join(dir, "nats.conf")
	if err := os.WriteFile(conf, []byte("listen: "+l.nats+"\nauthorization {token: secret}\n"), 0o600); err != nil {
		l.t.Fatal(err)
	}
	l.args, l.url = append(l.args, "--nats-config", conf), "nats://secret@"+l.nats
	l.serve()
	return l
}

// prepare makes the streams, with a queue whose items come again soon.
func (l *lab) prepare(c bus.Config) {
	l.t.Helper()
	c.AckWait, c.Log = time.Second, slog.New(slog.DiscardHandler)
	b, err := bus.Open(l.t.Context(), c)
	if err == nil {
		defer b.Close()
		_, err = b.Items(l.t.Context(), bus.BulkQueue(job.Version))
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// freePort returns an address at which nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	n, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	return n.Addr().String()
}

func (l *lab) serve() {
	l.t.Helper()
	l.server = spawn(l.t, l.args...)
	l.until("the server serves", func() bool { return l.server.out.String() != "" })
}

// until waits for what another process does.
func (l *lab) until(what string, f func() bool) {
	l.t.Helper()
	for range 18000 {
		if f() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	log := ""
	if l.server != nil {
		log = l.server.log.String()
	}
	l.t.Fatalf("not within three minutes: %s\n%s", what, log)
}

func (l *lab) work(site string) *process { return l.workBy(site, l.url, l.dns.Addr) }

// workBy starts a worker that has its own way to NATS and to the DNS.
func (l *lab) workBy(site, url, resolver string) *process {
	return spawn(l.t, "worker", "--nats", url, "--site", site, "--resolver", resolver, "--concurrency", "16")
}

func (l *lab) command(args ...string) (code int, stdout, stderr string) {
	return command(l.t.Context(), l.list, append(args[:1:1], append([]string{"--server", "http://" + l.web}, args[1:]...)...)...)
}

func (l *lab) submit() {
	l.t.Helper()
	if code, _, errs := l.command("submit", "--run", "r", "--expect", "any", "-"); code != exitOK {
		l.t.Fatal(errs)
	}
}

// checked returns how many domains of the run have results.
func (l *lab) checked() (n int) {
	_, out, _ := l.command("status", "--json")
	var s api.FleetStatus
	if json.Unmarshal([]byte(out), &s) == nil && len(s.Runs) == 1 { // the server may be down
		n = s.Runs[0].Checked
	}
	return n
}

// same fails unless the results are those of maildiag bulk, each domain once.
func (l *lab) same(results string) {
	l.t.Helper()
	out := l.plainBulk()
	got, want := verdicts(l.t, results), verdicts(l.t, out)
	if !maps.Equal(got, want) || len(want) != strings.Count(l.list, "\n") {
		l.t.Errorf("%d domains; bulk has %d", len(got), len(want))
		for d, v := range want {
			if got[d] != v {
				l.t.Errorf("%s: %q, bulk says %q", d, got[d], v)
			}
		}
	}
	times := regexp.MustCompile(`"(started|elapsed_ms|queries)":("[^"]*"|\d+)|id=\d{14}`)
	norm := func(text string) map[string]bool {
		lines := map[string]bool{}
		for line := range strings.Lines(times.ReplaceAllString(text, "")) {
			lines[line] = true
		}
		return lines
	}
	if a, b := norm(results), norm(out); !maps.Equal(a, b) {
		for line := range a {
			if !b[line] {
				l.t.Fatalf("bulk does not say: %s", line)
			}
		}
	}
}

// plainBulk returns what maildiag bulk says.
func (l *lab) plainBulk() string {
	l.t.Helper()
	bulk := exec.Command(l.bulk, "bulk", "--resolver", l.dns.Addr, "--expect", "any", "-q", "-")
	bulk.Stdin = strings.NewReader(l.list)
	out, err := bulk.Output()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		l.t.Fatal(err)
	}
	return string(out)
}

func (l *lab) results() string {
	l.t.Helper()
	code, out, errs := l.command("results", "--run", "r", "--wait")
	if code != exitOK {
		l.t.Fatal(errs)
	}
	return out
}

// Whatever fails, each domain is in the results once, as maildiag bulk has it.
func TestFleetFaults(t *testing.T) {
	bulk := filepath.Join(t.TempDir(), "maildiag")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", bulk, "../maildiag").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, f := range map[string]func(*testing.T, string){
		"worker killed": fleetWorkerKilled, "server killed": fleetServerKilled, "queue full": fleetQueueFull, "leader killed": fleetLeaderKilled,
		"site partitioned": fleetSitePartitioned, "resolver fails": fleetResolverFails, "submitted twice": fleetSubmittedTwice,
		"two versions": fleetTwoVersions, "history full": fleetHistoryFull,
		"clocks differ": fleetClocksDiffer, "poison": fleetPoison,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of them wait most of the time
			f(t, bulk)
		})
	}
}

// A worker that is killed in the middle of an item, and one that is stopped: others
// do the rest, and nothing is there twice.
func fleetWorkerKilled(t *testing.T, bulk string) {
	l := newLab(t, bulk, 700).inside(0)
	l.submit()
	one := l.work("fra")
	l.until("the first worker has results", func() bool { return l.checked() > 0 })
	one.kill()
	two := l.work("ams")
	three := l.work("lon")
	l.until("there are more results", func() bool { return l.checked() > 300 })
	if err := two.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := two.Wait(); err != nil {
		t.Errorf("a worker that is stopped: %v\n%s", err, two.log.String())
	}
	l.same(l.results())
	if log := three.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Error(log)
	}
}

// The server, and NATS with it, is killed while a list arrives, workers work and
// a client waits. All go on when it is back.
func fleetServerKilled(t *testing.T, bulk string) {
	l := newLab(t, bulk, 700).inside(0)
	l.work("fra")
	var wg sync.WaitGroup
	for range 2 { // twice the same
		wg.Go(func() { l.submit() })
	}
	l.until("there are results", func() bool { return l.checked() > 0 })
	l.server.kill()
	l.serve()
	wg.Wait()
	l.same(l.results())
}

// A queue that is full makes submit wait, and say so, until a worker comes.
func fleetQueueFull(t *testing.T, bulk string) {
	l := newLab(t, bulk, 700).inside(1)
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte(l.list), 0o600); err != nil {
		t.Fatal(err)
	}
	submit := spawn(t, "submit", "--server", "http://"+l.web, "--run", "r", "--expect", "any", list)
	l.until("submit waits", func() bool { return strings.Contains(submit.log.String(), "waiting: The queue is full") })
	l.work("fra")
	if err := submit.Wait(); err != nil {
		t.Fatalf("%v: %s", err, submit.log.String())
	}
	l.same(l.results())
}

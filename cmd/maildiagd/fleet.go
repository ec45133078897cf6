package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/pflag"

	"maildiag/checks"
	"maildiag/cmd/internal/release"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/worker"
	"maildiag/service/httpd"
)

// natsFlags say where the queue is.
type natsFlags struct {
	url string
	bus.Login
}

func (f *natsFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.url, "nats", "", "`URL` of a NATS server with JetStream: nats://HOST or tls://HOST")
	fs.StringVar(&f.Creds, "nats-creds", "", "`FILE` with the credentials for NATS")
	fs.StringVar(&f.CA, "nats-ca", "", "`FILE` with the authorities that sign the certificate of NATS (default: the system's)")
	fs.StringVar(&f.Cert, "nats-cert", "", "`FILE` with the client certificate for NATS; needs --nats-key")
	fs.StringVar(&f.Key, "nats-key", "", "`FILE` with the key of --nats-cert")
}

func (f *natsFlags) sensible() error {
	switch {
	case (f.Cert == "") != (f.Key == ""):
		return usage("--nats-cert client.crt --nats-key client.key", "--nats-cert and --nats-key go together")
	case f.url == "" && (f.Creds != "" || f.CA != "" || f.Cert != ""):
		return usage("--nats tls://nats.contoso.com", "--nats-creds, --nats-ca and --nats-cert need --nats")
	}
	return nil
}

// fleetFlags say whether the server takes lists, and who checks them.
type fleetFlags struct {
	natsFlags
	siteFlags
	on          bool
	config      string
	concurrency int
}

func (f *fleetFlags) add(fs *pflag.FlagSet) {
	f.natsFlags.add(fs)
	f.siteFlags.add(fs)
	fs.BoolVar(&f.on, "fleet", false, "take lists of maildiagd submit; needs --data or --nats")
	fs.StringVar(&f.config, "nats-config", "", "with --fleet: the NATS server in this process listens for workers as `FILE` says, in the form of nats-server")
	fs.IntVar(&f.concurrency, "fleet-concurrency", fleetConcurrency, "with --fleet: `NUMBER` of domains of lists at once; 0: leave them to maildiagd worker")
}

// How many domains of lists are checked at once.
const (
	fleetConcurrency  = 64
	workerConcurrency = 256
	maxConcurrency    = 512 // more only take memory
)

// open opens the bus; nil: the server takes no lists.
func (f *fleetFlags) open(ctx context.Context, data string, log *slog.Logger) (*bus.Bus, error) {
	switch {
	case !f.on && (f.url != "" || f.config != ""):
		return nil, usage("--fleet", "--nats and --nats-config need --fleet")
	case f.given() && (!f.on || f.concurrency == 0):
		return nil, usage("give them to maildiagd worker, or --fleet", "--site-qps and --operator-rate bound the lists that are checked here, and none are")
	case !f.on:
		return nil, nil
	case f.url == "" && data == "":
		return nil, usage("--data /var/lib/maildiagd", "--fleet needs --data, the folder that keeps the queue, or --nats")
	case f.url != "" && f.config != "":
		return nil, usage("leave one out", "--nats uses a NATS server elsewhere, --nats-config one in this process")
	case f.concurrency < 0 || f.concurrency > maxConcurrency:
		return nil, usage("--fleet-concurrency 64", "--fleet-concurrency must be from 0 to %d", maxConcurrency)
	}
	if err := cmp.Or(f.natsFlags.sensible(), f.siteFlags.sensible()); err != nil {
		return nil, err
	}
	return f.connect(ctx, bus.Config{Dir: data, Server: f.config}, log)
}

// connect opens the bus, and says what to do if that fails.
func (f *natsFlags) connect(ctx context.Context, c bus.Config, log *slog.Logger) (*bus.Bus, error) {
	c.URL, c.Login, c.Name, c.Log = f.url, f.Login, "maildiagd "+release.Version(linked), log
	b, err := bus.Open(ctx, c)
	switch {
	case errors.Is(err, bus.ErrExposed):
		return nil, usage("add tls and authorization to the file, or listen: 127.0.0.1:4222", "--nats-config %s: %v", c.Server, err)
	case errors.Is(err, bus.ErrListeners):
		return nil, usage("remove them from the file, or run a server of its own and give --nats URL", "--nats-config %s: %v", c.Server, err)
	case errors.Is(err, bus.ErrConfig):
		return nil, failed("name a file in the form of nats-server, with files that exist and can be read", "--nats-config: %v", err)
	case err != nil && c.URL != "":
		return nil, failed(natsHint(err), "--nats: %v", err)
	case err != nil:
		return nil, failed("name a folder that can be written and that no other maildiagd uses", "--fleet: %v", err)
	}
	return b, nil
}

// siteFlags say what the workers of a site may ask together.
type siteFlags struct{ qps, perOperator float64 }

func (f *siteFlags) add(fs *pflag.FlagSet) {
	fs.Float64Var(&f.qps, "site-qps", 0, "`NUMBER` of DNS lookups a second of all workers of this site together (default: as many as the resolver serves)")
	fs.Float64Var(&f.perOperator, "operator-rate", 0, "`NUMBER` of domains a second whose name servers have the same operator, of all workers of this site together (default: any number)")
}

// minRate is the lowest rate: one that is lower is a mistake, and ends all work.
const minRate = 0.01

func (f *siteFlags) given() bool { return f.qps != 0 || f.perOperator != 0 }

func (f *siteFlags) sensible() error {
	for _, rate := range []float64{f.qps, f.perOperator} {
		if rate != 0 && !(rate >= minRate && !math.IsInf(rate, 1)) { // NaN is no rate either
			return usage("--site-qps 500 --operator-rate 50", "--site-qps and --operator-rate must be at least %v", minRate)
		}
	}
	return nil
}

// newWorker returns a worker of this process.
func newWorker(b *bus.Bus, w *world, site string, atOnce int, f *siteFlags, log *slog.Logger) *worker.Worker {
	host, _ := os.Hostname() // the random part is enough
	id := rand.Text()[:8]
	if host = cmp.Or(host, "host"); bus.ValidName(host + "-" + id) {
		id = host + "-" + id
	}
	return &worker.Worker{Bus: b, ID: id, Site: site, Version: release.Version(linked), World: w.lists,
		Resolver: w.resolver, TrustAD: w.trustAD, AtOnce: atOnce, Log: log, Ready: w.ready, Examine: checks.Run, Health: w.health,
		PerOperator: f.perOperator, Share: func(workers int) { w.spare(workers, f.qps) }}
}

// tune trades memory for processor time, as maildiag bulk does, unless the environment
// says how much of which.
func tune() {
	if os.Getenv("GOGC")+os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(300)
		debug.SetMemoryLimit(512 << 20)
	}
}

// gaugeTime is how long a scrape may wait for NATS.
const gaugeTime = 2 * time.Second

// startFleet starts what takes lists and checks them, which ends with the service.
func (f *serveFlags) startFleet(s *service, w *world, mon *httpd.Monitor, log *slog.Logger) (*bus.Bus, error) {
	if f.fleet.on && !bus.ValidName(f.watch.site) {
		return nil, usage("--site local", "--site must have 1 to 64 letters, digits, - and _")
	}
	b, err := f.fleet.open(context.Background(), f.data, log)
	if err != nil || b == nil {
		return nil, err
	}
	if f.fleet.concurrency > 0 {
		tune()
	}
	ctx, cancel := context.WithCancel(context.Background())
	mon.Gauge("maildiagd_fleet_items", "Items of lists that wait or are being checked, up to 500 domains each; NaN: not known.", func() float64 {
		limited, done := context.WithTimeout(ctx, gaugeTime)
		defer done()
		return orUnknown(b.Waiting(limited))
	})
	s.wg.Go(func() {
		<-s.stop
		cancel()
	})
	s.wg.Go(func() {
		defer b.Close()
		defer s.watch.Wait() // it hands its lease back
		for f.fleet.concurrency > 0 && ctx.Err() == nil {
			if err := newWorker(b, w, f.watch.site, f.fleet.concurrency, &f.fleet.siteFlags, log).Run(ctx); err != nil && ctx.Err() == nil {
				log.Error("lists are not checked here; tried again soon", "error", err)
				time.Sleep(time.Second)
			}
		}
		<-ctx.Done()
	})
	return b, nil
}

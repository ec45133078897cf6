package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"maildiag/dnsrec"
	"maildiag/service/httpd"
)

// serveFlags are the flags of the server.
type serveFlags struct {
	worldFlags
	watch watchFlags
	fleet fleetFlags

	listen    string
	webConfig string
	proxies   []string
	hosts     []string
	data      string
	keep      time.Duration
	timeout   time.Duration

	modules string

	clientChecks, domainChecks, clientProbes, clientLogins int // a minute
}

func (f *serveFlags) add(fs *pflag.FlagSet) {
	f.worldFlags.add(fs)
	f.watch.add(fs)
	f.fleet.add(fs)
	fs.StringVar(&f.listen, "listen", "127.0.0.1:8587", "`ADDRESS` and port to listen on")
	fs.StringVar(&f.webConfig, "web.config.file", "", "`FILE` with certificate and users, in the form of Prometheus' exporters")
	fs.StringSliceVar(&f.proxies, "behind-proxy", nil, "`PREFIX` of the reverse proxies that add TLS and a login; nobody else may connect")
	fs.StringSliceVar(&f.hosts, "host", nil, "`NAME` under which clients reach this server (repeatable)")
	fs.StringVar(&f.data, "data", "", "`FOLDER` that keeps results across restarts (default: memory)")
	fs.DurationVar(&f.keep, "keep", 24*time.Hour, "`DURATION` for which the permalink of a result lasts")
	fs.DurationVar(&f.timeout, "timeout", 45*time.Second, "time limit for each check: a `DURATION` such as 90s")
	fs.StringVar(&f.modules, "modules", "", "`FILE` with the modules of /probe (default: dns, submission and full)")
	fs.IntVar(&f.clientProbes, "client-probes", 600, "`NUMBER` of checks a minute that one client may start by /probe; 0: any number")
	fs.IntVar(&f.clientChecks, "client-checks", 30, "`NUMBER` of checks a minute that one client may start; 0: any number")
	fs.IntVar(&f.clientLogins, "client-logins", 10, "`NUMBER` of failed sign-ins a minute of one client; 0: any number")
	fs.IntVar(&f.domainChecks, "domain-checks", 10, "`NUMBER` of checks a minute of the names of one organization; 0: any number")
}

func serveCmd(use string, stdout, stderr io.Writer) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   use,
		Short: "Serve a page, an API and an exporter",
		Long: `maildiagd serves the checks of maildiag: a page for people, an API for programs
(/api/v1/openapi.json describes it), and an exporter (/probe, as that of
Prometheus' blackbox_exporter).

It listens on loopback. Elsewhere it needs TLS and a login: --web.config.file, or
a reverse proxy that adds them and --behind-proxy.

With --watch it checks a list of domains at each interval, keeps the history in
the folder of --data, and sends confirmed changes to --webhook. --alertmanager has
an alert for each problem until it is fixed.

With --fleet it takes lists of maildiagd submit, checks them here and on the
machines of maildiagd worker, and keeps the results for 7 days.

Checks connect to public addresses only, on ports 25, 443, 465 and 587. The log
holds no text of a message and no mailbox.`,
		Example: `  maildiagd
  maildiagd --data /var/lib/maildiagd --resolver 192.0.2.53
  maildiagd --data /var/lib/maildiagd --watch domains.txt --every 1h --webhook https://alerts.contoso.com/maildiag
  maildiagd --listen 0.0.0.0:8587 --host mailcheck.contoso.com --web.config.file web.yml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.serve(c.Context(), stdout, stderr) },
	}
	f.add(c.Flags())
	return c
}

// grace is how long running checks may go on when the server stops.
const grace = 15 * time.Second

// serve runs the server until ctx ends.
func (f *serveFlags) serve(ctx context.Context, stdout, stderr io.Writer) error {
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	if err := f.sensible(); err != nil {
		return err
	}
	gate, err := f.gate()
	if err != nil {
		return err
	}
	w, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	s, err := f.assemble(w, gate, log)
	if err != nil {
		return err
	}
	network := "tcp6"
	if gate.Listen.Addr().Is4() {
		network = "tcp4"
	} else if gate.Listen.Addr().IsUnspecified() {
		network = "tcp"
	}
	l, err := net.Listen(network, gate.Listen.String())
	if err != nil {
		return failed("choose another port with --listen", "cannot listen: %v", err)
	}
	gate.Listen = l.Addr().(*net.TCPAddr).AddrPort()
	fmt.Fprintf(stdout, "maildiagd: %s\n", f.url(gate))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		log.Info("stopping")
		s.shutdown()
	}()
	err = httpd.Serve(l, s.server, f.webConfig, s.logins, log)
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped
		log.Info("stopped")
		return nil
	}
	return failed("", "cannot serve: %v", err)
}

// sensible refuses limits with which nothing could be answered.
func (f *serveFlags) sensible() error {
	switch {
	case f.timeout <= 0:
		return usage("--timeout 45s", "--timeout must be more than 0")
	case f.keep <= 0:
		return usage("--keep 24h", "--keep must be more than 0")
	case min(f.clientProbes, f.clientChecks, f.clientLogins, f.domainChecks) < 0:
		return usage("0 allows any number", "--client-probes, --client-checks, --client-logins and --domain-checks must not be below 0")
	}
	for _, h := range f.hosts {
		if name, _, err := dnsrec.ParseDomain(h); err != nil || !strings.EqualFold(name, strings.TrimSuffix(h, ".")) {
			return usage("--host maildiag.example.net", "--host %s is not a host name", h)
		}
	}
	return nil
}

// url is where to point a browser. The port of a proxy is not known, and taken to
// be the usual one.
func (f *serveFlags) url(g *httpd.Gate) string {
	scheme, host := "http", g.Listen.String()
	if f.webConfig != "" {
		scheme = "https"
	}
	switch {
	case len(f.hosts) > 0 && g.Proxies != nil:
		scheme, host = "https", f.hosts[0]
	case len(f.hosts) > 0:
		host = net.JoinHostPort(f.hosts[0], fmt.Sprint(g.Listen.Port()))
	}
	return scheme + "://" + host + "/"
}

// gate reads who may connect, and refuses to be exposed.
func (f *serveFlags) gate() (*httpd.Gate, error) {
	host, port, err := net.SplitHostPort(f.listen)
	if err != nil {
		return nil, usage("--listen 127.0.0.1:8587", "--listen %s: %v", f.listen, err)
	}
	switch host {
	case "":
		host = "::"
	case "localhost":
		host = "127.0.0.1"
	}
	listen, err := netip.ParseAddrPort(net.JoinHostPort(host, port))
	if err != nil {
		return nil, usage("--listen 127.0.0.1:8587", "--listen %s is not an IP address and port", f.listen)
	}
	g := &httpd.Gate{Listen: listen}
	for _, h := range f.hosts {
		g.Names = append(g.Names, strings.ToLower(strings.TrimSuffix(h, ".")))
	}
	if g.Proxies, err = prefixes("--behind-proxy", f.proxies); err != nil {
		return nil, err
	}
	err = httpd.Check(listen, f.webConfig, g.Proxies != nil)
	if errors.Is(err, httpd.ErrExposed) {
		return nil, usage("give --web.config.file FILE with tls_server_config and basic_auth_users, or --behind-proxy PREFIX", "--listen %s: %w", f.listen, err)
	}
	if err != nil {
		return nil, usage("the file has the form of Prometheus' exporters", "%w", err)
	}
	return g, nil
}

// prefixes reads address blocks; an address alone is a block of one.
func prefixes(flag string, texts []string) (list []netip.Prefix, err error) {
	for _, t := range texts {
		if a, err := netip.ParseAddr(t); err == nil {
			list = append(list, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, usage(flag+" 192.0.2.0/24", "%s %s is not an address block", flag, t)
		}
		if widest := map[bool]int{true: 8, false: 32}[p.Addr().Is4()]; p.Bits() < widest {
			return nil, usage(flag+" 192.0.2.0/24", "%s %s is wider than a network of proxies can be (/%d)", flag, t, widest)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

package main

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"maildiag/checks/migrate"
	"maildiag/checks/submission"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/httpsget"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

//go:embed demo
var demoZones embed.FS

// demoWorld is a small Internet on loopback: its DNS zone is
// demo/common.zone and demo/NAME.zone.
type demoWorld struct {
	name    string
	about   string
	domains []string
	box     string            // what happens to port 587: "drops", "strips" or nothing
	faults  map[string]string // DNS name → rcode
	refuses string            // what the submission server says to a login; see smtptest.Refusals
}

// demoWorlds lists the worlds; the first is the one without a name.
func demoWorlds() []demoWorld {
	return []demoWorld{
		{name: "finished", about: "a finished migration: everything is right",
			domains: []string{"contoso.com"}},
		{name: "migrating", about: "half way: old MX and include left, selector2 missing, autodiscover on premises",
			domains: []string{"fabrikam.com"}},
		{name: "broken", about: "two SPF records; SPF over 10 lookups; DMARC and DKIM records with typing errors",
			domains: []string{"tailspintoys.com", "wingtiptoys.com"}},
		{name: "firewall", about: "a firewall that drops port 587 between you and Microsoft",
			domains: []string{"adatum.com"}, box: "drops"},
		{name: "middlebox", about: "a box on the way that takes STARTTLS out of the conversation",
			domains: []string{"litware.com"}, box: "strips"},
		{name: "smtp-auth-off", about: "a tenant with SMTP AUTH turned off, and a sign-in attempt",
			domains: []string{"proseware.com"}, refuses: "tenant-disabled"},
		{name: "resolver", about: "a resolver that fails for some names: not the domain's fault",
			domains: []string{"northwind.example"},
			faults: map[string]string{
				"_dmarc.northwind.example":               "SERVFAIL",
				"selector2._domainkey.northwind.example": "SERVFAIL",
			}},
		{name: "gateway", about: "a filter (Proofpoint) in front of Microsoft 365",
			domains: []string{"woodgrovebank.com"}},
		{name: "parked", about: "a domain that neither sends nor receives mail",
			domains: []string{"lucernepublishing.com"}},
		{name: "migrate-before", about: "a move from Google Workspace that has not begun",
			domains: []string{"fourthcoffee.com"}},
		{name: "migrate-prepared", about: "the same move, ready for the cut-over",
			domains: []string{"fourthcoffee.com"}},
		{name: "migrate-cutover", about: "the same move, just cut over",
			domains: []string{"fourthcoffee.com"}},
		{name: "migrate-cleanup", about: "the same move; records of Google are left",
			domains: []string{"fourthcoffee.com"}},
		{name: "migrate-finished", about: "the same move, finished",
			domains: []string{"fourthcoffee.com"}},
		{name: "onpremises", about: "an Exchange server of your own, before the move",
			domains: []string{"graphicdesigninstitute.com"}},
		{name: "cpanel", about: "the mail service of a web host, before the move",
			domains: []string{"humongousinsurance.com"}},
	}
}

func (a *app) demoCmd() *cobra.Command {
	var f checkFlags
	var list bool
	c := &cobra.Command{
		Use:   "demo [WORLD] [-- COMMAND...]",
		Short: "Show a diagnosis without a network, in a small Internet on loopback",
		Long: `demo starts a DNS server, a submission server and a policy server on loopback
and examines a domain in them with the same engine as live. Without a name it
shows a finished migration.

What follows -- is run in the world instead: any command that asks the network.
The flag --demo WORLD of these commands does the same.`,
		Example: "  maildiag demo migrating\n  maildiag demo broken -- spf\n  maildiag plan --demo migrating\n  maildiag demo migrate before",
		Args: func(c *cobra.Command, args []string) error {
			if at := c.ArgsLenAtDash(); (at == 0 || at == 1) && len(args) > at || len(args) == 2 && args[0] == "migrate" {
				return nil
			}
			return atMostOne(c, args)
		},
		ValidArgsFunction: offer(worldValues),
		RunE: func(c *cobra.Command, args []string) error {
			if list {
				return a.listDemos()
			}
			if len(args) > 0 && args[0] == "migrate" {
				return a.demoMigrate(c.Context(), args[1:], &f)
			}
			name := demoWorlds()[0].name
			if c.ArgsLenAtDash() == 0 {
				args = append([]string{name}, args...)
			}
			if len(args) > 0 {
				name = args[0]
			}
			if len(args) > 1 {
				return a.demoCommand(c.Context(), name, args[1:])
			}
			return a.demo(c.Context(), name, &f)
		},
	}
	c.Flags().BoolVar(&list, "list", false, "list the worlds")
	c.Flags().StringVar(&f.record, "record", "", "keep all answers and dialogues in `FILE`, for maildiag --replay")
	f.outFlags.add(c.Flags())
	f.domainFlags.add(c.Flags())
	f.timeout = 30 * time.Second
	return c
}

func demoNames() []string { return valueNames(worldValues()) }

func (a *app) listDemos() error {
	tw := tabwriter.NewWriter(a.out, 0, 0, 3, ' ', 0)
	for _, w := range demoWorlds() {
		fmt.Fprintf(tw, "%s\t%s\n", w.name, w.about)
	}
	return tw.Flush()
}

// demoNamed returns the world of that name.
func demoNamed(name string) (*demoWorld, error) {
	all := demoWorlds()
	i := slices.IndexFunc(all, func(w demoWorld) bool { return w.name == name })
	if i < 0 {
		return nil, usage(cmp.Or(didYouMean(name, demoNames()), "maildiag demo --list names the worlds"), "there is no demo world %q", name)
	}
	return &all[i], nil
}

// open starts the world, or says why it cannot.
func (d *demoWorld) open() (*world, error) {
	w, err := d.start()
	if err != nil {
		return nil, failed("the demo needs to listen on 127.0.0.1", "cannot start the demo: %v", err)
	}
	return w, nil
}

// demoCommand runs another command in the world.
func (a *app) demoCommand(ctx context.Context, name string, command []string) error {
	if _, err := demoNamed(name); err != nil {
		return err
	}
	root := a.rootCmd()
	root.SetArgs(append(slices.Clone(command), "--demo", name))
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	return root.ExecuteContext(ctx)
}

// demoMigrate shows maildiag migrate in the world of a stage.
func (a *app) demoMigrate(ctx context.Context, stage []string, f *checkFlags) error {
	if len(stage) == 0 {
		stage = []string{string(migrate.Before)}
	}
	if err := oneOf("maildiag demo migrate", stage[0], valueNames(stages())); err != nil {
		return err
	}
	command := []string{"migrate"}
	if f.json {
		f.format = "json"
	}
	command = append(command, "--format", f.format)
	if f.output != "" {
		command = append(command, "--output", f.output)
	}
	return a.demoCommand(ctx, "migrate-"+stage[0], command)
}

func (a *app) demo(ctx context.Context, name string, f *checkFlags) error {
	d, err := demoNamed(name)
	if err != nil {
		return err
	}
	w, err := d.open()
	if err != nil {
		return err
	}
	if err := w.recordTo(f.record); err != nil {
		return closing(w, err)
	}
	return closing(w, a.check(ctx, d.domains, f, w, d.login()))
}

// login returns the login of the world that is about one.
func (d *demoWorld) login() (o submission.SMTPOptions) {
	if d.refuses != "" {
		secret := smtpprobe.NewSecret(demoPassword)
		o.Auth = &smtpprobe.Auth{User: demoUser, Secret: secret, Mechanism: smtpprobe.MechAuto}
		o.NoComparison = true
	}
	return o
}

// demoConnect is how long the demo waits for a connection that never comes;
// live runs wait longer.
const demoConnect = 1500 * time.Millisecond

// start starts the servers of the world. Closing the world ends them.
func (d *demoWorld) start() (_ *world, err error) {
	var ends []func()
	end := func() error {
		for _, f := range ends {
			f()
		}
		return nil
	}
	defer func() {
		if err != nil {
			end()
		}
	}()
	ca, err := smtptest.NewCA("DigiCert (played by maildiag demo)")
	if err != nil {
		return nil, err
	}
	dns, err := d.dns()
	if err != nil {
		return nil, err
	}
	ends = append(ends, dns.Close)
	owner, err := d.nameServer()
	if err != nil {
		return nil, err
	}
	ends = append(ends, owner.Close)
	submission, err := d.submission(ca)
	if err != nil {
		return nil, err
	}
	ends = append(ends, submission.Close)
	policy, err := policyServer(ca, d.domains)
	if err != nil {
		return nil, err
	}
	ends = append(ends, policy.Close)
	network := &smtptest.Net{Routes: map[string]smtptest.Route{":587": {Server: submission}, ":443": {Server: policy}}}
	if d.box == "" { // networks that block or alter something have no way out on port 25
		mx, err := d.mailServers(ca)
		if err != nil {
			return nil, err
		}
		ends = append(ends, mx.Close)
		network.Routes[":25"] = smtptest.Route{Server: mx}
	}
	w, err := d.world(dns, ca, network)
	if err != nil {
		return nil, err
	}
	w.Ask = func(ctx context.Context, _ netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
		return dnsrec.Direct(ctx, netip.MustParseAddrPort(owner.Addr), q)
	}
	w.close = append(w.close, end)
	return w, nil
}

// nameServer starts the one server that plays all name servers of the world.
func (d *demoWorld) nameServer() (*dnstest.Server, error) {
	zone, err := d.zone()
	if err != nil {
		return nil, err
	}
	return dnstest.Start(zone, dnstest.Authoritative(), dnstest.Unlogged())
}

// world is what the commands see of the servers.
func (d *demoWorld) world(dns *dnstest.Server, ca *smtptest.CA, network *smtptest.Net) (*world, error) {
	if d.box == "drops" {
		network.Routes[":587"] = smtptest.Route{Fault: smtptest.Dropped}
	}
	server, err := dnsrec.ParseServer(dns.Addr)
	if err != nil {
		return nil, err
	}
	w := newWorld(dnsrec.Options{Servers: []dnsrec.Server{server}}, nil, network)
	web := &httpsget.Client{Resolver: w.DNS, Dialer: network, Roots: ca.Roots()}
	w.HTTPS = func(ctx context.Context, url string) *httpsget.Response { return web.Get(ctx, url, 0) }
	w.Resolver = "the demo's own"
	probe := w.SMTP
	w.SMTP = func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
		cfg.Roots, cfg.Limits.Connect = ca.Roots(), demoConnect
		return probe(ctx, cfg)
	}
	return w, nil
}

// dns starts the DNS server.
func (d *demoWorld) dns() (*dnstest.Server, error) {
	zone, err := d.zone()
	if err != nil {
		return nil, err
	}
	srv, err := dnstest.Start(zone, dnstest.Unlogged())
	if err != nil {
		return nil, err
	}
	for name, rcode := range d.faults {
		srv.Fault(name, "", dnstest.Fault{Rcode: rcode})
	}
	return srv, nil
}

// zone returns all records of the world. A domain whose zone says nothing of name
// servers has the usual ones.
func (d *demoWorld) zone() (string, error) {
	common, err := demoZones.ReadFile("demo/common.zone")
	if err != nil {
		return "", err
	}
	own, err := demoZones.ReadFile("demo/" + d.name + ".zone")
	zone := string(common) + string(own)
	for _, name := range d.domains {
		if !strings.Contains(zone, "\n"+name+". NS ") {
			zone += fmt.Sprintf(`%[1]s. 3600 SOA ns1.dns.example. hostmaster.%[1]s. 2026112001 7200 900 1209600 3600
%[1]s. NS ns1.dns.example.
%[1]s. NS ns2.dns.example.
`, name)
		}
	}
	return zone, err
}

// mailServers plays the servers behind all MX records.
func (d *demoWorld) mailServers(ca *smtptest.CA) (*smtptest.Server, error) {
	cert, err := ca.Issue(smtptest.Spec{Names: []string{"mail.protection.outlook.com", "*.mail.protection.outlook.com", "*.l.google.com"}})
	if err != nil {
		return nil, err
	}
	return smtptest.Start(smtptest.Persona{Greeting: "220 mail.example.net ESMTP", Name: "mail.example.net",
		EHLO: []string{"SIZE 157286400", "STARTTLS"}, EHLOTLS: []string{"SIZE 157286400"}, TLS: smtptest.Config(cert)})
}

// submission plays smtp.office365.com.
func (d *demoWorld) submission(ca *smtptest.CA) (*smtptest.Server, error) {
	cert, err := ca.Issue(smtptest.Spec{Names: []string{"outlook.com", "smtp.office365.com", "*.office365.com"}})
	if err != nil {
		return nil, err
	}
	var refusals []string
	if d.refuses != "" {
		refusals = append(refusals, d.refuses)
	}
	p := smtptest.ExchangeOnline(smtptest.Config(cert), map[string]string{demoUser: demoPassword}, refusals...)
	if d.box == "strips" {
		starttls := func(l string) bool { return strings.EqualFold(l, "STARTTLS") }
		p.EHLO = slices.DeleteFunc(slices.Clone(p.EHLO), starttls)
	}
	return smtptest.Start(p)
}

// The login of the demo, known to everyone.
const (
	demoUser     = "scanner@proseware.com"
	demoPassword = "demo"
)

// policyServer serves an MTA-STS policy for each domain. It speaks just enough
// HTTP for that, so that no web server is linked for the demo.
func policyServer(ca *smtptest.CA, domains []string) (*smtptest.Server, error) {
	var names []string
	for _, d := range domains {
		names = append(names, "mta-sts."+d)
	}
	cert, err := ca.Issue(smtptest.Spec{Names: names})
	if err != nil {
		return nil, err
	}
	cfg := smtptest.Config(cert)
	const policy = "version: STSv1\r\nmode: enforce\r\nmx: *.mail.protection.outlook.com\r\nmax_age: 604800\r\n"
	return smtptest.Start(smtptest.HandlerFunc(func(c *smtptest.Conn) {
		if !c.StartTLS(cfg) {
			return
		}
		for line, ok := c.Line(); ok && line != ""; line, ok = c.Line() {
		}
		c.Send(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"+
			"Connection: close\r\n\r\n%s", len(policy), policy))
	}))
}

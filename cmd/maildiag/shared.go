package main

import (
	"cmp"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The flags that several commands share, in the groups in which a command
// takes them. Every flag can also be given as MAILDIAG_NAME in the
// environment; a flag on the command line wins.

// netFlags say how to reach the world.
type netFlags struct {
	resolvers []string
	v4, v6    bool
	timeout   time.Duration
	record    string
	replay    string
	demo      string    // world of the demo to ask instead of the network
	samples   int       // of each DNS answer; 0 and 1: one
	qps       float64   // DNS queries a second to a server, at most; 0: any number
	pooled    bool      // conversations with mail servers are shared by all domains
	expiries  *expiries // notes the TTLs; nil: the cache is that of one run
}

func (n *netFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&n.resolvers, "resolver", nil,
		"DNS server to ask: `ADDR`, tcp://ADDR, tls://ADDR or https://URL (repeatable; default: the system's)")
	f.BoolVarP(&n.v4, "ipv4", "4", false, "use IPv4 only for connections")
	f.BoolVarP(&n.v6, "ipv6", "6", false, "use IPv6 only for connections")
	f.DurationVar(&n.timeout, "timeout", 30*time.Second, "time limit for each domain: a `DURATION` such as 90s")
	f.StringVar(&n.record, "record", "", "keep all answers and dialogues in `FILE`")
	f.StringVar(&n.demo, "demo", "", "ask the demo `WORLD` instead of the network (maildiag demo --list)")
	f.StringVar(&n.replay, "replay", "", "answer everything from `FILE` of an earlier --record; no network is used")
}

// outFlags say how the result is written.
type outFlags struct {
	format  string
	json    bool
	output  string
	failOn  string
	color   string
	quiet   bool
	verbose bool
	warn    []string
	crit    []string
	host    string
}

func (o *outFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.format, "format", "text", "`FORMAT` of the result: "+strings.Join(formats(), ", "))
	f.BoolVar(&o.json, "json", false, "the same as --format json")
	f.StringVarP(&o.output, "output", "o", "", "write the result to `FILE` instead of stdout, whole or not at all")
	f.StringVar(&o.failOn, "fail-on", "fail", "lowest `STATUS` that leads to exit code 1: warn or fail")
	f.StringVar(&o.color, "color", "auto", "`WHEN` to color the text: auto, always or never")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "only problems and the verdict")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "evidence for every finding, not only for problems")
	f.StringSliceVar(&o.warn, "warn", nil, "with --format nagios: `ID=STATUS` is a WARNING, for instance mx.leftover=fail")
	f.StringSliceVar(&o.crit, "crit", nil, "with --format nagios: `ID=STATUS` is CRITICAL, for instance spf=warn")
	f.StringVar(&o.host, "host", "", "with --format zabbix: the `HOST` in Zabbix that the values are of "+
		"(default: the host that zabbix_sender is given)")
}

// domainFlags say what is asked of a domain.
type domainFlags struct {
	expect    string
	cloud     string
	selectors []string
	gateways  []string
	certDays  string
	only      []string
	skip      []string
	asOf      string
	noPlan    bool
}

func (d *domainFlags) add(f *pflag.FlagSet) {
	f.StringVar(&d.expect, "expect", "auto",
		"what `STATE` the domain must be in: auto (whatever it points at), m365 (migration finished), any (any provider)")
	f.StringVar(&d.cloud, "cloud", "auto", "Microsoft `CLOUD`: auto, worldwide, gcc, gcc-high, dod or china")
	f.StringSliceVar(&d.selectors, "selector", nil, "further DKIM `SELECTOR` that must exist (repeatable)")
	f.StringVar(&d.certDays, "cert-days", "", "`WARN,FAIL`: warn this many days before a certificate expires, and fail "+
		"this many days before (default: warn 14 days before, fail when it has expired)")
	f.StringSliceVar(&d.gateways, "gateway", nil, "`HOST` of a mail filter in front of the mailboxes, as in the MX record (repeatable)")
	f.StringSliceVar(&d.only, "only", nil, "run only these checks: `ID,...` (maildiag checks lists them)")
	f.StringSliceVar(&d.skip, "skip", nil, "leave out these checks: `ID,...`")
	f.BoolVar(&d.noPlan, "no-plan", false, "report findings only: do not compose and prove a plan")
	f.StringVar(&d.asOf, "as-of", "", "judge dates as of `YYYY-MM-DD` instead of today")
}

// fromEnvironment sets each flag that was not given from MAILDIAG_NAME.
func fromEnvironment(c *cobra.Command) error {
	var err error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		name := "MAILDIAG_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		v, ok := os.LookupEnv(name)
		if !ok || f.Changed || err != nil || f.Name == "help" || f.Name == "version" || overruled(c.Flags(), f.Name) {
			return
		}
		if e := c.Flags().Set(f.Name, v); e != nil {
			what, _ := wrongValue(f)
			err = usage("unset "+name+", or give --"+f.Name+" on the command line", "%s=%q: %s", name, v, cmp.Or(what, e.Error()))
		}
		comesFrom(f, name, name+"=")
	})
	return err
}

// asOf returns the day of --as-of, or now if it is not given.
func asOf(day string, now time.Time) (time.Time, error) {
	if day == "" {
		return now, nil
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t, err = time.Parse(time.RFC3339, day)
	}
	if err != nil {
		return t, usage("--as-of 2026-12-31", "--as-of %s is not a date", day)
	}
	return t, nil
}

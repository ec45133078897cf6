package main

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/checks/submission"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// smtpFlags are the flags of a check of one submission server.
type smtpFlags struct {
	netFlags
	outFlags
	loginFlags
	adviceFlags
	cloud        string
	asOf         string
	address      string
	hello        string
	caFile       string
	insecure     bool
	noComparison bool
	inspectedOK  bool
	mx           string
	device       string
}

// smtpTimeout is the most time for one server: a session may take a minute,
// and further connections may follow.
const smtpTimeout = 90 * time.Second

func (a *app) smtpCmd() *cobra.Command {
	f := smtpFlags{}
	c := &cobra.Command{
		Use:   "smtp [HOST[:PORT]]",
		Short: "Find out why a device or program cannot send through a submission server",
		Long: `smtp talks to a submission server (default: smtp.office365.com:587) and shows
what works, what does not, whose fault it is and which switch to change. Port 465
means TLS from the first byte; port 25 means a mail exchanger (MX host).

With --user it tries to sign in, once, and only inside TLS that was verified for
the host. No message is ever sent. The password comes from a prompt,
--password-file, --password-fd or MAILDIAG_PASSWORD, never from the command line.`,
		Example: "  maildiag smtp\n  maildiag smtp --user scanner@contoso.com\n" +
			"  maildiag smtp --user u@contoso.com --oauth device --client-id ID --tenant contoso.com\n" +
			"  maildiag smtp mail.example.net:465 --user u --from u@example.net --to you@example.org\n" +
			"  maildiag smtp --mx contoso.com\n  maildiag smtp --device tls10\n" +
			"  maildiag smtp --advise --able old-tls --public-ip 203.0.113.7 --recipients inside",
		Args: func(c *cobra.Command, args []string) error {
			if err := refusePassword(c); err != nil {
				return err
			}
			return atMostOne(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error { return a.smtp(c.Context(), args, &f) },
	}
	f.netFlags.add(c.Flags())
	c.Flags().Lookup("timeout").DefValue = smtpTimeout.String()
	c.Flags().Lookup("timeout").Usage = "time limit for the server: a `DURATION` such as 90s"
	f.timeout = smtpTimeout
	f.outFlags.add(c.Flags())
	f.loginFlags.add(c.Flags())
	f.adviceFlags.add(c.Flags())
	c.Flags().StringVar(&f.cloud, "cloud", "worldwide", "Microsoft `CLOUD`, if no host is given: worldwide, "+
		"gcc, gcc-high, dod or china")
	c.Flags().StringVar(&f.asOf, "as-of", "", "judge dates as of `YYYY-MM-DD` instead of today")
	c.Flags().StringVar(&f.address, "address", "", "connect to this IP `ADDR` instead of asking the DNS for "+
		"the host")
	c.Flags().StringVar(&f.hello, "helo", "", "`NAME` to give in EHLO (default: this computer's address as a literal)")
	c.Flags().StringVar(&f.caFile, "ca-file", "", "trust the authorities in `FILE` (PEM) instead of the "+
		"system's")
	c.Flags().BoolVar(&f.insecure, "insecure", false, "only warn of a certificate that does not verify; even "+
		"so, no secret is sent")
	c.Flags().BoolVar(&f.noComparison, "no-comparison", false, "make no further connections to find out whose fault a "+
		"failure is")
	c.Flags().BoolVar(&f.inspectedOK, "inspected-ok", false, "sign in also where a device on your network can read the "+
		"password (TLS inspection)")
	c.Flags().StringVar(&f.device, "device", "", "also act like a device of this `PROFILE`: "+strings.Join(valueNames(deviceValues()), ", "))
	c.Flags().StringVar(&f.mx, "mx", "", "check the mail servers of `DOMAIN` on port 25 instead: TLS, certificate, "+
		"TLSA records, names")
	c.Flags().BoolVar(&f.noComparison, "no-canary", false, "the old name of --no-comparison")
	_ = c.Flags().MarkHidden("no-canary")
	return c
}

func (a *app) smtp(ctx context.Context, args []string, f *smtpFlags) error {
	if f.advise {
		return a.smtpAdvise(args, f)
	}
	if f.mx != "" {
		return a.smtpMX(ctx, args, f)
	}
	o, err := f.options(args)
	if err != nil {
		return err
	}
	w, err := f.netFlags.open()
	if err != nil {
		return err
	}
	return closing(w, a.smtpWith(ctx, o, f, w))
}

func (a *app) smtpWith(ctx context.Context, o submission.SMTPOptions, f *smtpFlags, w *world) error {
	env, err := f.env(o, w)
	if err != nil {
		return err
	}
	if o.Auth, err = a.login(ctx, &f.loginFlags, loginTarget{w, o.Roots, kit.CloudByID(f.cloud), f.replay != ""}); err != nil {
		return err
	}
	o.Inspected = a.inspected(ctx, f)
	return a.smtpRun(ctx, env, submission.SMTPChecks(o), f)
}

// smtpRun runs the rows of the command and shows what they find.
func (a *app) smtpRun(ctx context.Context, env *kit.Env, rows []kit.Check, f *smtpFlags) error {
	out, err := a.openOutput(&f.outFlags)
	if err != nil {
		return err
	}
	start := &report.Start{Schema: report.StreamSchema, Version: version(), Started: env.Started(),
		AsOf: f.asOf, FailOn: f.failStatus(), Domains: 1, Checks: checks.Infos(rows)}
	began := time.Now()
	err = out.Emit(report.Event{Start: start})
	if err == nil {
		err = runDomain(ctx, env, rows, f.timeout, &sendable{next: out})
	}
	if err == nil {
		err = out.Emit(report.Event{Stop: &report.Stop{Elapsed: time.Since(began), Cut: ctx.Err() != nil}})
	}
	return out.finish(ctx, err)
}

// sendable answers whether a device can send from here: it marks the end of the
// run as one about a server, and whether this network turned out to be what
// stops the device.
type sendable struct {
	next     report.Sink
	findings []report.Finding
}

// Emit implements [report.Sink].
func (s *sendable) Emit(e report.Event) error {
	if e.Finding != nil {
		s.findings = append(s.findings, *e.Finding)
	}
	if e.Begin != nil {
		begin := *e.Begin
		begin.Expect = "auto" // of a domain; a server has no state to expect
		e.Begin = &begin
	}
	if e.End != nil {
		end := *e.End
		end.Kind = report.KindServer
		if submission.BlockedHere(s.findings) {
			end.Kind = report.KindBlocked
		}
		if end.Plan != nil {
			plan := *end.Plan
			plan.Result.Verdict = plan.Result.Verdict.OfServer()
			end.Plan = &plan
		}
		e.End = &end
	}
	return s.next.Emit(e)
}

// options reads the flags; nothing is asked or sent.
func (f *smtpFlags) options(args []string) (submission.SMTPOptions, error) {
	o := submission.SMTPOptions{Hello: f.hello, Insecure: f.insecure, NoComparison: f.noComparison, From: f.from, To: f.to}
	cloud := kit.CloudByID(f.cloud)
	if cloud == nil {
		return o, oneOf("--cloud", f.cloud, valueNames(namedClouds()))
	}
	o.Host = cloud.Submission
	if len(args) > 0 {
		var err error
		if o.Host, o.Port, err = hostPort(args[0]); err != nil {
			return o, err
		}
	}
	o.Address = f.address
	if f.device != "" {
		i := slices.IndexFunc(submission.Devices(), func(d submission.Device) bool { return d.ID == f.device })
		if i < 0 {
			return o, oneOf("--device", f.device, valueNames(deviceValues()))
		}
		o.Device = &submission.Devices()[i]
	}
	if o.To != "" && o.From == "" {
		return o, usage("add --from ADDRESS", "--to needs --from: RCPT TO comes after MAIL FROM")
	}
	if f.caFile != "" {
		pem, err := os.ReadFile(f.caFile)
		if o.Roots = x509.NewCertPool(); err == nil && !o.Roots.AppendCertsFromPEM(pem) {
			err = errors.New("it holds no certificate")
		}
		if err != nil {
			return o, usage("name a file with certificates in PEM form", "--ca-file %s cannot be used: %v", f.caFile, err)
		}
	}
	return o, f.loginFlags.check()
}

// hostPort reads HOST, HOST:PORT, [IPv6]:PORT or an IP address.
func hostPort(arg string) (host string, port int, err error) {
	const hint = "maildiag smtp smtp.office365.com, maildiag smtp mail.example.net:465"
	host = arg
	if h, p, e := net.SplitHostPort(arg); e == nil {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return "", 0, usage(hint, "%q is not a port", p)
		}
		host = h
	}
	if ip, e := netip.ParseAddr(strings.Trim(host, "[]")); e == nil {
		return ip.String(), port, nil
	}
	ascii, _, err := dnsrec.ParseDomain(host)
	if err != nil || strings.ContainsAny(host, "@/") {
		return "", 0, usage(hint, "%q is not a host name", host)
	}
	return ascii, port, nil
}

// env makes the environment: the server takes the place of the domain.
func (f *smtpFlags) env(o submission.SMTPOptions, w *world) (*kit.Env, error) {
	now, err := asOf(f.asOf, w.Now)
	if err != nil {
		return nil, err
	}
	return &kit.Env{Domain: o.Host, Expect: kit.ExpectAny, Cloud: f.cloud, Resolver: w.Resolver, Now: now, Began: w.Now,
		IPv4: f.v4, IPv6: f.v6, TrustAD: w.TrustAD, World: w.World}, nil
}

// mechanism reads --mechanism.
func mechanism(name string) (smtpprobe.Mechanism, error) {
	switch strings.ToLower(name) {
	case "auto", "":
		return smtpprobe.MechAuto, nil
	case "login":
		return smtpprobe.MechLogin, nil
	case "plain":
		return smtpprobe.MechPlain, nil
	case "xoauth2":
		return smtpprobe.MechXOAuth2, nil
	}
	return "", oneOf("--mechanism", name, valueNames(mechanisms()))
}

package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/checks/submission"
	"maildiag/dnsrec"
	"maildiag/report"
)

// checkFlags are the flags of a check of whole domains.
type checkFlags struct {
	netFlags
	outFlags
	domainFlags
	loginFlags
	changeFlags
	waitFlags
	moreFlags
	zone zoneFlag
}

func (a *app) checkCmd(use string) *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   use,
		Short: "Check whether mail for a domain works, and show what to change",
		Args:  func(c *cobra.Command, _ []string) error { return refusePassword(c) },
		RunE: func(c *cobra.Command, args []string) error {
			args = f.names(args)
			if len(args) == 0 {
				return usage("maildiag contoso.com checks a domain; maildiag demo shows what that looks like",
					"no domain given")
			}
			args, err := f.zone.split(args)
			if err != nil {
				return err
			}
			if err := notADomain(c, args); err != nil {
				return err
			}
			if f.user != "" && len(args) > 1 {
				return usage("check the other domains without --user", "--user logs in once, so it takes one domain")
			}
			if err := f.loginFlags.check(); err != nil {
				return err
			}
			if err := f.waitFlags.validate(&f); err != nil {
				return err
			}
			if f.wait {
				f.expiries = new(expiries)
			}
			w, err := f.openWith(&f.zone, args)
			if err != nil {
				return err
			}
			return closing(w, a.checkLogin(c.Context(), args, &f, w))
		},
	}
	f.netFlags.add(c.Flags())
	f.outFlags.add(c.Flags())
	f.domainFlags.add(c.Flags())
	f.loginFlags.add(c.Flags())
	f.changeFlags.add(c.Flags())
	f.waitFlags.add(c.Flags())
	f.moreFlags.add(c.Flags(), &f.netFlags)
	f.zone.add(c.Flags())
	return c
}

// checkLogin gets the secret of --user, if it is given, and examines the domains.
func (a *app) checkLogin(ctx context.Context, names []string, f *checkFlags, w *world) error {
	cloud := kit.CloudByID(f.cloud)
	if cloud == nil {
		cloud = &kit.Clouds()[0]
	}
	auth, err := a.login(ctx, &f.loginFlags, loginTarget{world: w, cloud: cloud, replayed: f.replay != ""})
	if err != nil {
		return err
	}
	return a.check(ctx, names, f, w, submission.SMTPOptions{Auth: auth, From: f.from, To: f.to})
}

// closing closes w and gives the first of err and what closing says.
func closing(w *world, err error) error {
	closeErr := w.Close()
	if _, isCode := err.(codeError); closeErr != nil && (err == nil || isCode) {
		return failed("is the disk full?", "cannot finish the record: %v", closeErr)
	}
	return err
}

// check examines the domains one after another and reports on them.
func (a *app) check(ctx context.Context, names []string, f *checkFlags, w *world, login submission.SMTPOptions) error {
	envs, err := f.envs(names, w)
	if err != nil {
		return err
	}
	rows, err := f.rows()
	if err == nil {
		rows, err = f.more(rows, len(envs))
	}
	if err != nil {
		return err
	}
	if login.Auth != nil || login.From != "" {
		rows = submission.WithSMTP(rows, login)
	}
	known, err := f.changeFlags.open(f.format)
	if err != nil {
		return err
	}
	defer known.close()
	out, err := a.openOutput(&f.outFlags)
	if err != nil {
		return err
	}
	look := func(ctx context.Context, sink report.Sink) error {
		return lookAt(ctx, envs, rows, f.timeout, f.start(w, rows, len(envs)), sink)
	}
	if f.wait {
		return a.checkAgain(ctx, f, envs, known, out, look)
	}
	return out.finish(ctx, look(ctx, known.before(out)))
}

// lookAt is one whole run over the domains.
func lookAt(ctx context.Context, envs []*kit.Env, rows []kit.Check, timeout time.Duration,
	start *report.Start, sink report.Sink) error {
	err := sink.Emit(report.Event{Start: start})
	began := time.Now()
	for _, env := range envs {
		if err != nil || ctx.Err() != nil {
			break
		}
		err = runDomain(ctx, env, rows, timeout, sink)
	}
	if err == nil {
		err = sink.Emit(report.Event{Stop: &report.Stop{Elapsed: time.Since(began), Cut: ctx.Err() != nil}})
	}
	return err
}

func runDomain(ctx context.Context, env *kit.Env, rows []kit.Check, timeout time.Duration,
	sink report.Sink) error {
	ctx, cancel := dnsrec.WithTimeout(ctx, timeout)
	defer cancel()
	return checks.Run(ctx, env, rows, sink)
}

func (f *checkFlags) start(w *world, rows []kit.Check, domains int) *report.Start {
	return &report.Start{Schema: report.StreamSchema, Version: version(), Started: w.Now, AsOf: f.asOf,
		Options: f.asked().Options(rows, checks.All()), FailOn: f.failStatus(), Domains: domains, Checks: checks.Infos(rows)}
}

// asked returns what is asked of a domain.
func (d *domainFlags) asked() *kit.Asked {
	return &kit.Asked{Cloud: d.cloud, Selectors: d.selectors, Gateways: d.gateways, CertDays: d.certDays}
}

// rows returns the checks that --only and --skip leave.
func (d *domainFlags) rows() ([]kit.Check, error) {
	for _, name := range slices.Concat(d.only, d.skip) {
		if err := mustBeCheck(name, slices.Contains(d.only, name)); err != nil {
			return nil, err
		}
	}
	rows, _ := kit.Select(checks.All(), d.only, d.skip)
	if len(rows) == 0 {
		return nil, usage("leave out --skip or --only", "--only and --skip leave no check to run")
	}
	return rows, nil
}

// mustBeCheck refuses what is not the ID of a check, for --only or --skip.
func mustBeCheck(name string, only bool) error {
	check, _, finding := strings.Cut(name, ".")
	switch ids := checkIDs(); {
	case slices.Contains(ids, name):
		return nil
	case finding && slices.Contains(ids, check) && only:
		return usage("--only "+check, "%s is a finding; --only takes checks", name)
	case finding && slices.Contains(knownIDs(), check) && !only:
		return usage("--accept FILE accepts single findings; --skip "+check+" leaves out the whole check",
			"%s is a finding; use --accept", name)
	default:
		return usage(cmp.Or(didYouMean(check, ids), "maildiag checks lists the IDs"), "there is no check %q", name)
	}
}

// mustBeID refuses what is neither the ID of a check nor the code of a finding.
func mustBeID(id string) error {
	check, _, finding := strings.Cut(id, ".")
	if ids := append(knownIDs(), report.BaselineCheck, acceptCheck); !slices.Contains(ids, check) {
		return usage(cmp.Or(didYouMean(check, ids), "maildiag checks lists the IDs"), "there is no check %q", check)
	}
	if finding && !slices.Contains(codeNames(), id) {
		return usage(cmp.Or(didYouMean(id, codeNames()), "maildiag checks "+check+" lists the codes of the check"),
			"there is no finding %q", id)
	}
	return nil
}

// envs makes the environment of each domain; every name is checked before
// anything is asked.
func (f *checkFlags) envs(names []string, w *world) ([]*kit.Env, error) {
	newEnv, err := f.envMaker(w)
	if err != nil {
		return nil, err
	}
	var envs []*kit.Env
	for _, name := range names {
		env, err := newEnv(name)
		if err != nil {
			return nil, usage("type a domain such as contoso.com; an address or a URL works too", "%w", err)
		}
		if slices.ContainsFunc(envs, func(e *kit.Env) bool { return e.Domain == env.Domain }) {
			continue // once is enough, and a metric must not stand twice
		}
		envs = append(envs, env)
	}
	return envs, nil
}

// envMaker looks at what the flags say of all domains, and gives what makes
// the environment of one.
func (f *checkFlags) envMaker(w *world) (func(name string) (*kit.Env, error), error) {
	expect := kit.Expectation(f.expect)
	if err := oneOf("--expect", f.expect, valueNames(expectations())); err != nil {
		return nil, err
	}
	if f.timeout <= 0 {
		return nil, usage("--timeout 90s", "--timeout must be more than 0")
	}
	if err := oneOf("--cloud", f.cloud, valueNames(clouds())); err != nil {
		return nil, err
	}
	now, err := asOf(f.asOf, w.Now)
	if err != nil {
		return nil, err
	}
	var days kit.CertDays
	if f.certDays != "" {
		if days, err = kit.ParseCertDays(f.certDays); err != nil {
			return nil, usage("--cert-days 30,7", "--cert-days %s: %w", f.certDays, err)
		}
	}
	return func(name string) (*kit.Env, error) {
		ascii, unicode, err := kit.MailDomain(name)
		if err != nil {
			return nil, err
		}
		if unicode == ascii {
			unicode = ""
		}
		return &kit.Env{
			Domain: ascii, Unicode: unicode, Expect: expect, Cloud: f.cloud, Selectors: f.selectors, Gateways: f.gateways,
			Resolver: w.Resolver, Now: now, Began: w.Now, IPv4: f.v4, IPv6: f.v6, TrustAD: w.TrustAD, World: w.World,
			NoPlan: f.noPlan, CertDays: days,
		}, nil
	}, nil
}

package main

import (
	"context"

	"maildiag/checks/kit"
	"maildiag/checks/mxserver"
)

// smtpMX checks the mail servers of a domain.
func (a *app) smtpMX(ctx context.Context, args []string, f *smtpFlags) error {
	if len(args) > 0 || f.user != "" || f.from != "" || f.address != "" {
		return usage("maildiag smtp --mx contoso.com", "--mx takes its servers from the DNS and never signs in: leave out "+
			"the host, --user, --from and --address")
	}
	domain, unicode, err := kit.MailDomain(f.mx)
	if err != nil {
		return usage("maildiag smtp --mx contoso.com", "--mx: %w", err)
	}
	w, err := f.netFlags.open()
	if err != nil {
		return err
	}
	now, err := asOf(f.asOf, w.Now)
	if err != nil {
		return closing(w, err)
	}
	env := &kit.Env{Domain: domain, Unicode: unicode, Expect: kit.ExpectAny, Cloud: "auto", Resolver: w.Resolver, Now: now, Began: w.Now,
		IPv4: f.v4, IPv6: f.v6, TrustAD: w.TrustAD, World: w.World, NoPlan: true}
	return closing(w, a.smtpRun(ctx, env, mxserver.Checks(mxserver.Options{Hello: f.hello, NoComparison: f.noComparison}), f))
}

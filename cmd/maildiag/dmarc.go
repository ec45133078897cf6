package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"maildiag/checks/inspect"
	"maildiag/checks/kit"
	"maildiag/dnsrec"
)

// dmarcFlags are the flags of maildiag dmarc.
type dmarcFlags struct {
	netFlags
	dkim   []string
	spf    string
	json   bool
	output string
}

func (a *app) dmarcCmd() *cobra.Command {
	var f dmarcFlags
	c := &cobra.Command{
		Use:   "dmarc NAME",
		Short: "Show which DMARC policy applies to a name, and what happens to a message",
		Long: `Shows where the DMARC policy for mail From a name was found, what it is for this
very name, and the organizational domain: by RFC 9989 (tree walk), and by RFC 7489
(Public Suffix List) where receivers that still follow it come to a different result.

--dkim and --spf name the domains for which a message passed DKIM and SPF: would
it be aligned, and what would happen to it?

Exit code: 0 if a policy applies (with --dkim or --spf: if the message passes),
1 if not, 3 if the DNS did not answer.`,
		Example: `  maildiag dmarc contoso.com
  maildiag dmarc news.contoso.com --dkim contoso.com --spf bounces.example.net`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			args = f.names(args)
			if len(args) == 0 {
				return usage("maildiag dmarc contoso.com", "no name given")
			}
			q, err := f.question(args[0])
			if err != nil {
				return err
			}
			w, err := f.open()
			if err != nil {
				return err
			}
			return closing(w, a.dmarc(c.Context(), q, &f, w))
		},
	}
	fs := c.Flags()
	fs.StringArrayVar(&f.dkim, "dkim", nil, "the message has a good signature of this `DOMAIN` (d=; "+
		"repeatable)")
	fs.StringVar(&f.spf, "spf", "", "the message passed SPF for this `DOMAIN` (of the envelope sender)")
	fs.BoolVar(&f.json, "json", false, "write JSON (schema "+inspect.DMARCSchema+")")
	fs.StringVarP(&f.output, "output", "o", "", "write the result to `FILE` instead of stdout, whole or not "+
		"at all")
	f.netFlags.add(fs)
	return c
}

// question is what the user asks, checked before anything is sent.
func (f *dmarcFlags) question(name string) (q inspect.DMARCQuestion, err error) {
	const hint = "type a domain such as contoso.com; an address or a URL works too"
	if q.Domain, q.Unicode, err = kit.MailDomain(name); err != nil {
		return q, usage(hint, "%w", err)
	}
	for _, d := range f.dkim {
		ascii, _, err := dnsrec.ParseDomain(d)
		if err != nil {
			return q, usage(hint, "--dkim: %v", err)
		}
		q.DKIM = append(q.DKIM, ascii)
	}
	if f.spf != "" {
		if q.SPF, _, err = dnsrec.ParseDomain(f.spf); err != nil {
			return q, usage(hint, "--spf: %v", err)
		}
	}
	return q, nil
}

// dmarc answers the question and writes the result.
func (a *app) dmarc(ctx context.Context, q inspect.DMARCQuestion, f *dmarcFlags, w *world) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	r := inspect.DMARC(ctx, w.DNS, q)
	err := a.writeTo(f.output, func(w io.Writer) error {
		if f.json {
			return r.WriteJSON(w)
		}
		return r.WriteText(w)
	})
	if err != nil {
		return notWritten(err)
	}
	if code := r.ExitCode(); code != exitOK {
		return codeError(code)
	}
	return nil
}

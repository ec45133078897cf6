package main

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"maildiag/checks/inspect"
	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
)

// spfFlags are the flags of maildiag spf.
type spfFlags struct {
	netFlags
	ip, sender, helo string
	add, remove      []string
	records          []string // as given
	text             string   // the one that is a record
	flat             bool
	json             bool
	output           string
}

func (a *app) spfCmd() *cobra.Command {
	var f spfFlags
	c := &cobra.Command{
		Use:   "spf DOMAIN",
		Short: "Show a domain's SPF record as a tree, evaluate it, or try a change",
		Long: `Shows the SPF record of a domain with all that it includes: what each term costs
of the ten lookups, what it leads to, and what is wrong with it.

--ip shows how a receiver would judge a host, and which term decides.
--add, --remove and --record show what a change would do, before it is made.
--flat lists the networks behind the record.

Exit code: 0 if the record works (with --ip: pass), 1 if not, 3 if the DNS did
not answer.`,
		Example: `  maildiag spf contoso.com
  maildiag spf contoso.com --ip 203.0.113.7 --sender news@contoso.com
  maildiag spf contoso.com --remove include:_spf.google.com --add ip4:203.0.113.7`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			args = f.names(args)
			if len(args) == 0 {
				return usage("maildiag spf contoso.com", "no domain given")
			}
			q, err := f.question(args[0])
			if err != nil {
				return err
			}
			w, err := f.open()
			if err != nil {
				return err
			}
			return closing(w, a.spf(c.Context(), q, &f, w))
		},
	}
	fs := c.Flags()
	fs.StringVar(&f.ip, "ip", "", "evaluate the record for the host at this `ADDRESS`")
	fs.StringVar(&f.sender, "sender", "", "with --ip: the envelope sender `ADDRESS` (default postmaster@DOMAIN)")
	fs.StringVar(&f.helo, "helo", "", "with --ip: the `NAME` that the host says in EHLO (default DOMAIN)")
	fs.StringArrayVar(&f.add, "add", nil, "what if this `TERM` were added (repeatable)")
	fs.StringArrayVar(&f.remove, "remove", nil, "what if this `TERM` were removed (repeatable)")
	fs.StringArrayVar(&f.records, "record", nil,
		"what if this `TEXT` (\"v=spf1 ...\") were the record; anything else is a FILE that keeps all answers")
	fs.BoolVar(&f.flat, "flat", false, "list the networks behind the record")
	fs.BoolVar(&f.json, "json", false, "write JSON (schema "+inspect.SPFSchema+")")
	fs.StringVarP(&f.output, "output", "o", "",
		"write the result to `FILE` instead of stdout, whole or not at all")
	f.addNet(fs)
	return c
}

// addNet adds the shared flags but for --record, which says more here.
func (f *spfFlags) addNet(fs *pflag.FlagSet) {
	shared := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.netFlags.add(shared)
	shared.VisitAll(func(flag *pflag.Flag) {
		if fs.Lookup(flag.Name) == nil {
			fs.AddFlag(flag)
		}
	})
}

// readRecords distinguishes the two meanings of --record.
func (f *spfFlags) readRecords() error {
	for _, r := range f.records {
		switch {
		case spf.Ours(r):
			f.text = r
		case strings.ContainsAny(r, " :=") && spf.LookAlike(r) != nil:
			return usage("--record \""+spf.LookAlike(r).Meant+"\"", "the text of --record is not an SPF record: %s",
				spf.LookAlike(r).Reason)
		default:
			f.netFlags.record = r
		}
	}
	return nil
}

// question is what the user asks, checked before anything is sent.
func (f *spfFlags) question(name string) (q inspect.SPFQuestion, err error) {
	if q.Domain, q.Unicode, err = kit.SPFDomain(name); err != nil {
		return q, usage("type a domain such as contoso.com; a name such as _spf.contoso.com works too", "%w", err)
	}
	if f.ip == "" && (f.sender != "" || f.helo != "") {
		return q, usage("add --ip ADDRESS", "--sender and --helo mean nothing without --ip")
	}
	if f.ip != "" {
		if q.IP, err = netip.ParseAddr(f.ip); err != nil {
			return q, usage("--ip 203.0.113.7 or --ip 2001:db8::7", "--ip %s is not an IP address", f.ip)
		}
	}
	q.Sender, q.Helo = f.sender, f.helo
	if q.Sender == "" {
		q.Sender = "postmaster@" + q.Domain
	} else if at := strings.LastIndexByte(q.Sender, '@'); dnsrec.Canonical(q.Sender[at+1:]) != q.Domain {
		return q, usage("maildiag spf "+q.Sender[at+1:]+" --ip "+f.ip+" --sender "+q.Sender,
			"receivers look at the domain of the sender, and %s is not at %s", q.Sender, q.Domain)
	}
	if q.Helo == "" {
		q.Helo = q.Domain
	}
	if err := f.readRecords(); err != nil {
		return q, err
	}
	for _, t := range f.add {
		if err := goodTerm(t); err != nil {
			return q, err
		}
	}
	if f.changes() {
		q.Change = f.change
	}
	return q, nil
}

// goodTerm checks a term of --add and tells what is probably meant.
func goodTerm(t string) error {
	rec, ours, err := spf.Parse("v=spf1 " + t)
	switch {
	case !ours || strings.TrimSpace(t) == "":
		return usage("--add include:example.com", "--add needs a term")
	case err != nil:
		hint := "--add include:example.com, --add ip4:203.0.113.7"
		if h := rec.Faults[0].Hint; h != "" {
			hint = "--add " + h
		}
		return usage(hint, "--add %s: %s", t, rec.Faults[0].Problem)
	}
	return nil
}

// spf answers the question and writes the result.
func (a *app) spf(ctx context.Context, q inspect.SPFQuestion, f *spfFlags, w *world) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	r, err := inspect.SPF(ctx, w.DNS, w.Now, q)
	if err != nil {
		return err
	}
	err = a.writeTo(f.output, func(w io.Writer) error {
		if f.json {
			return r.WriteJSON(w, f.flat)
		}
		return r.WriteText(w, unicodeLocale(), f.flat)
	})
	if err != nil {
		return notWritten(err)
	}
	if code := r.ExitCode(); code != exitOK {
		return codeError(code)
	}
	return nil
}

func (f *spfFlags) changes() bool { return f.text != "" || len(f.add)+len(f.remove) > 0 }

// change works out the record of a what-if.
func (f *spfFlags) change(now *spf.Tree) (r inspect.SPFChange, err error) {
	node := now.Owned()
	r.Name, r.Text = node.Domain, f.text
	if r.Text == "" {
		if err := base(&r, node); err != nil {
			return r, err
		}
	}
	edits := make([]spf.Edit, 0, len(f.remove)+len(f.add))
	for _, t := range f.remove {
		rec, _, _ := spf.Parse(r.Text)
		if _, n := rec.Without(t); n == 0 {
			return r, usage("copy it as it stands in the record: "+r.Text, "there is no term %s to remove", t)
		}
		edits = append(edits, spf.RemoveTerm(t))
	}
	for _, t := range f.add {
		edits = append(edits, spf.AddTerm(t))
	}
	text, err := spf.Apply(r.Text, edits...)
	if err != nil {
		return r, usage("look at the record first: maildiag spf "+now.Domain, "no record can be made: %v", err)
	}
	r.Text = text
	return r, nil
}

// base is the record that --add and --remove change.
func base(r *inspect.SPFChange, node *spf.Node) error {
	switch {
	case node.Err != nil:
		return failed("run again, or name another resolver with --resolver",
			"the record of %s is not known: %s", node.Domain, kit.Reason(node.Err))
	case len(node.Records) == 0:
		r.Text = "v=spf1 ~all"
		r.Notes = append(r.Notes, "there is no record yet; a new one is started")
	case len(node.Records) > 1:
		edits := make([]spf.Edit, 0, len(node.Records))
		for _, other := range node.Records[1:] {
			edits = append(edits, spf.MergeRecord(other.Text))
		}
		var err error
		if r.Text, err = spf.Apply(node.Records[0].Text, append(edits, spf.RepairSyntax()...)...); err != nil {
			return failed("run maildiag plan "+node.Domain, "the records cannot be combined: %v", err)
		}
		r.Notes = append(r.Notes, fmt.Sprintf("the %d records are made one", len(node.Records)))
	default:
		r.Text = node.Records[0].Text
	}
	return nil
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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

--ip asks what a receiver would say to a host, and which term decides.
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
	fs.StringArrayVar(&f.remove, "remove", nil, "what if this `TERM` were taken out (repeatable)")
	fs.StringArrayVar(&f.records, "record", nil,
		"what if this `TEXT` (\"v=spf1 ...\") were the record; anything else is a FILE that keeps all answers")
	fs.BoolVar(&f.flat, "flat", false, "list the networks behind the record")
	fs.BoolVar(&f.json, "json", false, "write JSON (schema "+spfSchema+")")
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

// spfQuestion is what the user asks, checked before anything is sent.
type spfQuestion struct {
	domain, unicode string
	ip              netip.Addr // invalid: none
	sender, helo    string
}

func (f *spfFlags) question(name string) (q spfQuestion, err error) {
	if q.domain, q.unicode, err = spfName(name); err != nil {
		return q, usage("type a domain such as contoso.com; a name such as _spf.contoso.com works too", "%v", err)
	}
	if f.ip == "" && (f.sender != "" || f.helo != "") {
		return q, usage("add --ip ADDRESS", "--sender and --helo mean nothing without --ip")
	}
	if f.ip != "" {
		if q.ip, err = netip.ParseAddr(f.ip); err != nil {
			return q, usage("--ip 203.0.113.7 or --ip 2001:db8::7", "--ip %s is no IP address", f.ip)
		}
	}
	q.sender, q.helo = f.sender, f.helo
	if q.sender == "" {
		q.sender = "postmaster@" + q.domain
	} else if at := strings.LastIndexByte(q.sender, '@'); dnsrec.Canonical(q.sender[at+1:]) != q.domain {
		return q, usage("maildiag spf "+q.sender[at+1:]+" --ip "+f.ip+" --sender "+q.sender,
			"receivers look at the domain of the sender, and %s is not at %s", q.sender, q.domain)
	}
	if q.helo == "" {
		q.helo = q.domain
	}
	if err := f.readRecords(); err != nil {
		return q, err
	}
	for _, t := range f.add {
		if err := goodTerm(t); err != nil {
			return q, err
		}
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

// spfName reads a name that publishes SPF. Unlike a mail domain it may have
// labels such as _spf.
func spfName(name string) (ascii, unicode string, err error) {
	rest, service := strings.TrimSpace(name), ""
	for strings.HasPrefix(rest, "_") {
		label, after, ok := strings.Cut(rest, ".")
		if !ok || len(label) > 63 {
			break
		}
		service, rest = service+strings.ToLower(label)+".", after
	}
	ascii, unicode, err = dnsrec.ParseDomain(rest)
	if unicode != "" {
		unicode = service + unicode
	}
	return service + ascii, unicode, err
}

// spf answers the question and writes the result.
func (a *app) spf(ctx context.Context, q spfQuestion, f *spfFlags, w *world) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	r := spfResult{q: q, now: spf.Load(ctx, w.DNS, q.domain)}
	resolver := dnsrec.Resolver(w.DNS)
	if f.changes() {
		if err := r.change(f); err != nil {
			return err
		}
		resolver = spf.Overlay{Resolver: resolver, Name: r.publishAt, Text: r.text}
		r.then = spf.Load(ctx, resolver, q.domain)
	}
	if q.ip.IsValid() {
		c := spf.Checker{Resolver: resolver, Now: w.Now}
		o := c.Check(ctx, q.ip, q.helo, q.sender)
		r.outcome = &o
	}
	if err := a.writeSPF(&r, f); err != nil {
		return failed("is the disk full, or the reader gone?", "cannot write the result: %v", err)
	}
	if code := r.exitCode(); code != exitOK {
		return codeError(code)
	}
	return nil
}

func (f *spfFlags) changes() bool { return f.text != "" || len(f.add)+len(f.remove) > 0 }

// spfResult is all that was found out.
type spfResult struct {
	q         spfQuestion
	now, then *spf.Tree // then: after the change; nil without one
	text      string    // the changed record
	publishAt string    // where it is published
	notes     []string
	outcome   *spf.Outcome
}

// tree is the tree that is shown: the one after the change, if there is one.
func (r *spfResult) tree() *spf.Tree {
	if r.then != nil {
		return r.then
	}
	return r.now
}

// change works out the record of a what-if.
func (r *spfResult) change(f *spfFlags) error {
	node := r.now.Owned()
	r.publishAt, r.text = node.Domain, f.text
	if r.text == "" {
		if err := r.base(node); err != nil {
			return err
		}
	}
	edits := make([]spf.Edit, 0, len(f.remove)+len(f.add))
	for _, t := range f.remove {
		rec, _, _ := spf.Parse(r.text)
		if _, n := rec.Without(t); n == 0 {
			return usage("copy it as it stands in the record: "+r.text, "there is no term %s to remove", t)
		}
		edits = append(edits, spf.RemoveTerm(t))
	}
	for _, t := range f.add {
		edits = append(edits, spf.AddTerm(t))
	}
	text, err := spf.Apply(r.text, edits...)
	if err != nil {
		return usage("look at the record first: maildiag spf "+r.q.domain, "no record can be made: %v", err)
	}
	r.text = text
	return nil
}

// base is the record that --add and --remove change.
func (r *spfResult) base(node *spf.Node) error {
	switch {
	case node.Err != nil:
		return failed("run again, or name another resolver with --resolver",
			"the record of %s could not be asked: %v", node.Domain, node.Err)
	case len(node.Records) == 0:
		r.text = "v=spf1 ~all"
		r.notes = append(r.notes, "there is no record yet; a new one is started")
	case len(node.Records) > 1:
		edits := make([]spf.Edit, 0, len(node.Records))
		for _, other := range node.Records[1:] {
			edits = append(edits, spf.MergeRecord(other.Text))
		}
		var err error
		if r.text, err = spf.Apply(node.Records[0].Text, append(edits, spf.RepairSyntax()...)...); err != nil {
			return failed("run maildiag plan "+node.Domain, "the records cannot be combined: %v", err)
		}
		r.notes = append(r.notes, fmt.Sprintf("the %d records are made one", len(node.Records)))
	default:
		r.text = node.Records[0].Text
	}
	return nil
}

func (r *spfResult) result() spf.Result {
	if r.outcome != nil {
		return r.outcome.Result
	}
	return r.tree().Result()
}

func (r *spfResult) exitCode() int {
	switch r.result() {
	case spf.Pass:
		return exitOK
	case spf.TempError:
		return exitUnknown
	}
	return exitFound
}

// writeSPF writes the result in the form that the flags ask for.
func (a *app) writeSPF(r *spfResult, f *spfFlags) error {
	return a.writeTo(f.output, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		if f.json {
			writeSPFJSON(out, r, f.flat)
		} else {
			(&spfText{w: out, unicode: unicodeLocale()}).result(r, f.flat)
		}
		return out.Flush()
	})
}

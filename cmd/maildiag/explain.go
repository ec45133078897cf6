package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"maildiag/checks"
	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/explain"
	"maildiag/dnsrec"
)

// explainFlags are the flags of maildiag explain.
type explainFlags struct {
	netFlags
	format     string
	json       bool
	output     string
	ticket     bool
	list       bool
	check      bool
	authservID string
	asOf       string
	lang       string
	ip, from   string
	localPart  bool
}

func (a *app) explainCmd() *cobra.Command {
	f := explainFlags{}
	c := &cobra.Command{
		Use:   "explain [TEXT... | FILE | -]",
		Short: "Explain a bounce, a refusal or a message: the cause, who must act, and how",
		Long: `explain finds the replies of mail servers in a text, a log, a non-delivery report
or a whole message (.eml, Outlook .msg). For each it shows the cause, who must act,
the next step and the commands. It also finds a bounce within another message, a
.zip or a mailbox (mbox), and shows its path.

A message that is not a bounce, with the messages attached to it, or a block of
header fields, is analyzed: its path, its signatures, and what they are worth. A
code alone, such as 5.7.1, lists what it may mean; an ID from that list prints the
details.

It works offline, except for --check and for the keys of DKIM signatures.

Exit code: 0 if everything that was found is explained, 1 if --check confirms a
cause, 3 if nothing was found or something is not known: a reply, or whether a
message is spoofed. It is the same in all formats.`,
		Example: `  maildiag explain "550 5.7.1 Unable to relay"
  maildiag explain 5.7.139
  maildiag explain bounce.msg
  maildiag explain mail.zip --ticket --lang de
  maildiag explain - < mail.log
  maildiag explain --list`,
		RunE: func(c *cobra.Command, args []string) error { return a.explain(c.Context(), args, &f) },
	}
	fs := c.Flags()
	fs.StringVar(&f.format, "format", "text", "`FORMAT` of the result: text, json, ndjson or html")
	fs.BoolVar(&f.json, "json", false, "the same as --format json (schema "+explain.Schema+")")
	fs.StringVarP(&f.output, "output", "o", "", "write the result to `FILE` instead of stdout, whole or not "+
		"at all")
	fs.BoolVar(&f.ticket, "ticket", false, "write plain text for a ticket: subject, sentences for the sender, "+
		"then what the administrator needs")
	fs.StringVar(&f.lang, "lang", "en", "`LANGUAGE` of the sender's part of --ticket: "+
		strings.Join(explain.Languages(), ", "))
	fs.BoolVar(&f.list, "list", false, "list all known replies")
	fs.BoolVar(&f.check, "check", false, "check in DNS and with the servers whether the cause still exists")
	fs.StringVar(&f.authservID, "authserv-id", "",
		"trust the Authentication-Results of this `NAME` (default: of the border)")
	fs.StringVar(&f.ip, "ip", "", "for --check: `ADDRESS` of the server that sent, if the input does not say")
	fs.StringVar(&f.from, "from", "", "for --check: sender's `DOMAIN` or address, if the input does not say")
	fs.BoolVar(&f.localPart, "with-local-part", false, "for --check: ask the DNS with the sender's own local part where an SPF record "+
		"wants it (default: postmaster)")
	fs.StringVar(&f.asOf, "as-of", "", "judge dates as of `YYYY-MM-DD` instead of today")
	f.netFlags.add(fs)
	return c
}

func (a *app) explain(ctx context.Context, args []string, f *explainFlags) error {
	if err := f.settle(args); err != nil {
		return err
	}
	x, err := a.explanation(ctx, args, f)
	if err != nil {
		return err
	}
	if err := a.writeExplained(x, f); err != nil {
		return notWritten(err)
	}
	if code := x.ExitCode(); code != exitOK {
		return codeError(code)
	}
	return nil
}

// settle sees that the flags fit together.
func (f *explainFlags) settle(args []string) error {
	if f.json {
		f.format = "json"
	}
	switch f.format {
	case "text", "json", "ndjson", "html":
	default:
		names := valueNames(explainFormats())
		return usage(cmp.Or(didYouMean(f.format, names), "--format "+orList(names)), "--format %s is not known here", f.format)
	}
	if f.ticket && f.format != "text" {
		return usage("leave out --format", "--ticket is plain text, not %s", f.format)
	}
	if !explain.KnownLanguage(f.lang) {
		return usage(cmp.Or(didYouMean(f.lang, explain.Languages()), "--lang "+orList(explain.Languages())), "--lang %s is not available", f.lang)
	}
	if f.lang != "en" && !f.ticket {
		return usage("add --ticket", "--lang needs --ticket")
	}
	if f.list && len(args) > 0 {
		return usage("maildiag explain "+args[0], "--list takes no text")
	}
	return f.settleSender()
}

// settleSender reads what the user says of the sender.
func (f *explainFlags) settleSender() error {
	if !f.check && (f.ip != "" || f.from != "") {
		return usage("add --check", "--ip and --from mean nothing without --check")
	}
	if f.ip != "" {
		ip, err := netip.ParseAddr(f.ip)
		if err != nil || ip.Zone() != "" {
			return usage("--ip 203.0.113.7 or --ip 2001:db8::7", "--ip %s is not an IP address", f.ip)
		}
		f.ip = ip.Unmap().String()
	}
	if f.from == "" {
		return nil
	}
	domain, _, err := dnsrec.ParseDomain(f.from)
	if err != nil {
		return usage("--from contoso.com or --from user@contoso.com", "--from: %v", err)
	}
	local, _, address := strings.Cut(f.from, "@")
	if at := strings.LastIndexByte(f.from, '@'); address && (at != len(local) || strings.ContainsAny(local, " \t\r\n<>\"/:")) {
		return usage("--from contoso.com or --from user@contoso.com", "--from %s is not an address", f.from)
	}
	if f.from = domain; address {
		f.from = local + "@" + domain
	}
	return nil
}

// explanation reads the input and explains it.
func (a *app) explanation(ctx context.Context, args []string, f *explainFlags) (*explain.Explanation, error) {
	if f.list {
		return explain.List(), nil
	}
	input, err := a.explainInput(args)
	if err != nil {
		return nil, err
	}
	now, err := asOf(f.asOf, time.Now().UTC())
	if err != nil {
		return nil, err
	}
	return explain.Explain(ctx, inputName(args), input, explain.Options{
		AuthservID: f.authservID, WithLocalPart: f.localPart, Now: now, Timeout: f.timeout, Open: f.explainWorld,
		Check: f.check, Rows: checks.All(), IP: f.ip, From: f.from,
	})
}

// explainWorld opens the world that the flags describe.
func (f *explainFlags) explainWorld() (*explain.World, error) {
	w, err := f.open()
	if err != nil {
		return nil, err
	}
	return &explain.World{World: w.World, Resolver: w.Resolver, TrustAD: w.TrustAD, IPv4: f.v4, IPv6: f.v6,
		Close: w.Close}, nil
}

// inputName is what the path to a message starts with.
func inputName(args []string) string {
	if len(args) == 1 && args[0] != "-" && !strings.ContainsAny(args[0], " \t\n") {
		return filepath.Base(args[0])
	}
	return "input"
}

const explainHint = `maildiag explain "550 5.7.1 Unable to relay", maildiag explain bounce.eml, or text on stdin`

// explainInput returns what is to be explained: of a file, of stdin, or the
// arguments themselves.
func (a *app) explainInput(args []string) ([]byte, error) {
	switch {
	case len(args) == 1 && args[0] == "-":
		return readBounded(a.in, "the input")
	case len(args) == 0:
		if file, ok := a.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
			return nil, usage(explainHint, "nothing to explain")
		}
		return readBounded(a.in, "the input")
	case len(args) == 1:
		data, err := readRegular(args[0])
		if !errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
		if looksLikePath(args[0]) {
			return nil, usage(explainHint, "there is no file %s", args[0])
		}
		if err := notAnID(args[0]); err != nil {
			return nil, err
		}
	case !slices.ContainsFunc(args, func(s string) bool { return !looksLikePath(s) && !isFile(s) }):
		return nil, usage("run it once for each file, or give a .zip or mbox of them", "explain reads one file at a time, not %d", len(args))
	}
	text := strings.Join(args, between(args))
	if strings.TrimSpace(text) == "" {
		return nil, usage(explainHint, "nothing to explain")
	}
	return []byte(text), nil
}

// between returns what separates arguments: those that were each quoted are a reply
// each, others are the words of one.
func between(args []string) string {
	if slices.ContainsFunc(args, func(s string) bool { return !strings.Contains(strings.TrimSpace(s), " ") }) {
		return " "
	}
	return "\n\n"
}

// notAnID returns an error if a word is written like the ID of a reply, but is the code
// of a finding, or misspelled.
func notAnID(word string) error {
	word = strings.ToLower(word)
	room, name, ok := strings.Cut(word, ".")
	ids := explain.IDs()
	if !ok || name == "" || explain.HasID(word) {
		return nil
	}
	inRoom := func(id string) bool { return strings.HasPrefix(id, room+".") }
	if slices.ContainsFunc(ids, inRoom) {
		if hint := didYouMean(word, ids); hint != "" {
			return usage(hint, "there is no known reply %s", word)
		}
		return nil
	}
	codes := codeNames()
	if !slices.ContainsFunc(codes, inRoom) {
		return nil
	}
	if code := nearest(word, codes); code != "" {
		return usage("did you mean maildiag checks "+code+"?", "%s is not a reply of a mail server: explain reads those", word)
	}
	return nil
}

// looksLikePath reports whether an argument was meant to be a file.
func looksLikePath(s string) bool {
	if strings.ContainsAny(s, " \t\n") {
		return false
	}
	for _, ext := range []string{".eml", ".msg", ".zip", ".gz", ".mbox", ".txt", ".log", ".html", ".htm", ".json"} {
		if strings.HasSuffix(strings.ToLower(s), ext) {
			return true
		}
	}
	return strings.ContainsAny(s, `/\`) && !strings.Contains(s, "://")
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// readRegular reads a regular file of at most bounce.MaxInput bytes. A name
// that is none is fs.ErrNotExist.
func readRegular(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil && (errors.Is(err, fs.ErrNotExist) || len(name) > 255 || strings.ContainsRune(name, 0)):
		return nil, fs.ErrNotExist
	case err != nil:
		return nil, usage(explainHint, "cannot read %s: %v", name, withoutPath(err))
	case !info.Mode().IsRegular():
		return nil, usage("name a file, or use - for a pipe", "%s is not a regular file", name)
	case info.Size() > bounce.MaxInput:
		return nil, tooLarge(name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, usage(explainHint, "cannot read %s: %v", name, withoutPath(err))
	}
	defer file.Close()
	return readBounded(file, name)
}

func readBounded(r io.Reader, name string) ([]byte, error) {
	var b bytes.Buffer
	if file, ok := r.(*os.File); ok { // room for all of it at once
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			b.Grow(int(min(info.Size(), bounce.MaxInput)) + bytes.MinRead)
		}
	}
	_, err := b.ReadFrom(io.LimitReader(r, bounce.MaxInput+1))
	data := b.Bytes()
	switch {
	case err != nil:
		return nil, usage(explainHint, "cannot read %s: %v", name, withoutPath(err))
	case len(data) > bounce.MaxInput:
		return nil, tooLarge(name)
	}
	return data, nil
}

func tooLarge(name string) error {
	return usage("cut out the message or the lines in question",
		"%s is larger than %d MiB", name, bounce.MaxInput>>20)
}

// writeExplained writes in the form that the flags ask for.
func (a *app) writeExplained(x *explain.Explanation, f *explainFlags) error {
	return a.writeTo(f.output, func(w io.Writer) error {
		switch {
		case f.format == "html":
			return x.WriteHTML(w)
		case f.format != "text":
			return x.WriteJSON(w, f.format == "json")
		case f.ticket:
			return x.WriteTicket(w, f.lang)
		default:
			return x.WriteText(w)
		}
	})
}

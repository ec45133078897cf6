package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
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
	ip, from   string
}

func (a *app) explainCmd() *cobra.Command {
	f := explainFlags{}
	c := &cobra.Command{
		Use:   "explain [TEXT... | FILE | -]",
		Short: "Explain a bounce, a refusal or a message: the cause, who must act, and how",
		Long: `explain finds the replies of mail servers in a text, a log, a non-delivery report or a whole
message (.eml) and tells what each means, who must act and what to type. A message that is no
bounce, or a block of header fields, is taken apart: its way, its signatures and what they are worth.

It works offline, but for --check and for the keys of DKIM signatures.

Exit code: 0 if all that was found is explained, 3 if nothing was found or something is not known.`,
		Example: `  maildiag explain "550 5.7.1 Unable to relay"
  maildiag explain 5.7.139
  maildiag explain bounce.eml --ticket
  maildiag explain - < mail.log
  maildiag explain --list`,
		RunE: func(c *cobra.Command, args []string) error { return a.explain(c.Context(), args, &f) },
	}
	fs := c.Flags()
	fs.StringVar(&f.format, "format", "text", "`FORMAT` of the result: text, json, ndjson or html")
	fs.BoolVar(&f.json, "json", false, "the same as --format json (schema "+explainSchema+")")
	fs.StringVarP(&f.output, "output", "o", "", "write the result to `FILE` instead of stdout, whole or not "+
		"at all")
	fs.BoolVar(&f.ticket, "ticket", false, "write plain text for a ticket: for the sender, then for the "+
		"administrator")
	fs.BoolVar(&f.list, "list", false, "list all replies that are known")
	fs.BoolVar(&f.check, "check", false, "ask the DNS and the servers whether the cause is still there")
	fs.StringVar(&f.authservID, "authserv-id", "",
		"trust the Authentication-Results of this `NAME` (default: of the border)")
	fs.StringVar(&f.ip, "ip", "", "for --check: `ADDRESS` of the server that sent, if the input does not tell")
	fs.StringVar(&f.from, "from", "", "for --check: sender's `DOMAIN` or address, if the input does not tell")
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
		return failed("is the disk full, or the reader gone?", "cannot write the result: %v", err)
	}
	if code := x.exitCode(); code != exitOK {
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
		return usage("--format text, json, ndjson or html", "--format %s is not known here", f.format)
	}
	if f.ticket && f.format != "text" {
		return usage("leave out --format", "--ticket is plain text, not %s", f.format)
	}
	if f.list && len(args) > 0 {
		return usage("maildiag explain "+args[0], "--list takes no text")
	}
	return nil
}

// explained is all that is to be written.
type explained struct {
	rows    []replies.Row // of --list, or of a bare code
	code    string        // the bare code
	result  *bounce.Result
	replies []explainedReply
	message *explainedMessage // nil: not a message, or a bounce that holds none
	probes  []report.Finding  // of --check
	checked bool
}

// explainedReply is a reply with the rows that explain it, the best first.
type explainedReply struct {
	bounce.Reply
	rows []replies.Explanation
}

func (r *explainedReply) known() bool { return len(r.rows) > 0 && r.rows[0].Known() }

// exitCode is 0 if everything is explained.
func (x *explained) exitCode() int {
	if len(x.rows) > 0 && (x.code == "" || !strings.HasPrefix(x.rows[0].ID, "class.")) {
		return exitOK
	}
	for i := range x.replies {
		if r := &x.replies[i]; !r.known() && !r.Inner {
			return exitUnknown
		}
	}
	if len(x.replies) == 0 && x.message == nil {
		return exitUnknown
	}
	return exitOK
}

// explanation reads the input and explains it.
func (a *app) explanation(ctx context.Context, args []string, f *explainFlags) (*explained, error) {
	if f.list {
		return &explained{rows: replies.All()}, nil
	}
	input, err := a.explainInput(args)
	if err != nil {
		return nil, err
	}
	if x := bareRows(string(input[:min(len(input), 80)])); x != nil {
		return x, nil
	}
	x := &explained{result: bounce.Read(input)}
	for _, r := range x.result.Replies {
		q := replies.Query{Code: r.Code, Enhanced: r.Enhanced, Text: r.Text}
		if ps := replies.Providers(r.RemoteMTA); len(ps) > 0 {
			q.Provider = ps[0]
		}
		x.replies = append(x.replies, explainedReply{r, replies.Explain(q)})
	}
	return x, a.lookInto(ctx, x, input, f)
}

// bareRows explains an input that is nothing but a code or the ID of a row.
func bareRows(text string) *explained {
	text = strings.ToLower(strings.Trim(text, " \t\r\n#\"'"))
	if row, ok := replies.ByID(text); ok {
		return &explained{rows: []replies.Row{row}}
	}
	if strings.ContainsAny(text, " \t\n") || len(text) > len("5.999.999") {
		return nil
	}
	if rows := replies.Lookup(text); len(rows) > 0 {
		return &explained{rows: rows, code: text}
	}
	return nil
}

const explainHint = `maildiag explain "550 5.7.1 Unable to relay", maildiag explain bounce.eml, or a text on stdin`

// explainInput gives what is to be explained: of a file, of stdin, or the
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
	}
	text := strings.Join(args, " ")
	if strings.TrimSpace(text) == "" {
		return nil, usage(explainHint, "nothing to explain")
	}
	return []byte(text), nil
}

// looksLikePath tells whether an argument was meant to be a file.
func looksLikePath(s string) bool {
	if strings.ContainsAny(s, " \t\n") {
		return false
	}
	for _, ext := range []string{".eml", ".msg", ".txt", ".log", ".html", ".htm", ".json"} {
		if strings.HasSuffix(strings.ToLower(s), ext) {
			return true
		}
	}
	return strings.ContainsAny(s, `/\`) && !strings.Contains(s, "://")
}

// readRegular reads a regular file of at most bounce.MaxInput bytes. A name
// that is none is fs.ErrNotExist.
func readRegular(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil && (errors.Is(err, fs.ErrNotExist) || len(name) > 255 || strings.ContainsRune(name, 0)):
		return nil, fs.ErrNotExist
	case err != nil:
		return nil, usage(explainHint, "cannot read %s: %v", name, err)
	case !info.Mode().IsRegular():
		return nil, usage("name a file, or use - for a pipe", "%s is not a regular file", name)
	case info.Size() > bounce.MaxInput:
		return nil, tooLarge(name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, usage(explainHint, "cannot read %s: %v", name, err)
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
		return nil, usage(explainHint, "cannot read %s: %v", name, err)
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
func (a *app) writeExplained(x *explained, f *explainFlags) error {
	return a.writeTo(f.output, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		switch {
		case f.format == "html":
			writeExplainHTML(out, x)
		case f.format != "text":
			writeExplainJSON(out, x, f.format == "json")
		case f.ticket:
			(&explainText{w: out}).ticket(x)
		case f.list:
			listReplies(out, x.rows)
		default:
			(&explainText{w: out}).all(x)
		}
		return out.Flush()
	})
}

// listReplies writes one line a row.
func listReplies(w io.Writer, rows []replies.Row) {
	for _, r := range rows {
		codes := strings.Join(r.Enhanced, ",")
		if codes == "" {
			codes = strings.Trim(fmt.Sprint(r.Codes), "[]")
		}
		fmt.Fprintf(w, "%-32s %-24s %s\n", r.ID, codes, r.Meaning)
	}
}

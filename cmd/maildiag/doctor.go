package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"maildiag/checks/doctor"
	"maildiag/dnsrec"
	"maildiag/report"
)

// doctorSchema names the form of the JSON document. What it holds is API.
const doctorSchema = "maildiag.doctor/v1"

func (a *app) doctorCmd() *cobra.Command {
	var n netFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check whether this machine is fit to run the checks",
		Long: `doctor tests this machine and its network: resolver, DNSSEC, large DNS answers, DNS
over TCP, outgoing ports 25, 465, 587 and 443, TLS inspection, clock, and IPv6. It
judges no domain. It connects to hosts of Microsoft, Google and Yahoo, signs in
nowhere and sends no message.`,
		Example: "  maildiag doctor\n  maildiag doctor --json\n  maildiag doctor --resolver tls://192.0.2.53",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m, end, err := n.machine()
			if err != nil {
				return err
			}
			defer end()
			return a.doctor(c.Context(), m, n.timeout, asJSON)
		},
	}
	c.Flags().StringArrayVar(&n.resolvers, "resolver", nil,
		"DNS server to ask: `ADDR`, tcp://ADDR, tls://ADDR or https://URL (repeatable; default: the system's)")
	c.Flags().DurationVar(&n.timeout, "timeout", 30*time.Second, "time limit for all tests: a `DURATION` such as 90s")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON document")
	return c
}

// doctor examines a machine, writes the result and returns its exit code.
func (a *app) doctor(ctx context.Context, m doctor.Machine, timeout time.Duration, asJSON bool) error {
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	lines := doctor.Examine(bounded, m)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	verdict := doctor.Judge(lines)
	write := a.writeDoctor
	if asJSON {
		write = a.writeDoctorJSON
	}
	if err := write(lines, verdict); err != nil {
		return err
	}
	switch verdict {
	case doctor.Unfit:
		return codeError(exitFound)
	case doctor.Cut:
		return codeError(exitUnknown)
	}
	return nil
}

func (a *app) writeDoctorJSON(lines []doctor.Line, verdict doctor.Verdict) error {
	enc := json.NewEncoder(report.EscapedJSON(a.out))
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Schema  string         `json:"schema"`
		Version string         `json:"version"`
		Verdict doctor.Verdict `json:"verdict"`
		Lines   []doctor.Line  `json:"lines"`
	}{doctorSchema, version(), verdict, lines})
}

// writeDoctor writes a line for each test, and below it what a problem means.
func (a *app) writeDoctor(lines []doctor.Line, verdict doctor.Verdict) error {
	var b strings.Builder
	const column = 29
	for _, l := range lines {
		head := fmt.Sprintf("%-18s %-8s  ", l.Title, strings.ToUpper(l.Status.String()))
		b.WriteString(underHead(head, l.Summary, column))
		if l.Effect != "" {
			b.WriteString(underHead("", l.Effect, column))
		}
		if l.Fix != "" {
			b.WriteString(underHead("", "Fix: "+l.Fix, column))
		}
	}
	fmt.Fprintf(&b, "\n%s\n", verdict)
	_, err := fmt.Fprint(a.out, b.String())
	return err
}

// underHead writes head and a text that is wrapped behind it. The text may come
// from outside.
func underHead(head, text string, column int) string {
	indent := strings.Repeat(" ", column)
	body := strings.TrimPrefix(report.Wrap(report.Clean(text), indent, textWidth), indent)
	return fmt.Sprintf("%-*s%s\n", column, head, strings.TrimRight(body, "\n"))
}

// machine returns this machine, as the flags say. A system without a resolver is
// a result, not an error.
func (n *netFlags) machine() (doctor.Machine, func(), error) {
	opts, err := n.options()
	var he *hintError
	if errors.As(err, &he) && he.code == exitUnknown {
		w := newWorld(dnsrec.Options{}, nil, &net.Dialer{})
		w.DNS = noResolver{err}
		return doctor.Machine{World: w.World, Resolver: "this machine", Now: time.Now}, func() { w.Close() }, nil
	}
	if err != nil {
		return doctor.Machine{}, nil, err
	}
	w := newWorld(opts, nil, &net.Dialer{})
	m := doctor.Machine{World: w.World, Resolver: w.Resolver, TrustAD: w.TrustAD, Now: time.Now}
	end := func() { w.Close() }
	if overTCP := tcpOnly(opts); len(overTCP.Servers) > 0 {
		tcp := dnsrec.NewClient(overTCP)
		m.TCP, end = tcp, func() { w.Close(); tcp.Close() }
	}
	return m, end, nil
}

// tcpOnly returns the servers that are asked over UDP, to be asked over TCP.
func tcpOnly(opts dnsrec.Options) dnsrec.Options {
	var servers []dnsrec.Server
	for _, s := range opts.Servers {
		if strings.Contains(s.String(), "://") {
			continue
		}
		if t, err := dnsrec.ParseServer("tcp://" + s.String()); err == nil {
			servers = append(servers, t)
		}
	}
	opts.Servers = servers
	return opts
}

// noResolver is the resolver of a machine that has none.
type noResolver struct{ err error }

func (r noResolver) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return dnsrec.Answer{Query: q}, r.err
}

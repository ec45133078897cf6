package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"maildiag/checks/kit"
	"maildiag/checks/migrate"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/report"
)

// consistencySchema names the JSON form of maildiag consistency.
const consistencySchema = "maildiag.consistency/v1"

// consistencyFlags are the flags of maildiag consistency.
type consistencyFlags struct {
	netFlags
	json      bool
	selectors []string
	servers   []string
}

func (a *app) consistencyCmd() *cobra.Command {
	var f consistencyFlags
	c := &cobra.Command{
		Use:   "consistency DOMAIN",
		Short: "Compare all name servers of a domain, and resolvers",
		Long: `Asks the name servers of a domain directly: those that the parent zone names, at
each of their addresses, without recursion. It compares the serial numbers and
all records that mail depends on, and what the resolvers have of them.

It finds name servers that do not reply, do not have the zone, or have an old
version of it, and changes that were made at a DNS host that nobody asks.

It sends DNS queries (UDP and TCP, port 53) to the name servers of the parent zone
and of the domain, and to the resolvers.

Exit code: 0 if all agree, 1 if not, 3 if that could not be checked.`,
		Example: `  maildiag consistency contoso.com
  maildiag consistency contoso.com --resolver 192.0.2.53 --resolver tls://198.51.100.53
  maildiag consistency contoso.com --server ns1.dns.example`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			args = f.netFlags.names(args)
			if len(args) == 0 {
				return usage("maildiag consistency contoso.com", "no domain given")
			}
			w, err := f.netFlags.open()
			if err != nil {
				return err
			}
			return closing(w, a.consistency(c.Context(), args[0], &f, w))
		},
	}
	fs := c.Flags()
	fs.BoolVar(&f.json, "json", false, "one JSON document, schema "+consistencySchema)
	fs.StringSliceVar(&f.selectors, "selector", nil, "further DKIM `SELECTOR` to compare (repeatable)")
	fs.StringSliceVar(&f.servers, "server", nil, "also ask this name server: `HOST` or address (repeatable)")
	f.netFlags.add(fs)
	return c
}

func (a *app) consistency(ctx context.Context, name string, f *consistencyFlags, w *world) error {
	domain, _, err := kit.MailDomain(name)
	if err != nil {
		return usage("type a domain such as contoso.com", "%w", err)
	}
	if w.Ask == nil {
		return failed("record again with maildiag consistency or maildiag migrate", "the recording does not contain the answers of name servers")
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	r := w.look(ctx, domain, authority.Options{Questions: migrate.Questions(domain, f.selectors), Also: f.servers, Families: f.families()})
	if f.json {
		err = writeConsistencyJSON(a.out, r)
	} else {
		err = writeConsistency(a.out, r)
	}
	if err != nil {
		return err
	}
	if code := consistencyCode(r); code != exitOK {
		return codeError(code)
	}
	return nil
}

// consistencyCode returns the exit code of a comparison.
func consistencyCode(r *authority.Report) int {
	none := slices.ContainsFunc(r.Problems, func(p authority.Problem) bool { return p.Kind == authority.NoServer })
	lame := slices.ContainsFunc(r.Servers, func(s authority.Server) bool { return s.State == authority.StateLame })
	switch {
	case r.Err != nil || none && !lame: // all silent: perhaps port 53 is blocked here
		return exitUnknown
	case len(r.Problems) > 0:
		return exitFound
	}
	return exitOK
}

// writeConsistency writes a comparison for people.
func writeConsistency(w io.Writer, r *authority.Report) error {
	var b strings.Builder
	b.WriteString(report.Clean(r.Domain))
	if r.Err != nil {
		fmt.Fprintf(&b, "\n\nCOULD NOT CHECK   %s\n", report.Clean(kit.Reason(r.Err)))
		_, err := io.WriteString(w, b.String())
		return err
	}
	fmt.Fprintf(&b, "   zone %s, delegated by %s", report.Clean(r.Zone), report.Clean(zoneName(r.Parent)))
	if host := migrate.DNSHost(r.Delegated); host != "" {
		b.WriteString(" to " + report.Clean(host))
	}
	b.WriteString("\n\n")
	writeServers(&b, r)
	writeSets(&b, r)
	writeProblems(&b, r)
	_, err := io.WriteString(w, b.String())
	return err
}

func zoneName(zone string) string {
	if zone == "." {
		return "the root"
	}
	return zone
}

func writeServers(b *strings.Builder, r *authority.Report) {
	tw := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "name server\taddress\tstate\tserial\tnamed by")
	for _, s := range r.Servers {
		serial := "-"
		if s.State == authority.StateOK || s.State == authority.StateStale {
			serial = fmt.Sprint(s.Serial)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", report.Clean(s.Host), s.Addr, s.State, serial, namedBy(s))
	}
	tw.Flush()
}

// namedBy says who names a server.
func namedBy(s authority.Server) string {
	switch {
	case s.Delegated && s.Listed:
		return "parent, zone"
	case s.Delegated:
		return "parent"
	case s.Listed:
		return "zone"
	}
	return "--server"
}

// writeSets says what all agree on, and who says what where they do not.
func writeSets(b *strings.Builder, r *authority.Report) {
	var same, absent int
	for _, s := range r.Sets {
		switch {
		case len(s.Views) == 1 && len(s.Views[0].Values) == 0:
			absent++
		case len(s.Views) == 1:
			same++
		}
	}
	fmt.Fprintf(b, "\n%s the same everywhere, and %s not exist.\n", kit.Plural(same, "record set is", "record sets are"), kit.Plural(absent, "does", "do"))
	for _, s := range r.Sets {
		if len(s.Views) < 2 {
			continue
		}
		fmt.Fprintf(b, "\n%s %s\n", report.Clean(s.Name), s.Type)
		for _, v := range s.Views {
			values := "no record"
			if len(v.Values) > 0 {
				values = strings.Join(v.Values, " | ")
			}
			b.WriteString(report.Wrap(report.Clean(values), "  ", textWidth))
			b.WriteString(report.Wrap(report.Clean("from "+strings.Join(v.From, ", ")), "    ", textWidth))
		}
	}
}

func writeProblems(b *strings.Builder, r *authority.Report) {
	verdict := map[int]string{exitOK: "CONSISTENT", exitFound: "NOT CONSISTENT", exitUnknown: "COULD NOT CHECK"}[consistencyCode(r)]
	b.WriteString("\n" + verdict + "   " + report.Clean(r.Domain) + "\n")
	for _, p := range r.Problems {
		b.WriteString(report.Wrap(report.Clean(fmt.Sprintf("%s: %s %s", p.Kind, p.Subject, p.Text)), "  ", textWidth))
	}
	if verdict == "COULD NOT CHECK" {
		b.WriteString(report.Wrap("Maybe a firewall blocks port 53 to name servers from here.", "  ", textWidth))
	}
}

// consistencyJSON is a comparison for programs.
type consistencyJSON struct {
	Schema    string              `json:"schema"`
	Domain    string              `json:"domain"`
	ExitCode  int                 `json:"exit_code"`
	Error     string              `json:"error,omitempty"`
	Zone      string              `json:"zone"`
	Parent    string              `json:"parent"`
	DNSHost   string              `json:"dns_host"`
	Delegated []string            `json:"delegated"`
	Listed    []string            `json:"listed"`
	Servers   []authority.Server  `json:"servers"`
	Signed    bool                `json:"signed"`
	Negative  int                 `json:"negative_ttl"`
	Sets      []setJSON           `json:"records"`
	Problems  []authority.Problem `json:"problems"`
}

type setJSON struct {
	Name  string           `json:"name"`
	Type  dnsrec.Type      `json:"type"`
	TTL   int              `json:"ttl"`
	Views []authority.View `json:"views"`
}

// consistencyDoc makes the document of a comparison.
func consistencyDoc(r *authority.Report) consistencyJSON {
	doc := consistencyJSON{Schema: consistencySchema, Domain: r.Domain, ExitCode: consistencyCode(r), Zone: r.Zone, Parent: r.Parent,
		DNSHost: migrate.DNSHost(r.Delegated), Delegated: nonNil(r.Delegated), Listed: nonNil(r.Listed), Servers: nonNil(r.Servers),
		Signed: r.Signed, Negative: int(r.Negative.Seconds()), Sets: []setJSON{}, Problems: nonNil(r.Problems)}
	if r.Err != nil {
		doc.Error = kit.Reason(r.Err)
	}
	for _, s := range r.Sets {
		views := make([]authority.View, len(s.Views))
		for i, v := range s.Views {
			views[i] = authority.View{Values: nonNil(v.Values), From: v.From, TTL: v.TTL}
		}
		doc.Sets = append(doc.Sets, setJSON{s.Name, s.Type, int(s.TTL.Seconds()), views})
	}
	return doc
}

func writeConsistencyJSON(w io.Writer, r *authority.Report) error {
	e := json.NewEncoder(report.EscapedJSON(w))
	e.SetIndent("", "  ")
	return e.Encode(consistencyDoc(r))
}

// nonNil returns a list that is written as [] when it is empty.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

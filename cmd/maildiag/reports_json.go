package main

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"maildiag/checks/senders"
	"maildiag/checks/senders/intake"
	"maildiag/checks/senders/tlsreport"
	"maildiag/report"
)

// reportsSchema names the JSON form of maildiag reports; reports_schema.json
// describes it.
const reportsSchema = "maildiag.reports/v1"

type (
	reportsJSON struct {
		Schema   string           `json:"schema"`
		Messages int64            `json:"messages"`
		Reports  int              `json:"reports"`
		Policy   string           `json:"policy"`
		Verdict  string           `json:"verdict,omitempty"`
		Reason   string           `json:"reason,omitempty"`
		LeftOut  int64            `json:"left_out,omitempty"`
		Domains  []reportsDomain  `json:"domains"`
		TLS      []reportsTLS     `json:"tls,omitempty"`
		Failures []reportsFailure `json:"failure_reports,omitempty"`
		Again    []reportsUnread  `json:"duplicates,omitempty"`
		Reused   []reportsUnread  `json:"reused_ids,omitempty"`
		Unread   []reportsUnread  `json:"not_read,omitempty"`
	}
	reportsDomain struct {
		Domain    string              `json:"domain"`
		First     string              `json:"first,omitempty"`
		Last      string              `json:"last,omitempty"`
		Days      int                 `json:"days"`
		Reporters int                 `json:"reporters"`
		Messages  int64               `json:"messages"`
		Published string              `json:"published"`
		Testing   bool                `json:"testing,omitempty"`
		SPF       string              `json:"spf_tried,omitempty"`
		Sources   []reportsSourceJSON `json:"sources"`
		Names     []reportsName       `json:"names"`
		Verdict   string              `json:"verdict"`
		Reason    string              `json:"reason"`
		SafeFor   *string             `json:"safe_for"`
		Lost      int64               `json:"own_messages_lost"`
		Notes     []string            `json:"notes,omitempty"`
		Change    *reportsChange      `json:"change,omitempty"`
	}
	reportsSourceJSON struct {
		Name      string       `json:"name"`
		Kind      string       `json:"kind"`
		Rule      string       `json:"rule"`
		Reason    string       `json:"reason"`
		Addresses int          `json:"addresses"`
		Example   string       `json:"example,omitempty"`
		Messages  int64        `json:"messages"`
		SPF       string       `json:"spf"`
		DKIM      string       `json:"dkim"`
		DMARC     string       `json:"dmarc"`
		AtReject  string       `json:"at_reject"`
		Lost      int64        `json:"lost"`
		Advice    string       `json:"advice,omitempty"`
		Days      []reportsDay `json:"days"`
	}
	reportsDay struct {
		Day      string `json:"day"`
		Messages int64  `json:"messages"`
	}
	reportsName struct {
		From     string `json:"from"`
		Messages int64  `json:"messages"`
		Failing  int64  `json:"failing"`
		Policy   string `json:"policy"`
	}
	reportsTLS struct {
		Domain    string              `json:"domain"`
		Reporters int                 `json:"reporters"`
		Succeeded int64               `json:"succeeded"`
		Failed    int64               `json:"failed"`
		Failures  []reportsTLSFailure `json:"failures"`
	}
	reportsTLSFailure struct {
		Result   string `json:"result"`
		MX       string `json:"mx,omitempty"`
		Sender   string `json:"sender,omitempty"`
		MTA      string `json:"mta,omitempty"`
		Reason   string `json:"reason,omitempty"`
		Sessions int64  `json:"sessions"`
		Owner    string `json:"owner,omitempty"`

		Today *reportsToday `json:"today,omitempty"` // with --live
	}
	reportsToday struct {
		State string `json:"state"`
		Text  string `json:"text"`
		Owner string `json:"owner,omitempty"`
	}
	reportsFailure struct {
		Domain    string `json:"domain,omitempty"`
		Source    string `json:"source,omitempty"`
		Failure   string `json:"failure,omitempty"`
		Delivery  string `json:"delivery,omitempty"`
		Sender    string `json:"sender,omitempty"`
		Recipient string `json:"recipient,omitempty"`
		Count     int    `json:"count"`
	}
	reportsUnread struct {
		File  string `json:"file"`
		Error string `json:"error"`
	}
)

func writeReportsJSON(w io.Writer, r *reported) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r.json())
}

func (r *reported) json() reportsJSON {
	j := reportsJSON{Schema: reportsSchema, Messages: r.collector.Messages, Reports: r.collector.Reports, Policy: string(r.policy),
		Verdict: string(r.answer()), LeftOut: r.collector.Unusable, Domains: []reportsDomain{}}
	if len(r.domains) == 0 && j.Verdict != "" {
		j.Reason = nothingJudged
	}
	for _, d := range r.domains {
		x := jsonReported(d)
		x.Change = r.base.change(d)
		j.Domains = append(j.Domains, x)
	}
	for _, d := range r.tls {
		j.TLS = append(j.TLS, jsonTLS(r, d))
	}
	for _, g := range r.failures {
		j.Failures = append(j.Failures, reportsFailure{report.Clean(g.domain), g.source, report.Clean(g.failure), report.Clean(g.delivery),
			report.Clean(g.from), report.Clean(g.to), g.count})
	}
	j.Again, j.Reused, j.Unread = jsonUnread(r.again), jsonUnread(r.reused), jsonUnread(r.broken)
	return j
}

func jsonUnread(list []intake.Problem) (out []reportsUnread) {
	for _, p := range list {
		out = append(out, reportsUnread{report.Clean(p.File), report.Clean(p.Err.Error())})
	}
	return out
}

func jsonReported(d *senders.Domain) reportsDomain {
	x := reportsDomain{Domain: d.Name, First: dayOrNone(d.First), Last: dayOrNone(d.Last), Days: d.Days, Reporters: d.Reporters, Messages: d.Messages,
		Published: string(d.Published), Testing: d.Testing, SPF: d.SPF, Verdict: string(d.Verdict.Answer), Reason: d.Verdict.Reason,
		Lost: d.Verdict.Lost, Notes: d.Notes, Sources: []reportsSourceJSON{}, Names: []reportsName{}}
	if p := string(d.SafeFor()); p != "" {
		x.SafeFor = &p
	}
	for _, s := range d.Sources {
		x.Sources = append(x.Sources, jsonSource(s))
	}
	for _, n := range d.Names {
		x.Names = append(x.Names, reportsName{n.From, n.Messages, n.Failing, string(n.Policy)})
	}
	return x
}

func jsonSource(s *senders.Source) reportsSourceJSON {
	x := reportsSourceJSON{Name: report.Clean(s.Name), Kind: string(s.Kind), Rule: s.Rule, Reason: s.Reason, Addresses: s.Addresses,
		Example: addressText(s.Example), Messages: s.Messages, SPF: string(s.SPF), DKIM: string(s.DKIM), DMARC: dmarcOf(s),
		AtReject: atReject(s), Lost: s.Lost, Advice: report.Clean(s.Advice), Days: []reportsDay{}}
	for _, c := range s.Days {
		x.Days = append(x.Days, reportsDay{dayOrNone(c.Day), c.Count})
	}
	return x
}

// atReject names what p=reject does to all mail of a source that fails.
func atReject(s *senders.Source) string {
	switch s.Passed {
	case s.Messages:
		return "delivered"
	case 0:
		return "rejected"
	}
	return "partly"
}

func jsonTLS(r *reported, d *tlsreport.Domain) reportsTLS {
	x := reportsTLS{Domain: report.Clean(d.Name), Reporters: len(d.Reporters), Succeeded: d.Succeeded, Failed: d.Failed,
		Failures: []reportsTLSFailure{}}
	for _, g := range d.Failures {
		f := reportsTLSFailure{report.Clean(g.Result), report.Clean(g.MX), report.Clean(g.Sender),
			report.Clean(g.MTA), report.Clean(g.Reason), g.Sessions, tlsreport.FaultOf(g.Result).Whose, nil}
		if t := r.today(d, g); t != nil {
			f.Today = &reportsToday{string(t.State), report.Clean(t.Text), t.Owner}
		}
		x.Failures = append(x.Failures, f)
	}
	return x
}

// writeReportsCSV writes one line a source.
func writeReportsCSV(w io.Writer, r *reported) {
	put := func(cells ...string) { _, _ = io.WriteString(w, report.CSVRow(cells)) } // an error comes up again at Flush
	put("domain", "source", "kind", "addresses", "example", "messages", "spf", "dkim", "dmarc", "at_"+string(r.policy), "lost", "verdict", "advice")
	for _, d := range r.domains {
		for _, s := range d.Sources {
			put(d.Name, s.Name, string(s.Kind), strconv.Itoa(s.Addresses), addressText(s.Example), strconv.FormatInt(s.Messages, 10),
				string(s.SPF), string(s.DKIM), dmarcOf(s), fateOf(s), strconv.FormatInt(s.Lost, 10),
				string(d.Verdict.Answer), s.Advice)
		}
	}
}

// dayOrNone writes a day, "" if it is not known.
func dayOrNone(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

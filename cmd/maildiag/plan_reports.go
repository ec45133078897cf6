package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/senders"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// evidence is what the DMARC reports of --reports show of one domain.
type evidence struct {
	collector *senders.Collector
	options   senders.Options
	unread    int // files that could not be read
}

// readEvidence reads the reports that a plan is to be based on.
func (a *app) readEvidence(ctx context.Context, domain string, f *planFlags, w *world) (*evidence, error) {
	in := &reportsInput{collector: senders.NewCollector(time.Time{}, time.Time{}), flags: &reportsFlags{}}
	if err := a.readReports(ctx, f.reports, in); err != nil {
		return nil, err
	}
	e := &evidence{collector: in.collector, unread: len(in.intake.Problems)}
	for _, name := range []string{domain, dmarc.ListOrganizational(domain)} { // reports are about the domain with the record
		e.options.Domains = []string{name}
		d, err := e.judge(ctx, name, dmarc.Reject) // without a question to the DNS
		if err != nil {
			return nil, err
		}
		if d != nil {
			e.options.Live, e.options.Timeout = w.DNS, f.timeout
			return e, nil
		}
	}
	if p := in.intake.Problems; in.collector.Reports == 0 && len(p) > 0 {
		return nil, usage("maildiag reports lists what is wrong with each file", "no report could be read: %s: %v", p[0].File, p[0].Err)
	}
	return nil, usage("leave out --reports, or name the reports of this domain", "no report is about %s", domain)
}

// judge tries a policy; nil without a report about the domain.
func (e *evidence) judge(ctx context.Context, domain string, p dmarc.Policy) (*senders.Domain, error) {
	opt := e.options
	opt.Policy = p
	all, err := e.collector.Judge(ctx, opt)
	if err != nil {
		return nil, failed("leave out --reports to see the plan without them", "%v", err)
	}
	i := slices.IndexFunc(all, func(d *senders.Domain) bool { return d.Name == domain })
	if i < 0 {
		return nil, nil
	}
	return all[i], nil
}

// support adds what the reports show to each step that decides on a DMARC
// policy.
func (e *evidence) support(ctx context.Context, p *report.Plan) error {
	for i := range p.Steps {
		s := &p.Steps[i]
		policy, ok := decidedPolicy(s)
		if !ok {
			continue
		}
		d, err := e.judge(ctx, strings.TrimSuffix(strings.TrimPrefix(s.Name, "_dmarc."), "."), policy)
		if err != nil {
			return err
		}
		if d != nil {
			s.Text = e.says(d) + " " + s.Text
			s.Caution = joined(s.Caution, warning(d))
		}
	}
	return nil
}

// decidedPolicy returns the strictest policy of the alternatives of a step.
func decidedPolicy(s *report.Step) (policy dmarc.Policy, ok bool) {
	if s.Action != report.ActionDecide || !strings.HasPrefix(s.Name, "_dmarc.") {
		return "", false
	}
	for _, a := range s.Alternatives {
		for _, record := range a.Add {
			if r, _, err := dmarc.Parse(record); err == nil && r != nil && r.P.Strength() > policy.Strength() {
				policy = r.P
			}
		}
	}
	return policy, policy.Strength() > 0 // p=none costs nobody mail
}

// says is the evidence in one sentence or two.
func (e *evidence) says(d *senders.Domain) string {
	text := fmt.Sprintf("Reports of %s, %s, %s: %s", reportedDays(d), countOf(d.Reporters, "reporter", "reporters"),
		countOf64(d.Messages, "message", "messages"), verdictLine(d))
	if d.Verdict.Answer == senders.NotSafe {
		text = strings.TrimSuffix(text, " Safe after "+stepNumbers(d.Verdict.Sources)+".")
	}
	if e.unread > 0 {
		text += " " + countOf(e.unread, "file was", "files were") + " not counted (maildiag reports lists them)."
	}
	return text
}

// warning names the senders that would lose mail, those with the most first.
func warning(d *senders.Domain) string {
	const most = 5
	if d.Verdict.Answer == senders.Safe {
		return ""
	}
	var names []string
	for _, s := range d.Sources {
		if s.Concerned() {
			names = append(names, report.CleanTo(s.Name, 60))
		}
	}
	switch {
	case len(names) == 0:
		return "Do not publish the stricter record before the reports are enough to tell."
	case len(names) > most:
		names = append(names[:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return "Before you publish the stricter record, make these senders pass: " + strings.Join(names, ", ") + ". maildiag reports says how."
}

// joined is two sentences, of which each may be missing.
func joined(a, b string) string { return strings.TrimSpace(a + " " + b) }

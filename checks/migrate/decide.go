package migrate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// decide says whether to cut over now, and notes what is done and what to watch.
// The cut-over is tried on the world as it is today: what the checks fail there
// is why not.
func (m *mover) decide(r *Report, now examined) {
	m.notes(r, now)
	if r.Stage.Moved() {
		m.remains(r, now)
		return
	}
	r.Reasons = append(r.Reasons, m.host(r)...)
	if r.Tenant != nil && r.Tenant.Err == "" && !r.Tenant.Known {
		r.Reasons = append(r.Reasons, Reason{Code: "tenant.none", Text: r.Domain + " is in no tenant of " + r.Cloud.Title + ": add it in the admin center first"})
	}
	r.Reasons = append(r.Reasons, m.unexpected(r)...)
	r.Reasons = append(r.Reasons, m.trial(r)...)
	r.Reasons = append(r.Reasons, m.sending(r, m.tried(r).findings)...)
	r.Reasons = append(r.Reasons, m.today(r, now)...)
	r.Reasons = append(r.Reasons, servers(r, m.opts.Unasked)...)
	r.Reasons = append(r.Reasons, times(r)...)
	watchServers(r)
	r.Timing.Unknown = slices.ContainsFunc(r.Reasons, undated)
	against := slices.ContainsFunc(r.Reasons, func(x Reason) bool { return !x.Unknown })
	open := slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Unknown })
	switch {
	case against:
		r.Go = new(bool)
	case open:
		r.Unknown = true
	default:
		yes := true
		r.Go = &yes
		r.Timing.now(r.Now)
	}
}

// undated reports whether nothing shows when a reason will have ended: no step of
// the plan ends it, and it is no time that passes.
func undated(x Reason) bool {
	return x.Unknown || strings.HasPrefix(x.Code, "nameservers.") || x.Step == 0 && !strings.HasPrefix(x.Code, "time.")
}

// remains lists what is not known of a domain whose mail arrives at Microsoft 365.
// It decides only if nothing else is open.
func (m *mover) remains(r *Report, now examined) {
	for _, f := range now.findings {
		if blocks(f) && r.Stage.Moved() {
			r.Reasons = append(r.Reasons, Reason{Code: f.Code, Text: harm(f) + f.Statement(), Step: r.ending(f.Code)})
		}
		if undecided(f) {
			r.Reasons = append(r.Reasons, Reason{Code: f.Code, Text: f.Statement(), Unknown: true})
		}
	}
	if r.Stage.Moved() {
		r.Reasons = append(r.Reasons, m.behind(r)...)
	}
	for _, e := range r.Expected {
		if e.open() {
			r.Reasons = append(r.Reasons, r.lacks(e))
		}
	}
	if r.MX.Source == "given" && !r.MX.Exists() {
		r.Reasons = append(r.Reasons, Reason{Code: "mx.host", Text: "The MX host " + r.MX.Host + " has no address. Compare it with the admin center.",
			Unknown: r.MX.Answer.Err != nil})
	}
	r.Reasons = append(r.Reasons, servers(r, m.opts.Unasked)...)
	watchServers(r)
	unknown := now.cut || slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Unknown })
	against := slices.ContainsFunc(r.Reasons, func(x Reason) bool { return !x.Unknown })
	r.Unknown = unknown && !against && len(r.changes(PhaseKeep)) == 0
}

// harm says what a failure does to mail after the cut-over.
func harm(f report.Finding) string {
	switch {
	case ofSending(f.Code) || f.Check == "dkim":
		return "Receivers may reject mail that Microsoft 365 sends now, or send it to junk. "
	case f.Check == "spf" || f.Check == "dmarc": // that of Microsoft 365 may pass
		return "Receivers may reject mail from this domain now, or send it to junk. "
	case f.Check == "domain" || f.Check == "mtasts" && f.Code != "mtasts.mx": // a policy that is not in force stops no mail
		return ""
	}
	return "Mail to this domain may be lost or rejected now. "
}

// undecided reports whether a finding lacks an answer that the verdict needs.
func undecided(f report.Finding) bool {
	return f.Status == report.Unknown && !f.Optional && slices.Contains(append([]string{"dmarc"}, blocking...), f.Check)
}

// host says why the MX record of the cut-over is not known.
func (m *mover) host(r *Report) []Reason {
	i := slices.IndexFunc(r.Plan.Steps, func(s report.Step) bool { return s.Type == string(dnsrec.TypeMX) && s.Name == r.Domain+"." })
	if i < 0 || r.Plan.Steps[i].HasValues() || r.Phases[i] != PhaseCutover {
		return nil
	}
	text := "The MX host of " + r.Domain + " at Microsoft 365 is not known. Copy it from the admin center and give it with --mx HOST."
	c := r.MX
	switch {
	case c.Answer.Err != nil:
		return []Reason{{Code: "mx.host", Text: "could not check whether " + c.Host + " exists", Unknown: true}}
	case c.Source == "given" && r.From.Kind == FromTenant:
		return []Reason{{Code: "mx.host", Unknown: true, Step: r.Plan.Steps[i].Step, Text: "The MX host " + c.Host +
			" has no address. It may get one only when the new tenant has the domain. Compare it with the admin center"}}
	case c.Source == "given":
		text = "The MX host " + c.Host + " has no address. Compare it with the admin center."
	case c.Host != "":
		text += " " + c.Host + " does not exist: the domain is probably not set up in the tenant yet, or it has another host"
	}
	return []Reason{{Code: "mx.host", Text: text, Step: r.Plan.Steps[i].Step}}
}

// trial cuts the world of today over, and lists what the checks fail then.
func (m *mover) trial(r *Report) (reasons []Reason) {
	after := m.tried(r)
	if after.cut {
		reasons = append(reasons, Reason{Code: "unfinished", Text: "the time limit was reached, or the run was stopped", Unknown: true})
	}
	for _, f := range after.findings {
		switch {
		case m.host(r) != nil && (slices.Contains(atCutover, f.Code) || listsHosts(f.Code)), r.disputed(f.Subject), r.signsLater(f.Code): // said already
		case blocks(f):
			reasons = append(reasons, Reason{Code: f.Code, Text: f.Statement(), Step: r.ending(f.Code)})
		case undecided(f):
			reasons = append(reasons, Reason{Code: f.Code, Text: f.Statement(), Unknown: true})
		}
	}
	return reasons
}

// tried examines the world of today with the cut-over, once.
func (m *mover) tried(r *Report) examined {
	if m.trialRun == nil {
		var changes []dnsrec.Change
		for i, s := range r.Plan.Steps {
			if r.Phases[i] == PhaseCutover && s.HasValues() {
				changes = append(changes, changeOf(s))
			}
		}
		x := m.examine(append(changes, m.standIn(r)...), false)
		m.trialRun = &x
	}
	return *m.trialRun
}

// today lists what the cut-over must wait for though the checks do not see it in
// the world after it: what mail of today depends on, and what could not be looked up.
func (m *mover) today(r *Report, now examined) (reasons []Reason) {
	if m.movesMX(r, termsOf(m.inv.TXT.Values)) && m.strict() {
		reasons = append(reasons, Reason{Code: "spf.cutover", Step: r.ending("spf.cutover"),
			Text: "mx in the SPF record allows the servers that receive mail today. From the cut-over on, they fail SPF"})
	}
	for _, f := range now.findings {
		if r.signsLater(f.Code) || slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Code == f.Code }) {
			continue
		}
		switch {
		case m.depends(f):
			reasons = append(reasons, Reason{Code: f.Code, Text: f.Statement(), Step: r.ending(f.Code)})
		case undecided(f) && slices.Contains([]string{"spf", "dkim", "dmarc"}, f.Check):
			reasons = append(reasons, Reason{Code: f.Code, Text: f.Statement(), Unknown: true})
		}
	}
	return reasons
}

// depends reports whether mail of the old servers or signatures of Microsoft 365
// are lost unless a finding of today is ended before the cut-over.
func (m *mover) depends(f report.Finding) bool {
	bad := f.Status == report.Warn || f.Status == report.Fail
	switch f.Code {
	case "dkim.token":
		return bad
	case "spf.cutover":
		return bad && m.strict()
	case "mtasts.mx":
		return f.Status == report.Fail
	}
	return false
}

// ending returns the number of the first step that ends a finding; 0: none. Mail
// that passes SPF passes DMARC.
func (r *Report) ending(code string) int {
	codes := []string{code}
	if code == "dmarc.m365" {
		codes = append(codes, "spf.m365", "spf.record")
	}
	for _, code := range codes {
		for _, s := range r.Plan.Steps {
			if slices.Contains(s.Fixes, code) {
				return s.Step
			}
		}
	}
	return 0
}

// servers says what is wrong with the name servers.
func servers(r *Report, unasked bool) (reasons []Reason) {
	a := r.Authority
	switch {
	case unasked:
		return nil
	case a == nil || a.Err != nil:
		why := ""
		if a != nil {
			why = " (" + strings.TrimPrefix(kit.Reason(a.Err), "could not be checked: ") + ")"
		}
		return []Reason{{Code: "nameservers.unknown", Unknown: true,
			Text: "could not ask the name servers of " + r.Domain + " directly" + why + "; --no-name-servers judges by the resolver alone"}}
	}
	none := false
	for _, p := range a.Problems {
		none = none || p.Kind == authority.NoServer
		if code := "nameservers." + string(p.Kind); p.Breaks || p.Kind == authority.Delegation && a.Misled() {
			text := p.String()
			if p.Kind == authority.Delegation {
				text += " Those of the zone do not have it: senders that ask them get no answer"
			}
			reasons = append(reasons, Reason{Code: code, Text: text, Step: r.ending(code), Unknown: p.Kind == authority.NoServer})
		}
	}
	if none {
		return reasons
	}
	for _, host := range a.Unreached() {
		reasons = append(reasons, Reason{Code: "nameservers.silent", Unknown: true, Text: host + " " + a.Silence(host) + ". Whether it has the same records is not known. " +
			"Run again from another network, or ask its operator; --no-name-servers judges by the resolver alone"})
	}
	return reasons
}

// watchServers notes the faults of name servers that are no reason to wait.
func watchServers(r *Report) {
	if r.Authority == nil {
		return
	}
	for _, p := range r.Authority.Problems {
		if p.Kind != authority.Cached && !slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Code == "nameservers."+string(p.Kind) }) {
			r.Watch = append(r.Watch, "Name server "+p.String()+" Some lookups are slow or fail until the DNS provider repairs or removes it.")
		}
	}
}

// times says for which old records to wait.
func times(r *Report) (reasons []Reason) {
	for _, t := range r.Timing.Sets {
		if high := t.Longest(); high > highTTL {
			reasons = append(reasons, Reason{Code: "time.ttl",
				Text: fmt.Sprintf("the TTL of %s %s is %d: caches may keep the old record that long after the cut-over", t.Name, t.Type, int(high/time.Second))})
		}
	}
	if r.policyWhy != nil {
		reasons = append(reasons, *r.policyWhy)
	}
	if r.Authority == nil {
		return reasons
	}
	for _, p := range r.Authority.Problems {
		if p.Kind == authority.Cached && p.For > 0 {
			reasons = append(reasons, Reason{Code: "time.cached", Text: p.Subject + ": " + p.Text})
		}
	}
	return reasons
}

// notes says what is done, and what to watch.
func (m *mover) notes(r *Report, now examined) {
	inv := &m.inv
	if inv.Verified() && r.asExpected(func(e Expected) bool { return isProof(e.Value) }) {
		r.Done = append(r.Done, "a proof of ownership is published (MS= record)")
	}
	if i := slices.IndexFunc(inv.Targets, func(t kit.MXTarget) bool { return t.Kind == kit.MXVerify }); i >= 0 {
		r.Done = append(r.Done, "a proof of ownership is published (MX record "+inv.Targets[i].String()+")")
		r.Watch = append(r.Watch, inv.Targets[i].Host+" proves ownership to Microsoft and receives no mail. Delete the MX record when the admin center shows the domain as verified.")
	}
	if inv.AllowsMicrosoft(r.Cloud) {
		r.Done = append(r.Done, fmt.Sprintf("SPF allows Microsoft 365 (%d of %d lookups)", inv.SPF.Lookups, spf.MaxLookups))
	}
	if m.signs(r.Cloud) && r.asExpected(func(e Expected) bool { return ofTenant(e) && e.Type == dnsrec.TypeCNAME }) && !slices.ContainsFunc(now.findings, func(f report.Finding) bool { return f.Code == "dkim.enabled" && f.Status == report.Fail }) {
		r.Done = append(r.Done, "DKIM of Microsoft 365 is published, with a key (DNS does not show whether signing is on)")
	}
	if ttl, ok := zoneTTL(r.Authority, dnsrec.Q(r.Domain, dnsrec.TypeMX)); ok && ttl <= highTTL && !r.Stage.Moved() {
		r.Done = append(r.Done, fmt.Sprintf("the TTL of the MX record is %d s", int(ttl/time.Second)))
	}
	if inv.AutodiscoverAtMicrosoft(r.Cloud) {
		r.Done = append(r.Done, "autodiscover points to Microsoft 365")
	}
	for _, f := range now.findings {
		if f.Code == "spf.cutover" && f.Status == report.Warn {
			r.Watch = append(r.Watch, f.Summary+"."+stepNote(r.ending(f.Code)))
		}
	}
	m.watchPolicy(r, now)
	m.watchMX(r)
	r.Parked = !r.Stage.Moved() && m.inv.parked()
	if !r.Stage.Moved() {
		r.Parking = m.parking(r)
		m.watchParking(r)
	}
	m.watchSilence(r)
	m.watchProofs(r)
	m.watchClients(r)
	m.watchSubdomains(r)
	if r.From.Kind == FromHosting && !r.Stage.Moved() {
		r.Watch = append(r.Watch, "At the cut-over, also tell the web host that mail is elsewhere (cPanel: Email Routing, Remote Mail Exchanger; "+
			"Plesk: switch the mail service of the domain off). Otherwise mail from the websites on that server stays there.")
	}
	if r.From.Kind == FromGateway && !r.Stage.Moved() && !r.Stays {
		r.Watch = append(r.Watch, "If "+m.inv.Old()[0].Name+" stays as the mail filter in front of Microsoft 365, do not change the MX records: run again with --gateway "+
			r.From.Hosts[0]+".")
	}
	if r.From.Kind == FromOnPrem && !r.Stage.Moved() && !m.opts.Hybrid {
		r.Watch = append(r.Watch, "If mailboxes stay on your own server, or it stays in front of Microsoft 365 (hybrid), run again with --hybrid.")
	}
	if r.From.Kind == FromTenant && !r.Stage.Moved() {
		r.Watch = append(r.Watch, "A domain can be in one tenant only: mail is rejected from the moment it is removed from the old tenant until it is added to the new one.")
	}
}

// watchPolicy notes that a DMARC policy meets mail of Microsoft 365 which is not sent yet.
func (m *mover) watchPolicy(r *Report, now examined) {
	bad := func(f report.Finding) bool {
		return f.Code == "dmarc.m365" && (f.Status == report.Fail || f.Status == report.Warn)
	}
	if r.unsent() && slices.ContainsFunc(slices.Concat(now.findings, m.tried(r).findings), bad) {
		r.Watch = append(r.Watch, "Do not cut over, and let no mailbox send, before SPF and DKIM of Microsoft 365 are done: "+
			"the DMARC policy has receivers reject mail that passes neither, or send it to junk.")
	}
}

// watchMX notes what of today's mail servers the cut-over would hide.
func (m *mover) watchMX(r *Report) {
	if r.Stage.Moved() {
		if ttl, ok := zoneTTL(r.Authority, dnsrec.Q(r.Domain, dnsrec.TypeMX)); ok && ttl < highTTL && r.Stage != Cutover {
			r.Watch = append(r.Watch, fmt.Sprintf("The TTL of the MX record is %d s, as for a change. When you are sure that nothing must be undone, raise it to %d.",
				int(ttl/time.Second), int(highTTL/time.Second)))
		}
		if slices.Contains(m.spfTerms(r), "mx") && !m.opts.Hybrid && len(m.inv.Old()) == 0 {
			r.Watch = append(r.Watch, "mx in the SPF record now allows the servers of Microsoft 365. It no longer allows the old mail servers: mail that they still send may be rejected, unless another term allows it.")
		}
		return
	}
	m.watchShared(r)
	if label := r.otherLabel(); label != "" && !slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool { return s.Caution == label }) {
		r.Watch = append(r.Watch, label)
	}
	if len(m.inv.MX.Values) == 0 && m.inv.MX.Err == nil && len(m.inv.Apex.Values) > 0 {
		r.Watch = append(r.Watch, r.Domain+" has no MX record: senders deliver to its address "+m.inv.Apex.Values[0]+" (RFC 5321 5.1). If a mail server runs there, keep it running for at least five days after the cut-over.")
	}
	if len(m.opts.Names) == 0 {
		r.Watch = append(r.Watch, "DNS cannot list the subdomains of "+r.Domain+". If others carry mail, name them in a file: --names FILE.")
	}
	if v := m.inv.WildcardMX.Values; len(v) > 0 {
		r.Watch = append(r.Watch, "*."+r.Domain+" has the MX record "+v[0]+": every name below "+r.Domain+" receives mail there. The steps here do not move it.")
	}
}

// watchShared notes what arrives at Microsoft 365 before the cut-over, because it is
// among the MX hosts.
func (m *mover) watchShared(r *Report) {
	i := slices.IndexFunc(m.inv.Targets, isMicrosoft)
	if i < 0 || len(m.inv.Old()) == 0 {
		return
	}
	text := "with a lower priority: it gets the mail that the old servers do not take."
	if _, part := kit.Share(m.inv.first(), isMicrosoft); part != "" {
		text = "with the same preference as the old servers: it gets " + part + " today."
	}
	r.Watch = append(r.Watch, m.inv.Targets[i].Host+" is an MX host already, "+text)
}

// watchSilence notes that a domain publishes that it sends nothing: the steps prepare
// mailboxes, which send.
func (m *mover) watchSilence(r *Report) {
	if !r.Stage.Moved() && m.inv.silent() {
		r.Watch = append(r.Watch, "The SPF record says that "+r.Domain+" sends no mail. The steps here prepare mailboxes that send. "+
			"If yours will only receive, leave out the steps about SPF and DKIM.")
	}
}

func stepNote(step int) string {
	if step == 0 {
		return ""
	}
	return fmt.Sprintf(" Step %d takes care of it.", step)
}

// watchClients names the hosts that mail programs are set up with, and that stay
// at the old server.
func (m *mover) watchClients(r *Report) {
	var hosts []string
	for _, c := range m.inv.Clients {
		if c.Type == dnsrec.TypeA && !m.inv.uses(c) && !slices.ContainsFunc(c.Answer.CNAMEs, func(t string) bool { return kit.CloudOfServer(t) != nil }) {
			hosts = append(hosts, c.Name)
		}
	}
	names := "These names still point"
	if len(hosts) == 1 {
		names = "This name still points"
	}
	if len(hosts) > 0 && !m.opts.Hybrid && r.Stage != Finished {
		r.Watch = append(r.Watch, "Mail programs and devices may be set up with "+strings.Join(hosts, ", ")+". "+names+
			" to the old server: change the settings before it is switched off.")
	}
}

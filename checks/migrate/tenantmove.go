package migrate

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// ofTenant reports whether an expected record is one by which tenants differ: the
// proof of ownership, and the targets of DKIM.
func ofTenant(e Expected) bool {
	return e.Type == dnsrec.TypeTXT && isProof(e.Value) || e.Type == dnsrec.TypeCNAME && atMicrosoft([]string{e.Value})
}

func isProof(txt string) bool { return strings.HasPrefix(strings.ToLower(txt), "ms=ms") }

// watchProofs names the proofs of ownership that other systems may have asked for.
func (m *mover) watchProofs(r *Report) {
	expected := slices.ContainsFunc(r.Expected, func(e Expected) bool { return isProof(e.Value) })
	for _, v := range m.inv.TXT.Values {
		switch {
		case isProof(v) && expected && !slices.ContainsFunc(r.Expected, func(e Expected) bool { return strings.EqualFold(e.Value, v) }):
			r.Watch = append(r.Watch, v+" is not the proof of ownership in your file of expected records. Delete it when no other tenant has the domain.")
		case strings.HasPrefix(v, "google-site-verification=") && r.From.Kind == FromGoogle && r.Stage.Moved():
			r.Watch = append(r.Watch, v+" may be the proof of ownership for Google Workspace. Delete it if no other service of Google uses it (Search Console, Analytics).")
		}
	}
	if r.From.Kind == FromTenant && r.Stage == Prepared && !slices.ContainsFunc(r.Expected, func(e Expected) bool { return ofTenant(e) && !isProof(e.Value) }) {
		r.Watch = append(r.Watch, "The records do not show when the new tenant has the domain. After the move, run again with --stage cleanup.")
	}
}

// tenantStage finds the stage of a move between tenants. The MX record, SPF and
// autodiscover are the same for both: only what the new tenant expects shows it.
func (m *mover) tenantStage(r *Report) Stage {
	known, open, keys := 0, 0, false
	stage := Before
	for _, e := range r.Expected {
		switch {
		case !ofTenant(e):
			continue
		case e.State == "unknown":
			return NotKnown
		case e.State != "published":
			open++
		case e.Type == dnsrec.TypeTXT:
			stage = Prepared
		default:
			keys = true
		}
		known++
	}
	switch {
	case known == 0:
		return NotKnown
	case open > 0 || !keys: // a proof can be published long before the tenant has the domain
		return stage
	}
	return Finished
}

// tenantSteps adds the steps of a move between tenants that no record shows.
func (m *mover) tenantSteps(r *Report) {
	if r.From.Kind != FromTenant || r.Stage.Moved() {
		return
	}
	step := func(p Phase, text string, after ...int) int {
		return r.put(report.Step{Owner: report.OwnerM365, Action: report.ActionRun, Text: text, After: after}, p)
	}
	if r.Expected == nil {
		step(PhaseNow, "In the new tenant, add "+r.Domain+". The admin center shows an MS= record: publish it, and leave the one of the old tenant. "+
			"Save the records that the new tenant shows, and run again with --expected FILE.")
	}
	gone := step(PhaseCutover, "In the old tenant, remove "+r.Domain+". First move its users, groups and addresses to another domain there. From now on, mail to "+r.Domain+
		" is rejected.")
	there := "In the new tenant, verify " + r.Domain + " at once, and give its addresses to the mailboxes. "
	mx, moves := m.moveMX(r)
	switch {
	case moves:
		there += "Mail arrives there from the next step on."
	case r.MX.Source == "given":
		there += "From now on, mail arrives there."
	default:
		there += "From now on, mail arrives there, if the new tenant shows the MX record that is published: compare it, and change it if it differs."
	}
	verified := step(PhaseCutover, there, gone)
	if moves {
		mx.After = []int{verified}
		r.put(mx, PhaseCutover)
	}
	for _, s := range slices.Clone(r.Plan.Steps) {
		if i := slices.IndexFunc(r.Plan.Steps, func(o report.Step) bool { return o.Step == s.Step }); isSelector(s) && r.Phases[i] == PhaseCutover {
			r.Plan.Steps[i].After = append(slices.Clone(s.After), verified) // the keys of the new tenant appear when it has the domain
			r.place(s.Step, len(r.Plan.Steps)-1)
		}
	}
	if !slices.ContainsFunc(r.Expected, func(e Expected) bool { return ofTenant(e) && e.Type == dnsrec.TypeCNAME }) {
		n := step(PhaseThen, "In the new tenant, create the DKIM keys of "+r.Domain+" (New-DkimSigningConfig), publish the CNAME targets that it shows instead of those of the old tenant, "+
			"and enable DKIM.", verified)
		i := slices.IndexFunc(r.Plan.Steps, func(s report.Step) bool { return s.Step == n })
		r.Plan.Steps[i].Fixes = []string{"dkim.selector1", "dkim.selector2", "dkim.enabled"}
	}
}

// meantCloud returns the cloud that the user means: where none is named, that of the
// records that the tenant shows. Some clouds share the names of their MX hosts, and
// differ in autodiscover.
func meantCloud(id string, o Options) string {
	if kit.CloudByID(id) != nil {
		return id
	}
	for _, e := range o.Expected {
		for _, c := range kit.Clouds() {
			if e.Type == dnsrec.TypeCNAME && e.Value == c.Autodiscover {
				return c.ID
			}
		}
	}
	if t := kit.ReadMX("0 " + o.MX); o.MX != "" && isMicrosoft(t) && !t.Cloud.TenantMX && t.Cloud != &kit.Clouds()[0] {
		return t.Cloud.ID
	}
	return id
}

// otherCloud reports whether mail arrives in a cloud other than the one that the domain
// moves to, and nothing of that one signs: a domain is in one tenant only, and that is
// the old one.
func (inv *Inventory) otherCloud(c *kit.Cloud) bool {
	signs := slices.ContainsFunc(inv.Selectors, func(s Selector) bool {
		return slices.ContainsFunc(s.Answer.CNAMEs, func(t string) bool { return kit.HasSuffix(t, c.DKIM) })
	})
	there := func(t kit.MXTarget) bool { return isMicrosoft(t) && t.Cloud.SPF == c.SPF }
	return !signs && slices.ContainsFunc(inv.Targets, isMicrosoft) && !slices.ContainsFunc(inv.Targets, there)
}

// aim returns the MX host of the cut-over. A host of the old tenant stays behind there:
// one in another cloud, with the label of another domain, or with the name of the tenant.
func (inv *Inventory) aim(from OriginKind, to *kit.Cloud) Candidate {
	t, ok := inv.published()
	switch {
	case !ok || from != FromTenant || inv.Candidate.Source != "published":
		return inv.Candidate
	case t.Cloud.TenantMX || to.TenantMX:
		return Candidate{}
	case inv.Own.Host != "":
		return inv.Own
	}
	return inv.Candidate
}

// signsLater reports whether a code is about signatures of a tenant that does not have
// the domain yet: its keys appear only when it does.
func (r *Report) signsLater(code string) bool {
	return r.From.Kind == FromTenant && !r.Stage.Moved() && strings.HasPrefix(code, "dkim.")
}

// ofClients reports whether a step is about records by which programs and devices find
// the tenant that they sign in to, and that is the old one still.
func (r *Report) ofClients(s report.Step) bool {
	return r.From.Kind == FromTenant && !r.Stage.Moved() && slices.ContainsFunc(s.Fixes, func(c string) bool { return strings.HasPrefix(c, "clients.") && c != "clients.skype" })
}

// unseenTenant is why it is not known which tenant serves a domain.
func unseenTenant(r *Report) Reason {
	text := "The records do not show which of the two tenants serves " + r.Domain + ". Give the records that the new tenant shows with --expected FILE"
	switch {
	case r.Tenant == nil:
		text += ", or compare the tenant ID of --tenant-lookup with that of the new tenant."
	case r.Tenant.Known:
		text += ", or compare the tenant ID with that of the new tenant: " + r.Tenant.ID + "."
	}
	return Reason{Code: "tenant.unknown", Text: text, Unknown: true}
}

// front returns the server at which mail arrives first and that passes it on: a filter,
// or a server that stays.
func (m *mover) front() (kit.MXTarget, bool) {
	first := m.inv.first()
	i := slices.IndexFunc(first, m.inFront)
	if i < 0 {
		return kit.MXTarget{}, false
	}
	return first[i], true
}

// inFront reports whether a host passes mail on to the mailboxes.
func (m *mover) inFront(t kit.MXTarget) bool {
	return t.Kind == kit.MXGateway || !isMicrosoft(t) && m.meant(t)
}

// behind is why it is not known where mail ends: the server in front decides, and
// no record shows its settings.
func (m *mover) behind(r *Report) []Reason {
	front, ok := m.front()
	if !ok || r.Forced {
		return nil
	}
	to := "Microsoft 365"
	if r.MX.Exists() {
		to = r.MX.Host
	}
	return []Reason{{Code: "mx.behind", Unknown: true, Text: "Mail arrives first at " + front.Host + ". The records do not show where that server delivers it. Check its settings: it must deliver mail for mailboxes at Microsoft 365 to " +
		to + ". If it does, run again with --stage cleanup."}}
}

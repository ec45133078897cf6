package migrate

import (
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// open reports whether an expected record is not published.
func (e Expected) open() bool { return e.State == "missing" || e.State == "different" }

// elsewhere reports whether other steps publish an expected record: those of the
// cut-over, or of the SPF record, which has other senders as well.
func (m *mover) elsewhere(e Expected) bool {
	return e.Type == dnsrec.TypeMX || e.Type == dnsrec.TypeTXT && spf.Ours(e.Value) ||
		e.Name == "autodiscover."+m.env.Domain && e.Type == dnsrec.TypeCNAME
}

// expectedSteps adds the steps that publish what the tenant expects: exactly those
// records must exist.
func (m *mover) expectedSteps(r *Report) {
	for _, e := range r.Expected {
		if !e.open() || m.elsewhere(e) {
			continue
		}
		i := slices.IndexFunc(r.Plan.Steps, func(s report.Step) bool {
			return s.Type == string(e.Type) && dnsrec.Canonical(s.Name) == e.Name && s.HasValues()
		})
		switch {
		case i < 0:
			r.put(e.step(), m.phaseOfExpected(r, e))
		case e.Type == dnsrec.TypeTXT:
			r.Plan.Steps[i].Add = append(slices.Clone(r.Plan.Steps[i].Add), e.Value)
		case r.From.Kind == FromTenant && !r.Stage.Moved():
			r.drop(i) // it corrects the record for the old tenant
			r.put(e.step(), m.phaseOfExpected(r, e))
		default:
			r.Plan.Steps[i].Add = e.written()
		}
	}
}

// phaseOfExpected says when an expected record is to be published. What other
// systems may use today changes at the cut-over, as do the keys of a tenant that
// still signs.
func (m *mover) phaseOfExpected(r *Report, e Expected) Phase {
	dkim := ofTenant(e) && e.Type == dnsrec.TypeCNAME
	if !r.Stage.Moved() && (r.From.Kind == FromTenant && e.Type != dnsrec.TypeTXT || !dkim && e.State == "different") {
		return PhaseCutover
	}
	return PhaseNow
}

// written returns the value of an expected record as a zone file has it.
func (e Expected) written() []string {
	if e.Type == dnsrec.TypeTXT {
		return []string{e.Value}
	}
	return []string{kit.FQDN(e.Value)}
}

// step publishes an expected record instead of what its name has.
func (e Expected) step() report.Step {
	s := report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Name: e.Name + ".", Type: string(e.Type), Add: e.written(),
		TTL: int(highTTL / time.Second), Text: "This is the value in your file of expected records."}
	a := e.published
	switch {
	case e.Type == dnsrec.TypeTXT && len(a.CNAMEs) == 0:
		s.Keep, s.Cut = slices.Clone(a.Values), a.Cut(a.Values)
	case e.Type == dnsrec.TypeCNAME && len(a.CNAMEs) > 0:
		s.Action, s.Remove = report.ActionChange, []string{kit.FQDN(a.CNAMEs[0])}
	case e.Type == dnsrec.TypeSRV && len(a.Values) > 0 && len(a.CNAMEs) == 0:
		s.Action = report.ActionChange
		for _, v := range a.Values {
			s.Remove = append(s.Remove, kit.FQDN(v))
		}
	case len(a.Values)+len(a.CNAMEs) > 0: // records of another type, which a CNAME record excludes
		return report.Step{Owner: s.Owner, Action: report.ActionRun,
			Text: "Publish " + e.Name + " " + string(e.Type) + " " + strings.Join(s.Add, " ") + " instead of the records of that name. " + s.Text}
	}
	return s
}

// unexpected lists what the tenant expects for mail and is not published. The keys
// of a tenant that still signs are for the cut-over.
func (m *mover) unexpected(r *Report) (reasons []Reason) {
	for _, e := range r.Expected {
		switch later := r.From.Kind == FromTenant && e.Type == dnsrec.TypeCNAME; {
		case !ofTenant(e) || later && e.State != "unknown":
		case e.State == "unknown":
			reasons = append(reasons, Reason{Code: "expected.unknown", Text: "could not check " + e.Name + " " + string(e.Type) + ", which is expected", Unknown: true})
		case e.open():
			reasons = append(reasons, r.lacks(e))
		}
	}
	return reasons
}

// lacks says that an expected record is not published, and which step ends that.
func (r *Report) lacks(e Expected) Reason {
	x := Reason{Code: "expected." + e.State, Text: e.Name + " " + string(e.Type) + " " + e.Value + " is expected, and is " + e.words()}
	for _, s := range r.Plan.Steps {
		if s.Type == string(e.Type) && dnsrec.Canonical(s.Name) == e.Name && slices.Contains(s.Add, e.written()[0]) {
			x.Step = s.Step
		}
	}
	return x
}

// asExpected reports whether all expected records of a kind are published.
func (r *Report) asExpected(of func(Expected) bool) bool {
	return !slices.ContainsFunc(r.Expected, func(e Expected) bool { return of(e) && e.State != "published" })
}

package records

import (
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// This file judges DMARC records that stand where nobody looks for them.

// misplaced is a text meant as DMARC at a name where receivers do not look.
type misplaced struct {
	answer dnsrec.Answer
	value  string
}

// gatherMisplaced looks for records at wrong names. Where no record is found, it
// asks for those that zone editors and typing make.
func gatherMisplaced(k *kit.Known, f *dmarcFacts, lacking bool) {
	if lacking || !k.List {
		doubled, bare := dmarc.Name(k.Domain+"."+k.Domain), strings.TrimPrefix(dmarc.Name(k.Domain), "_")
		for _, name := range []string{doubled, bare} {
			if k.Want(name, dnsrec.TypeTXT); !lacking || k.List && name == bare {
				continue
			}
			if a, ok := k.Need(name, dnsrec.TypeTXT); ok && a.Err == nil {
				f.misplace(a.Answer)
			}
		}
	}
	if a, ok := k.Need(k.Domain, dnsrec.TypeTXT); ok && a.Err == nil {
		f.misplace(a.Answer)
	}
}

// misplace notes the texts of an answer that are meant as DMARC.
func (f *dmarcFacts) misplace(a dnsrec.Answer) {
	for _, v := range a.Values {
		if dmarc.Meant(v) {
			f.misplaced = append(f.misplaced, misplaced{a, v})
		}
	}
}

// judgePlace judges records that stand where nobody looks for them.
func judgePlace(f dmarcFacts) (fs []report.Finding) {
	for _, m := range f.misplaced {
		fs = append(fs, f.judgeMisplaced(m))
	}
	own := f.res.Own()
	for _, v := range own.Others {
		if len(own.Answer.CNAMEs) == 0 && strings.HasPrefix(strings.ToLower(v), "v=spf1") {
			x := kit.Find(report.Info, "dmarc.place", own.Name, "an SPF record is published at the name of the DMARC "+
				"record, where receivers do not read it")
			x.Evidence = kit.Shown(own.Answer)
			x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete it; SPF belongs at the domain itself. If it comes " +
				"from a wildcard record, it does no harm here.",
				Edits: []report.Edit{kit.Remove(own.Name, dnsrec.TypeTXT, v)}, Links: []string{"RFC 9989 4.5"}}
			return append(fs, x)
		}
	}
	return fs
}

func (f dmarcFacts) judgeMisplaced(m misplaced) report.Finding {
	own, at := f.res.Own().Name, m.answer.Name
	what, why := "a DMARC record is published at "+at+", where receivers do not look for it", ""
	if strings.HasSuffix(at, "."+f.domain+"."+f.domain) {
		what = "the DMARC record was published with the domain appended twice"
		why = " The zone editor appends the domain automatically: enter only _dmarc as the name."
	}
	x := kit.Find(report.Warn, "dmarc.place", at, "%s", what)
	x.Evidence = []report.Evidence{kit.AnswerTo(dnsrec.Q(at, dnsrec.TypeTXT), m.answer.Server, at+" TXT\n  "+m.value)}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete the DMARC record at " + at + ".", Links: []string{"RFC 9989 4.5"},
		Edits: []report.Edit{kit.Remove(at, dnsrec.TypeTXT, m.value)}}
	if f.res.Tree.Found() {
		return x
	}
	x.Status, x.Cause = report.Fail, report.CauseDomain
	if moved, ok := f.moved(); ok {
		x.Fix.Text = "Move the DMARC record from " + at + " to " + own + "." + why
		if !f.sendsNothing() {
			x.Fix.Text += " Receivers never applied it, so begin with p=none. Move to a stricter policy when the reports show that all your senders pass."
			x.Fix.Text += f.givesUp(moved)
		}
		x.Fix.Edits = append(x.Fix.Edits, kit.Add(own, dnsrec.TypeTXT, moved))
	}
	return x
}

// givesUp says what the misplaced records ask for and the one in their place does not.
func (f dmarcFacts) givesUp(moved string) string {
	var texts []string
	for _, m := range f.misplaced {
		texts = append(texts, m.value)
	}
	lost := dmarc.EffectOf(append(texts, ""), moved).GivenUp
	if len(lost) == 0 {
		return ""
	}
	return " The new record does not ask for " + strings.Join(lost, ", ") + "."
}

// sendsNothing reports whether no mail of the domain could be rejected.
func (f dmarcFacts) sendsNothing() bool { return (f.profile.Parked || f.silent) && !f.keyed }

// moved returns the one record that takes the place of all that are misplaced:
// none of them was ever in force, so it asks for reports only.
func (f dmarcFacts) moved() (record string, ok bool) {
	edits := []dmarc.Edit{dmarc.Begin()}
	if f.sendsNothing() {
		return "v=DMARC1; p=reject", true
	}
	for _, m := range f.misplaced[1:] {
		edits = append(edits, dmarc.MergeRecord(m.value))
	}
	record, err := dmarc.Apply(f.misplaced[0].value, edits...)
	return record, err == nil
}

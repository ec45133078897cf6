package kit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// NoWildcard reports whether an answer has shown already that there is no wildcard record
// beside a name: another name there does not exist (RFC 4592 4.2).
func (k *Known) NoWildcard(name string) bool {
	_, parent, _ := strings.Cut(name, ".")
	for place := range k.answers.dns.Len() {
		q := k.answers.dns.Asked(place)
		if label, beside := strings.CutSuffix(q.Name, "."+parent); !beside || strings.Contains(label, ".") {
			continue
		}
		if a, err, known := k.answers.dns.Known(q); known && err == nil && a.NXDomain() && len(a.CNAMEs) == 0 {
			return true
		}
	}
	return false
}

// Served returns what a wildcard record gives a name that has no records of its own, see
// [dnsrec.Served]. It asks what is not known. A gather must not call it.
func (k *Known) Served(name string, first ...dnsrec.Type) []dnsrec.Answer {
	rows := k.missed
	defer func() { k.missed = rows }()
	for range MaxRounds {
		k.missed = &Missed{}
		given, err := dnsrec.Served(context.Background(), &asIs{k}, name, first...)
		if !IsMissing(err) {
			return given
		}
		k.await(k.missed)
	}
	return nil
}

// asIs is the world without changes, as a view of it sees it.
type asIs struct{ view *Known }

// Lookup implements [dnsrec.Resolver].
func (w *asIs) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return w.view.lookup(q, 0)
}

// NoWildcard reports whether there is no wildcard record beside a name, see [dnsrec.Served].
func (w *asIs) NoWildcard(name string) bool { return w.view.NoWildcard(name) }

// WildAlias reports whether the alias that led to an answer comes from a wildcard
// record: then there is no alias at the name itself.
func (k *Known) WildAlias(a dnsrec.Answer) bool {
	if alias(a) == "" || a.Name == k.Domain {
		return false
	}
	same, _ := k.Need(dnsrec.Sibling(a.Name), a.Type)
	return alias(same.Answer) == alias(a)
}

// alias returns the target of the alias that an answer shows; "" if there is none.
func alias(a dnsrec.Answer) string {
	switch {
	case len(a.CNAMEs) > 0:
		return a.CNAMEs[0]
	case a.Type == dnsrec.TypeCNAME && len(a.Values) > 0:
		return dnsrec.Canonical(a.Values[0])
	}
	return ""
}

// Organization returns the domain of the organization that a name is of, by the
// Public Suffix List. Each tenant of Microsoft 365 is one, though the list does not
// say so.
func Organization(name string) string {
	for _, c := range clouds {
		if c.Initial == "" || !strings.HasSuffix("."+name, c.Initial) {
			continue
		}
		tenant := strings.TrimSuffix(strings.TrimSuffix("."+name, c.Initial), ".mail") // contoso.mail.onmicrosoft.com is for hybrid routing
		return tenant[strings.LastIndexByte(tenant, '.')+1:] + c.Initial
	}
	return dmarc.ListOrganizational(name)
}

// SameOwner reports whether two names are of one organization.
func SameOwner(a, b string) bool { return Organization(a) == Organization(b) }

// Behind moves a fix to where the record is that it speaks of, if the name of an
// answer is an alias: at the name there is nothing to change. In the zones of the
// domain's owner, it is changed at the end of the chain; elsewhere only others can
// change it.
func Behind(a dnsrec.Answer, domain string, fix *report.Fix) {
	if len(a.CNAMEs) == 0 || fix == nil {
		return
	}
	end := a.CNAMEs[len(a.CNAMEs)-1]
	if !SameOwner(end, domain) {
		zone := dmarc.ListOrganizational(end)
		fix.Edits, fix.Alternatives = nil, nil
		fix.Text = fmt.Sprintf("The record is published at %s, in the zone of %s, because %s is an alias. Change it there, or ask the operator of %s. %s",
			end, zone, a.Name, zone, fix.Text)
		return
	}
	fix.Text = fmt.Sprintf("The record is published at %s, because %s is an alias. Other names may be aliases of it as well. %s", end, a.Name, fix.Text)
	move := func(edits []report.Edit) []report.Edit {
		edits = slices.Clone(edits)
		for i := range edits {
			if e := &edits[i]; dnsrec.Canonical(e.Name) == a.Name && e.Type == string(a.Type) {
				e.Name = Absolute(end)
			}
		}
		return edits
	}
	fix.Edits = move(fix.Edits)
	fix.Alternatives = slices.Clone(fix.Alternatives)
	for i := range fix.Alternatives {
		fix.Alternatives[i].Edits = move(fix.Alternatives[i].Edits)
	}
}

// Changes reports whether a fix changes records of a type at a name, in one of its
// ways at least. What takes an alias away is not meant.
func Changes(fix *report.Fix, a dnsrec.Answer) bool {
	if fix == nil {
		return false
	}
	edits := slices.Clone(fix.Edits)
	for _, c := range fix.Alternatives {
		edits = append(edits, c.Edits...)
	}
	at := func(t dnsrec.Type) bool {
		return slices.ContainsFunc(edits, func(e report.Edit) bool { return dnsrec.Canonical(e.Name) == a.Name && e.Type == string(t) })
	}
	return at(a.Type) && !at(dnsrec.TypeCNAME)
}

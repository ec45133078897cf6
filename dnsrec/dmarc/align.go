package dmarc

import (
	"context"
	"slices"
	"strings"

	"maildiag/dnsrec"
)

// maxIdentifiers bounds the passing signatures that are checked; receivers
// have such bounds of their own.
const maxIdentifiers = 10

// Identifier is a domain that passed DKIM or SPF for a message.
type Identifier struct {
	Method  string // "dkim" or "spf"
	Domain  string // d= of the signature, or domain of the reverse-path
	Mode    Mode   // asked for by the record that applies
	Tree    bool   // aligned by RFC 9989
	List    bool   // aligned by RFC 7489
	TreeOrg string // organizational domain by RFC 9989; "" where it was not needed
	ListOrg string // organizational domain by RFC 7489
	Err     error  // the walk for TreeOrg failed, so Tree is not certain
}

// Outcome is what becomes of a message by one standard.
type Outcome struct {
	Result string // "pass", "fail", "none" or "temperror"
	Policy Policy // to be applied to it: none for all results but fail
}

// Verdict is what becomes of a message by both.
type Verdict struct {
	Identifiers []Identifier
	Tree, List  Outcome
}

// Evaluate reports what becomes of a message From the domain of a Result that
// passed DKIM for some domains and SPF for another ("" for none).
func (r *Result) Evaluate(ctx context.Context, res dnsrec.Resolver, dkim []string, spf string) Verdict {
	var v Verdict
	for _, d := range dkim[:min(len(dkim), maxIdentifiers)] {
		v.Identifiers = append(v.Identifiers, Identifier{Method: "dkim", Domain: dnsrec.Canonical(d)})
	}
	if spf != "" {
		v.Identifiers = append(v.Identifiers, Identifier{Method: "spf", Domain: dnsrec.Canonical(spf)})
	}
	for i := range v.Identifiers {
		r.align(ctx, res, &v.Identifiers[i])
	}
	v.Tree = outcome(&r.Tree, v.Identifiers, func(id Identifier) (bool, error) { return id.Tree, r.unsure(id) })
	v.List = outcome(&r.List, v.Identifiers, func(id Identifier) (bool, error) { return id.List, nil })
	return v
}

// unsure is the error that keeps an identifier's alignment from being known.
// Aligned names have their organizational domain in common, above both; a name
// that is not below that of From is not aligned, whatever its own walk says.
func (r *Result) unsure(id Identifier) error {
	switch {
	case id.Mode != Relaxed:
		return nil // only the same name would be aligned
	case r.Tree.OrgErr != nil && related(id.Domain, r.Domain):
		return r.Tree.OrgErr
	case r.Tree.OrgErr == nil && !dnsrec.Within(id.Domain, r.Tree.Org):
		return nil
	}
	return id.Err
}

// related reports whether two names are below one domain of two labels, which
// is the least that an organization has.
func related(a, b string) bool {
	la, lb := strings.Split(a, "."), strings.Split(b, ".")
	return len(la) > 1 && len(lb) > 1 && slices.Equal(la[len(la)-2:], lb[len(lb)-2:])
}

// align compares one identifier with the From domain (RFC 9989 4.4, RFC 7489
// 3.1).
func (r *Result) align(ctx context.Context, res dnsrec.Resolver, id *Identifier) {
	id.ListOrg = ListOrganizational(id.Domain)
	id.Mode = mode(&r.Tree, id.Method)
	same := id.Domain == r.Domain
	id.Tree, id.List = same, same
	if same {
		return // RFC 9989 4.10.2: no walk is needed
	}
	if mode(&r.List, id.Method) == Relaxed {
		id.List = id.ListOrg == r.List.Org
	}
	if id.Mode == Relaxed && r.Tree.Found() {
		id.TreeOrg, id.Err = organizational(New(id.Domain).walk(ctx, res))
		id.Tree = id.TreeOrg == r.Tree.Org
	}
}

func mode(rd *Reading, method string) Mode {
	switch {
	case rd.Record == nil:
		return Relaxed
	case method == "spf":
		return rd.Record.SPFMode()
	}
	return rd.Record.DKIMMode()
}

// outcome judges the identifiers by one standard.
func outcome(rd *Reading, ids []Identifier, aligned func(Identifier) (bool, error)) Outcome {
	switch {
	case rd.Err != nil:
		return Outcome{"temperror", None}
	case rd.Broken, rd.Record == nil:
		// RFC 9989 4.7 and RFC 7489 6.6.3: records that are discarded are as none
		return Outcome{"none", None}
	}
	var unsure error
	for _, id := range ids {
		ok, err := aligned(id)
		if ok {
			return Outcome{"pass", None}
		}
		if err != nil {
			unsure = err
		}
	}
	if unsure != nil {
		return Outcome{"temperror", None}
	}
	return Outcome{"fail", rd.Policy}
}

package message

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"maildiag/checks/refusal/message/authres"
	"maildiag/checks/refusal/message/received"
)

// AuthResult is one Authentication-Results field (RFC 8601).
type AuthResult struct {
	AuthservID  string         `json:"authserv_id"`           // "" where Microsoft 365 leaves it out
	Trusted     bool           `json:"trusted"`               // the border wrote it, the sender cannot have
	Unconfirmed bool           `json:"unconfirmed,omitempty"` // the border wrote it, or the sender did
	Why         string         `json:"why,omitempty"`         // why it is not trusted
	Results     []MethodResult `json:"results,omitempty"`
	Raw         string         `json:"raw"`

	assumed bool // it is trusted only because the user says so
}

// MethodResult is the outcome of one method.
type MethodResult struct {
	Method  string            `json:"method"`
	Value   string            `json:"value"`
	Params  map[string]string `json:"params,omitempty"`
	Comment string            `json:"comment,omitempty"`
}

// The limits of the fields that are read.
const (
	maxAuthRes   = 16 << 10
	maxAuthField = 50
)

const (
	authResults = "Authentication-Results"
	malformed   = "malformed: "
)

// results reads the fields and says which of them the border wrote. RFC 8601 5
func (t *trace) results() []AuthResult {
	var list []AuthResult
	var places []int
	for i, f := range t.part.Fields {
		if strings.EqualFold(f.Name, authResults) && len(list) < maxAuthField {
			list, places = append(list, parsed(f.Value)), append(places, i)
		}
	}
	if t.border == nil {
		for i := range list {
			list[i].Why = "no trusted server is known, so the sender may have written it: " + t.why
			if t.within {
				list[i].Why = "the message did not come from outside, so there is nothing that it could be about"
			}
		}
		return list
	}
	above, exact := false, false
	for i := range list {
		list[i].above(t, places[i])
		above = above || list[i].named()
		exact = exact || list[i].named() && strings.EqualFold(list[i].AuthservID, t.border.By)
	}
	for i := range list {
		if r := &list[i]; exact && r.named() && t.wanted == "" && !strings.EqualFold(r.AuthservID, t.border.By) {
			r.distrust("the receiving server writes its results in the name " + t.border.By)
		}
	}
	t.below(list, places, above)
	contradictions(list)
	return list
}

func parsed(v string) AuthResult {
	f := authres.Parse(v)
	r := AuthResult{AuthservID: strings.TrimSuffix(f.ID, "."), Raw: v[:min(len(v), maxAuthRes)]}
	if f.Fault != "" {
		r.Why = malformed + f.Fault
	}
	for _, x := range f.Results {
		m := MethodResult{Method: x.Method, Value: x.Value, Params: x.Props, Comment: x.Comment}
		if x.Reason != "" {
			m.Params["reason"] = x.Reason
		}
		r.Results = append(r.Results, m)
	}
	return r
}

// above judges a field that stands above the Received field of the border,
// where the sender cannot write. One without a name must stand in the border's
// own block, below the next Received field.
func (r *AuthResult) above(t *trace, place int) {
	switch {
	case r.Why != "":
	case place > t.line || t.border.Missing && place == t.line:
		r.Why = "it is below the Received field of the receiving server, so the sender may have written it"
	case t.wanted != "" && !t.named(r.AuthservID):
		r.Why = "it names a server other than the trusted one, " + t.wanted
	case place < t.over && r.AuthservID == "":
		r.Why = "it was not added by the receiving server " + nameOf(t.border.By)
	case t.wanted == "" && !t.ofBorder(r.AuthservID):
		r.Why = "it names a server other than the receiving one, " + nameOf(t.border.By) + "; to trust it, use --authserv-id"
	default:
		r.Trusted, r.Unconfirmed = !t.behindDoubt(place), t.behindDoubt(place)
		if r.Unconfirmed {
			r.Why = t.border.Uncertain
		}
	}
}

// behindDoubt reports whether a field stands below the hop that may have been
// the border.
func (t *trace) behindDoubt(place int) bool {
	return t.doubt != nil && (t.doubt.hop < 0 || place > t.at[t.doubt.hop])
}

// ofBorder reports whether an authserv-id is that of the border. Microsoft 365
// writes none, and a border without a name of the DNS says nothing against any.
func (t *trace) ofBorder(id string) bool {
	by := t.border.By
	if id == "" {
		return t.border.microsoft()
	}
	return strings.EqualFold(id, by) || sameOrg(id, by) || org(by) == ""
}

// named reports whether an authserv-id is the one that the user trusts. For a
// field without one, that is the name of the edge server of Microsoft 365.
func (t *trace) named(id string) bool {
	if id == "" {
		return t.border.microsoft() && strings.EqualFold(t.wanted, t.border.By)
	}
	return strings.EqualFold(id, t.wanted)
}

// below judges the fields directly below the Received field of the border,
// where Gmail and the milters of Postfix and Sendmail write theirs. The border
// must remove fields in its name that come from outside (RFC 8601 5), but
// whether it does is not seen in most headers. They are trusted where the user
// says so, where the border repeats them in an ARC set above, as Gmail does, and
// where a milter that removes such fields shows that it was at work.
func (t *trace) below(list []AuthResult, places []int, above bool) {
	wanted := cmp.Or(t.wanted, t.border.By)
	if t.wanted != "" && !sameOrg(t.wanted, t.border.By) && !strings.EqualFold(t.wanted, t.border.By) {
		return // that server has no reason to remove fields in the name of another
	}
	for i := range list {
		r := &list[i]
		if t.border.Missing || places[i] < t.line || !t.directly(places[i]) || strings.HasPrefix(r.Why, malformed) ||
			r.AuthservID == "" || !strings.EqualFold(r.AuthservID, wanted) {
			continue
		}
		if above {
			r.Why = "the receiving server writes its results above its Received field, so the sender may have written this one"
			continue
		}
		shown := (t.repeated(r) || t.filtered()) && plainID(r)
		r.Trusted = (t.vouched() || shown) && !t.behindDoubt(places[i])
		r.assumed = r.Trusted && !shown
		r.Unconfirmed, r.Why = !r.Trusted, ""
		if r.Unconfirmed {
			r.Why = "it is below the receiving server's Received field: written by " + r.AuthservID +
				" if that server removes such fields from outside (RFC 8601 5)"
			if t.wanted == "" {
				r.Why += "; if it does, use --authserv-id"
			}
		}
	}
}

// vouched reports whether the user's word for the border is enough for what is
// directly below it: its client must be a public one, for behind a proxy the
// fields may have come from anywhere, and no field below may use its name.
func (t *trace) vouched() bool {
	same := func(h received.Hop) bool { return strings.EqualFold(h.By, t.border.By) }
	return t.wanted != "" && t.border.Uncertain == "" && !slices.ContainsFunc(t.hops[t.border.Hop+1:], same)
}

// plainID reports whether a field starts with its authserv-id. Comments and
// quotes before it are legal, but a filter that removes forged fields may not
// read past them.
func plainID(r *AuthResult) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimLeft(r.Raw, " \t\r\n")), strings.ToLower(r.AuthservID))
}

// repeated reports whether a field says the same as an
// ARC-Authentication-Results field of the border above its Received field.
func (t *trace) repeated(r *AuthResult) bool {
	for _, f := range t.part.Fields[:t.line] {
		if !strings.EqualFold(f.Name, "ARC-Authentication-Results") {
			continue
		}
		_, rest, _ := strings.Cut(f.Value, ";") // i=
		above := parsed(rest)
		if strings.EqualFold(above.AuthservID, r.AuthservID) && len(r.Results) > 0 && slices.EqualFunc(above.Results, r.Results, sameResult) {
			return true
		}
	}
	return false
}

// filtered reports whether OpenDKIM or OpenDMARC left its mark at the border.
// It holds the queue ID, which the sender cannot know, and both remove fields
// in their own name that come from outside.
func (t *trace) filtered() bool {
	h := &t.hops[t.border.Hop]
	if len(h.ID) < minQueueID || t.border.Missing {
		return false
	}
	for i := t.line + 1; i < len(t.part.Fields) && t.directly(i); i++ {
		f := t.part.Fields[i]
		if !strings.EqualFold(f.Name, "DKIM-Filter") && !strings.EqualFold(f.Name, "DMARC-Filter") {
			continue
		}
		words := strings.Fields(f.Value)
		if n := len(words); n > 1 && words[n-1] == h.ID && strings.EqualFold(words[n-2], h.By) {
			return true
		}
	}
	return false
}

// minQueueID is the shortest queue ID that cannot be guessed: Postfix has ten
// characters and more.
const minQueueID = 8

func sameResult(a, b MethodResult) bool {
	return a.Method == b.Method && a.Value == b.Value && maps.Equal(a.Params, b.Params)
}

// directly reports whether only fields that a border adds stand between its
// Received field and place.
func (t *trace) directly(place int) bool {
	if t.part.Dropped > 0 {
		return false // others may have stood between
	}
	for i := t.line + 1; i < place; i++ {
		switch strings.ToLower(t.part.Fields[i].Name) {
		case "received-spf", "authentication-results", "dkim-filter", "dmarc-filter":
		default:
			return false
		}
	}
	return true
}

// contradictions takes the trust from all fields in the name of the border if
// two of their results exclude each other: one is not what it seems.
func contradictions(list []AuthResult) {
	about := ""
	for i := range list {
		for j := range list[:i+1] {
			if list[i].named() && list[j].named() {
				about = cmp.Or(about, conflict(&list[j], &list[i]))
			}
		}
	}
	for i := range list {
		switch r := &list[i]; {
		case !r.named():
		case about != "":
			r.distrust(contradictory + " about " + strings.ToUpper(about))
		case r.againstDMARC(list):
			r.distrust("it says that a signature or SPF of the domain in From passed, but the receiving server's DMARC result says that neither did")
		}
	}
}

const contradictory = "the fields in the name of the receiving server contradict each other"

// conflict returns the method about which two fields, or one with itself,
// exclude each other, "" if none.
func conflict(a, b *AuthResult) string {
	for i := range a.Results {
		for j := range b.Results {
			if x, y := &a.Results[i], &b.Results[j]; x.Method == y.Method && x.Value != y.Value && x.excludes(y, a == b) {
				return x.Method
			}
		}
	}
	return ""
}

// excludes reports whether two results of a method with different values
// cannot both be true. One field may list several signatures of a domain, of
// which one passes.
func (m *MethodResult) excludes(o *MethodResult, oneField bool) bool {
	switch m.Method {
	case "dkim", "domainkeys":
		if m.Value == "none" || o.Value == "none" { // not signed
			return m.Value == "pass" || o.Value == "pass"
		}
		return !oneField && (m.Value == "pass" || o.Value == "pass") && m.signer() == o.signer() &&
			m.mayBe(o, "header.s") && m.mayBe(o, "header.b")
	case "spf": // of the envelope sender, or of HELO
		return (m.Params["smtp.mailfrom"] == "") == (o.Params["smtp.mailfrom"] == "")
	}
	return true
}

// mayBe reports whether two results may have the same value of a property.
func (m *MethodResult) mayBe(o *MethodResult, property string) bool {
	v, w := strings.ToLower(m.Params[property]), strings.ToLower(o.Params[property])
	return strings.HasPrefix(v, w) || strings.HasPrefix(w, v)
}

// named reports whether a field stands where the border writes, in its name.
func (r *AuthResult) named() bool { return r.Trusted || r.Unconfirmed }

func (r *AuthResult) distrust(why string) { r.Trusted, r.Unconfirmed, r.Why = false, false, why }

// againstDMARC reports whether a field without a result of DMARC says that the
// domain passed for which another one says that DMARC failed.
func (r *AuthResult) againstDMARC(list []AuthResult) bool {
	if r.method("dmarc") != nil {
		return false
	}
	for i := range list {
		d := list[i].method("dmarc")
		if !list[i].named() || d == nil || d.Value != "fail" {
			continue
		}
		for _, m := range r.Results {
			if m.Value == "pass" && sameOrg(m.domain(), addressDomain(d.Params["header.from"])) {
				return true
			}
		}
	}
	return false
}

func (r *AuthResult) method(name string) *MethodResult {
	for i := range r.Results {
		if r.Results[i].Method == name {
			return &r.Results[i]
		}
	}
	return nil
}

func nameOf(host string) string {
	if host == "" {
		return "(without a name)"
	}
	return host
}

package spf

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"
)

// TakesSender reports whether a repair takes away a term by which somebody may
// send: only a person can know whether anybody does.
func (r Repair) TakesSender() bool {
	return slices.Contains([]string{RepairPTR, RepairLeftover, RepairMove}, r.Kind)
}

// Repair is one change to a record that brings its count down.
type Repair struct {
	Kind    string  // one of the Repair constants
	Branch  *Branch // the term to change
	Replace string  // what to write instead; empty: take it out
	Saves   int     // lookups
	Voids   int     // void lookups
	Why     string
}

// The kinds of [Repair], the cheapest first.
const (
	RepairDead      = "dead"      // leads to nothing, and makes receivers give up
	RepairLoop      = "loop"      // leads back to itself
	RepairDuplicate = "duplicate" // its networks are in the tree already
	RepairNothing   = "nothing"   // a, mx or exists without an address behind it
	RepairCovered   = "covered"   // other terms hold its addresses
	RepairAddresses = "addresses" // a or mx written as ip4 and ip6
	RepairOwn       = "own"       // the domain's own record behind an include, written into the one that includes it
	RepairPTR       = "ptr"       // whom it authorizes, DNS does not list
	RepairLeftover  = "leftover"  // the provider before the migration
	RepairMove      = "move"      // to a subdomain of its own
)

// Advice steers the repairs of a tree.
type Advice struct {
	Keep     []string           // included names that must stay
	Leftover func(*Sender) bool // senders that are probably no longer used; may be nil
	Reserve  int                // lookups that terms to be added will cost

	// Receives reports whether a host only receives mail, and its operator
	// sends by an include that the record holds or will hold; may be nil.
	Receives func(host string) bool
}

// maxWritten is how many addresses of an a or mx are written out instead.
const maxWritten = 4

// Owned returns the node whose record the domain's owner edits: the root, or the
// record in the same domain to which it only redirects.
func (t *Tree) Owned() *Node {
	n := t.Root
	for len(n.Branches) == 1 && n.Branches[0].Kind == Redirect {
		child := n.Branches[0].Child
		if child == nil || len(child.Records) == 0 || !under(child.Domain, t.Domain) {
			break
		}
		n = child
	}
	return n
}

// Deciding returns the node whose record has the last word: where redirects end
// (RFC 7208 6.1).
func (t *Tree) Deciding() *Node {
	n := t.Root
	for len(n.Branches) > 0 {
		last := n.Branches[len(n.Branches)-1]
		if last.Kind != Redirect || last.Child == nil || last.State != StateGood {
			break
		}
		n = last.Child
	}
	return n
}

// Repairs lists the changes to the owner's record that save lookups, the
// cheapest kind first, and within a kind those that save most.
func (t *Tree) Repairs(advice Advice) []Repair {
	node := t.Owned()
	var all []Repair
	for _, b := range node.Branches {
		if r := t.repair(b, advice); r != nil {
			r.Branch = b
			if r.Saves == 0 {
				r.Saves, r.Voids = b.Total, b.Voids
			}
			all = append(all, *r)
		}
	}
	order := []string{RepairDead, RepairLoop, RepairDuplicate, RepairNothing, RepairCovered, RepairAddresses, RepairOwn,
		RepairPTR, RepairLeftover, RepairMove}
	sort.SliceStable(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if a.Kind != b.Kind {
			return slices.Index(order, a.Kind) < slices.Index(order, b.Kind)
		}
		return b.Saves < a.Saves
	})
	return all
}

// repair returns the cheapest repair at one term; nil if it should stay.
func (t *Tree) repair(b *Branch, advice Advice) *Repair {
	if b.Lookups == 0 || b.Kind == Redirect && b.State == StateGood {
		return nil
	}
	if b.Kind == Include && slices.Contains(advice.Keep, b.Target) && !b.State.Permanent() {
		return nil
	}
	switch {
	case b.State == StateNoRecord || b.State == StateBadName:
		return &Repair{Kind: RepairDead, Why: "it has no SPF record behind it, which makes receivers give up"}
	case b.State == StateLoop || b.loops():
		return &Repair{Kind: RepairLoop, Why: "it leads back to itself, until receivers give up"}
	case b.Kind == Include && t.elsewhere(b):
		return &Repair{Kind: RepairDuplicate, Why: "another term of the record includes it already"}
	case b.State == StateNothing:
		return &Repair{Kind: RepairNothing, Why: "it resolves to no address, so it authorizes no sender"}
	case b.Kind == PTR:
		return &Repair{Kind: RepairPTR, Why: "if it authorizes a server of yours, write the server's address " +
			"with ip4: or ip6: instead"}
	case b.OnlyReceives(advice.Receives):
		return &Repair{Kind: RepairCovered, Why: "its servers only receive mail; those that send are behind the include"}
	case b.Kind == A || b.Kind == MX:
		return t.written(b, advice)
	case b.Kind != Include || slices.Contains(advice.Keep, b.Target):
		return nil
	}
	if terms, saves := t.inlined(b); saves > 0 {
		return &Repair{Kind: RepairOwn, Replace: terms, Saves: saves, Why: "they fit in here; make later changes here as well"}
	}
	if s := SenderOf(b.Target); s != nil && advice.Leftover != nil && advice.Leftover(s) {
		return &Repair{Kind: RepairLeftover, Why: s.Name + " is probably no longer used"}
	}
	if !movable(b) || !advice.keepsOut(b) {
		return nil
	}
	return &Repair{Kind: RepairMove, Why: fmt.Sprintf("it costs %d; let this sender use a subdomain with a "+
		"record of its own", b.Total)}
}

// OnlyReceives reports whether a term stands for hosts that send nothing, by
// a function that says so of one. A nil function says so of none.
func (b *Branch) OnlyReceives(receives func(host string) bool) bool {
	hosts := b.Hosts
	if b.Kind == A {
		hosts = []string{b.Target}
	}
	return receives != nil && len(hosts) > 0 && !slices.ContainsFunc(hosts, func(h string) bool { return !receives(h) })
}

// inlined returns the terms that mean the same as the include of a record of the domain
// itself, and how many lookups they save; 0: it is not so simple. A record that is an
// alias is somebody else's.
func (t *Tree) inlined(b *Branch) (terms string, saves int) {
	c := b.Child
	if b.Kind != Include || b.Qualifier != '+' || b.State != StateGood || c == nil || len(c.Records) != 1 ||
		len(c.Answer.CNAMEs) > 0 || c.Domain == t.Domain || !under(c.Domain, t.Domain) {
		return "", 0
	}
	saves = 1
	for _, o := range c.Branches {
		own := *o.Term
		if (own.Kind == A || own.Kind == MX) && own.Domain == "" {
			own.Domain = c.Domain
		}
		more, n := t.inlined(o)
		switch {
		case own.Kind == All && own.Qualifier != '+': // the next term of the record is read
		case own.Kind == All || own.Kind == Redirect || own.Kind == PTR || own.Qualifier != '+' || own.Macros() || o.State != StateGood && o.State != StateNothing:
			return "", 0
		case n > 0:
			terms, saves = terms+" "+more, saves+n
		default:
			terms += " " + own.String()
		}
	}
	if terms == "" {
		return "", 0
	}
	return terms[1:], saves
}

// movable reports whether a term stands for a sender that can use a subdomain:
// a known one, other than people's mailboxes, what mail of people passes
// through, and the host of the record itself.
func movable(b *Branch) bool {
	s := SenderOf(b.Target)
	if s == nil {
		return false
	}
	switch s.Kind {
	case Bulk, Relay, CRM, Helpdesk, Business:
		return true
	}
	return false
}

// keepsOut reports whether no name to keep is reached through b.
func (a Advice) keepsOut(b *Branch) bool {
	if b.Child == nil {
		return true
	}
	return b.Child.walk(func(c *Branch) bool { return !slices.Contains(a.Keep, c.Target) || c.Target == "" })
}

func (b *Branch) loops() bool {
	if b.Child == nil {
		return false
	}
	return !b.Child.walk(func(c *Branch) bool { return c.State != StateLoop })
}

// elsewhere reports whether the name that b includes is passed by another term of
// the tree that would stay if b went.
func (t *Tree) elsewhere(b *Branch) bool {
	if b.Qualifier != '+' {
		return false
	}
	for _, way := range t.Reaches(b.Target) {
		last := way.Path[len(way.Path)-1]
		if last == b || way.Result != Pass {
			continue
		}
		if len(way.Path) > len(b.Path()) || last.LookupsBefore < b.LookupsBefore {
			return true
		}
	}
	return false
}

// written replaces an a or mx by those of its addresses that no other term holds,
// or by nothing.
func (t *Tree) written(b *Branch, advice Advice) *Repair {
	if b.State != StateGood || len(b.Addrs) == 0 {
		return nil
	}
	list, _ := t.Networks()
	alone := slices.DeleteFunc(b.networks(), func(own Network) bool {
		return b.Qualifier == '+' && (b.covered(list, own.Prefix) || advice.holds(list, own.Prefix))
	})
	switch {
	case len(alone) == 0:
		return &Repair{Kind: RepairCovered, Why: "other terms let its addresses send already"}
	case len(alone) > maxWritten:
		return nil
	}
	var terms []string
	for _, n := range alone {
		t := Term{Kind: IP4, Qualifier: b.Qualifier, Prefix: n.Prefix}
		if n.Prefix.Addr().Is6() {
			t.Kind = IP6
		}
		if s := t.String(); !slices.Contains(terms, s) {
			terms = append(terms, s)
		}
	}
	return &Repair{Kind: RepairAddresses, Replace: strings.Join(terms, " "),
		Why: "addresses cost no lookup, but must be changed by hand when the server moves"}
}

// holds reports whether an include that must stay lets all of p pass, wherever it
// stands: such addresses are not written out, since their operator may change them.
func (a Advice) holds(list []Network, p netip.Prefix) bool {
	return slices.ContainsFunc(list, func(n Network) bool {
		if n.Result != Pass || !n.Prefix.Overlaps(p) || n.Prefix.Bits() > p.Bits() {
			return false
		}
		b := n.Source
		for b != nil && !slices.Contains(a.Keep, b.Target) {
			b = b.Node.Parent
		}
		return b != nil
	})
}

// covered reports whether another term lets all of p pass: the first one that
// speaks of any address in it, since an earlier one may refuse it.
func (b *Branch) covered(list []Network, p netip.Prefix) bool {
	i := slices.IndexFunc(list, func(n Network) bool { return n.Source != b && n.Result != Neutral && n.Prefix.Overlaps(p) })
	if i < 0 {
		return false
	}
	n := list[i]
	return n.Result == Pass && n.Prefix.Bits() <= p.Bits() && (n.Source.Lookups == 0 || n.Source.LookupsBefore < b.LookupsBefore)
}

func (b *Branch) networks() (list []Network) {
	sub := Tree{Root: &Node{Branches: []*Branch{b}}}
	list, _ = sub.Networks()
	return list
}

// Plan is a set of repairs that makes a record work again.
type Plan struct {
	Domain  string // where the record is published
	Repairs []Repair
	Lookups int // of the whole tree afterwards; at least, if Mended
	Voids   int
	Mended  bool // terms that could not be read were corrected; what they lead to was not asked

	edit map[int]string // what stands at the offsets of terms afterwards
	end  int            // where the record ends; -1: as it does today
}

// Plan picks the cheapest repairs that bring the tree within the limits, and mends
// what is broken in the record itself.
func (t *Tree) Plan(advice Advice) Plan {
	node := t.Owned()
	p := Plan{Domain: node.Domain, Lookups: t.Lookups + advice.Reserve, Voids: t.Voids}
	if len(node.Records) == 0 {
		return Plan{Domain: node.Domain}
	}
	p.edit, p.end = node.Records[0].corrections()
	p.mend(node.Records[0])
	room := ShouldSize - len(node.Records[0].Text)
	for _, r := range t.Repairs(advice) {
		if !r.needed(t, p) || r.Kind == RepairOwn && r.grows() > room {
			continue
		}
		if p.end >= 0 && r.Branch.Offset >= p.end || len(node.Records) > 1 {
			continue
		}
		p.edit[r.Branch.Offset] = r.Replace
		room -= r.grows()
		p.Repairs = append(p.Repairs, r)
		p.Lookups -= r.Saves
		p.Voids -= r.Voids
	}
	return p
}

// grows returns how much longer the record is afterwards.
func (r Repair) grows() int { return len(r.Replace) - len(r.Branch.Text) }

// needed reports whether a plan that has come so far takes this repair too.
// What leads to nothing goes whenever there is too much of it; what lets
// someone send goes only to save lookups.
func (r Repair) needed(t *Tree, p Plan) bool {
	switch r.Kind {
	case RepairDead, RepairLoop:
		return true
	case RepairNothing:
		if t.Voids > MaxVoids {
			return true
		}
	case RepairPTR, RepairLeftover, RepairAddresses, RepairOwn, RepairMove:
		return p.Lookups > MaxLookups && r.Saves > 0
	}
	return p.Lookups > MaxLookups && r.Saves > 0 || p.Voids > MaxVoids && r.Voids > 0
}

// mend counts the corrected terms that ask the DNS.
func (p *Plan) mend(rec *Record) {
	for _, f := range rec.Faults {
		for _, w := range split(f.Hint, 0) {
			t, _ := parseTerm(w.text)
			if t.Kind.Lookup() {
				p.Lookups++
				p.Mended = true
			}
		}
	}
}

// sign returns the sign of a mechanism as written.
func sign(word string) byte {
	if s, _ := cutSign(word); s != "" {
		return s[0]
	}
	return '+'
}

// With returns the record with a term added where receivers come to it: before
// all and redirect.
func (r *Record) With(term string) string {
	words := []string{versionTag}
	added := false
	for _, w := range split(r.Text, len(versionTag)) {
		t, f := parseTerm(w.text)
		if !added && f == nil && (t.Kind == All || t.Kind == Redirect || t.Kind == Exp) {
			words, added = append(words, term), true
		}
		words = append(words, w.text)
	}
	if !added {
		words = append(words, term)
	}
	return strings.Join(words, " ")
}

// Without returns the record without the terms that are written as term, or mean
// the same, and how many they were.
func (r *Record) Without(term string) (txt string, removed int) {
	words := []string{versionTag}
	want, wantFault := parseTerm(term)
	for _, w := range split(r.Text, len(versionTag)) {
		t, f := parseTerm(w.text)
		if strings.EqualFold(w.text, term) || f == nil && wantFault == nil && t.same(want) {
			removed++
			continue
		}
		words = append(words, w.text)
	}
	return strings.Join(words, " "), removed
}

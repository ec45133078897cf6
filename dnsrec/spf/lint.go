package spf

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Issue is something in a record that receivers accept and its author cannot
// have wanted, or that is discouraged.
type Issue struct {
	Code    string // one of the Issue constants
	Term    Term   // where
	Problem string // in plain words

	// Hint is what to write in the place of the term; Drop: the term should
	// just go. With neither, only the author can know.
	Hint string
	Drop bool
}

// The codes of [Issue].
const (
	IssueGlued     = "glued"     // a second record stands in this one
	IssueModifier  = "modifier"  // a mechanism written with "="
	IssueUnknown   = "unknown"   // a modifier that nobody knows
	IssueAfterAll  = "after-all" // receivers stop at all
	IssueRedirect  = "redirect"  // a redirect beside all is ignored
	IssueRefused   = "refused"   // an address that an earlier term does not allow
	IssuePTR       = "ptr"       // slow and unreliable, RFC 7208 5.5
	IssueDuplicate = "duplicate" // the same term again
	IssueName      = "name"      // a domain that no host can have
	IssueRange     = "range"     // a network larger than anyone's mail servers
	IssuePrivate   = "private"   // addresses that no receiver ever sees
)

// maxIssues bounds the issues of one record.
const maxIssues = 100

// Lint finds what is odd in the terms of a record that could be read.
func (r *Record) Lint() []Issue {
	l := linter{seen: map[string]bool{}}
	if r.All() != nil {
		l.redirectDead = true
	}
	for _, t := range r.Terms {
		if len(l.issues) >= maxIssues {
			break
		}
		l.term(t)
	}
	return l.issues
}

type linter struct {
	issues       []Issue
	seen         map[string]bool
	refusing     []Term // networks that are not allowed
	afterAll     bool
	redirectDead bool
	glued        bool
}

func (l *linter) add(code string, t Term, hint string, drop bool, format string, args ...any) {
	l.issues = append(l.issues, Issue{code, t, fmt.Sprintf(format, args...), hint, drop})
}

func (l *linter) term(t Term) {
	if l.glued {
		return // all that follows belongs to the second record
	}
	key := strings.ToLower(t.String())
	switch {
	case t.Kind == Unknown:
		l.modifier(t)
		return
	case t.Kind == Redirect:
		if l.redirectDead {
			l.add(IssueRedirect, t, "", false, "receivers ignore redirect in a record with all (RFC 7208 6.1)")
		}
		return
	case t.Kind == Exp:
		return
	case l.afterAll:
		l.add(IssueAfterAll, t, "", false, "receivers stop at all and never read this (RFC 7208 5.1)")
		return
	case l.seen[key]:
		l.add(IssueDuplicate, t, "", true, "it stands in this record already")
		return
	}
	l.seen[key] = true
	l.afterAll = t.Kind == All
	if t.Kind == PTR {
		l.add(IssuePTR, t, "", false, "ptr is slow and unreliable, and should not be published (RFC 7208 5.5)")
	}
	l.name(t)
	l.network(t)
	l.refused(t)
}

// refused finds a network that an earlier term of the record decides about: the first that
// matches does (RFC 7208 4.6.2).
func (l *linter) refused(t Term) {
	if t.Kind != IP4 && t.Kind != IP6 {
		return
	}
	if t.Qualifier != '+' {
		l.refusing = append(l.refusing, t)
		return
	}
	i := slices.IndexFunc(l.refusing, func(r Term) bool { return r.Prefix.Bits() <= t.Prefix.Bits() && r.Prefix.Overlaps(t.Prefix) })
	if i >= 0 {
		l.add(IssueRefused, t, "", false, "%s before it decides for these servers, and does not allow them", l.refusing[i].Text)
	}
}

// modifier looks at an unknown modifier: most are mistakes.
func (l *linter) modifier(t Term) {
	if t.Name == "v" {
		l.glued = true
		l.add(IssueGlued, t, "", true, "a second record starts here; receivers read it as part of this one")
		return
	}
	e := SyntaxError{Term: t.Name + ":" + t.Domain}
	if _, f := parseTerm(e.Term); f == nil {
		e.Hint = e.Term
	} else {
		e.guess()
	}
	if e.Hint != "" && e.Hint != t.Text {
		l.add(IssueModifier, t, e.Hint, false,
			"with \"=\" this is an unknown modifier, which receivers ignore; a mechanism is written with \":\"")
		return
	}
	l.add(IssueUnknown, t, "", true, "no receiver knows this modifier; it does nothing")
}

// name looks for domains that RFC 7208 allows and no host has.
func (l *linter) name(t Term) {
	if t.Domain == "" || t.Macros() {
		return
	}
	lower := asciiLower(t.Domain)
	for _, all := range []string{"-all", "all"} {
		if head, ok := strings.CutSuffix(lower, all); ok && all == "-all" && checkDomainSpec(head) == nil {
			hint, _ := guessGlued(t.Text)
			l.add(IssueName, t, cmp.Or(hint, t.Text[:len(t.Text)-len(all)]+" "+all), false, "a space is missing before all")
			return
		}
	}
	i := strings.IndexFunc(lower, oddInHost)
	if i < 0 {
		return
	}
	hint := hostOnly(t, lower)
	for _, rule := range []func(string) (string, string){guessList, guessGlued, guessURL} {
		if meant, _ := rule(t.Text); meant != "" {
			hint = meant
			break
		}
	}
	l.add(IssueName, t, hint, false, "no mail host has a name with %q in it", lower[i:i+1])
}

// hostOnly returns a term without what is not of a host in its name: a colon in
// the place of a dot, and a user before an at sign; "" if that makes no host.
func hostOnly(t Term, name string) string {
	_, host, at := strings.Cut(name, "@")
	if !at {
		host = strings.ReplaceAll(name, ":", ".")
	}
	before, after, _ := strings.Cut(t.Domain, ":")
	for _, k := range kindNames[Include:Unknown] { // "example.coma:host": the name of a mechanism ends the name
		if rest, ok := strings.CutSuffix(asciiLower(before), k); ok && checkDomainSpec(rest) == nil {
			head := t.Text[:len(t.Text)-len(t.Domain)]
			return good(head + before[:len(rest)] + " " + before[len(rest):] + ":" + after)
		}
	}
	if strings.IndexFunc(host, oddInHost) >= 0 || host == name {
		return ""
	}
	return good(strings.Replace(t.Text, t.Domain, host, 1))
}

func oddInHost(r rune) bool {
	return r > '~' || !alpha(byte(r)) && !digit(byte(r)) && !strings.ContainsRune("-._", r)
}

// BroadIPv4 and BroadIPv6 are the prefix lengths below which a network is
// larger than anyone's own mail servers; a whole provider gets an IPv6 /29.
const (
	BroadIPv4 = 16
	BroadIPv6 = 29
)

func (l *linter) network(t Term) {
	switch t.Kind {
	case IP4, IP6:
		limit := BroadIPv4
		if t.Kind == IP6 {
			limit = BroadIPv6
		}
		switch addr := t.Prefix.Addr(); {
		case private(t.Prefix):
			l.add(IssuePrivate, t, "", false, "no receiver ever sees a connection from this address")
		case t.Prefix.Bits() < limit && !KnownNetwork(t.Prefix):
			l.add(IssueRange, t, "", false, "the term names %s", crowd(t.Prefix.Bits(), addr.BitLen()))
		}
	case A, MX:
		if t.Bits4 < BroadIPv4 {
			l.add(IssueRange, t, "", false, "the term names %s around each address", crowd(t.Bits4, bitsIPv4))
		} else if t.Bits6 < BroadIPv6 {
			l.add(IssueRange, t, "", false, "the term names %s around each address", crowd(t.Bits6, bitsIPv6))
		}
	}
}

// private reports whether no address of a network is ever seen by a receiver.
func private(p netip.Prefix) bool {
	first, last := p.Masked().Addr(), lastAddr(p)
	const largest = 4 // of these networks: 224.0.0.0/4 and 240.0.0.0/4
	return p.Bits() >= largest && Unroutable(first) && Unroutable(last)
}

// Unroutable reports whether no receiver ever sees a connection from an address
// (RFC 6890). The networks for documentation are not among them: they stand for
// real ones.
func Unroutable(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || a.Is4In6() ||
		slices.ContainsFunc(unroutable, func(p netip.Prefix) bool { return p.Contains(a) })
}

// unroutable are the networks that [netip.Addr] has no method for.
var unroutable = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),     // RFC 791: this network
	netip.MustParsePrefix("100.64.0.0/10"), // RFC 6598: shared
	netip.MustParsePrefix("192.0.0.0/24"),  // RFC 6890: protocol assignments
	netip.MustParsePrefix("198.18.0.0/15"), // RFC 2544: benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),   // RFC 1112: reserved
	netip.MustParsePrefix("fec0::/10"),     // RFC 3879: site-local
	netip.MustParsePrefix("100::/64"),      // RFC 6666: discard
}

// crowd says how many addresses a prefix length stands for.
func crowd(bits, length int) string {
	switch {
	case bits == 0:
		return "every host on the Internet"
	case length == bitsIPv6:
		return fmt.Sprintf("all of a /%d network (more than a provider gets)", bits)
	}
	return fmt.Sprintf("%d addresses", 1<<(length-bits))
}

// corrections returns what should stand at the offsets of faulty terms, and where
// the record should end if another one is glued to it; else -1.
func (r *Record) corrections() (edit map[int]string, end int) {
	edit, end = map[int]string{}, -1
	for _, f := range r.Faults {
		edit[f.TermOffset] = f.Term
		if f.Hint != "" || f.Drop {
			edit[f.TermOffset] = f.Hint
		}
	}
	for _, i := range r.Lint() {
		if i.Code == IssueGlued {
			end = i.Term.Offset
		}
		if i.Hint != "" || i.Drop {
			edit[i.Term.Offset] = i.Hint
		}
	}
	return edit, end
}

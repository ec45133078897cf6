package spf

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Kind distinguishes the terms of a record.
type Kind uint8

// The mechanisms (RFC 7208 5), then the modifiers (RFC 7208 6).
const (
	All Kind = iota + 1
	Include
	A
	MX
	PTR
	IP4
	IP6
	Exists
	Redirect
	Exp
	Unknown // a modifier that RFC 7208 does not define; receivers skip it
)

var kindNames = [...]string{
	"", "all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists", "redirect", "exp", "unknown",
}

// String returns the name as it is written in a record.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Modifier reports whether terms of this kind are modifiers, not mechanisms.
func (k Kind) Modifier() bool { return k >= Redirect }

// Lookup reports whether a receiver counts terms of this kind against its limit of
// [MaxLookups] (RFC 7208 4.6.4).
func (k Kind) Lookup() bool {
	switch k {
	case Include, A, MX, PTR, Exists, Redirect:
		return true
	}
	return false
}

// kindOf finds the kind of a mechanism or known modifier; 0 if name is neither.
func kindOf(name string) Kind {
	for k := All; k < Unknown; k++ {
		if strings.EqualFold(name, kindNames[k]) {
			return k
		}
	}
	return 0
}

// Term is one mechanism with its qualifier, or one modifier.
type Term struct {
	Kind      Kind
	Qualifier Qualifier // '+' where none is written; 0 for modifiers
	Name      string    // of an Unknown modifier, in lower case

	// Domain is the domain-spec as written, macros included; empty for
	// the mechanisms without one. Of an Unknown modifier it is the value.
	Domain string

	Prefix       netip.Prefix // of ip4 and ip6; host bits are kept as written
	Bits4, Bits6 int          // of a and mx: the prefix lengths, 32 and 128 where none is written

	Offset int    // of the term in the record, in bytes
	Text   string // the term as written
}

// Macros reports whether the term's domain depends on macros.
func (t Term) Macros() bool { return strings.Contains(t.Domain, "%") }

// usualTerm is how long most terms are, without a domain.
const usualTerm = 32

// String writes the term in its shortest form: names in lower case, no "+",
// no prefix length that changes nothing.
func (t Term) String() string {
	var b strings.Builder
	b.Grow(usualTerm + len(t.Domain))
	if t.Qualifier != 0 && t.Qualifier != '+' {
		b.WriteByte(byte(t.Qualifier))
	}
	if t.Kind == Unknown {
		return t.Name + "=" + t.Domain
	}
	b.WriteString(t.Kind.String())
	switch {
	case t.Kind.Modifier():
		b.WriteString("=" + t.Domain)
	case t.Kind == IP4 || t.Kind == IP6:
		b.WriteString(":" + t.Prefix.Addr().String())
		if t.Prefix.Bits() != t.Prefix.Addr().BitLen() {
			b.WriteString("/" + strconv.Itoa(t.Prefix.Bits()))
		}
	case t.Domain != "":
		b.WriteString(":" + t.Domain)
	}
	if t.Kind == A || t.Kind == MX {
		b.WriteString(t.dualCIDR())
	}
	return b.String()
}

func (t Term) dualCIDR() (s string) {
	if t.Bits4 != bitsIPv4 {
		s = "/" + strconv.Itoa(t.Bits4)
	}
	if t.Bits6 != bitsIPv6 {
		s += "//" + strconv.Itoa(t.Bits6)
	}
	return s
}

// same reports whether two terms mean the same, wherever they stand.
func (t Term) same(u Term) bool {
	t.Offset, t.Text, u.Offset, u.Text = 0, "", 0, ""
	t.Domain, u.Domain = strings.ToLower(t.Domain), strings.ToLower(u.Domain)
	return t == u
}

// Record is one SPF record.
type Record struct {
	Text  string // as published
	Terms []Term // the terms that could be read, in order

	// Faults lists what is not SPF syntax. One is enough for receivers to
	// answer permerror without looking at any term (RFC 7208 4.6).
	Faults []SyntaxError
}

// String writes the record in its shortest form; faults are left out.
func (r *Record) String() string {
	var b strings.Builder
	b.WriteString(versionTag)
	for _, t := range r.Terms {
		b.WriteString(" " + t.String())
	}
	return b.String()
}

// All returns the all mechanism that ends the record; nil if there is none.
func (r *Record) All() *Term { return r.find(All) }

// Redirect returns the redirect modifier; nil if there is none. Receivers ignore
// it in a record with all (RFC 7208 6.1).
func (r *Record) Redirect() *Term { return r.find(Redirect) }

func (r *Record) find(k Kind) *Term {
	for i := range r.Terms {
		if r.Terms[i].Kind == k {
			return &r.Terms[i]
		}
	}
	return nil
}

// Default is the result for hosts that no other term of this record matches:
// that of its all, or Neutral (RFC 7208 4.7). A redirect decides otherwise.
func (r *Record) Default() Result {
	if all := r.All(); all != nil {
		return all.Qualifier.Result()
	}
	return Neutral
}

// Live returns the terms that receivers evaluate: not those after all, nor a
// redirect beside all (RFC 7208 5.1), nor Unknown modifiers. A redirect comes
// last, wherever it was written (RFC 7208 6.1).
func (r *Record) Live() []*Term {
	terms := make([]*Term, 0, len(r.Terms))
	var redirect *Term
	for i := range r.Terms {
		switch t := &r.Terms[i]; {
		case t.Kind == Redirect:
			redirect = t
		case t.Kind == All:
			return append(terms, t)
		case !t.Kind.Modifier():
			terms = append(terms, t)
		}
	}
	if redirect != nil {
		terms = append(terms, redirect)
	}
	return terms
}

// SyntaxError is one place where a record is not what RFC 7208 12 allows.
type SyntaxError struct {
	Offset, Len int    // the place, in bytes from the start of the record
	Term        string // the term, or terms, that it spoils, verbatim
	TermOffset  int    // where Term starts
	Problem     string // what is wrong, in plain words

	// Hint is what was probably meant, ready to stand in the place of Term;
	// empty if nothing can be said. Drop reports whether Term should just go.
	Hint string
	Drop bool
}

func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("spf: byte %d: %q: %s", e.Offset, e.Term, e.Problem)
	if e.Hint != "" {
		s += fmt.Sprintf(" (%q is meant?)", e.Hint)
	}
	return s
}

package spf

import (
	"net/netip"
	"slices"
	"strings"
)

// The bounds of a tree: what lies beyond them is not asked for.
const (
	maxCounted   = 40 // terms that ask the DNS; receivers stop at MaxLookups
	maxDepth     = 20 // includes within includes
	maxAddresses = 64 // questions for MX hosts and addresses
)

// Tree is the record of a domain with all that it leads to.
type Tree struct {
	Domain string
	Root   *Node

	// Lookups and Voids are what a receiver counts that evaluates every term
	// (RFC 7208 4.6.4), counted on beyond its limits.
	Lookups, Voids int

	// Cut reports whether the tree is larger than the bounds of this package, so
	// that Lookups is the least that it can be.
	Cut bool
}

// Node is one domain of the tree with its records.
type Node struct {
	*Published
	Parent   *Branch   // the term that led here; nil for the root
	Branches []*Branch // the live terms of its records, in the order of evaluation
}

// Branch is one live term of a record in the tree, and what came of it.
type Branch struct {
	*Term        // read only
	Node   *Node // in which it stands
	Record *Record
	State  State
	// Target is the name asked for; empty if none, or if it depends on the message. Where
	// no name exists that a message may lead to, it is the end that all of them have.
	Target string

	Lookups       int // 1 if the term counts as a lookup, else 0
	Total         int // Lookups and all below it
	Voids         int // lookups here and below that find nothing
	LookupsBefore int // lookups counted before a receiver comes to this term

	Child   *Node   // of include and redirect
	Earlier *Branch // an earlier term of the tree that includes the same name
	*Found          // never nil
}

// Found is what a term that asks the DNS came to.
type Found struct {
	Hosts []string     // of mx
	Addrs []netip.Addr // of a and mx
	Err   error        // for StateTemp: a *dnsrec.Error
	Loop  []string     // for StateLoop: the domains of the loop, the first one again at its end
}

// unasked is shared by the terms that ask nothing: most of a tree are addresses.
var unasked Found

// State is what came of a term.
type State uint8

// The states of a [Branch].
const (
	StateGood     State = iota
	StateDynamic        // the name depends on the message
	StateNothing        // a, mx or exists that leads to no address
	StateNoRecord       // include or redirect to a name without SPF record: permerror
	StateMultiple       // to a name with several: permerror
	StateBroken         // to a record with syntax faults: permerror
	StateLoop           // to a name that led here: permerror
	StateManyMX         // mx with more than ten hosts: permerror
	StateBadName        // include or redirect to what is not a name: permerror
	StateTemp           // the DNS did not answer
	StateCut            // not followed: a bound was reached
)

// Permanent reports whether receivers which come to the term answer permerror.
func (s State) Permanent() bool {
	switch s {
	case StateNoRecord, StateMultiple, StateBroken, StateLoop, StateManyMX, StateBadName:
		return true
	}
	return false
}

// Walk calls f for each branch of the tree, depth first from the left, until f
// returns false.
func (t *Tree) Walk(f func(*Branch) bool) { t.Root.walk(f) }

func (n *Node) walk(f func(*Branch) bool) bool {
	for _, b := range n.Branches {
		if !f(b) || b.Child != nil && !b.Child.walk(f) {
			return false
		}
	}
	return true
}

// Path returns the terms from the root to b, as published.
func (b *Branch) Path() []string {
	var path []string
	for p := b; p != nil; p = p.Node.Parent {
		path = append(path, p.Text)
	}
	slices.Reverse(path)
	return path
}

// Via returns the domains from the root to the record in which b stands.
func (b *Branch) Via() string {
	var names []string
	for n := b.Node; n != nil; {
		names = append(names, n.Domain)
		if n.Parent == nil {
			break
		}
		n = n.Parent.Node
	}
	slices.Reverse(names)
	return strings.Join(names, " → ")
}

package plan

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
)

// This file says what a change of a record does beside what it is made for.

// caution returns what to know before an RRset is changed.
func caution(set rrset, was, after []string) string {
	if set.typ != dnsrec.TypeTXT {
		return ""
	}
	return strings.TrimSpace(cautionDMARC(chosen(was, dmarc.Meant), chosen(after, dmarc.Meant)) + " " + cautionSPF(chosen(was, spf.Ours), chosen(after, spf.Ours)))
}

// ofDMARC reports whether DMARC records are published at a name.
func ofDMARC(set rrset) bool { return strings.HasPrefix(set.name, dmarc.Name("")) }

// chosen returns the values of a kind.
func chosen(values []string, kind func(string) bool) (out []string) {
	for _, v := range values {
		if kind(v) {
			out = append(out, v)
		}
	}
	return out
}

// cautionDMARC says what begins to apply with a corrected record, and what the new
// one no longer asks for.
func cautionDMARC(was, after []string) string {
	if len(after) != 1 {
		return ""
	}
	e := dmarc.EffectOf(was, after[0])
	var texts []string
	if len(e.Starts) > 0 {
		texts = append(texts, fmt.Sprintf("Some receivers ignore the record as it is written. With this change they start to apply %s.", listed(e.Starts)))
	}
	if len(e.GivenUp) > 0 {
		texts = append(texts, fmt.Sprintf("The new record no longer asks for %s.", listed(e.GivenUp)))
	}
	if len(e.Lowered) > 0 {
		texts = append(texts, fmt.Sprintf("t=y also lowers %s: receivers that implement RFC 9989 apply the policy one level below.", listed(e.Lowered)))
	}
	return strings.Join(texts, " ")
}

// begins reports whether receivers begin to read an SPF record that refuses all servers
// but some: they read none today.
func begins(was, after []string) bool {
	if len(after) != 1 {
		return false
	}
	rec, _, err := spf.Parse(after[0])
	if err != nil || len(rec.Live()) < 2 || rec.Default() != spf.Fail || rec.Redirect() != nil && rec.All() == nil {
		return false
	}
	if len(was) != 1 {
		return true
	}
	old, _, err := spf.Parse(was[0])
	return err != nil || len(old.Faults) > 0
}

// cautionSPF says that a record which lets everyone send is closed, or that one which
// refuses servers comes into force.
func cautionSPF(was, after []string) string {
	if begins(was, after) {
		return "Receivers read no valid SPF record here today. Once this one is published, mail from servers that it does not list fails SPF (-all): first make sure that it lists all your senders."
	}
	open := func(text string) bool {
		rec, _, _ := spf.Parse(text)
		all := rec.All()
		return all != nil && all.Qualifier == '+'
	}
	if !slices.ContainsFunc(was, open) || len(after) == 0 || slices.ContainsFunc(after, open) {
		return ""
	}
	return "A record of today ends in +all, which allows every server to send. The new record allows only the servers that it lists. " +
		"Add any other server that sends for you before you publish it."
}

// listed joins words: "a, b and c".
func listed(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

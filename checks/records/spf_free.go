package records

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// This file judges terms that leave to others who may send: names in domains that
// anyone can register, and includes with a sign that keeps a service from passing.

// freeTargets returns the domains that anyone can register among those of the terms
// that find nothing.
func freeTargets(k *kit.Known, tree *spf.Tree) map[string]string {
	var free map[string]string
	asked := 0
	tree.Walk(func(b *spf.Branch) bool {
		if b.State != spf.StateNothing && b.State != spf.StateNoRecord || b.Result() != spf.Pass {
			return true
		}
		if org := freeOf(k, b); org != "" {
			if free == nil {
				free = map[string]string{}
			}
			free[b.Target] = org
		}
		asked++
		return asked < maxIncludeFindings
	})
	return free
}

// freeOf returns the domain that anyone can register which a term leads to: by its name, by
// an alias of that, or by a host of an MX record.
func freeOf(k *kit.Known, b *spf.Branch) string {
	t := dnsrec.TypeTXT
	switch {
	case b.Macros():
		return ""
	case b.Kind == spf.A:
		t = dnsrec.TypeA
	case b.Kind == spf.MX:
		for _, host := range b.Hosts {
			a, _ := k.Need(host, dnsrec.TypeA)
			if org := k.FreeEnd(a.Answer); a.Err == nil && org != "" {
				return org
			}
		}
		t = dnsrec.TypeMX
	case b.Child == nil:
		return k.FreeDomain(b.Target)
	}
	if org := k.FreeDomain(b.Target); org != "" {
		return org
	}
	a, ok := k.Need(b.Target, t)
	if !ok || a.Err != nil {
		return ""
	}
	return k.FreeEnd(a.Answer)
}

// internal reports whether a name is in a zone that is not on the Internet, as many
// networks have one.
func internal(name string) bool {
	top := name[strings.LastIndexByte(name, '.')+1:]
	return slices.Contains([]string{"local", "lan", "internal", "intranet", "corp", "home", "localdomain"}, top)
}

// anyoneSends says what follows from a domain that anyone can register.
func (f spfFacts) anyoneSends(b *spf.Branch) string {
	return "anyone who registers the domain " + f.free[b.Target] + " can send mail as " + f.domain
}

// judgeFree judges the terms for hosts in domains that anyone can register. For
// includes, see judgeDead.
func judgeFree(f spfFacts) (fs []report.Finding) {
	var told []string
	f.tree.Walk(func(b *spf.Branch) bool {
		if f.free[b.Target] == "" || b.State != spf.StateNothing || meantInclude(b) != "" || slices.Contains(told, b.Text) {
			return true
		}
		told = append(told, b.Text)
		x := kit.Find(report.Warn, "spf.dangling", b.Target, "%s finds nothing, and %s", b.Text, f.anyoneSends(b))
		x.Fix = f.freeFix(b)
		fs = append(fs, x)
		return len(fs) < maxIncludeFindings
	})
	return fs
}

// freeFix returns how a term for a domain that anyone can register goes. It lets no
// mail pass today.
func (f spfFacts) freeFix(b *spf.Branch) *report.Fix {
	if out := f.leaves(b); out != b {
		return f.fix(fmt.Sprintf("Only the operator of %s can correct its record: report it to them. If nothing of yours sends through %s, "+
			"remove it from the record of %s.", b.Node.Domain, out.Text, out.Node.Domain), nil, "RFC 7208 11.4")
	}
	drop := []report.Edit{kit.RemoveTerm(b.Node.Domain, b.Text)}
	text := fmt.Sprintf("Remove %s from the record of %s. No mail passes SPF through it today.", b.Text, b.Node.Domain)
	if b.Kind == spf.Redirect { // it was the end of its record
		drop = append(drop, kit.SetAll(b.Node.Domain, "~all"))
		text = fmt.Sprintf("Write ~all instead of %s at the end of the record of %s. No mail passes SPF through %[1]s today.", b.Text, b.Node.Domain)
	}
	if b.Kind != spf.MX && dnsrec.Within(b.Target, kit.Organization(f.domain)) {
		text += " Then delete the CNAME record of " + b.Target + "."
	}
	return f.fix(text, drop, "RFC 7208 11.4")
}

// judgeWithheld judges the includes of services whose sign keeps them from passing.
// It may be meant: only the owner knows whether they send.
func judgeWithheld(f spfFacts) (fs []report.Finding) {
	for _, b := range f.tree.Withheld() {
		if f.profile.Microsoft && b.Target == f.profile.Cloud.SPF { // see judgeQualifier
			continue
		}
		status, who := report.Info, b.Target
		if s := senderOfBranch(b); s != nil {
			status, who = report.Warn, s.Name
		}
		x := kit.Find(status, "spf.qualifier", b.Text, "mail from %s gets the result %s instead of pass", who, b.Qualifier.Result())
		x.Fix = f.fix(fmt.Sprintf("Decide whether %s sends for %s. The sign in front of %s keeps its mail from passing SPF.", who, f.domain, b.Text), nil, "RFC 7208 4.6.2")
		x.Fix.Alternatives = []report.Choice{
			{Label: fmt.Sprintf("if %s sends for %s", who, f.domain), Text: fmt.Sprintf("Write %s without the sign in front of it.", b.Text),
				Edits: []report.Edit{kit.ReplaceTerm(b.Node.Domain, b.Text, b.Text[1:])}},
			{Label: "if it does not", Text: "Leave it as it is.", Stay: true},
		}
		fs = append(fs, f.unlessDiscarded(x))
	}
	return fs
}

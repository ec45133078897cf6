package records

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// This file judges whether the hosts of the MX records can be reached by name.

// elsewhere are the kinds of hosts that are neither Microsoft's nor a known filter's: beside
// Microsoft 365 they are to be deleted, see judgeLeftover.
var elsewhere = []kit.MXKind{kit.MXOther, kit.MXProvider, kit.MXConsumer, kit.MXSender, kit.MXParking}

// judgeTargets judges whether the hosts can be reached by name.
func judgeTargets(f *mxFacts) []report.Finding {
	var fs []report.Finding
	usable := 0
	ours := slices.ContainsFunc(f.targets, func(m kit.MXTarget) bool { return m.Kind == kit.MXMicrosoft && !f.dead(m) })
	for _, m := range f.targets {
		x, ok := judgeTarget(f, m)
		if ok {
			usable++
		}
		if x.Status != report.Unset && !(ours && slices.Contains(elsewhere, m.Kind) && !kit.LikelyFilter(m)) {
			fs = append(fs, x)
		}
	}
	for i := range fs { // one dead host among living ones only delays mail
		if fs[i].Status == report.Fail && usable > 0 {
			fs[i].Status = report.Warn
		}
	}
	if n := len(f.targets) - maxMXHosts; n > 0 {
		fs = append(fs, kit.Find(report.Info, "mx.many", f.domain, "%d MX records; only %d hosts were checked", len(f.targets), len(f.hosts)))
	}
	return fs
}

// judgeTarget judges one record's host. ok: mail can be sent there, as far as
// is known.
func judgeTarget(f *mxFacts, m kit.MXTarget) (x report.Finding, ok bool) {
	h := f.hosts[m.Host]
	switch m.Kind {
	case kit.MXNull:
		return x, false
	case kit.MXSuffixed:
		return judgeSuffixed(f, m), false
	case kit.MXMisspelled:
		return judgeMisspelled(f, m), false
	case kit.MXMistaken:
		x = kit.Find(report.Fail, "mx.host", m.Host, "is a name of Microsoft 365, but receives no mail for domains")
		if m.Alias != "" {
			x.Summary = "is an alias for " + m.Alias + ", a name of Microsoft 365 that receives no mail for domains"
		}
		x.Fix = f.mistakenFix(m)
		return x, false
	case kit.MXVerify:
		x = kit.Find(report.Info, "mx.verify", m.Host, "proves ownership to Microsoft and receives no mail; it can be deleted once the domain is verified")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete it when the admin center shows the domain as verified.",
			Edits: []report.Edit{kit.Remove(f.domain, dnsrec.TypeMX, m.String())}, Links: MXDoc.Sources[3:4]}
		return x, false
	case kit.MXLiteral:
		x = kit.Find(report.Fail, "mx.literal", m.Host, "is an IP address; an MX record must name a host")
		x.Fix = f.literalFix(m)
		return x, false
	case kit.MXInvalid:
		x = kit.Find(report.Fail, "mx.name", m.Host, "is not a valid host name")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete the MX record of " + f.domain + " that names it, or correct it. Host names consist of letters, digits and hyphens.", Edits: f.without(m), Links: []string{"RFC 1123 2.1"}}
		return x, false
	case kit.MXRetired:
		return x, h != nil && len(h.a.Values) > 0 // judged as a route
	}
	if h == nil {
		return x, true
	}
	return judgeAddresses(f, m, h)
}

const microsoftInstead = "Publish the MX record of Microsoft 365 instead."

// mistakenFix returns what to do about a host of Microsoft that receives no mail for
// domains.
func (f *mxFacts) mistakenFix(m kit.MXTarget) *report.Fix {
	gone := f.without(m)
	if len(gone) == 0 {
		return f.insteadOf(m, microsoftInstead)
	}
	return &report.Fix{Owner: report.OwnerDNS, Text: "Delete the MX record of " + f.domain + " that names " + m.Host + ": senders that use it lose the mail.",
		Edits: gone, Links: MXDoc.Sources[3:4]}
}

// literalFix returns what to do about an MX record that holds an IP address: senders
// take it for a host name, which does not exist. What the server there is for, only
// a person knows.
func (f *mxFacts) literalFix(m kit.MXTarget) *report.Fix {
	fix := &report.Fix{Owner: report.OwnerDNS, Edits: f.without(m), Links: []string{"RFC 5321 5.1", "RFC 1035 3.3.9"}}
	named := "Give the mail server at " + m.Host + " a name with an A record, and put that name into the MX record of " + f.domain + "."
	switch {
	case len(fix.Edits) > 0:
		fix.Text = "Delete the MX record of " + f.domain + " that holds " + m.Host + ": senders take it for a host name, which does not exist, and use the other MX records."
	case f.profile.Microsoft:
		return f.cloudOr(m, fix, "if the server at "+m.Host+" should receive the mail", named)
	default:
		fix.Text = named
	}
	return fix
}

// cloudOr makes a fix of the decision whether Microsoft 365 receives the mail in the
// place of an MX record that leads nowhere, or a server of the domain's own.
func (f *mxFacts) cloudOr(m kit.MXTarget, fix *report.Fix, label, own string) *report.Fix {
	receive := f.insteadOf(m, microsoftInstead)
	if f.expect == kit.ExpectM365 {
		return receive
	}
	fix.Text, fix.Commands = "Decide which server should receive the mail of "+f.domain+".", receive.Commands
	fix.Alternatives = onlyIf("if mailboxes are in Microsoft 365", receive.Text, receive.Edits, report.Choice{Label: label, Text: own})
	return fix
}

func judgeAddresses(f *mxFacts, m kit.MXTarget, h *hostFacts) (x report.Finding, ok bool) {
	found := len(h.a.Values) + len(h.aaaa.Values)
	switch {
	case found > 0 && privateOnly(h) != "" && cmp.Or(h.aErr, h.aaaaErr) != nil: // the other family may be public
		return judgeAddressError(f, m, cmp.Or(h.aErr, h.aaaaErr)), true
	case found > 0 && privateOnly(h) != "": // whatever else is wrong with the name
		return judgePrivate(f, m, h, privateOnly(h))
	case found > 0 && strings.Contains(m.Host, "_"):
		return underscore(f, m), true
	case found == 0 && h.aErr != nil:
		return judgeAddressError(f, m, h.aErr), dnsrec.KindOf(h.aErr) != dnsrec.KindChain
	case found == 0 && h.aaaaErr != nil:
		return judgeAddressError(f, m, h.aaaaErr), true
	case found == 0:
		return mxNoAddress(f, m, h), false
	case len(h.a.CNAMEs) > 0:
		x = kit.Find(report.Warn, "mx.cname", m.Host, "is an alias for %s; an MX record must name the host itself", h.a.CNAMEs[len(h.a.CNAMEs)-1])
		x.Evidence = kit.Shown(h.a)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Point the MX record of " + f.domain + " to the final name. Most senders accept an alias, some do not.", Links: []string{"RFC 5321 5.1", "RFC 2181 10.3"},
			Edits: []report.Edit{kit.Replace(f.domain, dnsrec.TypeMX, m.String(), fmt.Sprintf("%d %s.", m.Preference, h.a.CNAMEs[len(h.a.CNAMEs)-1]))}}
		if !dnsrec.Within(m.Host, f.domain) { // who runs it may point the alias elsewhere tomorrow
			x.Fix.Text, x.Fix.Edits = "Ask the operator of "+m.Host+" which host name to use. Most senders accept an alias, some do not.", nil
		}
		return x, true
	}
	return x, true
}

// judgePrivate judges a host none of whose addresses is on the Internet. ok: a
// resolver of an internal network said so, and outside it may be otherwise.
func judgePrivate(f *mxFacts, m kit.MXTarget, h *hostFacts, example string) (x report.Finding, ok bool) {
	seen := kit.Shown(h.a)
	if len(h.aaaa.Values) > 0 {
		seen = append(seen, kit.Seen(h.aaaa))
	}
	if insideView(h) {
		x = kit.Find(report.Warn, "mx.private", m.Host, "has the address %s, which nobody on the Internet can reach", example)
		x.Evidence = seen
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 6890 2.2.2"},
			Text: "If this is an internal resolver, use a public one with --resolver: the Internet may see another address. If not, publish the public address."}
		return x, true
	}
	x = kit.Find(report.Fail, "mx.unreachable", m.Host, "has the address %s, which no sender on the Internet can reach", example)
	x.Evidence = seen
	x.Cause, _ = ownerOfHost(f.domain, m)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 6890 2.2.2", "RFC 5321 5.1"}, Edits: f.without(m),
		Text: "Publish the public address of the mail server, or delete this MX record."}
	if len(x.Fix.Edits) == 0 {
		x.Fix.Text = "Publish the public address of the mail server, or name another host in the MX record."
	}
	return x, false
}

// insideView reports whether the addresses of a host are probably what an
// internal network sees of it: they are private, and so is the resolver's.
func insideView(h *hostFacts) bool {
	for _, v := range slices.Concat(h.a.Values, h.aaaa.Values) {
		if ip, err := netip.ParseAddr(v); err != nil || !ip.IsPrivate() {
			return false
		}
	}
	return slices.ContainsFunc([]string{h.a.Server, h.aaaa.Server}, func(server string) bool {
		address, _, _ := strings.Cut(server, "/") // 192.0.2.53:53/udp
		at, err := netip.ParseAddrPort(address)
		return err == nil && at.Addr().IsPrivate()
	})
}

func mxNoAddress(f *mxFacts, m kit.MXTarget, h *hostFacts) report.Finding {
	what := "has no address"
	if h.a.NXDomain() {
		what = "does not exist"
	}
	if h.free != "" {
		what += ", and anyone who registers the domain " + h.free + " can receive this mail"
	}
	x := kit.Find(report.Fail, "mx.address", m.Host, "%s: no mail can be delivered there", what)
	x.Evidence = []report.Evidence{kit.Seen(h.a), kit.Seen(h.aaaa)}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 5321 5.1"},
		Text:  "Give " + m.Host + " an A record, or delete the MX record that names it.",
		Edits: f.without(m)}
	if alias := h.a.CNAMEs; len(alias) > 0 {
		x.Fix.Text = m.Host + " is an alias (CNAME) for " + alias[0] + ". Replace the CNAME record with an A record, or delete the MX record that names it."
	}
	switch {
	case len(x.Fix.Edits) > 0 || len(h.a.CNAMEs) > 0 && !f.profile.Microsoft:
	case f.profile.Microsoft && slices.Contains(elsewhere, m.Kind):
		x.Fix = f.cloudOr(m, x.Fix, "if a server of your own, or a filter, should receive it",
			"Publish an A or AAAA record for "+m.Host+", or name the right host in the MX record. If it is a filter, confirm it with --gateway "+m.Host+".")
	default:
		x.Fix.Text = "Give " + m.Host + " an A record, or name the right host in the MX record."
	}
	if m.Kind == kit.MXMicrosoft {
		x.Cause = report.CauseDomain
		x.Fix = f.insteadOf(m, "Microsoft does not serve "+m.Host+": it is misspelled, or the domain is not (or no longer) set up in a tenant. Publish the right record.")
	}
	return x
}

// judgeAddressError judges a host whose address could not be had. A fault of
// a zone is that of the host's owner.
func judgeAddressError(f *mxFacts, m kit.MXTarget, err error) report.Finding {
	x := kit.Undecided("mx.address", m.Host, err)
	if x.Status == report.Fail {
		x.Cause, x.Fix.Owner = ownerOfHost(f.domain, m)
	}
	return x
}

// judgeSuffixed judges a Microsoft host with another domain behind it.
func judgeSuffixed(f *mxFacts, m kit.MXTarget) report.Finding {
	rest := strings.TrimPrefix(m.Host, m.Name+".")
	x := kit.Find(report.Fail, "mx.suffix", m.Host, "is a host of Microsoft 365 with %s appended, so mail does not get there", rest)
	if h := f.hosts[m.Host]; h != nil {
		x.Evidence = kit.Shown(h.a)
	}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: MXDoc.Sources[3:4],
		Text: "The zone editor appends the zone to a host without a final dot. End the host " +
			"with a dot, or use the editor's option for full names."}
	f.correct(m, x.Fix)
	return x
}

// correct adds to a fix the host that was meant: if it exists, or has another
// name that does.
func (f *mxFacts) correct(m kit.MXTarget, fix *report.Fix) {
	if f.dead(kit.MXTarget{Host: m.Name}) {
		instead := f.insteadOf(m, "")
		fix.Text += " " + m.Name + " does not exist." + instead.Text
		fix.Edits, fix.Commands = instead.Edits, instead.Commands
		return
	}
	fix.Text += " Compare it with the admin center: Settings > Domains > " + f.domain + " > DNS records."
	fix.Edits = []report.Edit{kit.Replace(f.domain, dnsrec.TypeMX, m.String(), fmt.Sprintf("%d %s.", m.Preference, m.Name))}
}

// judgeMisspelled judges a Microsoft host with a slip in its name.
func judgeMisspelled(f *mxFacts, m kit.MXTarget) report.Finding {
	x := kit.Find(report.Fail, "mx.misspelled", m.Host, "is misspelled, so mail does not reach Microsoft 365; probably meant: %s", m.Name)
	if h := f.hosts[m.Host]; h != nil {
		x.Evidence = kit.Shown(h.a)
	}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: MXDoc.Sources[3:4],
		Text: "Correct the name " + m.Host + " in the MX record."}
	f.correct(m, x.Fix)
	return x
}

// dead reports whether the host of a record is known to have no address.
func (f *mxFacts) dead(m kit.MXTarget) bool {
	h := f.hosts[m.Host]
	return h != nil && h.aErr == nil && h.aaaaErr == nil && len(h.a.Values)+len(h.aaaa.Values) == 0
}

// allDead reports whether none of some hosts has an address.
func (f *mxFacts) allDead(targets []kit.MXTarget) bool {
	return !slices.ContainsFunc(targets, func(m kit.MXTarget) bool { return !f.dead(m) })
}

// without is the change that takes a record away. It is empty if no other
// record is left that mail can be sent to: then the record is to be corrected.
func (f *mxFacts) without(m kit.MXTarget) []report.Edit {
	useless := []kit.MXKind{kit.MXNull, kit.MXVerify, kit.MXLiteral, kit.MXInvalid, kit.MXSuffixed, kit.MXMisspelled, kit.MXMistaken}
	if !slices.ContainsFunc(f.targets, func(o kit.MXTarget) bool {
		return o.Host != m.Host && !slices.Contains(useless, o.Kind) && !f.dead(o)
	}) {
		return nil
	}
	return []report.Edit{kit.Remove(f.domain, dnsrec.TypeMX, m.String())}
}

// underscore judges a name that resolves, though no host may be called so.
func underscore(f *mxFacts, m kit.MXTarget) report.Finding {
	x := kit.Find(report.Warn, "mx.name", m.Host, "contains an underscore, which is not allowed in host names; some senders reject it")
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Use a name without an underscore for the mail server.", Links: []string{"RFC 1123 2.1"},
		Edits: f.without(m)}
	if strings.HasPrefix(m.Host, "_dc-mx.") {
		x.Summary = "is a name that Cloudflare generates because the mail server's address is proxied; some senders reject the underscore in it"
		x.Fix.Text = "In Cloudflare, set the address record of the mail server to \"DNS only\"."
		x.Fix.Edits = nil
	}
	return x
}

// privateOnly returns an address of the host if none is reachable from outside.
func privateOnly(h *hostFacts) (example string) {
	for _, values := range [][]string{h.a.Values, h.aaaa.Values} {
		for _, v := range values {
			ip, err := netip.ParseAddr(v)
			if err != nil || kit.Public(ip) {
				return ""
			}
			example = v
		}
	}
	return example
}

// beforeMove is what to know before mail moves from a host to Microsoft 365.
func (f *mxFacts) beforeMove(m kit.MXTarget) string {
	text := fmt.Sprintf("Compare %s with the admin center before you publish it.", f.derived.Name)
	if m.Kind == kit.MXOther {
		text += fmt.Sprintf(" If %s is a filter in front of Microsoft 365, confirm it with --gateway %[1]s instead.", m.Host)
	}
	return text
}

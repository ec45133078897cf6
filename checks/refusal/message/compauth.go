package message

import (
	"slices"
	"strings"
)

// code is a reason of composite authentication.
type code struct {
	reason  string // three digits, "x" stands for any
	meaning string
	cause   string
	todo    string
	sure    bool // read in Microsoft's own pages
}

// What to do, for several reasons.
const (
	nothing  = ""
	fixOwn   = "The sender: publish SPF and DKIM for the domain in From, and DMARC with p=quarantine or p=reject."
	fixAuth  = "The sender: make sure that every service that sends for the domain is in its SPF record or signs with its DKIM key."
	ownSpoof = "You: if the sender is a device or service of your own, add it to your SPF record or make it sign in. If not, the message is forged."
	relayed  = "You: with a filter in front of Microsoft 365, turn on Enhanced Filtering for Connectors, and enter it as a trusted " +
		"ARC sealer if it changes messages."
)

// codes are the reasons, the exact ones before the classes. Sources, seen
// 2026-11-26: Microsoft Learn, "Anti-spam message headers in cloud
// organizations" and "Security Operations guide for email authentication in
// Microsoft 365".
var codes = []code{
	{"000", "the message failed explicit authentication",
		"DMARC failed, and the policy of the domain is quarantine or reject", fixAuth + " " + relayed, true},
	{"001", "the message failed implicit authentication",
		"the domain in From publishes no SPF, DKIM or DMARC, or weak ones (~all, ?all, p=none)", fixOwn, true},
	{"002", "spoofing is forbidden for this pair of sender and domain",
		"an administrator of the receiving organization blocked it (Tenant Allow/Block List)",
		"You: review the entry under Spoofed senders, if the message is wanted.", true},
	{"010", "the message failed DMARC, and the domain in From is one of your own",
		"someone outside sent in the name of your organization; the policy is quarantine or reject", ownSpoof, true},
	{"100", "SPF or DKIM passed and is aligned with From", "", nothing, false},
	{"101", "the domain in From signed the message (DKIM)", "", nothing, false},
	{"102", "SPF passed, and the envelope sender is aligned with From", "", nothing, false},
	{"103", "the reverse DNS of the address belongs to the domain in From",
		"neither SPF nor DKIM was conclusive", fixOwn, false},
	{"104", "the reverse DNS of the address belongs to the domain in From",
		"neither SPF nor DKIM was conclusive", fixOwn, false},
	{"108", "DKIM failed because a known server in between changed the body", "the server is part of your own mail flow", nothing, false},
	{"109", "the domain in From has no DMARC record; with one the message would pass", "",
		"The sender: publish a DMARC record.", false},
	{"111", "the message was accepted because of its reverse DNS, or despite a DMARC error",
		"neither SPF nor DKIM was conclusive", fixOwn, true},
	{"112", "the DMARC record could not be looked up in time", "a DNS timeout", "The sender: check the name servers of the domain.", false},
	{"115", "the message came from a Microsoft 365 organization that owns the domain in From", "", nothing, false},
	{"116", "the message was accepted because of the reverse DNS of the address",
		"neither SPF nor DKIM was conclusive", fixOwn, true},
	{"130", "a trusted ARC sealer overrode the DMARC failure",
		"a server in between changed the message, and states with ARC that it passed before", nothing, true},
	{"1xx", "the message passed authentication", "", nothing, true},
	{"2xx", "the message soft-passed implicit authentication",
		"SPF, DKIM and DMARC do not prove it, but other signals support it", fixOwn, true},
	{"3xx", "composite authentication was not checked", "", nothing, true},
	{"4xx", "composite authentication was bypassed", "", nothing, true},
	{"501", "DMARC was not enforced: the message is a bounce", "", nothing, false},
	{"502", "DMARC was not enforced: the message is a bounce of a message that you sent", "", nothing, false},
	{"601", "the message failed implicit authentication, and the domain in From is one of your own",
		"someone outside sent in the name of your organization", ownSpoof, true},
	{"6xx", "the message failed implicit authentication, and the domain in From is one of your own",
		"someone outside sent in the name of your organization", ownSpoof, true},
	{"701", "DMARC was not enforced: your organization has received good mail from these servers before", "", fixAuth, false},
	{"702", "DMARC was not enforced: your organization has received good mail from these servers before", "", fixAuth, false},
	{"703", "DMARC was not enforced: your organization has received good mail from these servers before", "", fixAuth, false},
	{"704", "DMARC was not enforced: your organization has received good mail from these servers before", "", fixAuth, false},
	{"7xx", "the message passed authentication", "", nothing, true},
	{"905", "DMARC was not enforced because of complex routing",
		"the message came through a server in front of Microsoft 365", relayed, false},
	{"9xx", "composite authentication was bypassed", "", nothing, true},
}

// compauth decodes the composite authentication of the border.
func compauth(a *Analysis) []Mark {
	m := a.result("compauth", true)
	if m == nil {
		return nil
	}
	k := Mark{Header: authResults, Key: "compauth", Value: m.Value, Meaning: "not known", Trusted: true}
	if reason := m.Params["reason"]; reason != "" {
		k.Value += " reason=" + reason
		if i := slices.IndexFunc(codes, func(c code) bool { return c.fits(reason) }); i >= 0 {
			c := codes[i]
			k.Meaning, k.Cause, k.ToDo, k.Sure = c.meaning, c.cause, c.todo, c.sure
		}
	}
	return []Mark{k}
}

// fits reports whether a reason is this one, or of this class.
func (c *code) fits(reason string) bool {
	if class, ok := strings.CutSuffix(c.reason, "xx"); ok {
		return len(reason) == 3 && strings.HasPrefix(reason, class) && strings.Trim(reason, "0123456789") == ""
	}
	return c.reason == reason
}

// junkSCL is the spam confidence level from which on a message is junk. SCL 5
// and 6 are spam, 7 to 9 high confidence spam.
const junkSCL = "5"

// skippedSCL is the level of a message that was not filtered.
const skippedSCL = "-1"

// filed says why Microsoft 365 junked the message, or that it did not.
func (a *Analysis) filed() string {
	level := a.mark("SCL")
	if level == "" {
		return ""
	}
	if level == skippedSCL {
		why := "SCL -1"
		if v := a.mark("SFV"); v != "" {
			why += ", SFV " + v + ": " + a.meaning("SFV")
		}
		return "Not marked as spam, because the spam filter was skipped (" + why + ")."
	}
	if len(level) != 1 || level < junkSCL {
		return "Not marked as spam: SCL " + level + "."
	}
	reasons := []string{"SCL " + level}
	for _, k := range []struct{ key, skip string }{{"CAT", "NONE"}, {"SFV", "SPM"}, {"SRV", ""}, {"SFTY", ""}} {
		if v := a.mark(k.key); v != "" && v != k.skip {
			reasons = append(reasons, k.key+" "+v+" ("+a.meaning(k.key)+")")
		}
	}
	if m := a.result("compauth", true); m != nil && m.Value != "pass" {
		why := strings.TrimSpace("compauth " + m.Value + " " + m.Params["reason"])
		if d := a.result("dmarc", true); d != nil && (d.Value == "none" || d.Value == "bestguesspass") {
			why += " (no DMARC record)"
		}
		reasons = append(reasons, why)
	}
	return "Sent to junk because: " + strings.Join(reasons, ", ") + "."
}

// mark returns a value that Microsoft 365 wrote as the border.
func (a *Analysis) mark(key string) string {
	for _, m := range a.Microsoft {
		if m.Trusted && m.Key == key {
			return m.Value
		}
	}
	return ""
}

func (a *Analysis) meaning(key string) string {
	for _, m := range a.Microsoft {
		if m.Trusted && m.Key == key {
			_, meaning, _ := strings.Cut(m.Meaning, ": ")
			return meaning
		}
	}
	return ""
}

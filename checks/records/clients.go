package records

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// ClientsDoc explains the check.
var ClientsDoc = kit.Doc{
	Means: "The other records of Microsoft 365: device registration and enrollment, msoid, leftover Skype for Business records, and the proof of ownership.",
	Why: "Devices join and enroll through them. A leftover msoid record prevents Office from activating, and Skype's records point to services that no longer exist. " +
		"None of them affects mail flow.",
	Fix: "Publish what is missing only if you use the service (Entra registration, Intune); delete what is obsolete.",
	Sources: []string{
		"https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records",
		"https://learn.microsoft.com/intune/intune-service/enrollment/windows-enrollment-create-cname",
	},
}

// clientAnswer is the answer to one of the client records.
type clientAnswer struct {
	name string
	a    dnsrec.Answer
	err  error
	wild bool // it comes from a wildcard record
}

// target returns the CNAME of the name itself, or "".
func (c clientAnswer) target() string {
	if c.a.Type == dnsrec.TypeCNAME && len(c.a.Values) > 0 && !c.wild {
		return dnsrec.Canonical(c.a.Values[0])
	}
	return ""
}

func (c clientAnswer) there() bool { return len(c.a.CNAMEs) > 0 || len(c.a.Values) > 0 }

type clientFacts struct {
	domain  string
	profile kit.Profile
	txt     dnsrec.Answer
	txtErr  error
	byLabel map[string]clientAnswer
}

// clientLabel is a name below the domain, with the type to ask for.
type clientLabel struct {
	label string
	typ   dnsrec.Type
}

// skypeLabels is how many of the first of clientLabels decide about the others,
// which came with them, are worth a question.
const skypeLabels = 4

// ownLabels is how many of the first of clientLabels say something by any target: for
// these it matters whether a wildcard record answers.
const ownLabels = 3

// clientLabels are the names looked at below the domain, with their types.
var clientLabels = []clientLabel{
	{"enterpriseregistration", dnsrec.TypeCNAME},
	{"enterpriseenrollment", dnsrec.TypeCNAME},
	{"msoid", dnsrec.TypeCNAME},
	{"sip", dnsrec.TypeCNAME},
	{"lyncdiscover", dnsrec.TypeCNAME},
	{"_sip._tls", dnsrec.TypeSRV},
}

// Clients checks the other records of Microsoft 365.
func Clients(k *kit.Known) []report.Finding { return kit.Judge(k, gatherClients(k), judgeClients) }

// gatherClients asks in a list for one name of Skype, and for the others where
// that is published: they came together.
func gatherClients(k *kit.Known) (f clientFacts) {
	f.domain, f.byLabel = k.Domain, map[string]clientAnswer{}
	var ok bool
	if f.profile, ok = k.Profile(); !ok || !f.profile.Microsoft || f.profile.Initial {
		return f
	}
	for i, c := range clientLabels {
		name := k.Under(c.label)
		if i >= skypeLabels && !k.Want(name, c.typ) && !f.skypeLikely() {
			break
		}
		if a, ok := k.Need(name, c.typ); ok {
			f.byLabel[c.label] = clientAnswer{name, a.Answer, a.Err, i < ownLabels && k.WildAlias(a.Answer)}
		}
	}
	txt, _ := k.Need(k.Domain, dnsrec.TypeTXT)
	f.txt, f.txtErr = txt.Answer, txt.Err
	return f
}

// skypeLikely reports whether the one name of Skype is published, or could not
// be looked up.
func (f *clientFacts) skypeLikely() bool {
	sip, asked := f.byLabel["sip"]
	return asked && (sip.err != nil || sip.there())
}

func judgeClients(f clientFacts) []report.Finding {
	if skip := kit.NotMicrosoft(f.profile, "clients"); skip != nil {
		return skip
	}
	if f.profile.Initial {
		return []report.Finding{kit.Find(report.Skip, "clients.skipped", "", "does not apply: Microsoft publishes the records of an onmicrosoft.com domain")}
	}
	c := f.profile.Cloud
	fs := []report.Finding{
		judgeDevice(f.byLabel["enterpriseregistration"], "clients.registration", []string{c.Registration},
			slices.Contains(c.Unsure, "Registration"), "devices register with Entra"),
		judgeDevice(f.byLabel["enterpriseenrollment"], "clients.enrollment", c.Enrollment, false, "Windows devices enroll in Intune"),
		judgeMsoid(f.byLabel["msoid"], c),
	}
	if x, left := judgeSkype(f); left {
		fs = append(fs, x)
	}
	return append(fs, judgeVerification(f))
}

// judgeDevice judges a record that only users of one service need.
// unsure: Microsoft has not confirmed the targets in public.
func judgeDevice(c clientAnswer, code string, targets []string, unsure bool, use string) report.Finding {
	if c.err != nil {
		return kit.Lesser(kit.Undecided(code, c.name, c.err))
	}
	publish := &report.Fix{Owner: report.OwnerDNS, Links: ClientsDoc.Sources, Edits: []report.Edit{kit.Add(c.name, dnsrec.TypeCNAME, targets[0]+".")}}
	var x report.Finding
	switch target := c.target(); {
	case target == targets[0]:
		x = kit.Find(report.Pass, code, c.name, "points to %s", target)
	case target != "" && slices.Contains(targets, target):
		x = kit.Find(report.Info, code, c.name, "points to %s, the older of two names that work", target)
		publish.Text = "Microsoft now documents the name below."
		publish.Edits[0].Old = target + "."
		x.Fix = publish
	case target != "" && unsure:
		x = kit.Find(report.Info, code, c.name, "points to %s; this cloud's host is %s, but Microsoft does not "+
			"document which of the two the record must name", target, targets[0])
	case target != "":
		x = kit.Find(report.Warn, code, c.name, "points to %s, not to %s", target, targets[0])
		publish.Text = "Correct the CNAME record of " + c.name + ", or delete it if you do not use the service."
		publish.Edits[0].Old = target + "."
		x.Fix = publish
	default:
		x = kit.Find(report.Info, code, c.name, "is missing; it is only needed where %s", use)
		publish.Text = "Publish it if you use the service."
		x.Fix = publish
	}
	x.Evidence = kit.Shown(c.a)
	return x
}

func judgeMsoid(c clientAnswer, cloud *kit.Cloud) report.Finding {
	const code = "clients.msoid"
	if c.err != nil {
		return kit.Lesser(kit.Undecided(code, c.name, c.err))
	}
	var x report.Finding
	switch {
	case cloud.Msoid == "" && !c.there():
		x = kit.Find(report.Pass, code, c.name, "no record: correct")
	case cloud.Msoid == "" && c.wild:
		x = kit.Find(report.Info, code, c.name, "has no record of its own, but a wildcard record answers for it")
	case cloud.Msoid == "":
		x = kit.Find(report.Warn, code, c.name, "must be deleted: it prevents Office from activating")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete the CNAME record of " + c.name + ".", Links: ClientsDoc.Sources[:1],
			Edits: []report.Edit{kit.Remove(c.name, dnsrec.TypeCNAME, c.target()+".")}}
	case c.target() == cloud.Msoid:
		x = kit.Find(report.Pass, code, c.name, "points to %s", cloud.Msoid)
	default:
		x = kit.Find(report.Warn, code, c.name, "is missing or wrong; this cloud needs it")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish the CNAME record of " + c.name + ".", Links: ClientsDoc.Sources[:1],
			Edits: []report.Edit{kit.Add(c.name, dnsrec.TypeCNAME, cloud.Msoid+".")}}
	}
	x.Evidence = kit.Shown(c.a)
	return x
}

// judgeSkype names what is left of Skype for Business, which was retired on
// 2021-07-31. left: there is something.
func judgeSkype(f clientFacts) (x report.Finding, left bool) {
	var gone []report.Edit
	for _, l := range []string{"sip", "lyncdiscover", "_sip._tls"} {
		c := f.byLabel[l]
		if t := c.target(); kit.IsSkype(t) {
			gone = append(gone, kit.Remove(c.name, c.a.Type, t+"."))
		}
		if c.a.Type != dnsrec.TypeSRV {
			continue
		}
		for _, v := range c.a.Values {
			if kit.IsSkype(srvTarget(v)) {
				gone = append(gone, kit.Remove(c.name, c.a.Type, v))
			}
		}
	}
	if len(gone) == 0 {
		return x, false
	}
	x = kit.Find(report.Info, "clients.skype", f.domain, "leftover Skype for Business records (retired in July 2021): %d", len(gone))
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete them. Keep _sipfederationtls._tcp, which Teams uses for federation.", Edits: gone, Links: ClientsDoc.Sources[:1]}
	return x, true
}

func judgeVerification(f clientFacts) report.Finding {
	const code = "clients.verification"
	if f.txtErr != nil {
		return kit.Lesser(kit.Undecided(code, f.domain, f.txtErr))
	}
	for _, v := range f.txt.Values {
		if strings.HasPrefix(strings.ToLower(v), "ms=") {
			x := kit.Find(report.Info, code, f.domain, "%s proves ownership to Microsoft; it does not affect mail flow", kit.Clip(v, 40))
			x.Evidence = []report.Evidence{kit.AnswerTo(f.txt.Query, f.txt.Server, v)}
			return x
		}
	}
	return kit.Find(report.Info, code, f.domain, "no MS= record; it is only needed while a domain is being verified")
}

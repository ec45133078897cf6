package checks

import (
	"context"
	"slices"
	"strings"
	"sync"

	"maildiag/dnsrec"
	"maildiag/report"
)

var clientsDoc = Doc{
	Means: "The other records of Microsoft 365: device registration and enrolment, msoid, the leftovers of Skype for Business, and the proof of ownership.",
	Why: "Devices join and enrol through them. A leftover msoid breaks the activation of Office, and Skype's names lead to services that are gone. " +
		"None of them decides over mail.",
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
}

// target gives the CNAME, or "".
func (c clientAnswer) target() string {
	if c.a.Type == dnsrec.TypeCNAME && len(c.a.Values) > 0 {
		return dnsrec.Canonical(c.a.Values[0])
	}
	return ""
}

func (c clientAnswer) there() bool { return len(c.a.CNAMEs) > 0 || len(c.a.Values) > 0 }

type clientFacts struct {
	domain  string
	profile Profile
	txt     dnsrec.Answer
	txtErr  error
	byLabel map[string]clientAnswer
}

// clientLabel is a name below the domain, with the type to ask for.
type clientLabel struct {
	label string
	typ   dnsrec.Type
}

// skypeLabels is how many of the first of clientLabels tell whether the others,
// which came with them, are worth a question.
const skypeLabels = 4

// clientLabels are the names looked at below the domain, with their types.
var clientLabels = []clientLabel{
	{"enterpriseregistration", dnsrec.TypeCNAME},
	{"enterpriseenrollment", dnsrec.TypeCNAME},
	{"msoid", dnsrec.TypeCNAME},
	{"sip", dnsrec.TypeCNAME},
	{"lyncdiscover", dnsrec.TypeCNAME},
	{"_sip._tls", dnsrec.TypeSRV},
}

// clientLabels gives the names to ask for. A thrifty run looks for one name of
// Skype, and for the others where it is there: they came together.
func (e *Env) clientLabels(ctx context.Context) []clientLabel {
	if !e.Thrift {
		return clientLabels
	}
	a, err := e.Lookup(ctx, "sip."+e.Domain, dnsrec.TypeCNAME)
	if err != nil || len(a.Values)+len(a.CNAMEs) > 0 {
		return clientLabels
	}
	return clientLabels[:skypeLabels]
}

func runClients(ctx context.Context, env *Env) []report.Finding {
	p := env.Profile(ctx)
	if skip := notMicrosoft(p, "clients"); skip != nil {
		return skip
	}
	if p.Initial {
		return []report.Finding{find(report.Skip, "clients.skipped", "", "does not apply: Microsoft publishes the records of an initial domain")}
	}
	return judgeClients(fetchClients(ctx, env, p))
}

func thenClients(ctx context.Context, env *Env) []dnsrec.Query {
	if p := env.Profile(ctx); !p.Microsoft || p.Initial {
		return nil
	}
	return env.clientQueries(clientLabels[:skypeLabels])
}

func (e *Env) clientQueries(labels []clientLabel) []dnsrec.Query {
	qs := make([]dnsrec.Query, len(labels))
	for i, l := range labels {
		qs[i] = dnsrec.Q(l.label+"."+e.Domain, l.typ)
	}
	return qs
}

func fetchClients(ctx context.Context, env *Env, p Profile) clientFacts {
	f := clientFacts{domain: env.Domain, profile: p, byLabel: map[string]clientAnswer{}}
	var mu sync.Mutex
	wg := dnsrec.NewGroup(ctx)
	labels := env.clientLabels(ctx)
	dnsrec.Ahead(ctx, env.DNS, env.clientQueries(labels)...)
	for _, c := range labels {
		wg.Go(func() {
			name := c.label + "." + env.Domain
			a, err := env.Lookup(ctx, name, c.typ)
			mu.Lock()
			defer mu.Unlock()
			f.byLabel[c.label] = clientAnswer{name, a, err}
		})
	}
	f.txt, f.txtErr = env.Lookup(ctx, env.Domain, dnsrec.TypeTXT)
	wg.Wait()
	return f
}

func judgeClients(f clientFacts) []report.Finding {
	c := f.profile.Cloud
	fs := []report.Finding{
		judgeDevice(f.byLabel["enterpriseregistration"], "clients.registration", []string{c.Registration},
			slices.Contains(c.Unsure, "Registration"), "devices register with Entra"),
		judgeDevice(f.byLabel["enterpriseenrollment"], "clients.enrollment", c.Enrollment, false, "Windows devices enrol in Intune"),
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
		return lesser(undecided(code, c.name, c.err))
	}
	publish := &report.Fix{Owner: report.OwnerDNS, Links: clientsDoc.Sources, Records: []report.Record{add(c.name, dnsrec.TypeCNAME, targets[0]+".")}}
	var x report.Finding
	switch target := c.target(); {
	case target == targets[0]:
		x = find(report.Pass, code, c.name, "leads to %s", target)
	case target != "" && slices.Contains(targets, target):
		x = find(report.Info, code, c.name, "leads to %s, the older of two names that work", target)
		publish.Text = "Microsoft now documents the name below."
		publish.Records[0].Before = target + "."
		x.Fix = publish
	case target != "" && unsure:
		x = find(report.Info, code, c.name, "leads to %s; this cloud's host is %s, but Microsoft does not say in public which "+
			"of them the record must name", target, targets[0])
	case target != "":
		x = find(report.Warn, code, c.name, "leads to %s, not to %s", target, targets[0])
		publish.Text = "Correct the CNAME, or delete it if you do not use the service."
		publish.Records[0].Before = target + "."
		x.Fix = publish
	default:
		x = find(report.Info, code, c.name, "is not there; it is needed only where %s", use)
		publish.Text = "Publish it if you use the service."
		x.Fix = publish
	}
	x.Evidence = []report.Evidence{seen(c.a)}
	return x
}

func judgeMsoid(c clientAnswer, cloud *Cloud) report.Finding {
	const code = "clients.msoid"
	if c.err != nil {
		return lesser(undecided(code, c.name, c.err))
	}
	var x report.Finding
	switch {
	case cloud.Msoid == "" && !c.there():
		x = find(report.Pass, code, c.name, "is not there, as it must be")
	case cloud.Msoid == "":
		x = find(report.Warn, code, c.name, "must not exist: it stops Office from being activated")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete the record.", Links: clientsDoc.Sources[:1],
			Records: []report.Record{remove(c.name, dnsrec.TypeCNAME, c.target()+".")}}
	case c.target() == cloud.Msoid:
		x = find(report.Pass, code, c.name, "leads to %s", cloud.Msoid)
	default:
		x = find(report.Warn, code, c.name, "is missing or wrong; this cloud needs it")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish the CNAME.", Links: clientsDoc.Sources[:1],
			Records: []report.Record{add(c.name, dnsrec.TypeCNAME, cloud.Msoid+".")}}
	}
	x.Evidence = []report.Evidence{seen(c.a)}
	return x
}

// judgeSkype names what is left of Skype for Business, which was retired on
// 2021-07-31. left: there is something.
func judgeSkype(f clientFacts) (x report.Finding, left bool) {
	var gone []report.Record
	for _, l := range []string{"sip", "lyncdiscover", "_sip._tls"} {
		c := f.byLabel[l]
		t := c.target()
		if c.a.Type == dnsrec.TypeSRV && len(c.a.Values) > 0 {
			t = srvTarget(c.a.Values[0])
		}
		if !strings.HasSuffix(t, ".lync.com") && !strings.HasSuffix(t, ".lync.cn") && !strings.HasSuffix(t, ".skypeforbusiness.us") {
			continue
		}
		value := t + "."
		if c.a.Type == dnsrec.TypeSRV {
			value = c.a.Values[0]
		}
		gone = append(gone, remove(c.name, c.a.Type, value))
	}
	if len(gone) == 0 {
		return x, false
	}
	x = find(report.Info, "clients.skype", f.domain, "Skype for Business, retired in July 2021, has left records: %d", len(gone))
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete them. Keep _sipfederationtls._tcp, which Teams uses for federation.", Records: gone, Links: clientsDoc.Sources[:1]}
	return x, true
}

func judgeVerification(f clientFacts) report.Finding {
	const code = "clients.verification"
	if f.txtErr != nil {
		return lesser(undecided(code, f.domain, f.txtErr))
	}
	for _, v := range f.txt.Values {
		if strings.HasPrefix(strings.ToLower(v), "ms=") {
			x := find(report.Info, code, f.domain, "%s proves ownership to Microsoft; it says nothing about where mail goes", clip(v, 40))
			x.Evidence = []report.Evidence{{Kind: "answer", Text: v, From: f.txt.Server}}
			return x
		}
	}
	return find(report.Info, code, f.domain, "no MS= record; it is only needed while a domain is being verified")
}

// mild makes a warning of a failure over which no mail is lost.
func mild(f report.Finding) report.Finding {
	if f.Status == report.Fail {
		f.Status = report.Warn
	}
	return f
}

// lesser is for a question over which no mail is lost, whatever the answer.
func lesser(f report.Finding) report.Finding { return optional(mild(f)) }

// optional marks a finding whose Unknown does not decide the verdict.
func optional(f report.Finding) report.Finding {
	f.Optional = true
	return f
}

// clip cuts s to n bytes and marks the cut.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "..."
}

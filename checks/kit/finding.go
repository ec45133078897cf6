package kit

import (
	"errors"
	"fmt"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// Find makes a finding; the engine adds what is not set here.
func Find(s report.Status, code, subject, format string, args ...any) report.Finding {
	if len(args) > 0 || strings.Contains(format, "%") {
		format = fmt.Sprintf(format, args...)
	}
	return report.Finding{Status: s, Code: code, Subject: subject, Summary: format}
}

// Undecided is the finding for a question without a usable answer: Unknown,
// with the cause that the kind of error points to and the next step. code is
// the claim that could not be decided.
func Undecided(code, subject string, err error) report.Finding {
	f := report.Finding{Code: code, Subject: subject, Status: report.Unknown, Cause: report.CauseResolver}
	var e *dnsrec.Error
	if !errors.As(err, &e) {
		f.Cause, f.Summary = report.CauseNetwork, "could not be checked: "+err.Error()
		return f
	}
	say, known := dnsFaults[e.Kind]
	if !known {
		say = dnsFaults[dnsrec.KindMalformed]
	}
	f.Status, f.Cause = say.status, say.cause
	f.Summary = fmt.Sprintf("%s %s: %s", e.Name, e.Type, say.what)
	if errors.Is(err, dnsrec.ErrNotPublic) {
		f.Cause, f.Summary = report.CauseNetwork, fmt.Sprintf("%s %s: the address %s of the name server is not a public one, so it was not asked", e.Name, e.Type, e.Server)
		say.next = "If this is an internal resolver, use a public one with --resolver. If not, publish a public address for the name server."
	}
	if fault, ok := e.Certificate(); ok {
		f.Cause, f.Summary = report.CauseResolver, fmt.Sprintf("%s %s: the certificate of the resolver %s", e.Name, e.Type, ClipLine(fault, 200))
		say.next = "Renew or replace the resolver's certificate, name the resolver as its certificate does (tls://ADDR#NAME), or use another " +
			"one with --resolver. If this computer's clock is wrong, set it."
	}
	if words := extendedWords(e.Extended); words != "" {
		f.Summary += "; the resolver states the reason: " + words
	}
	f.Evidence = []report.Evidence{errorEvidence(e)}
	f.Fix = &report.Fix{Owner: say.owner, Text: say.next}
	if say.link != "" {
		f.Fix.Links = []string{say.link}
	}
	return f
}

// TermRemark returns in a few words what came of a term of an SPF record.
func TermRemark(b *spf.Branch) string {
	if b.State == spf.StateTemp {
		return "not known: " + Reason(b.Err)
	}
	return b.Remark()
}

// Reason says in words why a question has no usable answer, with the question:
// "contoso.com TXT: the resolver could not be reached".
func Reason(err error) string { return Undecided("", "", err).Summary }

// maxExtendedWords is how much of an extended error's text is shown.
const maxExtendedWords = 200

// extendedWords reports the extended errors that a person can do something with.
func extendedWords(list []dnsrec.Extended) string {
	names := map[uint16]string{ // RFC 8914 4
		6: "DNSSEC validation failed", 7: "signature expired", 8: "signature not yet valid", 9: "DNSKEY missing", 10: "signatures missing",
		4: "forged answer", 15: "blocked", 16: "censored", 17: "filtered", 18: "prohibited",
		22: "no name server could be reached", 23: "network error",
	}
	var words []string
	for _, x := range list {
		if w := names[x.Code]; w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, ", ")
}

// dnsFault is what to tell about one kind of dnsrec.Error.
type dnsFault struct {
	status     report.Status
	cause      report.Cause
	what, next string
	owner      string
	link       string
}

var dnsFaults = map[dnsrec.Kind]dnsFault{
	dnsrec.KindTimeout: {report.Unknown, report.CauseResolver,
		"no answer in time; it is unknown whether the record exists",
		"Run again, or use another resolver: --resolver 192.0.2.53 (its address) or --resolver https://... (DoH).",
		report.OwnerYou, ""},
	dnsrec.KindServFail: {report.Unknown, report.CauseResolver,
		"the resolver could not get an answer (SERVFAIL); it is unknown whether the record exists",
		"Run again in a few minutes, or use another resolver with --resolver. If all resolvers fail, the domain's name servers do not answer: ask its DNS administrator to check the delegation.",
		report.OwnerYou, "RFC 1035 4.1.1"},
	dnsrec.KindBogus: {report.Fail, report.CauseDomain,
		"DNSSEC validation fails: validating resolvers, and the mail servers that use them, get no answer",
		"Renew the zone's signatures, or correct or remove the DS record at the registrar.",
		report.OwnerDNS, "RFC 4035 5.5"},
	dnsrec.KindRefused: {report.Unknown, report.CauseResolver,
		"the resolver refused the query; it is unknown whether the record exists",
		"Use a resolver that serves your network: --resolver ADDR, --resolver tls://ADDR or --resolver https://URL.",
		report.OwnerYou, "RFC 8499 3"},
	dnsrec.KindReferral: {report.Unknown, report.CauseResolver,
		"the server is a name server, not a resolver: it names other servers instead of looking the name up",
		"Use a resolver: --resolver ADDR, --resolver tls://ADDR or --resolver https://URL.",
		report.OwnerYou, "RFC 2308 2.2"},
	dnsrec.KindNetwork: {report.Unknown, report.CauseNetwork,
		"the resolver could not be reached",
		"Check this machine's network and the resolver's address, or use another resolver with --resolver.",
		report.OwnerYou, ""},
	dnsrec.KindTruncated: {report.Unknown, report.CauseNetwork,
		"the answer was truncated, and TCP to the resolver is blocked",
		"Allow TCP port 53 to the resolver, or use a resolver over TLS: --resolver tls://ADDR.",
		report.OwnerNetwork, "RFC 7766 5"},
	dnsrec.KindMalformed: {report.Unknown, report.CauseResolver,
		"the resolver's answer is malformed",
		"Use another resolver with --resolver. Something on the path may be altering DNS answers.",
		report.OwnerYou, ""},
	dnsrec.KindUnstable: {report.Unknown, report.CauseResolver,
		"the records change from one lookup to the next; it is unknown which of them mail servers see",
		"Run maildiag consistency DOMAIN. If its name servers have different records, correct them. Otherwise, caches of the resolver " +
			"have old records: run again when their TTL has passed, or use another resolver with --resolver.",
		report.OwnerYou, "RFC 2181 5"},
	dnsrec.KindChain: {report.Fail, report.CauseDomain,
		"the CNAME chain is a loop or is longer than resolvers follow",
		"Point the name directly to its final target. In a loop, correct the record that points back.",
		report.OwnerDNS, "RFC 1034 3.6.2"},
	dnsrec.KindBudget: {report.Unknown, report.CauseLocal,
		"not checked: this domain used all the DNS lookups that one domain may use",
		"The domain's records point to very many names. Check one topic at a time with --only.",
		report.OwnerYou, ""},
	dnsrec.KindCanceled: {report.Unknown, report.CauseLocal,
		"no answer before the time limit was reached or the run was stopped",
		"Run again; --timeout 90s gives slow servers more time.",
		report.OwnerYou, ""},
	dnsrec.KindName: {report.Fail, report.CauseDomain,
		"is not a valid DNS name: it is longer than 253 bytes, or has an empty label or a label over 63 bytes",
		"Correct the name in the record that points here.",
		report.OwnerDNS, "RFC 1035 2.3.4"},
	dnsrec.KindNotKnown: {report.Unknown, report.CauseInput,
		"the recording does not contain this lookup",
		"Record again with this version and these flags: --record FILE.",
		report.OwnerYou, ""},
}

// errorEvidence shows a failed question and who failed it.
func errorEvidence(e *dnsrec.Error) report.Evidence {
	text := e.Query.String()
	for _, c := range e.CNAMEs {
		text += " → CNAME " + c
	}
	if e.Rcode != "" && e.Kind != dnsrec.KindChain {
		text += " → " + e.Rcode
	} else {
		text += " → " + string(e.Kind)
	}
	if fault, ok := e.Certificate(); ok {
		text += " (certificate " + ClipLine(fault, 200) + ")"
	} else if e.Kind == dnsrec.KindNetwork && e.Err != nil { // what the system says: refused, no route
		words := strings.Split(e.Err.Error(), ": ")
		text += " (" + words[len(words)-1] + ")"
	}
	for _, x := range e.Extended {
		text += fmt.Sprintf("; extended error %d", x.Code)
		if x.Text != "" {
			text += fmt.Sprintf(" (%s)", ClipLine(x.Text, maxExtendedWords))
		}
	}
	for i, v := range e.Versions[:min(len(e.Versions), maxVersions)] {
		text += fmt.Sprintf("\n%d: %s", i+1, Seen(v).Text)
	}
	return AnswerTo(e.Query, e.Server, text)
}

// maxVersions is how many versions of an answer are shown.
const maxVersions = 5

// AnswerTo returns the evidence for what a server answered to a question.
func AnswerTo(q dnsrec.Query, server, text string) report.Evidence {
	return report.Evidence{Kind: "answer", Query: &report.Query{Name: q.Name, Type: string(q.Type)}, Text: text, From: server}
}

// MaxShown is how many records one piece of evidence shows.
const MaxShown = 20

// Seen shows a question and its answer, verbatim.
func Seen(a dnsrec.Answer) report.Evidence { return AnswerTo(a.Query, a.Server, seen(a)) }

// Shown returns [Seen] as all the evidence of a finding, in one piece of memory.
func Shown(a dnsrec.Answer) []report.Evidence {
	s := &struct {
		all   [1]report.Evidence
		query report.Query
	}{query: report.Query{Name: a.Name, Type: string(a.Type)}}
	s.all[0] = report.Evidence{Kind: "answer", Query: &s.query, Text: seen(a), From: a.Server}
	return s.all[:]
}

func seen(a dnsrec.Answer) string {
	var b strings.Builder
	b.Grow(shownSize(a))
	b.WriteString(a.Name)
	b.WriteByte(' ')
	b.WriteString(string(a.Type))
	for _, c := range a.CNAMEs {
		b.WriteString(" → CNAME ")
		b.WriteString(c)
	}
	switch {
	case a.NXDomain():
		b.WriteString(" → NXDOMAIN (no such name)")
	case len(a.Values) == 0:
		b.WriteString(" → no data (the name exists, but holds no " + string(a.Type) + ")")
	}
	for i, v := range a.Values {
		if i == MaxShown {
			fmt.Fprintf(&b, "\n  and %d more", len(a.Values)-i)
			break
		}
		b.WriteString("\n  ")
		b.WriteString(v)
	}
	return b.String()
}

// shownSize is about the size of the text of an answer.
func shownSize(a dnsrec.Answer) int {
	const words = 48
	n := len(a.Name) + len(a.Type) + words
	for _, c := range a.CNAMEs {
		n += len(c) + len(" → CNAME ")
	}
	for _, v := range a.Values[:min(len(a.Values), MaxShown)] {
		n += len(v) + len("\n  ")
	}
	return n
}

// Absolute returns a name with its final dot.
func Absolute(name string) string { return strings.TrimSuffix(name, ".") + "." }

// Mild makes a warning of a failure over which no mail is lost.
func Mild(f report.Finding) report.Finding {
	if f.Status == report.Fail {
		f.Status = report.Warn
	}
	return f
}

// Lesser is for a question over which no mail is lost, whatever the answer.
func Lesser(f report.Finding) report.Finding { return Optional(Mild(f)) }

// Optional marks a finding whose Unknown does not decide the verdict.
func Optional(f report.Finding) report.Finding {
	f.Optional = true
	return f
}

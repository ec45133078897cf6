package records

import (
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// CAADoc explains the check.
var CAADoc = kit.Doc{
	Means:   "Which certification authorities may issue a certificate for the host of the MTA-STS policy.",
	Why:     "A CAA record that names no authority, or not yours, stops the certificate from being renewed; then senders can no longer read the policy.",
	Fix:     "Name the authority of the policy host's certificate in a CAA record of that host or of the domain.",
	Sources: []string{"RFC 8659 3", "RFC 8461 3.3"},
}

type caaFacts struct {
	list bool
	host string // of the policy; "" without MTA-STS
	caa  kit.Answer
}

// CAA checks the CAA records of the MTA-STS policy host.
func CAA(k *kit.Known) []report.Finding { return kit.Judge(k, gatherCAA(k), judgeCAA) }

func gatherCAA(k *kit.Known) (f caaFacts) {
	if f.list = k.List; f.list { // a certificate is renewed one domain at a time
		return f
	}
	txt, _ := k.Need(mtasts.RecordName(k.Domain), dnsrec.TypeTXT)
	if meant, _ := stsRecords(txt.Values); len(meant) == 0 {
		return f
	}
	f.host = mtasts.PolicyHost(k.Domain)
	for _, name := range []string{f.host, k.Domain} { // RFC 8659 3: the closest that has any
		a, ok := k.Need(name, dnsrec.TypeCAA)
		if f.caa = a; !ok || a.Err != nil || len(a.Values) > 0 {
			break
		}
	}
	return f
}

func judgeCAA(f caaFacts) []report.Finding {
	const code = "caa.issuers"
	if f.list {
		return []report.Finding{kit.Find(report.Skip, code, "", "skipped in a list of domains")}
	}
	if f.host == "" {
		return []report.Finding{kit.Find(report.Skip, code, "", "no MTA-STS policy, so no certificate of the domain's own")}
	}
	if f.caa.Err != nil {
		return []report.Finding{kit.Lesser(kit.Undecided(code, f.host, f.caa.Err))}
	}
	issuers, restricted := issuersOf(f.caa.Values)
	x := kit.Find(report.Info, code, f.host, "any certification authority may issue its certificate (no CAA record)")
	switch {
	case restricted && len(issuers) == 0:
		x = kit.Find(report.Warn, code, f.host, "CAA allows no certification authority: the certificate of the MTA-STS policy cannot be renewed")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Add an issue record for the authority that you use.", Links: CAADoc.Sources}
	case restricted:
		x.Summary = "CAA allows " + kit.ShortList(issuers, 4) + " to issue its certificate"
	}
	x.Evidence = kit.Shown(f.caa.Answer)
	return []report.Finding{x}
}

// issuersOf returns the authorities of issue records (RFC 8659 4.2), and whether
// there are such records.
func issuersOf(values []string) (issuers []string, restricted bool) {
	for _, v := range values {
		if fields := strings.SplitN(v, " ", 3); len(fields) == 3 && strings.EqualFold(fields[1], "issue") {
			restricted = true
			if name, _, _ := strings.Cut(strings.Trim(fields[2], `"`), ";"); strings.TrimSpace(name) != "" {
				issuers = append(issuers, strings.TrimSpace(name))
			}
		}
	}
	return issuers, restricted
}

package message

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/refusal/message/eml"
)

// Mark is one value of Microsoft's own headers, decoded. Anybody can write
// such headers; Exchange Online removes those that come from outside, so they
// count where it is the border.
type Mark struct {
	Header  string `json:"header"`
	Key     string `json:"key,omitempty"`
	Value   string `json:"value"`
	Meaning string `json:"meaning"`
	Cause   string `json:"cause,omitempty"`
	ToDo    string `json:"to_do,omitempty"`
	Sure    bool   `json:"sure"`    // Microsoft documents it; else it is general knowledge
	Trusted bool   `json:"trusted"` // false: the sender may have written it
}

// forefront are the keys of X-Forefront-Antispam-Report with their values;
// an empty table: the value speaks for itself.
var forefront = map[string]struct {
	name   string
	values map[string]string
}{
	"CIP":  {"address that connected to Microsoft 365", nil},
	"CTRY": {"country of that address", nil},
	"LANG": {"language of the message", nil},
	"H":    {"EHLO name of the client", nil},
	"PTR":  {"reverse DNS of the client", nil},
	"SCL": {"spam confidence level", map[string]string{
		"-1": "spam filtering was skipped", "0": "not spam", "1": "not spam", "5": "spam", "6": "spam",
		"7": "spam",
		"8": "spam with high confidence", "9": "spam with high confidence"}},
	"IPV": {"reputation of the address", map[string]string{
		"CAL": "it is on an allow list, so filtering was skipped", "NLI": "it is on no list"}},
	"SFV": {"verdict of the filter", map[string]string{
		"NSPM": "not spam", "SPM": "spam", "BLK": "blocked, by the user's list of blocked senders",
		"SFE": "skipped: on the user's list of safe senders", "SKA": "skipped: allowed by the spam policy",
		"SKB": "spam: on a block list of the spam policy", "SKI": "skipped: from within the organization",
		"SKN": "skipped: marked as not spam before filtering, for example by a mail flow rule",
		"SKQ": "released from quarantine", "SKS": "marked as spam before filtering, for " +
			"example by a mail flow rule"}},
	"CAT": {"category", map[string]string{
		"AMP": "malware", "BIMP": "impersonation of a brand", "BULK": "bulk mail", "DIMP": "impersonation of a domain",
		"FTBP": "a forbidden type of attachment",
		"GIMP": "impersonation (by mailbox intelligence)", "HPHSH": "phishing with high confidence",
		"HPHISH": "phishing with high confidence", "HSPM": "spam with high confidence",
		"INTOS": "phishing within the organization",
		"MALW":  "malware", "OSPM": "outbound spam", "PHSH": "phishing", "SAP": "Safe Attachments",
		"SPM":   "spam",
		"SPOOF": "spoofing", "UIMP": "impersonation of a user", "NONE": "no threat"}},
	"DIR": {"direction", map[string]string{"INB": "inbound", "OUT": "outbound", "INT": "internal"}},
	"SFTY": {"safety tip", map[string]string{
		"9.19": "impersonation of a domain", "9.20": "impersonation of a user", "9.25": "first contact with this sender"}},
	"SRV": {"service", map[string]string{"BULK": "bulk mail"}},
}

// documented are the keys whose order the marks follow.
var documented = []string{"CIP", "CTRY", "LANG", "H", "PTR", "IPV", "SCL", "SFV", "CAT", "DIR", "SFTY", "SRV"}

// The headers that Microsoft 365 writes.
const (
	forefrontHeader = "X-Forefront-Antispam-Report"
	bulkHeader      = "X-Microsoft-Antispam"
	sclHeader       = "X-MS-Exchange-Organization-SCL"
	untrusted       = "-Untrusted" // what came from outside is renamed to

	organizationAuthAs = "X-MS-Exchange-Organization-AuthAs"
)

// microsoft decodes the headers that Microsoft 365 adds.
func microsoft(p *eml.Part, a *Analysis) []Mark {
	trusted := a.internal || a.Border != nil && a.Border.Uncertain == "" && microsoftEdge(a.Border.By)
	marks := scl(p)
	marks = append(marks, forefrontReport(p, forefrontHeader)...)
	marks = append(marks, bulk(p, bulkHeader)...)
	marks = append(marks, origin(p)...)
	for i := range marks {
		marks[i].Trusted = trusted && !doubled(p, marks[i].Header)
	}
	marks = append(compauth(a), marks...)
	marks = append(marks, forefrontReport(p, forefrontHeader+untrusted)...)
	marks = append(marks, bulk(p, bulkHeader+untrusted)...)
	return append(marks, directSend(p, a)...)
}

// doubled reports whether a header is there with two values. Microsoft
// 365 writes one, so the sender may have written the other.
func doubled(p *eml.Part, header string) bool {
	all := p.All(header)
	return slices.ContainsFunc(all, func(v string) bool { return strings.TrimSpace(v) != strings.TrimSpace(all[0]) })
}

// scl decodes the spam confidence level that the mailbox goes by.
func scl(p *eml.Part) []Mark {
	v := p.Get(sclHeader)
	if v == "" {
		return nil
	}
	meaning, known := forefront["SCL"].values[v]
	if !known {
		meaning = "not known"
	}
	return []Mark{{Header: sclHeader, Key: "SCL", Value: v, Meaning: "spam confidence level: " + meaning, Sure: known}}
}

// pairs reads "KEY:value;KEY:value;".
func pairs(v string) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(v[:min(len(v), maxAuthRes)], ";") {
		k, val, ok := strings.Cut(strings.TrimSpace(part), ":")
		if _, twice := out[k]; ok && !twice && len(k) <= 8 {
			out[k] = val
		}
	}
	return out
}

func forefrontReport(p *eml.Part, header string) []Mark {
	got := pairs(p.Get(header))
	if header == forefrontHeader && got["SCL"] == p.Get(sclHeader) {
		delete(got, "SCL") // told already
	}
	var marks []Mark
	for _, k := range documented {
		v, ok := got[k]
		if !ok || v == "" {
			continue
		}
		f := forefront[k]
		m := Mark{Header: header, Key: k, Value: v, Meaning: f.name, Sure: true}
		if f.values != nil {
			meaning, known := f.values[v]
			if !known {
				meaning, m.Sure = "not known", false
			}
			m.Meaning += ": " + meaning
		}
		marks = append(marks, m)
	}
	return marks
}

// bulk decodes the bulk complaint level.
func bulk(p *eml.Part, header string) []Mark {
	v, ok := pairs(p.Get(header))["BCL"]
	if !ok {
		return nil
	}
	meaning := "bulk complaint level: "
	switch v {
	case "0":
		meaning += "not from a bulk sender"
	case "1", "2", "3":
		meaning += "a bulk sender with few complaints"
	case "4", "5", "6", "7":
		meaning += "a bulk sender with some complaints"
	case "8", "9":
		meaning += "a bulk sender with many complaints"
	default:
		return nil
	}
	return []Mark{{Header: header, Key: "BCL", Value: v, Meaning: meaning, Sure: true}}
}

// origins are the values of AuthAs.
var origins = map[string]string{
	"anonymous": "the message came from outside, or from inside without signing in",
	"internal":  "the sender signed in, or a connector authenticates the server: the message counts as internal",
	"external":  "the message came from outside over an authenticated connection",
	"partner":   "the message came from a partner organization's connector",
}

// origin decodes who vouched for the sender. Most messages carry it twice, for
// the organization and across tenants; it is told once if both agree.
func origin(p *eml.Part) []Mark {
	var marks []Mark
	for _, key := range []string{"AuthAs", "AuthSource"} {
		seen := ""
		for _, h := range []string{"X-MS-Exchange-Organization-" + key, "X-MS-Exchange-CrossTenant-" + key} {
			v := p.Get(h)
			if v == "" || strings.EqualFold(v, seen) {
				continue
			}
			seen = v
			m := Mark{Header: h, Value: v, Meaning: "the server that made this decision", Sure: key == "AuthSource"}
			if key == "AuthAs" {
				m.Meaning = cmp.Or(origins[strings.ToLower(v)], "not known")
			}
			if strings.Contains(h, "CrossTenant") {
				m.Meaning = "in the organization that sent it: " + m.Meaning
			}
			marks = append(marks, m)
		}
	}
	return marks
}

// authAs returns how the sender signed in, in lower case, "" if the headers do
// not say it in one way.
func authAs(p *eml.Part) string {
	all := slices.Concat(p.All(organizationAuthAs), p.All("X-MS-Exchange-CrossTenant-AuthAs"))
	for i, v := range all {
		if all[i] = strings.ToLower(strings.TrimSpace(v)); all[i] != all[0] {
			return ""
		}
	}
	return strings.Join(all[:min(1, len(all))], "")
}

// directSend remarks on mail that came without sign-in in the name of the
// domain that received it.
func directSend(p *eml.Part, a *Analysis) []Mark {
	as := p.Get(organizationAuthAs)
	if as == "" {
		as = p.Get("X-MS-Exchange-CrossTenant-AuthAs")
	}
	if !strings.EqualFold(as, "anonymous") || a.From.Domain == "" || a.Border == nil {
		return nil
	}
	for _, h := range []string{"To", "Cc", "Delivered-To"} {
		for _, to := range addresses(p.Get(h)) {
			_, d, _ := strings.Cut(to, "@")
			if strings.EqualFold(d, a.From.Domain) {
				return []Mark{{Header: "From", Value: a.From.Domain,
					Meaning: fmt.Sprintf("looks like Direct Send: a message in "+
						"the recipient's own domain came from %s without signing in; it is from a printer or service of yours, or forged",
						a.Border.IP)}}
			}
		}
	}
	return nil
}

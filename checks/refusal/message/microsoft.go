package message

import (
	"fmt"
	"strings"

	"maildiag/checks/refusal/message/eml"
)

// Mark is one value of Microsoft's own headers, decoded. Anybody can write
// such headers; they are worth what the server is worth that added them, and
// Exchange Online removes those that come from outside.
type Mark struct {
	Header  string `json:"header"`
	Key     string `json:"key,omitempty"`
	Value   string `json:"value"`
	Meaning string `json:"meaning"`
	Sure    bool   `json:"sure"` // Microsoft documents it; else it is general knowledge
}

// The sources of the meanings: Microsoft Learn, "Anti-spam message headers in
// Microsoft 365" and "Email authentication troubleshooting", seen 2026-11-23.

// compauths are the reasons of composite authentication that were read in
// Microsoft's own pages.
var compauths = map[string]string{
	"000": "the message failed DMARC, and the policy is quarantine or reject",
	"002": "the organization has forbidden this pair of sender and domain to send",
	"010": "the message failed DMARC, and the sending domain is one of the organization's own",
}

// compauthClasses are the meanings by the first digit, of general knowledge.
var compauthClasses = map[byte]string{
	'0': "authentication failed",
	'1': "authentication passed",
	'2': "authentication passed softly, by other signs than SPF, DKIM and DMARC",
	'3': "composite authentication was not checked",
	'4': "composite authentication was bypassed",
	'6': "authentication failed, and the sending domain is one of the organization's own",
	'7': "authentication passed",
	'9': "composite authentication was bypassed",
}

// forefront are the keys of X-Forefront-Antispam-Report with their values;
// an empty table: the value speaks for itself.
var forefront = map[string]struct {
	name   string
	values map[string]string
}{
	"CIP":  {"address that connected to Microsoft 365", nil},
	"CTRY": {"country of that address", nil},
	"H":    {"EHLO name of the client", nil},
	"PTR":  {"reverse DNS of the client", nil},
	"SCL": {"spam confidence level", map[string]string{
		"-1": "spam filtering was skipped", "0": "not spam", "1": "not spam", "5": "spam", "6": "spam",
		"7": "spam",
		"8": "spam with high confidence", "9": "spam with high confidence"}},
	"IPV": {"what was known of the address", map[string]string{
		"CAL": "it is on an allow list, so filtering was skipped", "NLI": "it is on no list"}},
	"SFV": {"verdict of the filter", map[string]string{
		"NSPM": "not spam", "SPM": "spam", "BLK": "blocked, by the user's list of blocked senders",
		"SFE": "skipped: on the user's list of safe senders", "SKA": "skipped: allowed by the spam policy",
		"SKB": "spam: on a block list of the spam policy", "SKI": "skipped: from within the organization",
		"SKN": "skipped: marked as no spam before filtering, for instance by a mail flow rule",
		"SKQ": "released from quarantine", "SKS": "marked as spam before filtering, for instance by a mail " +
			"flow rule"}},
	"CAT": {"category", map[string]string{
		"AMP": "malware", "BULK": "bulk mail", "DIMP": "impersonation of a domain",
		"FTBP": "a forbidden type of attachment",
		"GIMP": "impersonation (by mailbox intelligence)", "HPHSH": "phishing with high confidence",
		"HPHISH": "phishing with high confidence", "HSPM": "spam with high confidence",
		"INTOS": "phishing within the organization",
		"MALW":  "malware", "OSPM": "outbound spam", "PHSH": "phishing", "SAP": "Safe Attachments",
		"SPM":   "spam",
		"SPOOF": "spoofing", "UIMP": "impersonation of a user", "NONE": "no threat"}},
	"DIR":  {"direction", map[string]string{"INB": "inbound", "OUT": "outbound", "INT": "internal"}},
	"SFTY": {"safety tip", nil},
	"SRV":  {"service", map[string]string{"BULK": "bulk mail"}},
}

// documented are the keys whose order the marks follow.
var documented = []string{"CIP", "CTRY", "H", "PTR", "IPV", "SCL", "SFV", "CAT", "DIR", "SFTY", "SRV"}

// microsoft decodes the headers that Microsoft 365 adds.
func microsoft(p *eml.Part, a *Analysis) []Mark {
	var marks []Mark
	marks = append(marks, compauth(a)...)
	marks = append(marks, forefrontReport(p)...)
	marks = append(marks, bulk(p)...)
	marks = append(marks, origin(p)...)
	return append(marks, directSend(p, a)...)
}

// compauth decodes the last result of Microsoft's Authentication-Results.
func compauth(a *Analysis) []Mark {
	var marks []Mark
	for _, r := range a.AuthResults {
		for _, m := range r.Results {
			if m.Method != "compauth" || len(marks) > 0 || !r.Trusted {
				continue
			}
			reason := m.Params["reason"]
			k := Mark{Header: "Authentication-Results", Key: "compauth", Value: m.Value + " reason=" + reason}
			k.Meaning, k.Sure = compauthMeaning(reason)
			marks = append(marks, k)
		}
	}
	return marks
}

func compauthMeaning(reason string) (string, bool) {
	if m, ok := compauths[reason]; ok {
		return m, true
	}
	if len(reason) == 3 {
		if m, ok := compauthClasses[reason[0]]; ok {
			return m, false
		}
	}
	return "not known", false
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

func forefrontReport(p *eml.Part) []Mark {
	const header = "X-Forefront-Antispam-Report"
	got := pairs(p.Get(header))
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
func bulk(p *eml.Part) []Mark {
	const header = "X-Microsoft-Antispam"
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
	"internal":  "the sender signed in, or a connector vouches for the server: the message counts as internal",
	"external":  "the message came from outside over an authenticated connection",
	"partner":   "the message came from a partner organization's connector",
}

func origin(p *eml.Part) []Mark {
	var marks []Mark
	for _, h := range []string{"X-MS-Exchange-Organization-AuthAs", "X-MS-Exchange-CrossTenant-AuthAs"} {
		if v := p.Get(h); v != "" {
			meaning, ok := origins[strings.ToLower(v)]
			if !ok {
				meaning = "not known"
			}
			marks = append(marks, Mark{Header: h, Value: v, Meaning: meaning})
		}
	}
	for _, h := range []string{"X-MS-Exchange-Organization-AuthSource",
		"X-MS-Exchange-CrossTenant-AuthSource"} {
		if v := p.Get(h); v != "" {
			marks = append(marks, Mark{Header: h, Value: v, Meaning: "the server that judged so", Sure: true})
		}
	}
	return marks
}

// directSend remarks on mail that came without sign-in in the name of the
// domain that received it.
func directSend(p *eml.Part, a *Analysis) []Mark {
	as := p.Get("X-MS-Exchange-Organization-AuthAs")
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
						"the recipient's own domain came from %s without signing in; a printer or service of "+
						"your own, or a forgery",
						a.Border.IP)}}
			}
		}
	}
	return nil
}

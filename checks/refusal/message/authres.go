package message

import (
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/authres"

	"maildiag/checks/refusal/message/eml"
)

// AuthResult is one Authentication-Results field (RFC 8601).
type AuthResult struct {
	AuthservID string         `json:"authserv_id"` // "" where Microsoft 365 leaves it out
	Trusted    bool           `json:"trusted"`
	Why        string         `json:"why,omitempty"` // why it is not trusted, or is malformed
	Results    []MethodResult `json:"results,omitempty"`
	Raw        string         `json:"raw"`
}

// MethodResult is the outcome of one method.
type MethodResult struct {
	Method string            `json:"method"`
	Value  string            `json:"value"`
	Params map[string]string `json:"params,omitempty"`
}

// The limits of the fields that are read.
const (
	maxAuthRes   = 16 << 10
	maxAuthField = 50
)

// authResults reads the fields. Only those of the trusted server, above the
// border, count: whoever sent the message could write the others.
// RFC 8601 5
func authResults(p *eml.Part, trusted string, border int) []AuthResult {
	var list []AuthResult
	chosen := trusted != ""
	for i, f := range p.Fields {
		if !strings.EqualFold(f.Name, "Authentication-Results") || len(list) == maxAuthField {
			continue
		}
		r := parseAuthRes(f.Value)
		if !chosen {
			trusted, chosen = r.AuthservID, true
		}
		switch {
		case !strings.EqualFold(r.AuthservID, trusted):
			r.Why = "written in the name of another server than the trusted one, " + nameOf(trusted)
		case i > border:
			r.Why = "stands below the Received field of the border, so the sender may have written it"
		case r.Why == "":
			r.Trusted = true
		}
		list = append(list, r)
	}
	return list
}

func nameOf(id string) string {
	if id == "" {
		return "(no name, as Microsoft 365 writes it)"
	}
	return id
}

func parseAuthRes(v string) AuthResult {
	r := AuthResult{Raw: v[:min(len(v), maxAuthRes)]}
	plain := withoutComments(r.Raw)
	first, _, _ := strings.Cut(plain, ";")
	if strings.Contains(first, "=") { // Microsoft 365 writes no authserv-id
		plain = "none;" + plain
	}
	id, results, err := authres.Parse(onlyResults(plain))
	if !strings.Contains(first, "=") {
		r.AuthservID = id
	}
	for _, x := range results {
		r.Results = append(r.Results, methodResult(x))
	}
	if err != nil {
		r.Why = "malformed: " + err.Error()
	}
	return r
}

// withoutComments removes comments, which may hold any character.
func withoutComments(v string) string {
	var b strings.Builder
	depth := 0
	for i := range len(v) {
		switch c := v[i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
			b.WriteByte(' ')
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// onlyResults drops the pieces that are no results: Microsoft writes names
// between them.
func onlyResults(v string) string {
	id, rest, _ := strings.Cut(v, ";")
	out := []string{id}
	for part := range strings.SplitSeq(rest, ";") {
		if strings.Contains(part, "=") {
			out = append(out, part)
		}
	}
	return strings.Join(out, ";")
}

// methodResult turns a result of the library into its general form.
func methodResult(x authres.Result) MethodResult {
	m := MethodResult{Params: map[string]string{}}
	add := func(k, v string) {
		if v != "" {
			m.Params[k] = v
		}
	}
	switch r := x.(type) {
	case *authres.SPFResult:
		m.Method, m.Value = "spf", string(r.Value)
		add("smtp.mailfrom", r.From)
		add("smtp.helo", r.Helo)
	case *authres.DKIMResult:
		m.Method, m.Value = "dkim", string(r.Value)
		add("header.d", r.Domain)
		add("header.i", r.Identifier)
	case *authres.DMARCResult:
		m.Method, m.Value = "dmarc", string(r.Value)
		add("header.from", r.From)
	case *authres.ARCResult:
		m.Method, m.Value = "arc", string(r.Value)
		add("smtp.remote-ip", r.RemoteIP)
	case *authres.AuthResult:
		m.Method, m.Value = "auth", string(r.Value)
		add("smtp.auth", r.Auth)
	case *authres.IPRevResult:
		m.Method, m.Value = "iprev", string(r.Value)
		add("policy.iprev", r.IP)
	case *authres.DomainKeysResult:
		m.Method, m.Value = "domainkeys", string(r.Value)
		add("header.d", r.Domain)
	case *authres.SenderIDResult:
		m.Method, m.Value = "sender-id", string(r.Value)
	case *authres.GenericResult:
		m.Method, m.Value = r.Method, string(r.Value)
		for k, v := range r.Params {
			add(k, v)
		}
	default:
		m.Method = fmt.Sprintf("%T", x)
	}
	return m
}

// param gives a parameter of the first result of a method.
func (r *AuthResult) param(method, name string) string {
	for _, m := range r.Results {
		if m.Method == method {
			return m.Params[name]
		}
	}
	return ""
}

package submission

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
)

// tokenClaims are the claims of an access token that decide whether Exchange
// Online takes it. They are read, not verified: only Exchange can do that.
type tokenClaims struct {
	Audience  stringOrList `json:"aud"`
	Scopes    string       `json:"scp"`   // delegated permissions, separated by blanks
	Roles     []string     `json:"roles"` // application permissions
	Expires   json.Number  `json:"exp"`
	NotBefore json.Number  `json:"nbf"`
	Tenant    string       `json:"tid"`
	App       string       `json:"appid"`
	AppV2     string       `json:"azp"`
	Kind      string       `json:"idtyp"` // "app": an application's own token
	UPN       string       `json:"upn"`
	Preferred string       `json:"preferred_username"`
	Unique    string       `json:"unique_name"`
}

// stringOrList is a claim that may be either (RFC 7519 4.1.3).
type stringOrList []string

func (l *stringOrList) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = []string{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// maxToken bounds a token; real ones have 2 to 4 KiB.
const maxToken = 64 << 10

// The GUIDs by which the audience of an access token may be given.
const (
	exchangeGUID = "00000002-0000-0ff1-ce00-000000000000"
	graphGUID    = "00000003-0000-0000-c000-000000000000"
)

func (c tokenClaims) forExchange() bool {
	return c.audienceIs(append(kit.ExchangeAudiences(), exchangeGUID))
}

func (c tokenClaims) forGraph() bool { return c.audienceIs(append(kit.GraphAudiences(), graphGUID)) }

// The permissions that SMTP needs.
const (
	delegatedPermission   = "SMTP.Send"
	applicationPermission = "SMTP.SendAsApp"
)

// readToken looks into a JWT (RFC 7519 3); ok is false if it is none.
func readToken(token string) (c tokenClaims, ok bool) {
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 3 {
		return c, false
	}
	body, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return c, false
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return c, d.Decode(&c) == nil
}

func (c tokenClaims) app() bool { return c.Kind == "app" || c.Scopes == "" && len(c.Roles) > 0 }

func (c tokenClaims) user() string {
	for _, u := range []string{c.UPN, c.Preferred, c.Unique} {
		if u != "" {
			return u
		}
	}
	return ""
}

// audienceIs reports whether the token is for one of the hosts or GUIDs.
func (c tokenClaims) audienceIs(list []string) bool {
	return slices.ContainsFunc(c.Audience, func(a string) bool {
		a = strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(a), "https://"), "/")
		return slices.Contains(list, a)
	})
}

// tokenHopeless reports whether Exchange Online cannot accept a token, so that it
// need not be sent: it is for another service, has expired, or was granted
// without the permission for SMTP. The row "auth" says which.
//
// What another server than Microsoft's wants of a token is not known; nor is
// it for a cloud whose scopes are not confirmed, but for Graph.
func (t target) tokenHopeless(now time.Time) bool {
	c, ok := readToken(t.Auth.Secret.Reveal())
	switch {
	case !ok:
		return false
	case t.cloud == nil || t.ownPermission() || c.expired(now):
		return c.expired(now)
	case t.scopeUnconfirmed(c):
		return c.forGraph()
	}
	return len(c.Audience) > 0 && !c.forExchange() ||
		!c.app() && c.Scopes != "" && !c.hasScope()
}

func (c tokenClaims) hasScope() bool {
	return slices.Contains(strings.Fields(c.Scopes), delegatedPermission)
}

// when reads a time claim; ok is false if there is none.
func when(n json.Number) (t time.Time, ok bool) {
	sec, err := n.Int64()
	return time.Unix(sec, 0).UTC(), err == nil && sec > 0
}

func (c tokenClaims) expired(now time.Time) bool {
	t, ok := when(c.Expires)
	return ok && !now.Before(t)
}

// judgeToken reports what is wrong with the token, before the server says 5.7.3.
func (f submissionFacts) judgeToken() []report.Finding {
	if f.Auth.Secret.Empty() {
		return nil
	}
	c, ok := readToken(f.Auth.Secret.Reveal())
	if !ok {
		return []report.Finding{f.token(report.Info, "", "the token cannot be read (it is not a JWT); "+
			"only the server knows what it allows", "", nil)}
	}
	out := f.tokenTimes(c)
	if f.cloud != nil {
		out = slices.Concat(f.tokenAudience(c), out, f.tokenPermission(c))
	}
	if u := c.user(); u != "" && !strings.EqualFold(u, f.Auth.User) {
		out = append(out, f.token(report.Info, "", fmt.Sprintf("the token belongs to %s, but the sign-in is as %s: "+
			"this requires permissions on that mailbox", kit.ClipLine(u, 80), f.Auth.User), "", nil))
	}
	switch {
	case len(out) > 0:
	case f.cloud == nil:
		out = append(out, f.token(report.Info, "", "not expired; it is unknown what else this server requires", "", nil))
	default:
		out = append(out, f.token(report.Pass, "", "valid for Exchange Online, has the "+
			"SMTP permission, not expired", "", nil))
	}
	for i := range out {
		out[i].Evidence = []report.Evidence{{Kind: "rule", Text: c.describe(),
			Note: "claims of the token, not verified", Link: "RFC 7519 4.1"}}
	}
	return out
}

// tokenTimes reports whether the token is in its time.
func (f submissionFacts) tokenTimes(c tokenClaims) (out []report.Finding) {
	if t, ok := when(c.Expires); ok && c.expired(f.now) {
		out = append(out, f.token(report.Fail, report.CauseInput, "the token expired on "+
			t.Format(time.DateTime)+" UTC", "Get a new token; access tokens are valid for about one hour.", nil))
	}
	if t, ok := when(c.NotBefore); ok && f.now.Before(t.Add(-5*time.Minute)) {
		out = append(out, f.token(report.Fail, report.CauseInput, "the token is not valid before "+
			t.Format(time.DateTime)+" UTC", "Check the clock of this machine.", nil))
	}
	return out
}

// tokenAudience reports whether the token is for Exchange Online.
func (f submissionFacts) tokenAudience(c tokenClaims) []report.Finding {
	text := "Ask for the scope " + f.scopes() + ". A token is valid for one service only."
	switch {
	case f.ownPermission() && c.forGraph():
		return []report.Finding{f.token(report.Warn, report.CauseInput, "the token is for Microsoft Graph; "+
			notConfirmed("whether "+f.special.title+" accepts that"), text, nil)}
	case c.forGraph():
		return []report.Finding{f.token(report.Fail, report.CauseInput,
			"the token is for Microsoft Graph, not for Exchange Online", text, nil)}
	case len(c.Audience) == 0 || c.forExchange():
		return nil
	}
	status, summary := report.Fail, fmt.Sprintf("the token is for %q, not for Exchange Online", kit.ClipLine(c.Audience[0], 80))
	if f.scopeUnconfirmed(c) {
		status = report.Warn
		summary = fmt.Sprintf("the token is for %q; it is unknown whether Exchange Online accepts this in %s, because %s",
			kit.ClipLine(c.Audience[0], 80), f.cloud.Title, notConfirmed("the scope"))
	}
	return []report.Finding{f.token(status, report.CauseInput, summary, text, nil)}
}

// tokenPermission reports whether the token carries the permission for SMTP.
func (f submissionFacts) tokenPermission(c tokenClaims) []report.Finding {
	switch {
	case c.app() && slices.Contains(c.Roles, f.applicationRole()), !c.app() && c.hasScope():
		return nil
	case f.ownPermission() && c.app():
		return []report.Finding{f.token(report.Warn, report.CauseDomain,
			"the application's token lacks the role "+f.special.role+", which "+f.special.title+" needs",
			"Grant the application permission "+f.special.role+" with admin consent, and add the application to the account's allowed "+
				"applications (Add-HVEAppAccess).", nil)}
	case c.app():
		return []report.Finding{f.token(report.Warn, report.CauseDomain,
			"the application's token lacks the role "+applicationPermission,
			"Grant the application permission "+applicationPermission+" of Office 365 Exchange Online with "+
				"admin consent. Then register the service principal in Exchange and give it access to the "+
				"mailbox. A role of RBAC for Applications also works, but is not visible in the token.",
			[]string{"New-ServicePrincipal -AppId " + psQuote(orText(c.App, c.AppV2, "APP-ID")) +
				" -ObjectId OBJECT-ID-OF-THE-ENTERPRISE-APPLICATION",
				"Add-MailboxPermission -Identity " + psQuote(f.Auth.User) +
					" -User OBJECT-ID-OF-THE-ENTERPRISE-APPLICATION -AccessRights FullAccess"})}
	}
	status, summary := report.Fail, fmt.Sprintf("the token lacks the permission %s; it has %q",
		delegatedPermission, kit.ClipLine(c.Scopes, 120))
	if f.scopeUnconfirmed(c) || f.ownPermission() {
		status, summary = report.Warn, summary+"; "+notConfirmed("the name of the permission in "+f.cloud.Title)
	}
	return []report.Finding{f.token(status, report.CauseInput, summary,
		"Ask for the scope "+f.scopes()+" and consent to it.", nil)}
}

func orText(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// describe lists the claims that matter, and nothing else of the token.
func (c tokenClaims) describe() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s  %s\n", name, kit.ClipLine(value, 200))
		}
	}
	line("aud  ", strings.Join(c.Audience, " "))
	line("scp  ", c.Scopes)
	line("roles", strings.Join(c.Roles, " "))
	if t, ok := when(c.Expires); ok {
		line("exp  ", t.Format(time.DateTime)+" UTC")
	}
	line("tid  ", c.Tenant)
	line("app  ", orText(c.App, c.AppV2))
	line("user ", c.user())
	return strings.TrimSuffix(b.String(), "\n")
}

// token makes a finding about the token.
func (f submissionFacts) token(st report.Status, c report.Cause, summary, text string,
	commands []string) report.Finding {
	y := kit.Find(st, "auth.token", f.subject(), "%s", summary)
	y.Cause = c
	if text != "" {
		owner := report.OwnerYou
		if c == report.CauseDomain {
			owner = report.OwnerM365
		}
		y.Fix = &report.Fix{Owner: owner, Text: text, Commands: commands,
			Links: []string{"https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth"}}
	}
	return y
}

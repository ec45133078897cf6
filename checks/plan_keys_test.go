package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/report"
)

// holdKeys: a key by which somebody may sign stays where it is, unless it moves to
// the right name, the selector is Microsoft's before and after, or a wildcard record
// answers for it.
func (p planned) holdKeys(t *testing.T, changes []dnsrec.Change) {
	t.Helper()
	after := dnsrec.NewChanged(p.env.DNS, changes...)
	kept := map[string]bool{}
	for _, c := range changes {
		for _, key := range liveKeys(t, after, c.Name) {
			kept[key] = true
		}
	}
	for _, c := range changes {
		before := liveKeys(t, p.env.DNS, c.Name)
		if a, err := p.env.DNS.Lookup(t.Context(), dnsrec.Q(c.Name, dnsrec.TypeCNAME)); err == nil && slices.ContainsFunc(a.Values, ofMicrosoft) &&
			c.Type == dnsrec.TypeCNAME && slices.ContainsFunc(c.Values, ofMicrosoft) {
			continue
		}
		_, domain, _ := strings.Cut(c.Name, "._domainkey.")
		if slices.Equal(before, liveKeys(t, p.env.DNS, "nobody._domainkey."+domain)) {
			continue
		}
		for _, key := range before {
			if !kept[key] {
				t.Errorf("%s: the plan deletes a key at %s: %v", p.env.Domain, c.Name, c)
			}
		}
	}
}

func ofMicrosoft(target string) bool {
	return strings.HasSuffix(target, ".onmicrosoft.com") || strings.HasSuffix(target, ".dkim.mail.microsoft")
}

// liveKeys lists the data of the keys at a name that are not revoked.
func liveKeys(t *testing.T, world dnsrec.Resolver, name string) (keys []string) {
	selector, domain, ok := strings.Cut(name, "._domainkey.")
	if !ok {
		return nil
	}
	for _, k := range dkim.Lookup(t.Context(), world, domain, selector).Keys() {
		if !k.Revoked() {
			keys = append(keys, string(k.Record.Data))
		}
	}
	return keys
}

// keyZone is a domain at Microsoft 365 whose first selector is right; what stands
// at the second, and at those of others, is added.
const keyZone = `contoso.com. MX 0 contoso-com.mail.protection.outlook.com.
contoso-com.mail.protection.outlook.com. A 192.0.2.11
spf.protection.outlook.com. TXT "v=spf1 ip4:192.0.2.0/28 -all"
_dmarc.contoso.com. TXT "v=DMARC1; p=reject; rua=mailto:d@contoso.com"
selector1._domainkey.contoso.com. CNAME selector1-contoso-com._domainkey.contoso.onmicrosoft.com.
selector1-contoso-com._domainkey.contoso.onmicrosoft.com. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
`

const (
	liveKey    = "v=DKIM1; k=ed25519; p=/Xmc6ldrmNFXqAPCcWXwZ7+mh2CnHWYIyvGwuGTuDzY="
	otherKey   = "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	revokedKey = "v=DKIM1; p="
)

// A key by which somebody may sign today goes only by a decision. What proves that
// nobody can sign with it lets a step delete it.
func TestPlanKeepsKeys(t *testing.T) {
	t.Parallel()
	const second = "selector2._domainkey.contoso.com. "
	txt := func(name string, values ...string) (zone string) {
		for _, v := range values {
			zone += fmt.Sprintf("%s TXT %q\n", name, v)
		}
		return zone
	}
	leftover := func(selector string) string { return selector + "._domainkey.contoso.com." }
	for _, c := range []struct {
		name, zone string
		decides    string // the code of the decision that deletes it; none: a step does
	}{
		{"another's key", txt(second, liveKey), "dkim.selector2"},
		{"another's key of old form", txt(second, otherKey), "dkim.selector2"},
		{"a test key", txt(second, liveKey+"; t=y"), "dkim.selector2"},
		{"a short key", txt(second, "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ=="), "dkim.selector2"},
		{"a damaged key", txt(second, strings.TrimSuffix(liveKey, "=")+"*"), "dkim.selector2"},
		{"two keys", txt(second, liveKey, otherKey), "dkim.selector2"},
		{"a key and a revoked one", txt(second, revokedKey, liveKey), "dkim.selector2"},
		{"a key and a note", txt(second, "see ticket 4711", liveKey), "dkim.selector2"},
		{"a key and the name of Microsoft's", txt(second, "selector2-contoso-com._domainkey.contoso.onmicrosoft.com", liveKey), "dkim.selector2"},
		{"a copy of Microsoft's key", txt(second, liveKey) + txt("selector2-contoso-com._domainkey.contoso.onmicrosoft.com. ", liveKey), ""},
		{"another key than Microsoft's", txt(second, liveKey) + txt("selector2-contoso-com._domainkey.contoso.onmicrosoft.com. ", otherKey), "dkim.selector2"},
		{"a revoked key", txt(second, revokedKey), ""},
		{"an alias to nothing", second + "CNAME gone.signer.example.\n", ""},
		{"an alias to no key", second + "CNAME there.signer.example.\nthere.signer.example. TXT hello\n", ""},
		{"no key", txt(second, "selector2-contoso-com._domainkey.contoso.onmicrosoft.com"), ""},
		{"no key, and a note", txt(second, "see ticket 4711", "selector2-contoso-com._domainkey.contoso.onmicrosoft.com"), ""},
		{"a wildcard's key", txt("*._domainkey.contoso.com.", liveKey), "none"},
		{"a wildcard's alias with a key", "*._domainkey.contoso.com. CNAME key.signer.example.\n" + txt("key.signer.example.", liveKey), "none"},
		{"the old provider's key", txt(leftover("google"), liveKey), "dkim.leftover"},
		{"the old provider's damaged key", txt(leftover("google"), strings.TrimSuffix(liveKey, "=")+"*"), "dkim.leftover"},
		{"the old provider's alias", leftover("google") + " CNAME google.signer.example.\n" + txt("google.signer.example.", liveKey), "dkim.leftover"},
		{"the old provider's aliases", "contoso.com. TXT \"v=spf1 include:_spf.protonmail.ch include:spf.protection.outlook.com -all\"\n" + txt("_spf.protonmail.ch.", "v=spf1 -all") +
			leftover("protonmail") + " CNAME a.domains.proton.ch.\n" + leftover("protonmail2") + " CNAME b.domains.proton.ch.\n" +
			txt("a.domains.proton.ch.", liveKey) + txt("b.domains.proton.ch.", otherKey), "dkim.leftover"},
		{"a misspelled alias with a key", second + "CNAME selector2-contoso-com._domainkey.contoso.onmicrosoft.com.contoso.com.\n" +
			txt("selector2-contoso-com._domainkey.contoso.onmicrosoft.com.contoso.com.", liveKey), "none"},
		{"an alias of a form to come", second + "CNAME selector2-contoso-com._domainkey.contoso.y.z-v2.dkim.mail.microsoft.\n" +
			txt("selector2-contoso-com._domainkey.contoso.y.z-v2.dkim.mail.microsoft.", liveKey), "none"},
	} {
		zone := keyZone + c.zone
		if !strings.Contains(c.zone, "v=spf1 include:") {
			zone += txt("contoso.com.", "v=spf1 include:spf.protection.outlook.com -all")
		}
		env, _ := kittest.NewEnv(t, "contoso.com", zone)
		p := planFor(t, cached(env, false))
		p.hold(t)
		if wild := strings.HasPrefix(c.zone, "*"); wild && !slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool {
			return s.HasValues() && s.Action == report.ActionAdd && s.Name == strings.TrimSpace(second)
		}) {
			t.Errorf("%s: %+v", c.name, p.plan.Steps)
		}
		deleted, decided := keySteps(p.plan)
		if want := c.decides != "" && c.decides != "none"; deleted != (c.decides == "") || (len(decided) > 0) != want || want && !slices.Contains(decided, c.decides) {
			t.Errorf("%s: deleted %v, decided %v\n%+v", c.name, deleted, decided, p.plan)
		}
	}
}

// keySteps reports whether steps of a plan take records at selectors away, other
// than the first one of Microsoft, and the codes of decisions whose alternatives do.
func keySteps(plan *report.Plan) (deleted bool, decided []string) {
	if plan == nil {
		return false, nil
	}
	ofKey := func(name string) bool {
		return strings.Contains(name, "._domainkey.") && !strings.HasPrefix(name, "selector1.")
	}
	for _, s := range plan.Steps {
		deleted = deleted || s.ChangesRecords() && len(s.Removed()) > 0 && ofKey(s.Name)
		for _, a := range s.Alternatives {
			if len(a.Remove) > 0 && ofKey(s.Name) || slices.ContainsFunc(a.Sets, func(r report.Set) bool { return len(r.Remove) > 0 && ofKey(r.Name) }) {
				decided = append(decided, s.Fixes...)
			}
		}
	}
	return deleted, decided
}

// Selectors that lead to the keys of another domain are corrected before signing is
// enabled, and are as grave as selectors without a key.
func TestPlanCorrectsKeysOfAnotherDomain(t *testing.T) {
	t.Parallel()
	target := func(n, token string) string {
		return "selector" + n + "-" + token + "._domainkey.ctenant.onmicrosoft.com. "
	}
	at := func(n, token string) string {
		return "selector" + n + "._domainkey.contoso.com. CNAME " + target(n, token) + "\n"
	}
	other, own := "fabrikam-com", "contoso-com"
	for name, c := range map[string]struct {
		zone  string
		worst report.Status
		about int // selectors of another domain
	}{
		"both, keys":      {at("1", other) + at("2", other) + target("1", other) + someKey + target("2", other) + someKey, report.Fail, 2},
		"both, one key":   {at("1", other) + at("2", other) + target("1", other) + someKey, report.Fail, 2},
		"first, own key":  {at("1", other) + at("2", own) + target("1", other) + someKey + target("2", own) + someKey, report.Warn, 1},
		"second, own key": {at("1", own) + at("2", other) + target("1", own) + someKey + target("2", other) + someKey, report.Warn, 1},
		"first, no other": {at("1", other) + target("1", other) + someKey, report.Fail, 1},
		"none of another": {at("1", own) + at("2", own) + target("1", own) + someKey, report.Pass, 0},
	} {
		p := orderPlan(t, ourMX+ourSPF+someDMARC+"autodiscover.contoso.com. CNAME autodiscover.outlook.com.\n"+c.zone)
		worst, about := report.Pass, 0
		for _, f := range p.findings {
			if f.Code == "dkim.token" {
				worst, about = max(worst, f.Status), about+1
			}
		}
		if worst != c.worst || about != c.about {
			t.Errorf("%s: %d of %v, want %d of %v", name, about, worst, c.about, c.worst)
		}
		for _, s := range p.plan.Steps {
			if !strings.Contains(strings.Join(s.Commands, " "), "-Enabled $true") {
				continue
			}
			for _, o := range p.plan.Steps {
				if slices.Contains(o.Fixes, "dkim.token") && o.ChangesRecords() && !slices.Contains(s.After, o.Step) {
					t.Errorf("%s: signing is enabled before step %d: %+v", name, o.Step, s)
				}
			}
		}
	}
}

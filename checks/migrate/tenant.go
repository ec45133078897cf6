package migrate

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"

	"maildiag/checks/kit"
	"maildiag/dnsrec/httpsget"
)

// Tenant is what Microsoft's sign-in service says about a domain to anyone, without
// a login.
type Tenant struct {
	Known     bool   `json:"known"` // the domain belongs to a tenant
	ID        string `json:"id,omitempty"`
	Cloud     string `json:"cloud,omitempty"`     // ID of a row of the clouds
	Namespace string `json:"namespace,omitempty"` // "managed", "federated" or "unknown"
	Err       string `json:"error,omitempty"`     // why it could not be asked
}

// tenantID is a GUID in the issuer of a configuration.
var tenantID = regexp.MustCompile(`/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/`)

// LookupTenant asks the sign-in service of a cloud for the OpenID configuration and
// the realm of a domain. Only the name of the domain is sent.
//
// Source: Microsoft Learn, "OpenID Connect on the Microsoft identity platform". The
// realm is not documented; where it is missing, nothing is said of it.
func LookupTenant(ctx context.Context, get func(context.Context, string) *httpsget.Response, cloud *kit.Cloud, domain string) (t Tenant) {
	r := get(ctx, cloud.Authority+domain+"/v2.0/.well-known/openid-configuration")
	switch {
	case r.Err != nil:
		t.Err = r.Err.Error()
		return t
	case r.Status == http.StatusBadRequest || r.Status == http.StatusNotFound: // AADSTS90002: no such tenant
		return t
	case r.Status != http.StatusOK:
		t.Err = "the sign-in service answered " + http.StatusText(r.Status)
		return t
	}
	var doc struct {
		Issuer   string `json:"issuer"`
		Instance string `json:"cloud_instance_name"`
		Scope    string `json:"tenant_region_sub_scope"`
	}
	id := []string(nil)
	if json.Unmarshal(r.Body, &doc) == nil {
		id = tenantID.FindStringSubmatch(doc.Issuer)
	}
	if id == nil {
		t.Err = "the sign-in service answered with something else than a configuration"
		return t
	}
	t.Known, t.ID, t.Cloud = true, id[1], tenantCloud(doc.Instance, doc.Scope)
	t.Namespace = realm(get(ctx, cloud.Authority+"getuserrealm.srf?json=1&login="+domain))
	return t
}

// tenantCloud returns the ID of the cloud that a configuration names; empty: not
// known.
func tenantCloud(instance, scope string) string {
	switch {
	case scope == "DODCON":
		return "gcc-high"
	case scope == "DOD":
		return "dod"
	case scope == "GCC":
		return "gcc"
	case instance == "microsoftonline.com":
		return "worldwide"
	case instance == "partner.microsoftonline.cn":
		return "china"
	}
	return ""
}

// realm reads whether people of the domain sign in at Microsoft or at a server of
// their organization.
func realm(r *httpsget.Response) string {
	var doc struct{ NameSpaceType string }
	if r.Err != nil || json.Unmarshal(r.Body, &doc) != nil {
		return "unknown"
	}
	switch doc.NameSpaceType {
	case "Managed":
		return "managed"
	case "Federated":
		return "federated"
	}
	return "unknown"
}

// String says what is known of the tenant.
func (t Tenant) String() string {
	switch {
	case t.Err != "":
		return "could not ask: " + t.Err
	case !t.Known:
		return "the domain is in no tenant of this cloud"
	}
	text := t.ID
	if t.Cloud != "" {
		text += ", " + t.Cloud
	}
	if t.Namespace != "" {
		text += ", sign-in " + t.Namespace
	}
	return text
}

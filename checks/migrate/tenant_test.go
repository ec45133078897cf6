package migrate

import (
	"context"
	"net/http"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/httpsget/httpstest"
)

// The sign-in service is played by a server on loopback.
func TestLookupTenant(t *testing.T) {
	const id = "11111111-2222-3333-4444-555555555555"
	config := func(body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/getuserrealm.srf" && r.URL.Query().Get("login") == domain {
				w.Write([]byte(`{"NameSpaceType":"Federated"}`))
				return
			}
			if r.URL.Path != "/"+domain+"/v2.0/.well-known/openid-configuration" || body == "" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			w.Write([]byte(body))
		})
	}
	for name, c := range map[string]struct {
		body string
		want Tenant
	}{
		"worldwide": {`{"issuer":"https://login.microsoftonline.com/` + id + `/v2.0","cloud_instance_name":"microsoftonline.com"}`, Tenant{Known: true, ID: id, Cloud: "worldwide", Namespace: "federated"}},
		"GCC High":  {`{"issuer":"https://login.microsoftonline.us/` + id + `/v2.0","cloud_instance_name":"microsoftonline.us","tenant_region_sub_scope":"DODCON"}`, Tenant{Known: true, ID: id, Cloud: "gcc-high", Namespace: "federated"}},
		"new cloud": {`{"issuer":"https://login.example/` + id + `/v2.0","cloud_instance_name":"login.example"}`, Tenant{Known: true, ID: id, Namespace: "federated"}},
		"none":      {"", Tenant{}},
	} {
		if got := tenantFrom(t, config(c.body)); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, body := range []string{"<html>", "{}", `{"issuer":"https://x/../v2.0"}`} {
		if got := tenantFrom(t, config(body)); got.Known || got.Err == "" {
			t.Errorf("%q: %+v", body, got)
		}
	}
}

// tenantFrom asks a server for the tenant.
func tenantFrom(t *testing.T, h http.Handler) Tenant {
	t.Helper()
	srv, err := httpstest.Start(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	dns := kit.ResolverFunc(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: map[dnsrec.Type][]string{dnsrec.TypeA: {"192.0.2.1"}}[q.Type]}, nil
	})
	client := &httpsget.Client{Resolver: dns, Dialer: srv.Dialer(), Roots: srv.CA.Pool()}
	return LookupTenant(t.Context(), func(ctx context.Context, url string) *httpsget.Response { return client.Get(ctx, url, 0) }, &kit.Clouds()[0], domain)
}

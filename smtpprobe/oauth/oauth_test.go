package oauth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"maildiag/smtpprobe"
)

const (
	tenant       = "contoso.example"
	scope        = "https://outlook.office.com/SMTP.Send"
	clientSecret = "Qz8~client-secret-value"
)

// authority plays Microsoft's identity platform. token answers token requests.
func authority(t *testing.T, token func(form map[string]string) (int, any)) (Config, *[]string) {
	t.Helper()
	var asked []string
	var srv *httptest.Server
	srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		base := srv.URL + "/" + tenant
		switch {
		case strings.HasSuffix(r.URL.Path, "/openid-configuration"):
			answer(w, 200, map[string]string{"issuer": base + "/v2.0", "authorization_endpoint": base +
				"/oauth2/v2.0/authorize",
				"token_endpoint": base + "/oauth2/v2.0/token"})
		case strings.HasSuffix(r.URL.Path, "/devicecode"):
			answer(w, 200, map[string]any{"device_code": "dc", "user_code": "ABC-DEF",
				"verification_uri": "https://microsoft.example/device",
				"expires_in":       60, "interval": 1, "message": "Open https://microsoft.example/device and enter " +
					"ABC-DEF"})
		case strings.HasSuffix(r.URL.Path, "/token"):
			_ = r.ParseForm()
			form := map[string]string{}
			for k := range r.PostForm {
				form[k] = r.PostForm.Get(k)
			}
			status, body := token(form)
			answer(w, status, body)
		default:
			w.WriteHeader(404)
		}
	}))
	t.Cleanup(srv.Close)
	return Config{Authority: srv.URL + "/", Tenant: tenant, ClientID: "11111111-2222-3333-4444-555555555555",
		Scope: scope, HTTP: srv.Client()}, &asked
}

func answer(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func granted(token, scope string) map[string]any {
	return map[string]any{"token_type": "Bearer", "expires_in": 3599, "access_token": token, "scope": scope}
}

func TestDevice(t *testing.T) {
	polls := 0
	cfg, _ := authority(t, func(form map[string]string) (int, any) {
		if polls++; polls == 1 {
			return 400, map[string]string{"error": "authorization_pending", "error_description": "wait"}
		}
		if form["device_code"] != "dc" {
			t.Errorf("form %v", form)
		}
		return 200, granted("the-token", scope)
	})
	shown := ""
	got, err := Device(t.Context(), cfg, func(m string) { shown = m })
	if err != nil || got.Reveal() != "the-token" || !strings.Contains(shown, "ABC-DEF") {
		t.Errorf("%v, %v, shown %q", got.Reveal(), err, shown)
	}
}

func TestClient(t *testing.T) {
	cfg, asked := authority(t, func(form map[string]string) (int, any) {
		if form["client_secret"] != clientSecret || form["grant_type"] != "client_credentials" || !strings.Contains(form["scope"], ".default") {
			t.Errorf("form %v", form)
		}
		return 200, granted("app-token", "")
	})
	cfg.Scope = "https://outlook.office365.com/.default"
	got, err := Client(t.Context(), cfg, smtpprobe.NewSecret(clientSecret))
	if err != nil || got.Reveal() != "app-token" {
		t.Errorf("%v, %v; asked %v", got.Reveal(), err, *asked)
	}
}

func TestRefusalsHoldNoSecret(t *testing.T) {
	cfg, _ := authority(t, func(map[string]string) (int, any) {
		return 401, map[string]string{"error": "invalid_client",
			"error_description": "AADSTS7000215: Invalid client secret provided: " + clientSecret}
	})
	_, err := Client(t.Context(), cfg, smtpprobe.NewSecret(clientSecret))
	if err == nil || strings.Contains(err.Error(), clientSecret) || !strings.Contains(err.Error(), "AADSTS7000215") {
		t.Errorf("got %v", err)
	}
	if text := fmt.Sprintf("%+v %#v", err, err); strings.Contains(text, clientSecret) {
		t.Errorf("got %s", text)
	}
}

func TestNothingAskedWithoutTenant(t *testing.T) {
	for _, change := range []func(*Config){
		func(c *Config) { c.Tenant = "" },
		func(c *Config) { c.ClientID = "" },
		func(c *Config) { c.Tenant = "../common" },
	} {
		cfg, asked := authority(t, nil)
		change(&cfg)
		if _, err := Device(context.Background(), cfg, nil); err == nil || len(*asked) > 0 {
			t.Errorf("%+v: %v, asked %v", cfg, err, *asked)
		}
	}
}

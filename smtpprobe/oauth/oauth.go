// Package oauth gets access tokens for SMTP from Microsoft's identity platform.
//
// OAuth 2.0 (RFC 6749) puts a short-lived token in the place of the password.
// There are two ways to one here. With a device code (RFC 8628) a person signs
// in with a browser anywhere and the program waits; the token acts for that
// person (a delegated permission). With client credentials (RFC 6749 4.4) an
// application proves itself by a secret of its own; the token acts for the
// application. Microsoft's own library does the work; this package alone sees it.
package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"maildiag/smtpprobe"
)

// Config says whom to ask, and for what.
type Config struct {
	Authority string // e.g. "https://login.microsoftonline.com/"
	Tenant    string // ID or domain of the organization
	ClientID  string // ID of the application's registration
	Scope     string
	HTTP      *http.Client
}

// authority returns the address of the tenant's own authority.
func (c Config) authority() string { return strings.TrimSuffix(c.Authority, "/") + "/" + c.Tenant }

// check finds what is missing before anything is sent.
func (c Config) check() error {
	switch {
	case c.ClientID == "":
		return errors.New("oauth: no client ID given")
	case c.Tenant == "":
		return errors.New("oauth: no tenant given")
	case strings.ContainsAny(c.Tenant, "/?#\\ "):
		return errors.New("oauth: the tenant is an ID or a domain name")
	}
	return nil
}

// Device gets a token for a person. show is called once with what the person
// has to do; Device then waits until it is done, refused or expired.
func Device(ctx context.Context, c Config, show func(message string)) (smtpprobe.Secret, error) {
	if err := c.check(); err != nil {
		return smtpprobe.Secret{}, err
	}
	client, err := public.New(c.ClientID, public.WithAuthority(c.authority()),
		public.WithHTTPClient(c.HTTP), public.WithInstanceDiscovery(false))
	if err != nil {
		return smtpprobe.Secret{}, explain(err)
	}
	code, err := client.AcquireTokenByDeviceCode(ctx, []string{c.Scope})
	if err != nil {
		return smtpprobe.Secret{}, explain(err)
	}
	show(code.Result.Message)
	result, err := code.AuthenticationResult(ctx)
	if err != nil {
		return smtpprobe.Secret{}, explain(err)
	}
	return smtpprobe.NewSecret(result.AccessToken), nil
}

// Client gets a token for an application that proves itself by a secret.
func Client(ctx context.Context, c Config, secret smtpprobe.Secret) (smtpprobe.Secret, error) {
	if err := c.check(); err != nil {
		return smtpprobe.Secret{}, err
	}
	cred, err := confidential.NewCredFromSecret(secret.Reveal())
	if err != nil {
		return smtpprobe.Secret{}, errors.New("oauth: the client secret is empty")
	}
	client, err := confidential.New(c.authority(), c.ClientID, cred,
		confidential.WithHTTPClient(c.HTTP), confidential.WithInstanceDiscovery(false))
	if err != nil {
		return smtpprobe.Secret{}, explain(err, secret)
	}
	result, err := client.AcquireTokenByCredential(ctx, []string{c.Scope})
	if err != nil {
		return smtpprobe.Secret{}, explain(err, secret)
	}
	return smtpprobe.NewSecret(result.AccessToken), nil
}

// maxError is how much of an error is passed on; a server may write anything.
const maxError = 400

// errorCode is the number by which Microsoft Entra names a refusal.
var errorCode = regexp.MustCompile(`\bAADSTS[0-9]{4,8}\b`)

// explain returns an error in one line without the secrets. The library's own
// error is not wrapped: it holds the whole exchange.
func explain(err error, secrets ...smtpprobe.Secret) error {
	text := strings.Join(strings.Fields(err.Error()), " ")
	for _, s := range secrets {
		if s.MayBeIn(text) {
			text = strings.TrimSpace(errorCode.FindString(text) + " (answer withheld: it may contain the secret)")
		}
	}
	if len(text) > maxError {
		text = strings.ToValidUTF8(text[:maxError], "") + "..."
	}
	return fmt.Errorf("oauth: %s", text)
}

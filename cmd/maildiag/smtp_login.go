package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/oauth"
)

// loginFlags say as whom to log in, and where the secret comes from.
type loginFlags struct {
	user, from, to string
	mechanism      string
	passwordFile   string
	passwordFD     int
	tokenFile      string
	fromEnv        envSecret

	oauth            string
	clientID         string
	tenant           string
	clientSecretFile string
	authority        string
}

func (l *loginFlags) add(f *pflag.FlagSet) {
	f.StringVar(&l.user, "user", "", "sign in as `USER`, once, to see whether it works")
	f.StringVar(&l.from, "from", "", "after signing in, name `ADDRESS` as the sender (MAIL FROM); no message is sent")
	f.StringVar(&l.to, "to", "", "also name `ADDRESS` as a recipient (RCPT TO); no message is sent")
	f.StringVar(&l.mechanism, "mechanism", "auto", "`MECHANISM` to sign in with: login, plain, xoauth2 or auto")
	f.StringVar(&l.passwordFile, "password-file", "", "read the password from `FILE`")
	f.IntVar(&l.passwordFD, "password-fd", -1, "read the password from file descriptor `N` (0 is stdin)")
	f.StringVar(&l.tokenFile, "token-file", "", "sign in with the OAuth access token in `FILE`")
	f.StringVar(&l.oauth, "oauth", "", "get an OAuth token first, by `FLOW`: device (a person signs in) or client (an "+
		"application)")
	f.StringVar(&l.clientID, "client-id", "", "`ID` of the application's registration, for --oauth")
	f.StringVar(&l.tenant, "tenant", "", "`ID` or domain of the organization, for --oauth")
	f.StringVar(&l.clientSecretFile, "client-secret-file", "", "read the application's secret from `FILE`, "+
		"for --oauth client")
	f.StringVar(&l.authority, "authority", "", "ask this `URL` for the token instead of the cloud's own")
	f.Var(&l.fromEnv, "password", "")
	f.Lookup("password").Hidden, f.Lookup("password").NoOptDefVal = true, "?"
	_ = f.MarkHidden("authority")
}

// envPassword names the variable that envSecret takes.
const envPassword = "MAILDIAG_PASSWORD"

// envSecret takes MAILDIAG_PASSWORD, which comes the way of all flags. On the
// command line it is refused by refusePassword.
type envSecret struct{ smtpprobe.Secret }

func (e *envSecret) Set(s string) error { e.Secret = smtpprobe.NewSecret(s); return nil }
func (e *envSecret) Type() string       { return "secret" }
func (e *envSecret) String() string     { return "" }

// refusePassword explains why there is no password flag. It runs before the
// environment is read, so only the command line can have set it.
func refusePassword(c *cobra.Command) error {
	if !c.Flags().Changed("password") {
		return nil
	}
	return usage("leave it out to be asked, or use --password-file, --password-fd or MAILDIAG_PASSWORD; and "+
		"change the password that you have just shown",
		"a password on the command line is seen by everybody on this machine and stays in the shell's history")
}

// check refuses flags that contradict one another.
func (l *loginFlags) check() error {
	if _, err := mechanism(l.mechanism); err != nil {
		return err
	}
	sources := 0
	for _, given := range []bool{l.passwordFile != "", l.passwordFD >= 0, l.tokenFile != "", l.oauth != ""} {
		if given {
			sources++
		}
	}
	switch {
	case sources > 1:
		return usage("give one of --password-file, --password-fd, --token-file and --oauth",
			"more than one source for the secret")
	case sources > 0 && l.user == "":
		return usage("add --user USER", "a secret, and nobody to log in as")
	case l.oauth != "" && !slices.Contains(valueNames(oauthFlows()), l.oauth):
		return oneOf("--oauth", l.oauth, valueNames(oauthFlows()))
	case l.oauth != "" && (l.clientID == "" || l.tenant == ""):
		return usage("add --client-id ID and --tenant ID", "--oauth needs the application and the organization")
	case l.oauth == "client" && l.clientSecretFile == "":
		return usage("add --client-secret-file FILE", "--oauth client needs the application's secret")
	}
	return nil
}

// loginTarget is where a login is for.
type loginTarget struct {
	world    *world
	roots    *x509.CertPool
	cloud    *kit.Cloud
	replayed bool // nothing is sent, so no secret is needed
}

// login gets the secret and makes the login of it; nil if none is asked for.
func (a *app) login(ctx context.Context, l *loginFlags, t loginTarget) (*smtpprobe.Auth, error) {
	if _, given := os.LookupEnv(envPassword); given { // l has it; and not for children, if there ever are any
		wipeEnv(envPassword)
		_ = os.Unsetenv(envPassword)
	}
	if l.user == "" {
		return nil, nil
	}
	mech, err := mechanism(l.mechanism)
	if err != nil {
		return nil, err
	}
	auth := &smtpprobe.Auth{User: l.user, Mechanism: mech, Token: l.tokenFile != "" || l.oauth != ""}
	auth.Token = auth.Token || mech == smtpprobe.MechXOAuth2
	if t.replayed {
		return auth, nil
	}
	noDumps()
	auth.Secret, err = a.secret(ctx, l, t)
	if err == nil && auth.Secret.Empty() {
		err = usage("is the file empty?", "the secret is empty")
	}
	return auth, err
}

// secret reads the password or token from the one place that was named.
func (a *app) secret(ctx context.Context, l *loginFlags, t loginTarget) (smtpprobe.Secret, error) {
	switch {
	case l.oauth != "":
		return a.token(ctx, l, t)
	case l.tokenFile != "":
		return a.secretFile(l.tokenFile)
	case l.passwordFile != "":
		return a.secretFile(l.passwordFile)
	case l.passwordFD >= 0:
		return secretFD(l.passwordFD)
	case !l.fromEnv.Empty():
		return l.fromEnv.Secret, nil
	}
	return a.prompt(ctx, "Password for "+report.Clean(l.user)+": ")
}

// maxSecret bounds a secret; tokens have some KiB.
const maxSecret = 64 << 10

func readSecret(r io.Reader, name string) (smtpprobe.Secret, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSecret+1))
	switch {
	case err != nil:
		return smtpprobe.Secret{}, usage("name a file that can be read", "cannot read the secret from %s: %v",
			name, err)
	case len(b) > maxSecret:
		return smtpprobe.Secret{}, usage("name the file with the secret alone", "%s is longer than any secret",
			name)
	}
	secret := strings.TrimRight(plainText(b), "\r\n")
	switch {
	case secret == "":
		return smtpprobe.Secret{}, usage("name the file with the secret", "%s is empty", name)
	case strings.ContainsAny(secret, "\r\n\x00"):
		return smtpprobe.Secret{}, usage("name the file with the secret alone, in one line of text", "%s does not hold one line of text", name)
	}
	return smtpprobe.NewSecret(secret), nil
}

// plainText returns a text without the byte order mark that programs for Windows put
// before it, from UTF-16 if that says so.
func plainText(b []byte) string {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return string(b[3:])
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		order = binary.BigEndian
	case !bytes.HasPrefix(b, []byte("\xff\xfe")):
		return string(b)
	}
	var units []uint16
	for b = b[2:]; len(b) > 1; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return string(utf16.Decode(units))
}

// secretFile reads a file, and warns if others may read it too.
func (a *app) secretFile(name string) (smtpprobe.Secret, error) {
	f, err := os.Open(name)
	if err != nil {
		return smtpprobe.Secret{}, usage("name a file that can be read", "cannot read the secret: %v", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		fmt.Fprintf(a.err, "maildiag: warning: others on this machine can read %s (mode %04o); chmod 600 "+
			"closes it\n", report.Clean(name), info.Mode().Perm())
	}
	return readSecret(f, name)
}

func secretFD(fd int) (smtpprobe.Secret, error) {
	f := os.NewFile(uintptr(fd), "descriptor "+strconv.Itoa(fd))
	if f == nil {
		return smtpprobe.Secret{}, usage("--password-fd 0 reads stdin", "there is no descriptor %d", fd)
	}
	defer f.Close()
	return readSecret(f, f.Name())
}

// prompt asks on the terminal, without echo. A signal restores the terminal.
func (a *app) prompt(ctx context.Context, question string) (smtpprobe.Secret, error) {
	fd, ok := terminalOf(a.in)
	if !ok {
		return smtpprobe.Secret{}, usage("use --password-file FILE, --password-fd N or MAILDIAG_PASSWORD",
			"nobody to ask for the password: stdin is not a terminal")
	}
	state, err := term.GetState(fd)
	if err != nil {
		return smtpprobe.Secret{}, failed("use --password-file FILE", "cannot ask for the password: %v", err)
	}
	fmt.Fprint(a.err, question)
	defer fmt.Fprintln(a.err)
	type typed struct {
		b   []byte
		err error
	}
	got := make(chan typed, 1)
	go func() { // ends with the program, if nobody types
		b, err := term.ReadPassword(fd)
		got <- typed{b, err}
	}()
	select {
	case <-ctx.Done():
		_ = term.Restore(fd, state)
		return smtpprobe.Secret{}, context.Cause(ctx)
	case t := <-got:
		if t.err != nil {
			return smtpprobe.Secret{}, usage("use --password-file FILE", "no password was typed: %v", t.err)
		}
		return smtpprobe.NewSecret(string(t.b)), nil
	}
}

// inspected returns what decides whether a secret may be sent inside TLS that a
// device on the network can read: the flag, or a person.
func (a *app) inspected(ctx context.Context, f *smtpFlags) func(issuer string) bool {
	return func(issuer string) bool {
		_, terminal := terminalOf(a.in)
		if f.inspectedOK || !terminal || f.replay != "" {
			return f.inspectedOK
		}
		fmt.Fprintf(a.err, "TLS is inspected: the certificate was issued by %q, not by Microsoft's authority.\n"+
			"Its operator can read the password. Send it anyway? Type yes: ", report.Clean(issuer))
		line, err := readLine(ctx, a.in)
		return err == nil && strings.EqualFold(strings.TrimSpace(line), "yes")
	}
}

// readLine reads what is typed on a terminal, until the context ends.
func readLine(ctx context.Context, terminal io.Reader) (string, error) {
	type typed struct {
		line string
		err  error
	}
	got := make(chan typed, 1)
	go func() { // ends with the program, if nobody types
		line, err := bufio.NewReader(io.LimitReader(terminal, 80)).ReadString('\n')
		got <- typed{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case t := <-got:
		return t.line, t.err
	}
}

// token gets an OAuth token.
func (a *app) token(ctx context.Context, l *loginFlags, t loginTarget) (smtpprobe.Secret, error) {
	cfg := oauth.Config{Authority: t.cloud.Authority, Tenant: l.tenant, ClientID: l.clientID,
		Scope: t.cloud.Scope, HTTP: t.client()}
	if l.authority != "" {
		cfg.Authority = l.authority
	}
	var got smtpprobe.Secret
	var err error
	if l.oauth == "client" {
		cfg.Scope = t.cloud.AppScope
		var secret smtpprobe.Secret
		if secret, err = a.secretFile(l.clientSecretFile); err != nil {
			return got, err
		}
		got, err = oauth.Client(ctx, cfg, secret)
	} else {
		got, err = oauth.Device(ctx, cfg, func(m string) { fmt.Fprintln(a.err, oneLine(m)) })
	}
	if err != nil && ctx.Err() == nil {
		return got, failed("the words after AADSTS and the number name the reason; check --tenant, "+
			"--client-id and the permissions of the application", "no token: %v", err)
	}
	return got, err
}

// client returns an HTTP client that asks the resolver that was named, follows
// no proxy by surprise and reads no endless answers.
func (t loginTarget) client() *http.Client {
	tr := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: t.roots, MinVersion: tls.VersionTLS12},
		DialContext:     t.dial,
	}
	return &http.Client{Timeout: 30 * time.Second, Transport: bounded{tr},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (t loginTarget) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addresses := []string{host}
	if net.ParseIP(host) == nil {
		addresses = nil
		for _, rr := range []dnsrec.Type{dnsrec.TypeA, dnsrec.TypeAAAA} {
			var answer dnsrec.Answer
			if answer, err = t.world.DNS.Lookup(ctx, dnsrec.Q(host, rr)); err == nil {
				addresses = append(addresses, answer.Values...)
			}
		}
	}
	for _, ip := range addresses[:min(len(addresses), 4)] {
		var d net.Dialer
		var conn net.Conn
		if conn, err = d.DialContext(ctx, network, net.JoinHostPort(ip, port)); err == nil {
			return conn, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%s has no address", host)
	}
	return nil, err
}

// bounded cuts answers off at a length that no honest one has.
type bounded struct{ http.RoundTripper }

const maxTokenAnswer = 1 << 20

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxTokenAnswer), resp.Body}
	}
	return resp, err
}

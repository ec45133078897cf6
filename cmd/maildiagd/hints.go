package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"

	"maildiag/report"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/client"
)

// explain says what to do about an error of a request.
func (f *clientFlags) explain(err error) error {
	if refused, ok := errors.AsType[*client.Error](err); ok {
		return failed(f.refusalHint(refused), "%v", err)
	}
	hint, strange := f.strangerHint(err)
	if strange { // what it says is long, and that of somebody else
		return failed(hint, "no answer from %s: it does not speak HTTP", f.server)
	}
	return failed(cmp.Or(hint, tlsHint(err, "--ca-file"), networkHint(err, "is maildiagd running there?", "")), "no answer from %s: %v", f.server, err)
}

// fileFault is the error of the file of a flag; form says what is in such a file.
func fileFault(flag, name string, err error, form string) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return usage("name a file that exists and that this user may read", "%s: cannot read %s: %w", flag, name, path.Err)
	}
	return usage(form, "%s %s: %s", flag, name, strings.TrimPrefix(err.Error(), name+" ")) // some name it themselves
}

// refusalHint says what to do about a refusal.
func (f *clientFlags) refusalHint(e *client.Error) string {
	switch {
	case e.Status == http.StatusUnauthorized && f.user == "":
		return "give --user and --password-file"
	case e.Status == http.StatusUnauthorized:
		return "check --user, and the password in the file of --password-file"
	case e.Status == http.StatusNotFound && e.Problem == nil:
		return "--server must be the URL of maildiagd, which must run there with --fleet"
	case e.Problem != nil && e.Problem.NoRun():
		return "give the ID that maildiagd submit printed; maildiagd status lists the runs. They are kept for 7 days"
	case e.Problem != nil && e.Problem.NoSite():
		return "check --site; maildiagd status lists the sites and their state. drain --force drains a site before its workers start"
	case e.Status == http.StatusNotFound:
		return "maildiagd there must be started with --fleet"
	case e.Status == http.StatusConflict:
		return "leave --run out to submit this list as a new run; --run goes on with the same list and options only"
	case e.Status == http.StatusBadRequest && e.Problem == nil && strings.HasPrefix(f.server, "http://"):
		return "use https:// if the server has TLS"
	case e.Status/100 == 3:
		return "--server must be the URL of maildiagd itself: it is not redirected"
	case e.Status >= 500:
		return "the log of maildiagd there has the details"
	}
	return ""
}

// strangerHint says what to do about a server with another protocol, and reports
// whether it has one other than TLS.
func (f *clientFlags) strangerHint(err error) (hint string, strange bool) {
	text := err.Error()
	header, _ := errors.AsType[tls.RecordHeaderError](err)
	spoken := string(header.RecordHeader[:])
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the server has no TLS at this port: use http://, or the port with TLS", false
	case strings.Contains(text, "malformed HTTP") && strings.Contains(text, "server_id"), strings.HasPrefix(spoken, "INFO"):
		return "this is the port of NATS, for maildiagd worker --nats; --server takes the URL of the pages of maildiagd", true
	case strings.Contains(text, `malformed HTTP response "\x15\x03`):
		return "the server has TLS at this port: use https://", true
	case strings.Contains(text, "malformed HTTP"), header.Msg != "":
		return "this is not a web server: --server takes the URL of the pages of maildiagd", true
	}
	return "", false
}

// tlsHint says what to do about a certificate that is not trusted; empty: it is
// something else.
func tlsHint(err error, flag string) string {
	_, name := errors.AsType[x509.HostnameError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	switch {
	case unknown:
		return "give " + flag + " FILE with the authority that signed the certificate of the server"
	case name:
		return "use a name that the certificate of the server has"
	case isInvalid && invalid.Reason == x509.Expired:
		return "the certificate of the server must be renewed, or the clock of this machine is wrong"
	}
	return ""
}

// networkHint says what to do if nothing was reached; more is about the address.
func networkHint(err error, refused, more string) string {
	_, noName := errors.AsType[*net.DNSError](err)
	switch {
	case noName:
		return "check the name of the server, and the DNS of this machine"
	case errors.Is(err, syscall.ECONNREFUSED):
		return refused
	}
	return more + "check the address, the port, and the firewalls on the way"
}

// stated is an answer of PostgreSQL.
type stated interface {
	error
	SQLState() string
}

// databaseText returns what is wrong with a PostgreSQL server: what it says itself, if it
// answers, and not how often that was tried.
func databaseText(err error) string {
	if answer, ok := errors.AsType[stated](err); ok {
		err = answer
	}
	return report.CleanTo(oneLine(err), 300)
}

// databaseHint says what to do about a PostgreSQL server that cannot be used.
func databaseHint(err error) string {
	if answer, ok := errors.AsType[stated](err); ok {
		switch state := answer.SQLState(); {
		case strings.HasPrefix(state, "28"): // invalid authorization
			return "check the user and the password, in the URL or in ~/.pgpass"
		case state == "3D000":
			return "create the database, with this user as its owner, or correct its name in the URL"
		case state == "42501":
			return "make this user the owner of the database, or of the tables of maildiagd in it"
		}
		return "check the URL, and that this user may create tables in the database"
	}
	_, noName := errors.AsType[*net.DNSError](err)
	switch {
	case noName || errors.Is(err, syscall.ECONNREFUSED):
		return networkHint(err, "is PostgreSQL running there?", "")
	case strings.Contains(err.Error(), "server refused TLS"):
		return "enable TLS in this PostgreSQL server, or change sslmode in the URL"
	}
	return cmp.Or(tlsHint(err, "sslrootcert in the URL:"), "check the URL, the user and the password, and that this user may create tables in the database")
}

// natsHint says what to do about a NATS server that cannot be used.
func natsHint(err error) string {
	if hint := tlsHint(err, "--nats-ca"); hint != "" {
		return hint
	}
	_, file := errors.AsType[*bus.LoginError](err)
	switch {
	case file:
		return "check the files of --nats-creds, --nats-ca, --nats-cert and --nats-key, and that this user may read them"
	case errors.Is(err, bus.ErrClientCert):
		return "give --nats-cert and --nats-key: a certificate that an authority of the server has signed and that has not expired"
	case errors.Is(err, bus.ErrSignIn):
		return "check --nats-creds, --nats-cert, or the user and password in the URL"
	case errors.Is(err, bus.ErrTLSMode):
		return "use tls:// instead of nats://, or the reverse"
	case errors.Is(err, bus.ErrNoJetStream):
		return "enable JetStream in this NATS server, and for this account"
	case errors.Is(err, bus.ErrPermission):
		return "give this user the permission to use JetStream"
	case errors.Is(err, bus.ErrNobody):
		return "is a NATS server running there?"
	}
	return networkHint(err, "is a NATS server running there?", "--nats takes the URL of a NATS server, most often at port 4222; ")
}

package bus

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"

	"github.com/nats-io/nats.go"
)

// Login is how a NATS server knows this program. All of it is optional.
type Login struct {
	Creds     string // file of credentials, or of the seed of an nkey
	CA        string // file of authorities
	Cert, Key string // files of a client certificate
}

// LoginError is a file of a [Login] that cannot be used.
type LoginError struct {
	File string
	What string // that it should hold
	Err  error
}

func (e *LoginError) Error() string {
	err := e.Err
	if path, ok := errors.AsType[*fs.PathError](err); ok { // it names the file again
		err = path.Err
	}
	return "cannot use " + e.File + " as " + e.What + ": " + err.Error()
}

func (e *LoginError) Unwrap() error { return e.Err }

// options reads the files.
func (l *Login) options() (opts []nats.Option, err error) {
	if l.Creds != "" {
		login := nats.UserCredentials(l.Creds)
		text, err := os.ReadFile(l.Creds)
		if err == nil && !bytes.Contains(text, []byte("USER JWT")) { // the seed of an nkey alone
			login, err = nats.NkeyOptionFromSeed(l.Creds)
		}
		if err != nil {
			return nil, &LoginError{l.Creds, "credentials, or the seed of an nkey", err}
		}
		opts = append(opts, login)
	}
	if l.CA != "" {
		text, err := os.ReadFile(l.CA)
		if err == nil && !x509.NewCertPool().AppendCertsFromPEM(text) {
			err = errors.New("there is no certificate in it")
		}
		if err != nil {
			return nil, &LoginError{l.CA, "certificates of authorities", err}
		}
		opts = append(opts, nats.RootCAs(l.CA))
	}
	if l.Cert != "" {
		if _, err := tls.LoadX509KeyPair(l.Cert, l.Key); err != nil {
			return nil, &LoginError{l.Cert + " and " + l.Key, "a client certificate and its key", err}
		}
		opts = append(opts, nats.ClientCert(l.Cert, l.Key))
	}
	return opts, nil
}

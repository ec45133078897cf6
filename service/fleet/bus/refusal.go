package bus

import (
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"syscall"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Why a server cannot be used.
var (
	// ErrSignIn is returned if the server does not accept the credentials.
	ErrSignIn = errors.New("the sign-in is not accepted")
	// ErrClientCert is returned if the server asks for another certificate of the client.
	ErrClientCert = errors.New("the client certificate is missing or not accepted")
	// ErrConfig is returned for a configuration file that cannot be used.
	ErrConfig = errors.New("the configuration of the NATS server cannot be used")
	// ErrTLSMode is returned if only one side wants TLS.
	ErrTLSMode = errors.New("one side wants TLS and the other does not")
	// ErrNoJetStream is returned if the server, or this account, has no JetStream.
	ErrNoJetStream = errors.New("there is no JetStream")
	// ErrPermission is returned if this user may not use JetStream.
	ErrPermission = errors.New("this user lacks a permission")
	// ErrNobody is returned if nobody listens at the URL.
	ErrNobody = errors.New("nobody listens there")
)

// refusal adds the reason to an error of the server, if it is one of those above.
func refusal(err error) error {
	for reason, causes := range map[error][]error{
		ErrSignIn:      {nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrNkeysNotSupported},
		ErrTLSMode:     {nats.ErrSecureConnRequired, nats.ErrSecureConnWanted},
		ErrNoJetStream: {jetstream.ErrJetStreamNotEnabled, jetstream.ErrJetStreamNotEnabledForAccount, nats.ErrNoResponders},
		ErrPermission:  {nats.ErrPermissionViolation},
		ErrNobody:      {nats.ErrNoServers},
	} {
		for _, cause := range causes {
			if errors.Is(err, cause) {
				return fmt.Errorf("%w (%w)", reason, err)
			}
		}
	}
	if clientCert(err) {
		return fmt.Errorf("%w (%w)", ErrClientCert, err)
	}
	return err
}

// clientCert reports whether a server does not accept the certificate of this client. In
// TLS 1.3 it says so after the handshake, or the connection is closed before that is read.
func clientCert(err error) bool {
	alert := alertOf(err)
	closed := errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
	return alert >= alertBadCertificate && alert <= alertUnknownCA || alert == alertCertificateRequired || errors.Is(err, nats.ErrTLS) && closed
}

// The alerts about certificates. RFC 8446 6.2
const (
	alertBadCertificate      = 42
	alertUnknownCA           = 48
	alertCertificateRequired = 116
)

// alertOf returns the number of the TLS alert that the server sent; 0: it sent none. The
// type of the library has no name outside of it.
func alertOf(err error) uint64 {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		if alert := reflect.ValueOf(op.Err); alert.Kind() == reflect.Uint8 {
			return alert.Uint()
		}
	}
	return 0
}

package bus

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Why a server cannot be used.
var (
	// ErrSignIn is returned if the server does not accept the credentials.
	ErrSignIn = errors.New("the sign-in is not accepted")
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
	return err
}

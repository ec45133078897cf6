package bus

import (
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// replicas is how many servers of a cluster keep each stream: one of them may fail.
const replicas = 3

// Codes of JetStream for a cluster that is too small for so many copies.
const (
	noPeers    jetstream.ErrorCode = 10005
	noReplicas jetstream.ErrorCode = 10074
)

// copies makes something with as many copies as the servers can keep: f is called
// with their number.
func (b *Bus) copies(f func(int) error) error {
	if b.conn.ConnectedClusterName() == "" {
		return f(1)
	}
	err := f(replicas)
	if api, ok := errors.AsType[*jetstream.APIError](err); ok && (api.ErrorCode == noPeers || api.ErrorCode == noReplicas) {
		b.log.Warn("the NATS cluster has fewer than 3 servers with JetStream: each stream is on one of them")
		err = f(1)
	}
	return err
}

package bus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"maildiag/checks/kit/pause"
)

// replicas is how many servers of a cluster keep each stream: one of them may fail.
const replicas = 3

// Codes of JetStream for a cluster that is too small for so many copies.
const (
	noPeers    jetstream.ErrorCode = 10005
	noReplicas jetstream.ErrorCode = 10074
)

// tooFew reports whether an error says that the cluster is too small.
func tooFew(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (api.ErrorCode == noPeers || api.ErrorCode == noReplicas)
}

// copies makes something with as many copies as the servers can keep: f is called
// with their number.
func (b *Bus) copies(ctx context.Context, f func(int) error) error {
	if b.conn.ConnectedClusterName() == "" {
		return f(1)
	}
	return b.most(ctx, f)
}

// most makes as many copies as a cluster can keep. Servers that start together with
// this process have a time to join, once: the number of copies stays.
func (b *Bus) most(ctx context.Context, f func(int) error) error {
	err := f(replicas)
	for end := time.Now().Add(openTime); tooFew(err) && !b.few && time.Now().Before(end); err = f(replicas) {
		if err := pause.For(ctx, time.Second); err != nil {
			return err
		}
	}
	if !tooFew(err) {
		return err
	}
	if !b.few {
		b.log.Warn("the NATS cluster has fewer than 3 servers with JetStream: a stream that is made now is on one of them, until its replicas are changed by hand")
	}
	b.few = true
	return f(1)
}

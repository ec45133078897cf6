package bus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"maildiag/checks/kit/pause"
)

// Mail servers are connected to by one worker at a time for each partition of their
// networks, and what they said is there for all workers of a site.
const (
	dialsName = "dials" // bucket of who connects to a partition

	// dialTime is how long a partition is held. It is longer than a conversation (65
	// seconds at most) and the request together, so that nobody needs to renew it.
	// That of a worker that dies is free after it.
	dialTime  = 75 * time.Second
	leaseCall = 5 * time.Second

	// The buckets of what mail servers said, and of what those said by which the way
	// of a site is judged.
	saidName, brieflySaidName = "said", "said-briefly"

	maxSaid        = 512 << 20 // bytes
	maxBrieflySaid = 8 << 20

	// KeepSaid and KeepBrieflySaid are how long that is kept.
	KeepSaid        = time.Hour
	KeepBrieflySaid = 10 * time.Minute
)

// The pauses between two requests for a partition that somebody else has.
const (
	shortestWait = 20 * time.Millisecond
	longestWait  = 500 * time.Millisecond
)

// LeaseDial waits until no other worker connects to a partition, and holds it until
// release is called, but not longer than a conversation takes. An error is that of ctx.
func (b *Bus) LeaseDial(ctx context.Context, partition int, id string) (release func(), err error) {
	key := strconv.Itoa(partition)
	for wait := shortestWait; ; wait = min(2*wait, longestWait) {
		limited, cancel := context.WithTimeout(ctx, leaseCall)
		revision, err := b.dials.Create(limited, key, []byte(id))
		cancel()
		if err == nil {
			return func() {
				last, done := context.WithTimeout(context.WithoutCancel(ctx), leaseCall)
				defer done()
				_ = b.dials.Delete(last, key, jetstream.LastRevision(revision)) // if not, it expires
			}, nil
		}
		if !errors.Is(err, jetstream.ErrKeyExists) { // such as a server that is gone for now
			wait = longestWait
		}
		if err := pause.For(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// PutSaid stores what a mail server said to a site. It need not succeed.
func (b *Bus) PutSaid(ctx context.Context, site, server string, briefly bool, data []byte) error {
	if !ValidName(site) {
		return ErrName
	}
	_, err := b.saidIn(briefly).Put(ctx, saidKey(site, server), data)
	return err
}

// Said returns what a mail server said to a site; nil: nothing is known.
func (b *Bus) Said(ctx context.Context, site, server string, briefly bool) []byte {
	e, err := b.saidIn(briefly).Get(ctx, saidKey(site, server))
	if err != nil {
		return nil
	}
	return e.Value()
}

func (b *Bus) saidIn(briefly bool) jetstream.KeyValue {
	if briefly {
		return b.brieflySaid
	}
	return b.said
}

func saidKey(site, server string) string {
	sum := sha256.Sum256([]byte(server))
	return site + "." + hex.EncodeToString(sum[:16])
}

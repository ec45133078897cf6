// Package bus carries lists of domains to workers and their results back. It is
// NATS JetStream: in this process, or elsewhere by another URL.
//
// A list is a run. Its domains travel as items, and the results of an item as
// parts. Work is done at least once; a part is stored once, so results count once.
package bus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"maildiag/service/fleet/lock"
)

// Config says where the bus is.
type Config struct {
	URL string // of a NATS server; empty: one in this process
	Login

	Dir    string // files of the server in this process
	Server string // its configuration file; empty: it does not listen

	MaxItems int64         // that wait, at most; 0: [MaxItems]
	AckWait  time.Duration // 0: [AckWait]; of queues that nobody has used yet
	DialTime time.Duration // 0: the usual one; how long a worker that died keeps others from mail servers
	Name     string        // of this program, for the lists of the server
	Log      *slog.Logger
}

// The bounds of what is kept.
const (
	MaxItems    = 4096               // items that wait
	Keep        = 7 * 24 * time.Hour // how long runs and their results are kept
	MaxMessage  = 1 << 20            // bytes of an item or a part
	maxWork     = 512 << 20          // bytes of all items
	maxResults  = 16 << 30           // bytes of all results
	maxRuns     = 64 << 20           // bytes of the descriptions of runs
	maxDigests  = 256 << 20          // bytes of the digests of items
	duplicates  = time.Hour          // how long an item that is sent again is recognized
	callTime    = 10 * time.Second   // for one request to the server
	pingTime    = 20 * time.Second   // a connection on which nothing comes back is lost after twice that
	openTime    = 30 * time.Second   // for the server in this process to recover its files
	aliveFor    = 30 * time.Second   // after the last sign of life of a worker
	storeMost   = maxResults + 4<<30 // bytes of all streams
	workName    = "work"             // stream of items
	resultsName = "res"              // stream of parts
	runsName    = "runs"             // bucket of runs
	digestsName = "digests"          // bucket of what each item of a run holds
	workersName = "workers"          // bucket of workers
	drainsName  = "drains"           // bucket of sites that take no work
)

var (
	// ErrFull is returned if a stream has no room. It has some later.
	ErrFull = errors.New("the queue is full")
	// ErrNotFound is returned for a run that is not known, or not any more.
	ErrNotFound = errors.New("there is no such run; it may have expired")
	// ErrConflict is returned for a run that is known with other options.
	ErrConflict = errors.New("there is a run with this ID and other options")
	// ErrOtherList is the [ErrConflict] of a run that is known with another list.
	ErrOtherList = fmt.Errorf("%w, or another list", ErrConflict)
	// ErrName is returned for an ID or a site that cannot be part of a subject.
	ErrName = errors.New("a name has 1 to 64 letters, digits, - and _")
)

var validName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ValidName reports whether s may be the ID of a run or the name of a site.
func ValidName(s string) bool { return validName.MatchString(s) }

// Bus is a connection to the server. It is safe for any number of goroutines.
type Bus struct {
	server  *server.Server // nil: elsewhere
	lock    *os.File       // of the files of that server
	conn    *nats.Conn
	js      jetstream.JetStream
	work    jetstream.Stream
	results jetstream.Stream
	runs    jetstream.KeyValue
	digests jetstream.KeyValue
	workers jetstream.KeyValue
	drains  jetstream.KeyValue
	leases  jetstream.KeyValue
	sites   jetstream.KeyValue
	dials   jetstream.KeyValue
	said    jetstream.KeyValue
	watch   jetstream.Stream
	seen    jetstream.Stream
	ackWait time.Duration
	log     *slog.Logger
	few     bool // servers of a cluster, although there was time to join

	brieflySaid jetstream.KeyValue

	infoMu sync.Mutex // of info: a Stream keeps the last one
}

// info asks about a stream.
func (b *Bus) info(ctx context.Context, s jetstream.Stream, opts ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	b.infoMu.Lock()
	defer b.infoMu.Unlock()
	return s.Info(ctx, opts...)
}

// Open starts the server, if it is to be in this process, connects, and makes the
// streams that are not there yet. It must be closed.
func Open(ctx context.Context, c Config) (*Bus, error) {
	b := &Bus{ackWait: cmp.Or(c.AckWait, AckWait), log: c.Log}
	err := b.connect(&c)
	if err == nil {
		err = b.streams(ctx, &c)
	}
	if err != nil {
		b.Close()
		return nil, refusal(err)
	}
	return b, nil
}

// Close ends the connection, and the server in this process.
func (b *Bus) Close() {
	if b.conn != nil {
		b.conn.Close()
	}
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	if b.lock != nil {
		_ = b.lock.Close()
	}
}

// Addr returns where the server in this process listens; empty: it does not.
func (b *Bus) Addr() string {
	if b.server == nil || b.server.Addr() == nil {
		return ""
	}
	return b.server.Addr().String()
}

func (b *Bus) connect(c *Config) (err error) {
	opts := []nats.Option{nats.Name(c.Name), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second), nats.Timeout(callTime),
		nats.PingInterval(pingTime), nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // nil: it was closed
				c.Log.Warn("the connection to NATS is lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { c.Log.Info("connected to NATS again") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { c.Log.Warn("NATS", "error", err) }),
	}
	if c.URL == "" {
		var inside []nats.Option
		if b.lock, err = lock.Take(filepath.Join(c.Dir, "nats", "lock")); err != nil { // two servers would destroy each other's streams
			return err
		}
		if b.server, inside, err = embed(c); err != nil {
			return err
		}
		opts = append(opts, inside...)
	} else {
		login, err := c.Login.options()
		if err != nil {
			return err
		}
		opts = append(opts, login...)
	}
	if b.conn, err = nats.Connect(c.URL, opts...); err != nil {
		return fmt.Errorf("cannot connect to NATS: %w", err)
	}
	b.js, err = jetstream.New(b.conn, jetstream.WithDefaultTimeout(callTime))
	return err
}

// streams opens the streams and buckets. Those that are there stay as they are:
// their operator may have given them replicas, or other bounds.
func (b *Bus) streams(ctx context.Context, c *Config) (err error) {
	most := cmp.Or(c.MaxItems, MaxItems)
	b.work, err = b.stream(ctx, jetstream.StreamConfig{Name: workName, Subjects: []string{workName + ".>"}, Retention: jetstream.WorkQueuePolicy,
		Discard: jetstream.DiscardNew, MaxMsgs: most, MaxBytes: maxWork, MaxMsgSize: MaxMessage, Duplicates: duplicates})
	if err != nil {
		return err
	}
	b.results, err = b.stream(ctx, jetstream.StreamConfig{Name: resultsName, Subjects: []string{resultsName + ".>"},
		Discard: jetstream.DiscardNew, MaxBytes: maxResults, MaxMsgSize: MaxMessage, MaxAge: Keep, MaxMsgsPerSubject: 1})
	for _, x := range []struct {
		kv     *jetstream.KeyValue
		config jetstream.KeyValueConfig
	}{
		{&b.runs, jetstream.KeyValueConfig{Bucket: runsName, TTL: Keep, MaxBytes: maxRuns}},
		{&b.digests, jetstream.KeyValueConfig{Bucket: digestsName, TTL: Keep, MaxBytes: maxDigests}},
		{&b.workers, jetstream.KeyValueConfig{Bucket: workersName, TTL: aliveFor, MaxBytes: 1 << 20, Storage: jetstream.MemoryStorage}},
		{&b.drains, jetstream.KeyValueConfig{Bucket: drainsName, MaxBytes: 1 << 20}},
		{&b.leases, jetstream.KeyValueConfig{Bucket: leasesName, TTL: leaseTime, MaxBytes: 1 << 20}},
		{&b.dials, jetstream.KeyValueConfig{Bucket: dialsName, TTL: cmp.Or(c.DialTime, dialTime), MaxBytes: 1 << 20}},
		{&b.said, jetstream.KeyValueConfig{Bucket: saidName, TTL: KeepSaid, MaxBytes: maxSaid, Compression: true}},
		{&b.brieflySaid, jetstream.KeyValueConfig{Bucket: brieflySaidName, TTL: KeepBrieflySaid, MaxBytes: maxBrieflySaid, Compression: true}},
		{&b.sites, jetstream.KeyValueConfig{Bucket: sitesName, TTL: Keep, MaxBytes: 4 << 20}},
	} {
		if err == nil {
			*x.kv, err = b.bucket(ctx, x.config)
		}
	}
	for i, s := range []*jetstream.Stream{&b.watch, &b.seen} {
		if err == nil {
			*s, err = b.stream(ctx, watchStreams()[i])
		}
	}
	return err
}

func (b *Bus) stream(ctx context.Context, c jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := b.js.Stream(ctx, c.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		err = b.copies(ctx, func(n int) (err error) {
			c.Replicas = n
			s, err = b.js.CreateStream(ctx, c)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("the stream %s: %w", c.Name, err)
	}
	return s, nil
}

func (b *Bus) bucket(ctx context.Context, c jetstream.KeyValueConfig) (jetstream.KeyValue, error) {
	kv, err := b.js.KeyValue(ctx, c.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		err = b.copies(ctx, func(n int) (err error) {
			c.Replicas = n
			kv, err = b.js.CreateKeyValue(ctx, c)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("the bucket %s: %w", c.Bucket, err)
	}
	return kv, nil
}

// storeFailed is the code of JetStream for a message that a stream did not take,
// because it is full or because the disk is.
const storeFailed jetstream.ErrorCode = 10077

// publish stores a message.
func (b *Bus) publish(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) error {
	_, err := b.js.PublishMsg(ctx, m, opts...)
	return full(err)
}

// full makes [ErrFull] of the error of a stream that has no room.
func full(err error) error {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.ErrorCode == storeFailed {
		return fmt.Errorf("%w (%s)", ErrFull, api.Description)
	}
	return err
}

package bus

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Queue names the workers that may do an item.
type Queue string

// BulkQueue is that of workers that know a version of the options, at any site.
// Workers of another version never see its items.
func BulkQueue(version int) Queue { return Queue(fmt.Sprintf("bulk.v%d", version)) }

// AckWait is how long an item may be without a sign of its worker before another
// one gets it.
const AckWait = 30 * time.Second

// PutItem queues an item of a run. To do so again changes nothing while the item
// waits, and repeats work at most later. The error is [ErrFull] if there is no
// room, and [ErrOtherList] if the run has the item with other data.
func (b *Bus) PutItem(ctx context.Context, q Queue, run string, n int, data []byte) error {
	if !ValidName(run) {
		return ErrName
	}
	if err := b.same(ctx, run, n, data); err != nil {
		return err
	}
	m := &nats.Msg{Subject: fmt.Sprintf("%s.%s.%s.%d", workName, q, run, n), Data: data}
	return b.publish(ctx, m, jetstream.WithMsgID(fmt.Sprintf("%s/%d", run, n)))
}

// same notes what an item of a run holds, and refuses anything else in its place.
func (b *Bus) same(ctx context.Context, run string, n int, data []byte) error {
	sum := sha256.Sum256(data)
	key := itemKey(run, n)
	_, err := b.digests.Create(ctx, key, sum[:])
	if !errors.Is(err, jetstream.ErrKeyExists) {
		return full(err)
	}
	old, err := b.digests.Get(ctx, key)
	if err == nil && !bytes.Equal(old.Value(), sum[:]) {
		return ErrOtherList
	}
	return err
}

// itemKey is the key of an item in the bucket of digests.
func itemKey(run string, n int) string { return fmt.Sprintf("%s.%d", run, n) }

// hasItem reports whether a run has an item.
func (b *Bus) hasItem(ctx context.Context, run string, n int) (bool, error) {
	_, err := b.digests.Get(ctx, itemKey(run, n))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Waiting returns how many items wait or are being done, in all queues.
func (b *Bus) Waiting(ctx context.Context) (int, error) {
	info, err := b.info(ctx, b.work)
	if err != nil {
		return 0, err
	}
	return int(info.State.Msgs), nil
}

// Items hands out the items of a queue.
type Items struct{ consumer jetstream.Consumer }

// Items returns the items of a queue. All who ask for those of the same queue
// share them.
func (b *Bus) Items(ctx context.Context, q Queue) (*Items, error) {
	return b.itemsOf(ctx, b.work, q, fmt.Sprintf("%s.%s.>", workName, q))
}

// itemsOf returns the items of a stream whose subjects fit a filter.
func (b *Bus) itemsOf(ctx context.Context, s jetstream.Stream, q Queue, filter string) (*Items, error) {
	c, err := s.Consumer(ctx, durable(q))
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		// Who takes an item decides how often it is tried: one that the server gave
		// up would be missing in the results, and nobody would know.
		c, err = s.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
			Durable: durable(q), FilterSubject: filter,
			AckPolicy: jetstream.AckExplicitPolicy, AckWait: b.ackWait, MaxDeliver: -1,
		})
	}
	if err != nil {
		return nil, fmt.Errorf("the queue %s: %w", q, err)
	}
	return &Items{c}, nil
}

// BusyEvery returns how often to call [Item.Busy].
func (i *Items) BusyEvery() time.Duration { return i.consumer.CachedInfo().Config.AckWait / 3 }

// durable returns the name of the consumer of a queue.
func durable(q Queue) string {
	name := []byte(q)
	for i, c := range name {
		if c == '.' {
			name[i] = '-'
		}
	}
	return string(name)
}

// Item is work that was taken. It goes to another worker if it is neither marked
// as [Item.Done] nor, from time to time, as [Item.Busy].
type Item struct {
	Data []byte
	Try  int // from 1

	msg jetstream.Msg
}

// Next waits for an item, for a time; nil: there was none.
func (i *Items) Next(ctx context.Context, wait time.Duration) (*Item, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	m, err := i.consumer.Next(jetstream.FetchContext(ctx))
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	meta, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	return &Item{Data: m.Data(), Try: int(meta.NumDelivered), msg: m}, nil
}

// Busy says that the item is being worked on.
func (i *Item) Busy() error { return i.msg.InProgress() }

// Done says that the results are stored, and waits until the server knows.
func (i *Item) Done(ctx context.Context) error { return i.msg.DoubleAck(ctx) }

// Later puts the item back, for any worker after a time.
func (i *Item) Later(after time.Duration) error { return i.msg.NakWithDelay(after) }

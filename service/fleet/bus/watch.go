package bus

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Watching has streams of its own, so that no list can crowd it out: the items of
// each site, and what the sites have seen until the history has it.
const (
	watchName = "watch"
	seenName  = "seen"
	maxWatch  = 64 << 20 // bytes of all items
	maxSeen   = 2 << 30  // bytes of all results
)

// watchStreams returns the streams of watching. A site has each item once at most:
// one that was cut off catches up on the latest state, not on each pass.
func watchStreams() []jetstream.StreamConfig {
	return []jetstream.StreamConfig{
		{Name: watchName, Subjects: []string{watchName + ".>"}, Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew,
			DiscardNewPerSubject: true, MaxMsgsPerSubject: 1, MaxBytes: maxWatch, MaxMsgSize: MaxMessage},
		{Name: seenName, Subjects: []string{seenName + ".>"}, Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew,
			MaxBytes: maxSeen, MaxMsgSize: MaxMessage, Duplicates: duplicates},
	}
}

// WatchQueue is that of the workers of a site that know a version of the options.
func WatchQueue(version int, site string) Queue { return Queue(fmt.Sprintf("v%d.%s", version, site)) }

// PutWatch queues domains to be looked at. The error is [ErrFull] if the site has
// not yet looked at those that had the same number before.
func (b *Bus) PutWatch(ctx context.Context, q Queue, n int, data []byte) error {
	return b.publish(ctx, &nats.Msg{Subject: fmt.Sprintf("%s.%s.%d", watchName, q, n), Data: data})
}

// WatchItems returns the items of a site.
func (b *Bus) WatchItems(ctx context.Context, q Queue) (*Items, error) {
	return b.itemsOf(ctx, b.watch, q, fmt.Sprintf("%s.%s.>", watchName, q))
}

// PutSeen stores what a site has seen until the history takes it. To do so again
// changes nothing for a time; later, the history counts it once.
func (b *Bus) PutSeen(ctx context.Context, p Part) error {
	if !ValidName(p.Run) || !ValidName(p.Site) {
		return ErrName
	}
	name := fmt.Sprintf("%s.%s.%d.%d", p.Site, p.Run, p.Item, p.Number)
	return b.publish(ctx, &nats.Msg{Subject: seenName + "." + name, Data: p.Data}, jetstream.WithMsgID(name))
}

// Seen is what a site has seen. It comes again unless it is marked as [Item.Done].
type Seen struct {
	Item
	Run, Site string
	At        time.Time // when it was stored, by the clock of the server of the bus
}

// SeenItems hands out what the sites have seen.
type SeenItems struct{ items *Items }

// SeenItems returns what the sites have seen and the history has not taken.
func (b *Bus) SeenItems(ctx context.Context) (*SeenItems, error) {
	items, err := b.itemsOf(ctx, b.seen, "history", seenName+".>")
	return &SeenItems{items}, err
}

// Next waits for something that was seen, for a time; nil: there was nothing.
func (s *SeenItems) Next(ctx context.Context, wait time.Duration) (*Seen, error) {
	it, err := s.items.Next(ctx, wait)
	if it == nil || err != nil {
		return nil, err
	}
	meta, err := it.msg.Metadata()
	if err != nil {
		return nil, err
	}
	seen := &Seen{Item: *it, At: meta.Timestamp.UTC()}
	if f := strings.Split(it.msg.Subject(), "."); len(f) == 5 {
		seen.Site, seen.Run = f[1], f[2]
	}
	return seen, nil
}

// Untaken returns how many parts of what the sites have seen the history has not
// taken.
func (b *Bus) Untaken(ctx context.Context) (int, error) {
	info, err := b.info(ctx, b.seen)
	if err != nil {
		return 0, err
	}
	return int(info.State.Msgs), nil
}

// Backlog returns how many items of watching wait for a site, by site.
func (b *Bus) Backlog(ctx context.Context) (map[string]int, error) {
	info, err := b.info(ctx, b.watch, jetstream.WithSubjectFilter(watchName+".>"))
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for subject := range info.State.Subjects {
		if f := strings.Split(subject, "."); len(f) == 4 {
			if _, err := strconv.Atoi(f[3]); err == nil {
				count[f[2]]++
			}
		}
	}
	return count, nil
}

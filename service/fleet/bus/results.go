package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Part is the results of a few domains of an item. They are stored once, no matter who
// stores them.
type Part struct {
	Run    string
	Item   int
	Number int // within the item
	Site   string
	Data   []byte
}

// siteField names the site in the header of a part.
const siteField = "Maildiag-Site"

func (p *Part) subject() string {
	return fmt.Sprintf("%s.%s.%d.%d", resultsName, p.Run, p.Item, p.Number)
}

// PutPart stores a part, if nobody has stored it yet.
func (b *Bus) PutPart(ctx context.Context, p Part) error {
	if !ValidName(p.Run) || !ValidName(p.Site) {
		return ErrName
	}
	m := &nats.Msg{Subject: p.subject(), Data: p.Data, Header: nats.Header{siteField: {p.Site}}}
	err := b.publish(ctx, m, jetstream.WithExpectLastSequencePerSubject(0))
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		switch api.ErrorCode {
		case jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant:
			return nil
		}
	}
	return err
}

// PartsOf returns the numbers of the parts of an item that are stored.
func (b *Bus) PartsOf(ctx context.Context, run string, item int) (map[int]bool, error) {
	info, err := b.info(ctx, b.results, jetstream.WithSubjectFilter(fmt.Sprintf("%s.%s.%d.*", resultsName, run, item)))
	if err != nil {
		return nil, err
	}
	have := map[int]bool{}
	for subject := range info.State.Subjects {
		if n, err := strconv.Atoi(subject[strings.LastIndexByte(subject, '.')+1:]); err == nil {
			have[n] = true
		}
	}
	return have, nil
}

// CountParts returns how many parts of a run are stored.
func (b *Bus) CountParts(ctx context.Context, run string) (int, error) {
	return b.countParts(ctx, run, nil)
}

// countParts counts the parts of a run that were stored since a time; nil: ever.
func (b *Bus) countParts(ctx context.Context, run string, since *time.Time) (int, error) {
	c, n, err := b.reader(ctx, run, since)
	if err == nil {
		err = b.results.DeleteConsumer(ctx, c.CachedInfo().Name)
	}
	return n, err
}

// EachPart calls f for each part of a run that is stored, in the order in which
// they were.
func (b *Bus) EachPart(ctx context.Context, run string, f func(Part) error) error {
	c, left, err := b.reader(ctx, run, nil)
	if err != nil {
		return err
	}
	defer func() { _ = b.results.DeleteConsumer(context.WithoutCancel(ctx), c.CachedInfo().Name) }()
	for left > 0 {
		batch, err := c.Fetch(min(left, readAtOnce), jetstream.FetchMaxWait(callTime))
		if err != nil {
			return err
		}
		got := 0
		for m := range batch.Messages() {
			got++
			if err := f(partOf(m)); err != nil {
				return err
			}
		}
		if err := errors.Join(batch.Error(), ctx.Err()); err != nil {
			return err
		}
		if left -= got; got == 0 {
			return errors.New("the results ended early")
		}
	}
	return nil
}

// readAtOnce is how many parts are asked for at once.
const readAtOnce = 16

// reader returns a consumer of the parts of a run that were stored since a time,
// and how many there are; nil: of all.
func (b *Bus) reader(ctx context.Context, run string, since *time.Time) (jetstream.Consumer, int, error) {
	if !ValidName(run) {
		return nil, 0, ErrNotFound
	}
	config := jetstream.ConsumerConfig{
		FilterSubject: fmt.Sprintf("%s.%s.>", resultsName, run), AckPolicy: jetstream.AckNonePolicy, InactiveThreshold: time.Minute, MemoryStorage: true,
	}
	if since != nil {
		config.DeliverPolicy, config.OptStartTime = jetstream.DeliverByStartTimePolicy, since
	}
	c, err := b.results.CreateConsumer(ctx, config)
	if err != nil {
		return nil, 0, err
	}
	return c, int(c.CachedInfo().NumPending), nil
}

func partOf(m jetstream.Msg) Part {
	p := Part{Data: m.Data(), Site: m.Headers().Get(siteField)}
	if f := strings.Split(m.Subject(), "."); len(f) == 4 {
		p.Run = f[1]
		p.Item, _ = strconv.Atoi(f[2])
		p.Number, _ = strconv.Atoi(f[3])
	}
	return p
}

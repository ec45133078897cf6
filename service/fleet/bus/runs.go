package bus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Run is a list of domains that was submitted.
type Run struct {
	ID        string          `json:"id"`
	Submitted time.Time       `json:"submitted"`
	Version   int             `json:"version"` // of the options
	Options   json.RawMessage `json:"options"`
	Domains   int             `json:"domains,omitempty"` // known when it is sealed
	Items     int             `json:"items,omitempty"`
	Parts     int             `json:"parts,omitempty"`
	Sealed    bool            `json:"sealed"` // it has all its items
}

// PutRun makes a run known. To do so again changes nothing.
func (b *Bus) PutRun(ctx context.Context, r Run) error {
	if !ValidName(r.ID) {
		return ErrName
	}
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = b.runs.Create(ctx, r.ID, value)
	if !errors.Is(err, jetstream.ErrKeyExists) {
		return err
	}
	old, err := b.Run(ctx, r.ID)
	if err == nil && (old.Version != r.Version || !bytes.Equal(old.Options, r.Options)) {
		return ErrConflict
	}
	return err
}

// Seal says how much a run has, which is final. The error is [ErrOtherList] if the
// run has another number of items.
func (b *Bus) Seal(ctx context.Context, id string, domains, items, parts int) error {
	r, err := b.Run(ctx, id)
	if err != nil {
		return err
	}
	if r.Sealed {
		if r.Domains != domains || r.Items != items || r.Parts != parts {
			return ErrOtherList
		}
		return nil
	}
	if err := b.whole(ctx, id, items); err != nil {
		return err
	}
	r.Domains, r.Items, r.Parts, r.Sealed = domains, items, parts, true
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = b.runs.Put(ctx, id, value)
	return err
}

// whole refuses to end a list before its last item, or one that has more items.
func (b *Bus) whole(ctx context.Context, id string, items int) error {
	last, err := b.hasItem(ctx, id, items-1)
	if err != nil {
		return err
	}
	more, err := b.hasItem(ctx, id, items)
	if err == nil && (more || !last && items > 0) {
		return ErrOtherList
	}
	return err
}

// Run returns a run.
func (b *Bus) Run(ctx context.Context, id string) (r Run, err error) {
	if !ValidName(id) {
		return r, ErrNotFound
	}
	e, err := b.runs.Get(ctx, id)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return r, ErrNotFound
	}
	if err != nil {
		return r, err
	}
	if err = json.Unmarshal(e.Value(), &r); err == nil && r.ID != id {
		err = fmt.Errorf("the run %s is called %q", id, r.ID)
	}
	return r, err
}

// Runs returns all runs, in no order.
func (b *Bus) Runs(ctx context.Context) (list []Run, err error) {
	err = each(ctx, b.runs, func(_ string, value []byte) error {
		var r Run
		if err := json.Unmarshal(value, &r); err != nil {
			return err
		}
		list = append(list, r)
		return nil
	})
	return list, err
}

// each calls f for each value of a bucket.
func each(ctx context.Context, kv jetstream.KeyValue, f func(key string, value []byte) error) error {
	return eachEntry(ctx, kv, func(e jetstream.KeyValueEntry) error { return f(e.Key(), e.Value()) })
}

// errCut is returned for values that end before the last one.
var errCut = errors.New("the values of a bucket ended early")

func eachEntry(ctx context.Context, kv jetstream.KeyValue, f func(jetstream.KeyValueEntry) error) error {
	w, err := kv.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return err
	}
	defer func() { _ = w.Stop() }()
	for {
		select {
		case e, open := <-w.Updates():
			if !open {
				return errCut
			}
			if e == nil { // these were all
				return nil
			}
			if err := f(e); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Progress is how much of a run is done.
type Progress struct {
	Parts  int  // that are stored
	Recent int  // of them, in the last [RateTime]
	Last   bool // the last part of the list is stored
}

// RateTime is the time over which the rate of a run is measured.
const RateTime = time.Minute

// Progress returns how much of a run is done, whose last part has a number within
// its item. What is recent is decided by the clock of the server of the bus, which
// also dates the parts.
func (b *Bus) Progress(ctx context.Context, r *Run, last int) (p Progress, err error) {
	if p.Parts, err = b.countParts(ctx, r.ID, nil); err != nil || !r.Sealed {
		return p, err
	}
	if p.Last = p.Parts >= r.Parts; p.Last {
		return p, nil
	}
	info, err := b.info(ctx, b.results)
	if err != nil {
		return p, err
	}
	since := info.TimeStamp.Add(-RateTime)
	if p.Recent, err = b.countParts(ctx, r.ID, &since); err != nil {
		return p, err
	}
	end := Part{Run: r.ID, Item: r.Items - 1, Number: last}
	_, err = b.results.GetLastMsgForSubject(ctx, end.subject())
	p.Last = err == nil
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		err = nil
	}
	return p, err
}

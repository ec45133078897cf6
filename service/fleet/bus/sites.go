package bus

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Worker is a worker that lives.
type Worker struct {
	ID      string    `json:"id"`
	Site    string    `json:"site"`
	Version string    `json:"version"` // of the program
	Since   time.Time `json:"since"`
	Items   int       `json:"items"`   // that it works on
	Domains int       `json:"domains"` // of these items, without a stored result
	Trouble string    `json:"trouble,omitempty"`
}

// AliveEvery is how often to call [Bus.Alive].
const AliveEvery = aliveFor / 3

// Alive says that a worker lives.
func (b *Bus) Alive(ctx context.Context, w Worker) error {
	value, err := json.Marshal(w)
	if err == nil {
		_, err = b.workers.Put(ctx, w.ID, value)
	}
	return err
}

// Gone says that a worker has ended.
func (b *Bus) Gone(ctx context.Context, id string) error { return b.workers.Delete(ctx, id) }

// Workers returns those that live, in no order.
func (b *Bus) Workers(ctx context.Context) (list []Worker, err error) {
	err = each(ctx, b.workers, func(_ string, value []byte) error {
		var w Worker
		if err := json.Unmarshal(value, &w); err != nil {
			return err
		}
		list = append(list, w)
		return nil
	})
	return list, err
}

// Drain makes the workers of a site take no more work, or take work again.
func (b *Bus) Drain(ctx context.Context, site string, drained bool) error {
	if !ValidName(site) {
		return ErrName
	}
	if drained {
		_, err := b.drains.Put(ctx, site, []byte("drained"))
		return err
	}
	return b.drains.Delete(ctx, site)
}

// Drained reports whether the workers of a site are to take no work.
func (b *Bus) Drained(ctx context.Context, site string) (bool, error) {
	_, err := b.drains.Get(ctx, site)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Drains returns the sites whose workers are to take no work.
func (b *Bus) Drains(ctx context.Context) (sites []string, err error) {
	err = each(ctx, b.drains, func(site string, _ []byte) error {
		sites = append(sites, site)
		return nil
	})
	return sites, err
}

// sitesName is the bucket of what is known about sites.
const sitesName = "sites"

// Site is what one of its workers has found out about a site.
type Site struct {
	Name  string          `json:"site"`
	At    time.Time       `json:"at"` // by the clock of the server of the bus
	Tests json.RawMessage `json:"tests"`
}

// PutSite stores what was found out about a site.
func (b *Bus) PutSite(ctx context.Context, s Site) error {
	if !ValidName(s.Name) {
		return ErrName
	}
	_, err := b.sites.Put(ctx, s.Name, s.Tests)
	return err
}

// Sites returns what is known about all sites, in no order.
func (b *Bus) Sites(ctx context.Context) (list []Site, err error) {
	err = eachEntry(ctx, b.sites, func(e jetstream.KeyValueEntry) error {
		list = append(list, Site{Name: e.Key(), At: e.Created().UTC(), Tests: e.Value()})
		return nil
	})
	return list, err
}

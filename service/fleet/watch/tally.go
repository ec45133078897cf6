package watch

import (
	"sync"
	"time"

	"maildiag/service/fleet/history"
)

// Receivers of messages, and what became of a message.
const (
	ToWebhook      = "webhook"
	ToAlertmanager = "alertmanager"

	Delivered = "delivered"
	Failed    = "failed"
)

// Tally counts what happens while domains are watched, since the start. It is safe
// for any number of goroutines; the zero value is ready.
type Tally struct {
	mu         sync.Mutex
	events     map[string]int
	counted    int64 // ID of the last event
	deliveries map[[2]string]int
	pass       time.Time
	stale      bool // a file could not be read, so the last one stays
}

// saw counts events, each once: those that could not be sent come again.
func (t *Tally) saw(list []history.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.events == nil {
		t.events = map[string]int{}
	}
	for _, e := range list {
		if e.ID > t.counted {
			t.counted = e.ID
			t.events[e.Kind]++
		}
	}
}

// sent counts a message.
func (t *Tally) sent(receiver string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.deliveries == nil {
		t.deliveries = map[[2]string]int{}
	}
	outcome := Delivered
	if err != nil {
		outcome = Failed
	}
	t.deliveries[[2]string{receiver, outcome}]++
}

// passed notes the end of a pass.
func (t *Tally) passed(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pass = at
}

// read notes whether the list and the exceptions could be read.
func (t *Tally) read(ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stale = !ok
}

// Stale reports whether the list or the exceptions could not be read before the last
// pass: with them, the next start would fail.
func (t *Tally) Stale() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stale
}

// Events calls each with every kind of event, and how many there were.
func (t *Tally) Events(each func(kind string, n int)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, kind := range []string{history.KindProblem, history.KindFixed, history.KindDisagree, history.KindAgree,
		history.KindAccepted, history.KindDisagreeAccepted} {
		each(kind, t.events[kind])
	}
}

// Deliveries calls each with every receiver and outcome, and how many messages had
// it.
func (t *Tally) Deliveries(each func(receiver, outcome string, n int)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, receiver := range []string{ToWebhook, ToAlertmanager} {
		for _, outcome := range []string{Delivered, Failed} {
			each(receiver, outcome, t.deliveries[[2]string{receiver, outcome}])
		}
	}
}

// Pass returns when the last pass ended; zero: none did yet.
func (t *Tally) Pass() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pass
}

package limit

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrFull is returned if the queue has no place left.
var ErrFull = errors.New("too many checks are waiting")

// Queue lets a number of checks run at once, and others wait in their order.
type Queue struct {
	slots, places int

	mu      sync.Mutex
	running int
	waiting []*ticket
}

// ticket is one who waits.
type ticket struct {
	turn  chan struct{} // closed when it may run
	moved func(place int)
}

// NewQueue returns a queue with that many slots to run in and places to wait in.
func NewQueue(slots, places int) *Queue { return &Queue{slots: slots, places: places} }

// Enter waits for a slot. moved is called with each place in the queue, the
// first is 1; it must not block. leave gives the slot back.
func (q *Queue) Enter(ctx context.Context, moved func(place int)) (leave func(), err error) {
	q.mu.Lock()
	if q.running < q.slots {
		q.running++
		q.mu.Unlock()
		return sync.OnceFunc(q.leave), nil
	}
	if len(q.waiting) >= q.places {
		q.mu.Unlock()
		return nil, ErrFull
	}
	t := &ticket{turn: make(chan struct{}), moved: moved}
	q.waiting = append(q.waiting, t)
	moved(len(q.waiting))
	q.mu.Unlock()
	select {
	case <-t.turn:
		return sync.OnceFunc(q.leave), nil
	case <-ctx.Done():
		q.giveUp(t)
		return nil, context.Cause(ctx)
	}
}

// Load returns how many run and how many wait.
func (q *Queue) Load() (running, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running, len(q.waiting)
}

// leave hands the slot to the first who waits.
func (q *Queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.running--
		return
	}
	close(q.waiting[0].turn)
	q.waiting = slices.Delete(q.waiting, 0, 1)
	q.tell(0)
}

// giveUp takes t out of the queue, or gives its slot back if it has just got one.
func (q *Queue) giveUp(t *ticket) {
	q.mu.Lock()
	i := slices.Index(q.waiting, t)
	if i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.tell(i)
	}
	q.mu.Unlock()
	if i < 0 {
		q.leave()
	}
}

// tell says their new places to those from index i on. q.mu is held.
func (q *Queue) tell(i int) {
	for ; i < len(q.waiting); i++ {
		q.waiting[i].moved(i + 1)
	}
}

// Package scale computes what a fleet costs, and where it ends, at sizes that nobody
// runs in a test: a simulation by discrete events of the queue, the workers and the
// history, with costs that a test measures on real domains.
package scale

import (
	"container/heap"
	"time"

	"maildiag/service/fleet/job"
)

// Costs are what one look at one domain costs, on average.
type Costs struct {
	Report    float64 // bytes of a report as JSON
	Part      float64 // bytes of it in a compressed part
	Item      float64 // bytes of its name in an item
	Queries   float64 // DNS queries
	FirstLook float64 // bytes in the history: the first at a site, or one that differs
	EqualLook float64 // bytes in the history: one like the last
	History   float64 // looks that the history takes in a second of one processor
}

// Measured returns the costs of real domains.
func Measured() Costs {
	return Costs{Report: 9279, Part: 845, Item: 20, Queries: 18, FirstLook: 10720, EqualLook: 118, History: 400}
}

// Fleet is what is simulated.
type Fleet struct {
	Domains, Sites int
	Every          time.Duration
	Days           int
	Workers        float64 // looks a second of a site: those of its workers together
	History        float64 // looks a second; 0: those of [Costs]
	Differ         float64 // part of the looks that differ from the last one
	WatchBytes     float64 // room for items
	SeenBytes      float64 // room for results
	Costs

	CutOff map[int][]Span // when a site does not reach NATS
	Down   []Span         // when the history takes nothing
}

// Span is a time, from the start.
type Span struct{ From, To time.Duration }

// Figures are what came of it.
type Figures struct {
	Looks        int           // that the history has
	Refused      int           // looks that found no room in the queue, or their domain still there
	Late         time.Duration // from the place of a look to the history, at most
	MostItems    float64       // bytes that waited for the sites
	MostResults  float64       // bytes that waited for the history
	HistoryBytes float64       // at the end
	HistoryBusy  float64       // part of the time
	SiteBusy     float64       // part of the time of the workers of one site
}

// batch is domains that follow one another through the fleet.
type batch struct {
	site, number int
	due          time.Duration
	looks        float64
}

// event is the arrival of a batch at a place.
type event struct {
	at    time.Duration
	order int // of events at the same time
	kind  int
	batch
}

// The kinds of events.
const (
	due     = iota // the batch is to be queued for its site
	checked        // its site has checked it
	kept           // the history has it
)

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	if e[i].at != e[j].at {
		return e[i].at < e[j].at
	}
	return e[i].order < e[j].order
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// station does one batch after the other.
type station struct {
	rate  float64 // looks a second
	off   []Span
	queue []batch
	works bool
	busy  time.Duration
}

// ends returns when a batch that is begun now is done. Nothing moves while the
// station is off.
func (s *station) ends(now time.Duration, looks float64) time.Duration {
	need := time.Duration(looks / s.rate * float64(time.Second))
	s.busy += need
	for _, o := range s.off {
		if now >= o.To {
			continue
		}
		if now+need <= o.From {
			break
		}
		need -= max(0, o.From-now)
		now = o.To
	}
	return now + need
}

// simulation is one that runs.
type simulation struct {
	f       Fleet
	events  events
	order   int
	sites   []*station
	history *station
	waits   []map[int]bool // batches that a site has in its queue
	blocked []bool         // sites whose result finds no room
	held    []batch        // that result
	items   float64        // bytes
	results float64        // bytes
	out     Figures
}

// batchesOf returns how many batches an interval has: one for each five minutes, and
// not too many.
func batchesOf(every time.Duration) int { return max(12, min(300, int(every/(5*time.Minute)))) }

// Run simulates a fleet. The same fleet has the same figures.
func Run(f Fleet) Figures {
	if f.History == 0 {
		f.History = f.Costs.History
	}
	s := &simulation{f: f, history: &station{rate: f.History, off: f.Down}, blocked: make([]bool, f.Sites), held: make([]batch, f.Sites)}
	for i := range f.Sites {
		s.sites = append(s.sites, &station{rate: f.Workers, off: f.CutOff[i]})
		s.waits = append(s.waits, map[int]bool{})
	}
	end := time.Duration(f.Days) * 24 * time.Hour
	for start := time.Duration(0); start < end; start += f.Every {
		s.schedule(start)
	}
	for len(s.events) > 0 && s.events[0].at < end {
		s.step(heap.Pop(&s.events).(event))
	}
	s.out.HistoryBusy = min(1, s.history.busy.Seconds()/end.Seconds())
	for _, site := range s.sites {
		s.out.SiteBusy = max(s.out.SiteBusy, min(1, site.busy.Seconds()/end.Seconds()))
	}
	return s.out
}

// schedule makes the batches of an interval due, each at its place.
func (s *simulation) schedule(start time.Duration) {
	n := batchesOf(s.f.Every)
	for i := range n {
		at := start + s.f.Every*time.Duration(i)/time.Duration(n)
		for site := range s.f.Sites {
			s.add(at, due, batch{site, i, at, float64(s.f.Domains) / float64(n)})
		}
	}
}

func (s *simulation) add(at time.Duration, kind int, b batch) {
	s.order++
	heap.Push(&s.events, event{at, s.order, kind, b})
}

func (s *simulation) step(e event) {
	switch e.kind {
	case due:
		s.queue(e.at, e.batch)
	case checked:
		s.finish(e.at, e.batch)
	case kept:
		s.keep(e.at, e.batch)
	}
}

// queue puts a batch into the queue of its site, unless that has it, or has no room.
func (s *simulation) queue(now time.Duration, b batch) {
	// Each item repeats what is asked.
	bytes := b.looks * (s.f.Item + itemHead/job.WatchSize)
	if s.waits[b.site][b.number] || s.items+bytes > s.f.WatchBytes {
		s.out.Refused += int(b.looks)
		return
	}
	s.waits[b.site][b.number] = true
	s.items += bytes
	s.out.MostItems = max(s.out.MostItems, s.items)
	s.sites[b.site].queue = append(s.sites[b.site].queue, b)
	s.work(now, b.site)
}

// itemHead is the bytes of an item beside its domains: the subject, the run, the
// options.
const itemHead = 400

// work begins the next batch of a site.
func (s *simulation) work(now time.Duration, site int) {
	st := s.sites[site]
	if st.works || s.blocked[site] || len(st.queue) == 0 {
		return
	}
	b := st.queue[0]
	st.queue, st.works = st.queue[1:], true
	s.add(st.ends(now, b.looks), checked, b)
}

// finish stores the results of a batch, or holds them while there is no room.
func (s *simulation) finish(now time.Duration, b batch) {
	bytes := b.looks * s.f.Part
	s.sites[b.site].works = false
	if s.results+bytes > s.f.SeenBytes {
		s.blocked[b.site], s.held[b.site] = true, b
		return
	}
	s.results += bytes
	s.out.MostResults = max(s.out.MostResults, s.results)
	s.items -= b.looks * (s.f.Item + itemHead/job.WatchSize)
	delete(s.waits[b.site], b.number)
	s.history.queue = append(s.history.queue, b)
	s.record(now)
	s.work(now, b.site)
}

// record begins the next batch of the history.
func (s *simulation) record(now time.Duration) {
	h := s.history
	if h.works || len(h.queue) == 0 {
		return
	}
	b := h.queue[0]
	h.queue, h.works = h.queue[1:], true
	s.add(h.ends(now, b.looks), kept, b)
}

// keep counts a batch that the history has, and makes room for what was held.
func (s *simulation) keep(now time.Duration, b batch) {
	s.history.works = false
	s.results -= b.looks * s.f.Part
	s.out.Looks += int(b.looks)
	s.out.Late = max(s.out.Late, now-b.due)
	differ := s.f.Differ
	if b.due < s.f.Every { // the first one
		differ = 1
	}
	s.out.HistoryBytes += b.looks * (differ*s.f.FirstLook + (1-differ)*s.f.EqualLook)
	for site, blocked := range s.blocked {
		if blocked {
			s.blocked[site] = false
			s.finish(now, s.held[site])
		}
	}
	s.record(now)
}

package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/pause"
	"maildiag/report"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/job"
)

// maxTries is how often an item is tried. At the last time nothing is checked:
// what has no result is reported as not checked.
const maxTries = 5

// piece is an item that is worked on.
type piece struct {
	job.Item
	queue  *queue
	opts   job.Options
	rows   []kit.Check
	start  *report.Start
	giveUp bool
	left   atomic.Int64 // domains without a stored result
}

// count counts domains that are left, here and in a sum.
func (p *piece) count(n int64, sum *atomic.Int64) {
	p.left.Add(n)
	sum.Add(n)
}

// item does what an item asks for.
func (w *Worker) item(ctx context.Context, q *queue, it *bus.Item) error {
	p, err := w.open(ctx, it)
	p.queue = q
	if errors.Is(err, bus.ErrNotFound) {
		w.Log.Warn("an item is dropped: its run has expired", "run", p.Run, "item", p.Number)
		return nil
	}
	if err != nil {
		return err
	}
	w.lookAtPort(ctx, p)
	p.count(int64(len(p.Domains)), &w.hand)
	defer func() { p.count(-p.left.Load(), &w.hand) }()
	var parts []int
	have := map[int]bool{}
	if it.Try > 1 && q.have != nil {
		if have, err = q.have(ctx, p.Run, p.Number); err != nil {
			return err
		}
	}
	for n := range job.Parts(len(p.Domains)) {
		if have[n] {
			p.count(-int64(len(p.Part(n))), &w.hand)
			continue
		}
		parts = append(parts, n)
	}
	if it.Try == 1 {
		return w.together(ctx, p, parts)
	}
	// A domain that ends the program is met from both sides.
	if it.Try%2 == 1 {
		slices.Reverse(parts)
	}
	for _, n := range parts {
		if err := w.part(ctx, p, n); err != nil {
			return err
		}
	}
	return nil
}

// open reads an item and what its run asks for.
func (w *Worker) open(ctx context.Context, it *bus.Item) (*piece, error) {
	p := &piece{giveUp: it.Try >= maxTries}
	if err := json.Unmarshal(it.Data, &p.Item); err != nil || len(p.Domains) > job.ItemSize || !bus.ValidName(p.Run) {
		return p, errors.Join(errors.New("not an item"), err)
	}
	asked := p.Asked
	if asked == nil {
		run, err := w.Bus.Run(ctx, p.Run)
		if err != nil {
			return p, err
		}
		asked = run.Options
	}
	var err error
	p.opts, err = job.Parse(asked)
	if err == nil && (p.opts.Hash() != p.Options || p.Asked != nil && p.opts.DialMX) { // watching connects to no mail server
		err = job.ErrUnknown
	}
	if err != nil && !p.giveUp {
		return p, fmt.Errorf("the run %s: %w", p.Run, err)
	}
	p.rows = p.opts.Rows()
	p.start = p.opts.Start(p.rows, w.Version, w.now())
	return p, nil
}

// together does parts side by side.
func (w *Worker) together(ctx context.Context, p *piece, parts []int) error {
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, n := range parts {
		wg.Go(func() { errs[i] = w.part(ctx, p, n) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// part checks the domains of a part and stores their reports.
func (w *Worker) part(ctx context.Context, p *piece, n int) error {
	domains, began := p.Part(n), time.Now()
	results := make([]result, len(domains))
	var wg sync.WaitGroup
	for i, domain := range domains {
		wg.Go(func() { results[i] = w.domain(ctx, p, domain) })
	}
	wg.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	unsure := slices.ContainsFunc(results, func(r result) bool { return r.unsure })
	if !p.giveUp && unsure && (w.ready(ctx, 0) != nil || w.troubleSince(began)) {
		return errTrouble
	}
	err := w.store(ctx, p.queue.put, bus.Part{Run: p.Run, Item: p.Number, Number: n, Site: w.Site, Data: w.pack(p, domains, results)})
	if err == nil {
		p.count(-int64(len(domains)), &w.hand)
	}
	return err
}

// pack compresses the reports of a part. Those that are too large for it, which
// only a hostile domain has, are reported as not finished.
func (w *Worker) pack(p *piece, domains []string, results []result) []byte {
	lines := make([][]byte, len(results))
	for i, r := range results {
		lines[i] = r.line
	}
	for {
		data := w.packer.Pack(lines)
		if len(data) <= job.MaxPart {
			return data
		}
		largest := 0
		for i := range lines {
			if len(lines[i]) > len(lines[largest]) {
				largest = i
			}
		}
		w.Log.Warn("a report is too large to be kept", "run", p.Run, "domain", domains[largest], "bytes", len(lines[largest]))
		lines[largest] = w.unfinished(p, domains[largest]).line
	}
}

// store stores a part, and waits for room as long as it takes.
func (w *Worker) store(ctx context.Context, put func(context.Context, bus.Part) error, part bus.Part) error {
	for tries := 0; ; tries++ {
		err := put(ctx, part)
		if err == nil || errors.Is(err, bus.ErrName) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if tries%30 == 0 {
			w.Log.Warn("results cannot be stored; they are kept and tried again", "run", part.Run, "error", err)
		}
		_ = pause.For(ctx, pauseTime) // PutPart looks at ctx
	}
}

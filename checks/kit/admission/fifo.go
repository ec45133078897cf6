package admission

import "time"

// fifo is a queue of domains. One that was pushed elsewhere is in it no longer.
type fifo[J Job] struct {
	all   []*domain[J]
	count int
}

func (f *fifo[J]) len() int { return f.count }

// push moves a domain from where it is to the end.
func (f *fifo[J]) push(d *domain[J]) {
	if d.in != nil {
		d.in.count--
	}
	d.in = f
	f.count++
	f.all = append(f.all, d)
}

// first returns the first domain; nil: there is none.
func (f *fifo[J]) first() *domain[J] {
	for len(f.all) > 0 && f.all[0].in != f {
		f.all[0], f.all = nil, f.all[1:]
	}
	if len(f.all) == 0 {
		return nil
	}
	return f.all[0]
}

// pop takes the first domain out; nil: there is none.
func (f *fifo[J]) pop() *domain[J] {
	d := f.first()
	if d != nil {
		d.in = nil
		f.count--
		f.first()
	}
	return d
}

// over takes the first domain out if it was asked so long ago; nil: it was not.
func (f *fifo[J]) over(now time.Time, d time.Duration) *domain[J] {
	if x := f.first(); x != nil && now.Sub(x.since) >= d {
		return f.pop()
	}
	return nil
}

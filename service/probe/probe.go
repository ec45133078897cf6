package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"maildiag/report"
	"maildiag/service/api"
	"maildiag/service/run"
)

// Handler answers probes.
type Handler struct {
	Runner  *run.Runner
	Modules map[string]Module
	Limit   time.Duration                       // of a probe that says nothing of its own
	Spend   func(r *http.Request) time.Duration // as in [api.Handler]; a remembered result costs nothing

	mu   sync.Mutex
	last map[string]*result
	wg   sync.WaitGroup
}

// result is what is remembered of a target and a module.
type result struct {
	series
	until time.Time
}

// maxResults bounds what is remembered.
const maxResults = 1 << 14

// timeHeader is the field in which Prometheus says how long it waits.
const timeHeader = "X-Prometheus-Scrape-Timeout-Seconds"

// reserve is the part of that time that is kept for the answer.
const reserve = 500 * time.Millisecond

// shortest is the least time in which some answers arrive.
const shortest = 50 * time.Millisecond

// ServeHTTP answers a probe.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	q, problem := h.query(r)
	if problem != nil {
		problem.Write(w)
		return
	}
	if last := h.remembered(q); last != nil {
		last.write(w, began)
		return
	}
	if wait := h.Spend(r); wait > 0 {
		api.Limited(wait).Write(w)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), q.limit)
	defer cancel()
	rep, err := h.check(ctx, q)
	if err != nil {
		api.ProblemOf(err).Write(w)
		return
	}
	one, err := seriesOf(rep)
	if err != nil {
		api.ProblemOf(err).Write(w)
		return
	}
	one.write(w, began)
}

// query is what a probe asks.
type query struct {
	key   string
	req   run.Request
	ttl   time.Duration
	limit time.Duration
}

// query reads a probe.
func (h *Handler) query(r *http.Request) (q query, p *api.Problem) {
	bad := func(format string, args ...any) (query, *api.Problem) {
		return q, api.Refused(http.StatusBadRequest, fmt.Sprintf(format, args...))
	}
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return bad("The query cannot be read.")
	}
	for name, values := range v {
		if !slices.Contains([]string{"target", "module", "fresh"}, name) || len(values) != 1 {
			return bad("The parameters are target, module and fresh, each once.")
		}
	}
	name := v.Get("module")
	if name == "" {
		name = "dns"
	}
	m, ok := h.Modules[name]
	if !ok {
		return bad("There is no such module; there are %s.", strings.Join(slices.Sorted(maps.Keys(h.Modules)), ", "))
	}
	q.req, err = run.ParseRequest(v.Get("target"), m.Expect, strings.Join(m.Only, ","))
	if err != nil {
		return q, api.ProblemOf(err)
	}
	if q.req.Fresh = v.Get("fresh") == "1"; !q.req.Fresh && v.Get("fresh") != "" {
		return bad("The parameter fresh must be 1.")
	}
	if q.limit, err = scrapeTime(r.Header.Values(timeHeader), h.Limit); err != nil {
		return bad("%s must be a number of seconds, once.", timeHeader)
	}
	q.key, q.ttl = q.req.Domain+" "+name, m.TTL
	return q, nil
}

// scrapeTime returns how long a probe may take: less than Prometheus waits, since an
// answer that comes too late looks like a domain that is down.
func scrapeTime(values []string, most time.Duration) (time.Duration, error) {
	if len(values) == 0 {
		return most, nil
	}
	s, err := strconv.ParseFloat(values[0], 64)
	if err != nil || len(values) > 1 || math.IsNaN(s) || math.IsInf(s, 0) || s <= 0 {
		return 0, errors.New("no time")
	}
	if s > most.Seconds() {
		return most, nil
	}
	t := time.Duration(s * float64(time.Second))
	return max(t-min(reserve, t/2), shortest), nil
}

// remembered returns the last result, if it may be given again.
func (h *Handler) remembered(q query) *series {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last := h.last[q.key]; last != nil && !q.req.Fresh && time.Now().Before(last.until) {
		return &last.series
	}
	return nil
}

// check runs the checks. If the time is up before they are done, it returns what
// is known so far, and the run goes on for those who ask next.
func (h *Handler) check(ctx context.Context, q query) (*report.Report, error) {
	one, err := h.Runner.Start(q.req, false)
	if err != nil {
		return nil, err
	}
	h.wg.Go(func() {
		defer one.Release()
		rep, err := one.Wait(context.Background()) // the run has its own time limit
		if err != nil {
			return
		}
		if s, err := seriesOf(rep); err == nil {
			h.remember(q, s)
		}
	})
	rep, err := one.Wait(ctx)
	if err != nil && ctx.Err() != nil {
		return soFar(one), nil
	}
	return rep, err
}

// Wait returns when no run is waited for any more.
func (h *Handler) Wait() { h.wg.Wait() }

func (h *Handler) remember(q query, s *series) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	if h.last == nil {
		h.last = map[string]*result{}
	}
	if len(h.last) >= maxResults {
		maps.DeleteFunc(h.last, func(_ string, r *result) bool { return now.After(r.until) })
	}
	if len(h.last) < maxResults {
		h.last[q.key] = &result{*s, now.Add(q.ttl)}
	}
}

// soFar returns what a run has found, as an unfinished one.
func soFar(one *run.Run) (rep *report.Report) {
	collect := report.Collect(func(r *report.Report) error { rep = r; return nil })
	events, _, _ := one.After(0)
	for _, e := range events {
		_ = collect.Emit(e) // the one above has no errors
	}
	if rep == nil {
		rep = &report.Report{Begin: report.Begin{Domain: one.Request.Domain}}
		for _, e := range events {
			switch {
			case e.Start != nil:
				rep.Start = *e.Start
			case e.Begin != nil:
				rep.Begin = *e.Begin
			case e.Finding != nil:
				rep.Findings = append(rep.Findings, *e.Finding)
			}
		}
		rep.End = report.End{Domain: rep.Begin.Domain, Cut: true}
	}
	return rep
}

// series are the samples of a domain: those of --format prometheus.
type series struct {
	text    []byte
	success float64
	started time.Time
}

func seriesOf(rep *report.Report) (*series, error) {
	var b bytes.Buffer
	sink, err := report.New("prometheus", &b, report.Options{})
	if err != nil {
		return nil, err
	}
	for _, e := range events(rep) {
		if err := sink.Emit(e); err != nil {
			return nil, err
		}
	}
	s := &series{text: b.Bytes(), started: rep.Begin.Started}
	if v := rep.Verdict(); v == report.Ready || v == report.ReadyWarned || v == report.NoMail {
		s.success = 1
	}
	return s, nil
}

// write answers with the series, and those of every probe.
func (s *series) write(w http.ResponseWriter, began time.Time) {
	age := 0.0
	if !s.started.IsZero() {
		age = max(began.Sub(s.started).Seconds(), 0)
	}
	b := bytes.NewBuffer(make([]byte, 0, len(s.text)+1<<10))
	b.Write(s.text)
	gauge(b, "probe_success", "1 if the verdict is READY, READY WITH WARNINGS or NO MAIL.", s.success)
	gauge(b, "probe_duration_seconds", "How long this probe took; that of the check is maildiag_duration_seconds.", time.Since(began).Seconds())
	gauge(b, "maildiag_result_age_seconds", "Time since the check began; 0: it began with this probe.", age)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the client may be gone
}

func gauge(b *bytes.Buffer, name, help string, v float64) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n%s %s\n", name, help, name, name, strconv.FormatFloat(v, 'g', -1, 64))
}

// events are the events of a report.
func events(r *report.Report) []report.Event {
	list := []report.Event{{Start: &r.Start}, {Begin: &r.Begin}}
	for i := range r.Findings {
		list = append(list, report.Event{Finding: &r.Findings[i]})
	}
	return append(list, report.Event{End: &r.End}, report.Event{Stop: &report.Stop{Cut: r.End.Cut}})
}

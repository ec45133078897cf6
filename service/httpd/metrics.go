package httpd

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"maildiag/service/api"
	"maildiag/service/run"
)

// Monitor counts and logs. What clients ask about is in neither, but for the
// canonical name of a domain: no text of a message, no address.
type Monitor struct {
	Log *slog.Logger

	client func(*http.Request) netip.Addr

	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	panics   prometheus.Counter
	logins   *prometheus.CounterVec
	runs     *prometheus.CounterVec
	runTime  prometheus.Histogram
}

// NewMonitor returns a Monitor with its own registry.
func NewMonitor(log *slog.Logger, version string, g *Gate) *Monitor {
	m := &Monitor{Log: log, client: g.client, registry: prometheus.NewRegistry()}
	m.requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "maildiagd_http_requests_total",
		Help: "Requests by route and status code."}, []string{"route", "code"})
	m.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "maildiagd_http_request_duration_seconds",
		Help: "Time from request to the end of the answer.", Buckets: []float64{.005, .025, .1, .5, 1, 2.5, 5, 10, 30, 60}}, []string{"route"})
	m.panics = prometheus.NewCounter(prometheus.CounterOpts{Name: "maildiagd_panics_total", Help: "Faults of maildiagd that ended a request or a run."})
	m.runs = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "maildiagd_runs_total",
		Help: "Checks that are over, by verdict; none: without a result."}, []string{"verdict"})
	m.runTime = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "maildiagd_run_duration_seconds",
		Help: "Time of a check, with its time in the queue.", Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60}})
	m.logins = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "maildiagd_logins_refused_total",
		Help: "Sign-ins that were refused: failed, or limited after too many failures."}, []string{"outcome"})
	for _, outcome := range []string{LoginFailed, LoginLimited} {
		m.logins.WithLabelValues(outcome)
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "maildiagd_build_info", Help: "Version of maildiagd.",
		ConstLabels: prometheus.Labels{"version": version}})
	info.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.panics, m.logins, m.runs, m.runTime, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Gauge adds a number that f returns.
func (m *Monitor) Gauge(name, help string, f func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f))
}

// Family is a metric with labels, whose numbers are read when they are asked for.
type Family struct {
	Name, Help string
	Labels     []string
	Counter    bool // of what happened since the start
	Read       func(add func(value float64, labels ...string))
}

// Add adds a family.
func (m *Monitor) Add(f Family) {
	kind := prometheus.GaugeValue
	if f.Counter {
		kind = prometheus.CounterValue
	}
	m.registry.MustRegister(&family{prometheus.NewDesc(f.Name, f.Help, f.Labels, nil), kind, f.Read})
}

// family is a [Family] as a collector.
type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(add func(value float64, labels ...string))
}

// Describe sends the name of the family.
func (f *family) Describe(to chan<- *prometheus.Desc) { to <- f.desc }

// Collect sends the numbers.
func (f *family) Collect(to chan<- prometheus.Metric) {
	f.read(func(value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(f.desc, f.kind, value, labels...)
	})
}

// Refused counts a sign-in. The log has no name of a user: people type passwords
// there.
func (m *Monitor) Refused(outcome string) {
	m.logins.WithLabelValues(outcome).Inc()
	m.Log.Warn("sign-in refused", "outcome", outcome)
}

// Metrics answers /metrics.
func (m *Monitor) Metrics() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(m.Log.Handler(), slog.LevelError), Registry: m.registry})
}

// Over counts a run.
func (m *Monitor) Over(o run.Outcome) {
	verdict := string(o.Verdict)
	if verdict == "" {
		verdict = "none"
	}
	m.runs.WithLabelValues(verdict).Inc()
	m.runTime.Observe(o.Elapsed.Seconds())
	if o.Panicked != "" {
		m.panics.Inc()
		m.Log.Error("panic in a run", "stack", o.Panicked)
	}
}

// Wrap logs and counts each request that next answers, and contains its panics.
// mux knows the routes.
func (m *Monitor) Wrap(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, rec := time.Now(), &recorder{ResponseWriter: w}
		_, route := mux.Handler(r)
		defer func() {
			m.recovered(recover(), rec)
			m.note(r, route, rec, time.Since(began))
		}()
		next.ServeHTTP(rec, r)
	})
}

// recovered answers for a handler that panicked.
func (m *Monitor) recovered(p any, rec *recorder) {
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	m.panics.Inc()
	m.Log.Error("panic in a request", "error", p, "stack", string(debug.Stack()))
	if rec.code == 0 {
		api.ProblemOf(errors.New("panic")).Write(rec)
	}
}

// note writes the line of a request. The route is the pattern, never what the
// client wrote.
func (m *Monitor) note(r *http.Request, route string, rec *recorder, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(rec.code)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
	m.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("route", route), slog.Int("status", rec.code),
		slog.Int64("bytes", rec.bytes), slog.Int64("took_ms", took.Milliseconds()), slog.String("client", m.client(r).String()))
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	code  int
	bytes int64
}

// WriteHeader notes the status code.
func (r *recorder) WriteHeader(code int) {
	if r.code == 0 && code >= 200 {
		r.code = code
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.code == 0 {
		r.code = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

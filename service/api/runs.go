package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/job"
)

// Runs answers those who submit lists. Anyone who may sign in may submit: the queue
// is bounded, and the number of domains is not.
type Runs struct {
	Bus *bus.Bus
}

// Register adds the paths to mux. All that changes something is a PUT, so that
// clients may repeat what they have no answer to.
func (h *Runs) Register(mux *http.ServeMux) {
	for path, f := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /api/v1/runs": h.list, "GET /api/v1/runs/{id}": h.status, "GET /api/v1/runs/{id}/results": h.results,
		"PUT /api/v1/runs/{id}": h.put, "PUT /api/v1/runs/{id}/items/{item}": h.putItem, "PUT /api/v1/runs/{id}/seal": h.seal,
		"PUT /api/v1/sites/{site}/drain": h.drain, "DELETE /api/v1/sites/{site}/drain": h.drain,
	} {
		var names []string
		if strings.HasPrefix(path, "PUT /api/v1/sites/") {
			names = []string{forceParam}
		}
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			_, err := params(r, names...)
			if err == nil {
				err = f(w, r)
			}
			if err != nil {
				runProblem(err).Write(w)
			}
		})
	}
}

// fullWait is when to try again while the queue is full.
const fullWait = 2 * time.Second

// runProblem says what an error means for the client.
func runProblem(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if option, ok := errors.AsType[*job.OptionError](err); ok {
		return newProblem(typeRequest, http.StatusBadRequest, option.Error())
	}
	switch {
	case errors.Is(err, bus.ErrFull):
		p := newProblem(typeBusy, http.StatusServiceUnavailable, "The queue is full. There is room when the workers have done some of it.")
		p.wait = fullWait
		return p
	case errors.Is(err, bus.ErrNotFound):
		return newProblem(typeRun, http.StatusNotFound, "There is no such run; it may have expired.")
	case errors.Is(err, bus.ErrOtherList):
		return newProblem(typeRequest, http.StatusConflict, "There is a run with this ID and another list.")
	case errors.Is(err, bus.ErrConflict):
		return newProblem(typeRequest, http.StatusConflict, "There is a run with this ID and other options.")
	case errors.Is(err, bus.ErrName):
		return newProblem(typeRequest, http.StatusBadRequest, "IDs and sites have 1 to 64 letters, digits, - and _.")
	case errors.Is(err, job.ErrUnknown):
		return newProblem(typeRequest, http.StatusBadRequest, "The options are those of another version of maildiagd.")
	}
	return ProblemOf(err)
}

// maxBody bounds the body of a request: 500 domains in their longest form.
const maxBody = 256 << 10

// body reads the JSON body of a request.
func body(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		if tooBig, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return newProblem(typeTooBig, http.StatusRequestEntityTooLarge, fmt.Sprintf("The input is larger than %d KiB.", tooBig.Limit>>10))
		}
		return newProblem(typeRequest, http.StatusBadRequest, "The body is not the JSON that is expected here.")
	}
	return nil
}

// NewRun is the body of the request that makes a run.
type NewRun struct {
	Version int             `json:"version"` // of the options
	Options json.RawMessage `json:"options"`
}

func (h *Runs) put(w http.ResponseWriter, r *http.Request) error {
	var n NewRun
	if err := body(w, r, &n); err != nil {
		return err
	}
	if n.Version != job.Version {
		return job.ErrUnknown
	}
	opts, err := job.Parse(n.Options)
	if err != nil {
		return err
	}
	text, err := json.Marshal(opts)
	if err != nil {
		return err
	}
	err = h.Bus.PutRun(r.Context(), bus.Run{ID: r.PathValue("id"), Submitted: time.Now().UTC(), Version: n.Version, Options: text})
	return done(w, err)
}

// done answers a request that has no result.
func done(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// NewItem is the body of the request that adds domains to a run.
type NewItem struct {
	Domains []string `json:"domains"` // A-labels
}

// mailDomain refuses what submit leaves out of a list, and what is not in A-labels.
func mailDomain(d string) error {
	ascii, _, err := kit.MailDomain(d)
	if err == nil && ascii == d {
		return nil
	}
	reason := "is not a domain name in A-labels"
	if name, ok := errors.AsType[*dnsrec.NameError](err); ok && name.Name {
		reason = name.Reason
	}
	return newProblem(typeTarget, http.StatusBadRequest, fmt.Sprintf("%+.80q %s.", d, reason))
}

func (h *Runs) putItem(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.Atoi(r.PathValue("item"))
	if err != nil || n < 0 || n > maxItem {
		return newProblem(typeRequest, http.StatusBadRequest, "The number of the item is not a number from 0.")
	}
	var in NewItem
	if err := body(w, r, &in); err != nil {
		return err
	}
	if len(in.Domains) == 0 || len(in.Domains) > job.ItemSize {
		return newProblem(typeRequest, http.StatusBadRequest, fmt.Sprintf("An item has 1 to %d domains.", job.ItemSize))
	}
	for _, d := range in.Domains {
		if err := mailDomain(d); err != nil {
			return err
		}
	}
	run, err := h.Bus.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if run.Sealed && n >= run.Items {
		return bus.ErrOtherList
	}
	opts, err := job.Parse(run.Options)
	if err != nil {
		return err
	}
	data, err := json.Marshal(job.Item{Run: run.ID, Number: n, Options: opts.Hash(), Domains: in.Domains})
	if err != nil {
		return err
	}
	err = h.Bus.PutItem(r.Context(), bus.BulkQueue(run.Version), run.ID, n, data)
	if errors.Is(err, bus.ErrOtherList) {
		first := n*job.ItemSize + 1
		return newProblem(typeRequest, http.StatusConflict, fmt.Sprintf(
			"There is a run with this ID and another list: it differs in the domains %d to %d.", first, first+len(in.Domains)-1))
	}
	return done(w, err)
}

// maxItem bounds the items of a run.
const maxItem = 1 << 20

// Seal is the body of the request that ends a list. All items but the last one
// are full.
type Seal struct {
	Domains int `json:"domains"`
	Items   int `json:"items"`
}

func (h *Runs) seal(w http.ResponseWriter, r *http.Request) error {
	var in Seal
	if err := body(w, r, &in); err != nil {
		return err
	}
	if in.Items < 1 || in.Items > maxItem || in.Items != (in.Domains+job.ItemSize-1)/job.ItemSize {
		return newProblem(typeRequest, http.StatusBadRequest, fmt.Sprintf("All items but the last one have %d domains.", job.ItemSize))
	}
	return done(w, h.Bus.Seal(r.Context(), r.PathValue("id"), in.Domains, in.Items, job.Parts(in.Domains)))
}

// The states of a run.
const (
	StateOpen    = "open" // it gets more items
	StateRunning = "running"
	StateDone    = "done"
)

// RunStatus is how far a run is.
type RunStatus struct {
	ID        string    `json:"id"`
	Submitted time.Time `json:"submitted"`
	State     string    `json:"state"`
	Domains   int       `json:"domains"` // 0: not known yet
	Checked   int       `json:"checked"` // domains whose results are stored

	// While it runs: domains a second over the last minute, and the seconds to the
	// end at that rate; 0: not known.
	Rate float64 `json:"domains_per_second,omitempty"`
	Left int     `json:"seconds_left,omitempty"`
}

func (h *Runs) statusOf(r *http.Request, run *bus.Run) (RunStatus, error) {
	p, err := h.Bus.Progress(r.Context(), run, run.Parts-1-max(run.Items-1, 0)*job.Parts(job.ItemSize))
	return statusOf(run, p, time.Now()), err
}

// statusOf counts domains: all parts are full but the last one of the list.
func statusOf(run *bus.Run, p bus.Progress, now time.Time) RunStatus {
	s := RunStatus{ID: run.ID, Submitted: run.Submitted, State: StateOpen, Domains: run.Domains, Checked: p.Parts * job.PartSize}
	if !run.Sealed {
		return s
	}
	if s.State = StateRunning; p.Last {
		s.Checked -= run.Parts*job.PartSize - run.Domains
	}
	if p.Parts >= run.Parts {
		s.State, s.Checked = StateDone, run.Domains
		return s
	}
	since := min(max(now.Sub(run.Submitted), time.Second), bus.RateTime)
	s.Rate = float64(p.Recent*job.PartSize) / since.Seconds()
	if s.Rate > 0 {
		s.Left = int(math.Ceil(float64(s.Domains-s.Checked) / s.Rate))
	}
	return s
}

func (h *Runs) status(w http.ResponseWriter, r *http.Request) error {
	run, err := h.Bus.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	s, err := h.statusOf(r, &run)
	if err != nil {
		return err
	}
	return answer(w, s)
}

// FleetStatus is all that is going on.
type FleetStatus struct {
	Schema  string       `json:"schema"`
	Runs    []RunStatus  `json:"runs"` // the latest first
	Waiting int          `json:"waiting_items"`
	Workers []bus.Worker `json:"workers"`
	Drained []string     `json:"drained"` // sites
}

// fleetSchema names the form of FleetStatus.
const fleetSchema = "maildiag.fleet/1"

func (h *Runs) list(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Bus.Runs(r.Context())
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b bus.Run) int { return cmp.Or(b.Submitted.Compare(a.Submitted), cmp.Compare(a.ID, b.ID)) })
	s := FleetStatus{Schema: fleetSchema, Runs: []RunStatus{}, Workers: []bus.Worker{}, Drained: []string{}}
	for _, run := range all[:min(len(all), listedRuns)] {
		one, err := h.statusOf(r, &run)
		if err != nil {
			return err
		}
		s.Runs = append(s.Runs, one)
	}
	workers, err1 := h.Bus.Workers(r.Context())
	drained, err2 := h.Bus.Drains(r.Context())
	waiting, err3 := h.Bus.Waiting(r.Context())
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	s.Workers, s.Drained, s.Waiting = append(s.Workers, workers...), append(s.Drained, drained...), waiting
	slices.SortFunc(s.Workers, func(a, b bus.Worker) int { return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.ID, b.ID)) })
	slices.Sort(s.Drained)
	return answer(w, s)
}

// listedRuns is how many runs are listed.
const listedRuns = 50

// results writes the reports that are there, one a line. An answer that could not
// be made whole is cut off, so that clients see it.
func (h *Runs) results(w http.ResponseWriter, r *http.Request) error {
	run, err := h.Bus.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	startStream(w, formNDJSON)
	lines := lineWriter{w, http.NewResponseController(w)}
	unpacker := job.NewUnpacker()
	defer unpacker.Close()
	if err := h.Bus.EachPart(r.Context(), run.ID, func(p bus.Part) error { return unpacker.Unpack(lines, p.Data) }); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// forceParam drains a site whose workers are not running yet.
const forceParam = "force"

// drain drains a site, or ends that. A name that is not that of a site is most
// likely mistyped: another site is meant, and would go on.
func (h *Runs) drain(w http.ResponseWriter, r *http.Request) error {
	site, on := r.PathValue("site"), r.Method == http.MethodPut
	if !bus.ValidName(site) {
		return bus.ErrName
	}
	if on && r.URL.Query().Get(forceParam) == "" {
		if err := h.staffed(r, site); err != nil {
			return err
		}
	}
	if drained, err := h.Bus.Drained(r.Context(), site); !on && (err != nil || !drained) {
		return cmp.Or(err, error(newProblem(typeSite, http.StatusNotFound, fmt.Sprintf("The site %s is not drained.", site))))
	}
	return done(w, h.Bus.Drain(r.Context(), site, on))
}

// staffed refuses a site without workers.
func (h *Runs) staffed(r *http.Request, site string) error {
	workers, err := h.Bus.Workers(r.Context())
	if err != nil {
		return err
	}
	var sites []string
	for _, x := range workers {
		sites = append(sites, x.Site)
	}
	if slices.Contains(sites, site) {
		return nil
	}
	slices.Sort(sites)
	others := "no site has workers"
	if sites = slices.Compact(sites); len(sites) > 0 {
		others = "sites with workers: " + report.CleanTo(strings.Join(sites, ", "), 200)
	}
	return newProblem(typeSite, http.StatusNotFound, fmt.Sprintf("The site %s has no worker that runs; %s.", site, others))
}

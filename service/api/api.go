package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"maildiag/checks/inspect"
	"maildiag/checks/kit"
	"maildiag/checks/refusal/explain"
	"maildiag/report"
	"maildiag/report/planfmt"
	"maildiag/service/run"
	"maildiag/service/upload"
)

// Handler answers under /api/v1.
type Handler struct {
	Runner  *run.Runner
	Uploads *upload.Desk
	Version string

	// Spend returns how long the client of r must wait before it may ask for
	// another check; 0: not at all.
	Spend func(r *http.Request) time.Duration
}

// Register adds the paths to mux.
func (h *Handler) Register(mux *http.ServeMux) {
	for path, f := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /api/v1/check": h.check, "GET /api/v1/plan": h.plan, "GET /api/v1/spf": h.spf, "GET /api/v1/dmarc": h.dmarc,
		"GET /api/v1/migrate":  h.migrate,
		"POST /api/v1/explain": h.explain,
	} {
		mux.Handle(path, h.costs(f))
	}
	openAPI := OpenAPI()
	mux.HandleFunc("GET /api/v1/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", formJSON)
		_, _ = w.Write(openAPI)
	})
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { missing(mux, w, r) })
}

// missing answers what is not there, or not by this method.
func missing(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if _, pattern := mux.Handler(&http.Request{Method: m, URL: r.URL, Host: r.Host}); strings.HasPrefix(pattern, m+" ") {
			allow = append(allow, m)
		}
	}
	if allow != nil {
		w.Header().Set("Allow", strings.Join(allow, ", "))
		newProblem(typeMethod, http.StatusMethodNotAllowed, "The method is not allowed here.").Write(w)
		return
	}
	newProblem(typeMissing, http.StatusNotFound, "There is nothing at this path; /api/v1/openapi.json describes the API.").Write(w)
}

// costs lets a request through if the client may ask, and answers its error.
func (h *Handler) costs(f func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := h.Spend(r); wait > 0 {
			Limited(wait).Write(w)
			return
		}
		err := f(w, r)
		if err == nil {
			return
		}
		p, ok := errors.AsType[*Problem](err)
		if !ok {
			p = ProblemOf(err)
		}
		p.Write(w)
	})
}

// params reads the parameters of a request: those named once, and no others.
func params(r *http.Request, names ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newProblem(typeRequest, http.StatusBadRequest, "The query cannot be read.")
	}
	for name, list := range values {
		if !slices.Contains(names, name) {
			return nil, newProblem(typeRequest, http.StatusBadRequest,
				fmt.Sprintf("There is no parameter %q; there are %s.", report.CleanTo(name, 40), strings.Join(names, ", ")))
		}
		if len(list) > 1 {
			return nil, newProblem(typeRequest, http.StatusBadRequest, "The parameter "+name+" is given twice.")
		}
	}
	return values, nil
}

// start starts or joins the run that a request asks for.
func (h *Handler) start(v url.Values) (*run.Run, error) {
	req, err := run.ParseRequest(v.Get("domain"), v.Get("expect"), v.Get("only"))
	switch {
	case errors.Is(err, run.ErrTarget):
		return nil, err
	case err != nil:
		return nil, newProblem(typeRequest, http.StatusBadRequest, report.CleanTo(err.Error(), 200))
	}
	switch fresh := v.Get("fresh"); fresh {
	case "", "0":
	case "1":
		req.Fresh = true
	default:
		return nil, newProblem(typeRequest, http.StatusBadRequest, "The parameter fresh must be 0 or 1.")
	}
	return h.Runner.Start(req, false)
}

func (h *Handler) check(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "domain", "expect", "only", "fresh")
	if err != nil {
		return err
	}
	form := negotiate(r.Header.Get("Accept"), formJSON, formNDJSON, formSSE)
	if form == "" {
		return newProblem(typeAccept, http.StatusNotAcceptable, "The forms are "+formJSON+", "+formNDJSON+" and "+formSSE+".")
	}
	one, err := h.start(v)
	if err != nil {
		return err
	}
	defer one.Release()
	switch form {
	case formNDJSON:
		return streamLines(w, r, one)
	case formSSE:
		return streamEvents(w, r, one)
	}
	rep, err := one.Wait(r.Context())
	if err != nil {
		return err
	}
	return answer(w, rep)
}

// streamLines writes the stream that maildiag render reads. An error shows in
// that it has no end.
func streamLines(w http.ResponseWriter, r *http.Request, one *run.Run) error {
	startStream(w, formNDJSON)
	sink, err := report.New("ndjson", lineWriter{w, http.NewResponseController(w)}, report.Options{})
	if err == nil {
		_ = one.Follow(r.Context(), func(int) error { return nil }, sink)
	}
	return nil
}

// streamEvents sends the same as events, the place in the queue, and at last
// stop or error.
func streamEvents(w http.ResponseWriter, r *http.Request, one *run.Run) error {
	events := NewEvents(w)
	moved := func(place int) error { return events.Send("queue", fmt.Appendf(nil, `{"place":%d}`, place)) }
	if err := one.Follow(r.Context(), moved, eventSink{events}); err != nil {
		data, _ := json.Marshal(ProblemOf(err)) // strings and a number
		_ = events.Send("error", data)          // the client may be gone
	}
	return nil
}

// answer writes a JSON document.
func answer(w http.ResponseWriter, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	return send(w, formJSON, b.Bytes())
}

func send(w http.ResponseWriter, form string, body []byte) error {
	w.Header().Set("Content-Type", form)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // the client may be gone
	return nil
}

func (h *Handler) plan(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "domain", "expect", "only", "fresh", "format")
	if err != nil {
		return err
	}
	format := v.Get("format")
	if format == "" {
		format = "json"
	}
	if !slices.Contains(planfmt.FormatNames(), format) {
		return newProblem(typeRequest, http.StatusBadRequest, "The formats are "+strings.Join(planfmt.FormatNames(), ", ")+".")
	}
	one, err := h.start(v)
	if err != nil {
		return err
	}
	defer one.Release()
	rep, err := one.Wait(r.Context())
	if err != nil {
		return err
	}
	return h.sendPlan(w, rep, format)
}

func (h *Handler) sendPlan(w http.ResponseWriter, rep *report.Report, format string) error {
	var b bytes.Buffer
	if err := run.WritePlan(&b, rep, format, h.Version); err != nil {
		return err
	}
	form := "text/plain; charset=utf-8"
	if format == "json" || format == "route53" {
		form = formJSON
	}
	return send(w, form, b.Bytes())
}

func (h *Handler) spf(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "domain", "ip", "sender", "helo")
	if err != nil {
		return err
	}
	q, err := spfQuestion(v)
	if err != nil {
		return err
	}
	doc, err := h.Runner.SPF(r.Context(), q)
	if err != nil {
		return err
	}
	return send(w, formJSON, doc)
}

// spfQuestion reads the parameters of /spf.
func spfQuestion(v url.Values) (q inspect.SPFQuestion, err error) {
	if q.Domain, q.Unicode, err = kit.SPFDomain(v.Get("domain")); err != nil || strings.ContainsAny(v.Get("domain"), "@/:[") {
		return q, run.ErrTarget
	}
	q.Sender, q.Helo = v.Get("sender"), v.Get("helo")
	if v.Get("ip") == "" {
		if q.Sender+q.Helo != "" {
			return q, newProblem(typeRequest, http.StatusBadRequest, "The parameters sender and helo need ip.")
		}
		return q, nil
	}
	if q.IP, err = netip.ParseAddr(v.Get("ip")); err != nil || q.IP.Zone() != "" {
		return q, newProblem(typeRequest, http.StatusBadRequest, "The parameter ip is not an IP address.")
	}
	if q.Sender == "" {
		q.Sender = "postmaster@" + q.Domain
	}
	if q.Helo == "" {
		q.Helo = q.Domain
	}
	_, senderDomain, _ := strings.Cut(q.Sender, "@")
	for _, name := range []string{senderDomain, q.Helo} {
		if _, _, err := kit.SPFDomain(name); err != nil || len(q.Sender) > 320 {
			return q, newProblem(typeRequest, http.StatusBadRequest, "The parameter sender is not an address, or helo is not a host name.")
		}
	}
	return q, nil
}

func (h *Handler) dmarc(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "domain", "dkim", "spf")
	if err != nil {
		return err
	}
	var q inspect.DMARCQuestion
	if q.Domain, q.Unicode, err = run.Target(v.Get("domain")); err != nil {
		return err
	}
	for name, to := range map[string]func(string){"dkim": func(d string) { q.DKIM = []string{d} }, "spf": func(d string) { q.SPF = d }} {
		if v.Get(name) == "" {
			continue
		}
		ascii, err := run.Host(v.Get(name))
		if err != nil {
			return err
		}
		to(ascii)
	}
	doc, err := h.Runner.DMARC(r.Context(), q)
	if err != nil {
		return err
	}
	return send(w, formJSON, doc)
}

func (h *Handler) migrate(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "domain", "mx", "hybrid", "cloud")
	if err != nil {
		return err
	}
	q := run.MoveQuestion{Hybrid: v.Get("hybrid") == "1", Cloud: cmp.Or(v.Get("cloud"), "auto")}
	if q.Domain, q.Unicode, err = run.Target(v.Get("domain")); err != nil {
		return err
	}
	switch {
	case !slices.Contains([]string{"", "0", "1"}, v.Get("hybrid")):
		return newProblem(typeRequest, http.StatusBadRequest, "The parameter hybrid must be 0 or 1.")
	case q.Cloud != "auto" && kit.CloudByID(q.Cloud) == nil:
		return newProblem(typeRequest, http.StatusBadRequest, "There is no such cloud; there are auto, worldwide, gcc, gcc-high, dod and china.")
	}
	if mx := v.Get("mx"); mx != "" {
		if q.MX, err = run.Host(mx); err != nil {
			return newProblem(typeRequest, http.StatusBadRequest, "The parameter mx is not a host name.")
		}
	}
	doc, err := h.Runner.Move(r.Context(), q)
	if err != nil {
		return err
	}
	return send(w, formJSON, doc)
}

func (h *Handler) explain(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "format", "lang")
	if err != nil {
		return err
	}
	format, lang := v.Get("format"), v.Get("lang")
	if format != "" && format != "json" && format != "ticket" {
		return newProblem(typeRequest, http.StatusBadRequest, "The formats are json and ticket.")
	}
	if lang == "" {
		lang = "en"
	}
	if !explain.KnownLanguage(lang) {
		return newProblem(typeRequest, http.StatusBadRequest, "The languages are "+strings.Join(explain.Languages(), ", ")+".")
	}
	var b bytes.Buffer
	err = h.Uploads.Receive(r.Context(), r.Body, func(input []byte) error {
		x, err := h.Runner.Explain(r.Context(), "input", input)
		if err != nil {
			return err
		}
		if format == "ticket" {
			return x.WriteTicket(&b, lang)
		}
		return x.WriteJSON(&b, true)
	})
	if err != nil {
		return err
	}
	if format == "ticket" {
		return send(w, "text/plain; charset=utf-8", b.Bytes())
	}
	return send(w, formJSON, b.Bytes())
}

// Package web is the page for people: one box, and the results. Every page works
// without script.
package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/service/api"
	"maildiag/service/fleet/history"
	"maildiag/service/run"
	"maildiag/service/store"
	"maildiag/service/upload"
)

//go:embed page.html watch.html
var pages embed.FS

// Handler serves the pages.
type Handler struct {
	Runner  *run.Runner
	Store   *store.Store
	Uploads *upload.Desk
	Version string
	Keep    time.Duration                                               // how long permalinks last
	Spend   func(r *http.Request) time.Duration                         // as in [api.Handler]
	Secure  bool                                                        // cookies are for TLS only
	Domains func(context.Context, time.Time) ([]*history.Domain, error) // nil: nothing is watched
	Sites   func(context.Context) ([]Site, error)                       // nil: there is no fleet

	// Detail and Changes are there if Domains is.
	Detail  func(ctx context.Context, domain string, now time.Time) (*history.Detail, error)
	Changes func(ctx context.Context, n int) ([]history.Event, error)

	templates *template.Template
	assets    assets
}

// Register adds the paths to mux.
func (h *Handler) Register(mux *http.ServeMux) {
	h.templates = template.Must(template.ParseFS(pages, "*.html"))
	var files []asset
	h.assets, files = loadAssets()
	for _, a := range files {
		mux.Handle("GET "+a.path, a)
	}
	mux.HandleFunc("GET /{$}", h.home)
	mux.HandleFunc("POST /{$}", h.ask)
	mux.HandleFunc("GET /r/{id}", h.result)
	mux.HandleFunc("GET /r/{id}/events", h.events)
	mux.HandleFunc("GET /r/{id}/{form}", h.download)
	if h.Domains != nil {
		mux.HandleFunc("GET /domains", h.domains)
		mux.HandleFunc("GET /domains/{domain}", h.domain)
		mux.HandleFunc("GET /changes", h.changes)
	}
	if h.Sites != nil {
		mux.HandleFunc("GET /sites", h.sites)
	}
	mux.HandleFunc("/", h.nothing)
}

// tab is one of the boxes: the same box with other words.
type tab struct {
	ID, Path, Name     string
	Label, Placeholder string
	Hint, Button       string
	Rows               int
	File               bool
	only               string // checks
}

var tabs = []tab{
	{ID: "domain", Path: "/", Name: "Domain", Label: "Domain, bounce, error line or message", Placeholder: "contoso.com", Rows: 2, Button: "Check",
		Hint: "A domain name starts a check of its records. Anything else is explained.", File: true},
	{ID: "bounce", Path: "/?tab=bounce", Name: "Bounce or error", Label: "Bounce or error line", Rows: 8, Button: "Explain",
		Placeholder: "550 5.7.1 Unable to relay", File: true,
		Hint: "Paste the whole bounce, or the line with the three-digit code. You can also drop the file here (.eml, .msg, .txt)."},
	{ID: "message", Path: "/?tab=message", Name: "Message headers", Label: "Message, or its header", Rows: 10, Button: "Analyze",
		Placeholder: "Received: from ...", File: true,
		Hint: "In Outlook: File > Properties > Internet headers. You can also drop the message here (.eml, .msg). It is not kept."},
	{ID: "device", Path: "/?tab=device", Name: "Device", Label: "Domain that the device sends for", Rows: 2, Button: "Check the path",
		Placeholder: "contoso.com", only: "submission",
		Hint: "Reports whether port 587 of Microsoft 365 can be reached from the network of this server, without signing in."},
}

func tabOf(id string) *tab {
	for i := range tabs {
		if tabs[i].ID == id {
			return &tabs[i]
		}
	}
	return &tabs[0]
}

// page is what the templates show.
type page struct {
	Title, Heading  string
	Version         string
	Privacy         string
	Assets          assets
	CSRF            string
	Tabs            []tab
	Tab             *tab
	Input           string
	Complaint       string
	Running         bool
	Domain          string
	Path            string // permalink
	Progress, Until string
	Ticket          string
	Watching        bool
	Table           *watched
	Detail          *domainPage
	ChangeTable     *changesTable
	Fleet           bool
	SiteLines       []siteLine
	Body            template.HTML // made by report and explain, which escape every value
}

// show answers with a page. Nothing that was asked is kept by browsers or
// proxies.
func (h *Handler) show(w http.ResponseWriter, r *http.Request, name string, status int, p page) {
	p.Version, p.Assets, p.Tabs = h.Version, h.assets, tabs
	p.Watching, p.Fleet = h.Domains != nil, h.Sites != nil
	p.Privacy = "Messages are not kept. Results of domain checks are kept for " + duration(h.Keep) + "."
	if p.Watching {
		p.Privacy += " The history of watched domains is kept longer."
	}
	p.CSRF = h.csrf(w, r)
	if p.Tab == nil {
		p.Tab = &tabs[0]
	}
	var b bytes.Buffer
	if err := h.templates.ExecuteTemplate(&b, name, p); err != nil {
		panic(err) // a fault of ours: logged and counted above
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client may be gone
}

// csrfCookie holds a random value that a form must repeat. Another site can
// neither read nor set it.
const csrfCookie = "maildiag-csrf"

// csrf returns the value of the client, which gets one if it has none.
func (h *Handler) csrf(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(csrfCookie); err == nil && len(c.Value) == 22 {
		return c.Value
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	value := base64.RawURLEncoding.EncodeToString(b[:])
	http.SetCookie(w, &http.Cookie{Name: csrfCookie, Value: value, Path: "/", HttpOnly: true, Secure: h.Secure, SameSite: http.SameSiteStrictMode})
	return value
}

// genuine reports whether a form comes from a page of ours.
func genuine(r *http.Request, f *form) bool {
	c, err := r.Cookie(csrfCookie)
	return err == nil && len(c.Value) == 22 && subtle.ConstantTimeCompare([]byte(c.Value), []byte(f.csrf)) == 1
}

func (h *Handler) home(w http.ResponseWriter, r *http.Request) {
	t := tabOf(r.URL.Query().Get("tab"))
	h.show(w, r, "home", http.StatusOK, page{Title: "maildiag: " + t.Name, Heading: "Check mail delivery", Tab: t})
}

func (h *Handler) nothing(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		h.problem(w, r, http.StatusMethodNotAllowed, "The method is not allowed here.")
		return
	}
	h.problem(w, r, http.StatusNotFound, "There is no such page.")
}

func (h *Handler) problem(w http.ResponseWriter, r *http.Request, status int, text string) {
	h.show(w, r, "problem", status, page{Title: "maildiag: " + http.StatusText(status), Heading: http.StatusText(status), Complaint: text})
}

// failed answers an error.
func (h *Handler) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errForm):
		h.problem(w, r, http.StatusBadRequest, "The form cannot be read. Go back to the start and try again.")
	case errors.Is(err, errPasted):
		h.problem(w, r, http.StatusRequestEntityTooLarge, "The text is too long to be pasted. Save it and give the file.")
	default:
		p := api.ProblemOf(err)
		p.Retry(w)
		h.problem(w, r, p.Status, p.Detail)
	}
}

// ask takes what the box sends: it starts a check, or explains.
func (h *Handler) ask(w http.ResponseWriter, r *http.Request) {
	done := false
	f, err := readForm(w, r, func(f *form, name string, body io.Reader) error {
		done = true
		if !h.may(w, r, f) {
			return nil
		}
		return h.Uploads.Receive(r.Context(), body, func(input []byte) error { return h.explain(w, r, f, name, input) })
	})
	switch {
	case err != nil:
		h.failed(w, r, err)
		return
	case done || !h.may(w, r, f):
		return
	}
	if err := h.text(w, r, f); err != nil {
		h.failed(w, r, err)
	}
}

// may lets a form through if it is ours and its client may ask; else it answers.
func (h *Handler) may(w http.ResponseWriter, r *http.Request, f *form) bool {
	if !genuine(r, f) {
		h.problem(w, r, http.StatusForbidden, "The form is not from a page of this server, or the browser refuses its cookie. Go back to the start and try again.")
		return false
	}
	if wait := h.Spend(r); wait > 0 {
		p := api.Limited(wait)
		p.Retry(w)
		h.problem(w, r, p.Status, "You have asked too often. Try again in "+wait.Round(time.Second).String()+".")
		return false
	}
	return true
}

// text answers what was typed or pasted.
func (h *Handler) text(w http.ResponseWriter, r *http.Request, f *form) error {
	t := tabOf(f.tab)
	k, name := classify(f.text)
	switch {
	case k == kindNothing:
		text := "There is nothing to check: type or paste something."
		if t.only != "" {
			text = "There is nothing to check: type a domain."
		}
		h.complain(w, r, f, text)
		return nil
	case k == kindDomain:
		return h.start(w, r, name, t.only, f.fresh == "1")
	case k == kindNear:
		typed := run.Near(strings.TrimSpace(f.text))
		if name != "" {
			f.text = name
		}
		h.complain(w, r, f, typed.Error())
		return nil
	case t.only != "":
		h.complain(w, r, f, "This is not a domain name. Type one such as contoso.com.")
		return nil
	}
	return h.explain(w, r, f, "input", []byte(f.text))
}

// complain shows the box again, with what was typed.
func (h *Handler) complain(w http.ResponseWriter, r *http.Request, f *form, text string) {
	t := tabOf(f.tab)
	h.show(w, r, "home", http.StatusUnprocessableEntity, page{Title: "maildiag: " + t.Name, Heading: "Check mail delivery", Tab: t,
		Input: f.text, Complaint: text})
}

// start starts a check and leads to its permalink.
func (h *Handler) start(w http.ResponseWriter, r *http.Request, domain, only string, fresh bool) error {
	req, err := run.ParseRequest(domain, string(kit.ExpectAuto), only)
	if err != nil {
		return err
	}
	req.Fresh = fresh
	one, err := h.Runner.Start(req, true)
	if err != nil {
		return err
	}
	one.Release() // it is kept
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/r/"+one.ID, http.StatusSeeOther)
	return nil
}

// explain answers with the explanation of an input. Nothing of it is kept.
func (h *Handler) explain(w http.ResponseWriter, r *http.Request, f *form, name string, input []byte) error {
	x, err := h.Runner.Explain(r.Context(), report.CleanTo(name, 80), input)
	if err != nil {
		return err
	}
	var body, ticket bytes.Buffer
	if err := errors.Join(x.WriteHTMLSection(&body), x.WriteTicket(&ticket, "en")); err != nil {
		return err
	}
	h.show(w, r, "result", http.StatusOK, page{Title: "maildiag: explanation", Tab: tabOf(f.tab), Body: template.HTML(body.String()), Ticket: ticket.String()})
	return nil
}

// saved returns a result that has a permalink.
func (h *Handler) saved(id string) (rep *report.Report, err error) {
	err = h.Store.Replay(id, time.Now(), report.Collect(func(one *report.Report) error {
		rep = one
		return nil
	}))
	if err == nil && rep == nil {
		err = store.ErrNotFound
	}
	return rep, err
}

// result shows a check, be it under way or done.
func (h *Handler) result(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if one := h.Runner.ByID(id); one != nil {
		h.running(w, r, one)
		return
	}
	rep, err := h.saved(id)
	if err != nil {
		h.lost(w, r)
		return
	}
	var body bytes.Buffer
	if err := report.WriteHTMLSection(&body, rep); err != nil {
		h.failed(w, r, err)
		return
	}
	t := &tabs[0]
	if len(rep.Start.Checks) < 3 {
		t = tabOf("device")
	}
	h.show(w, r, "result", http.StatusOK, page{
		Title: rep.Begin.Domain + ": " + rep.Verdict().Title(), Tab: t, Body: template.HTML(body.String()), Domain: rep.Begin.Domain,
		Path: "/r/" + id, Until: rep.Begin.Started.Add(h.Keep).UTC().Format("2006-01-02 15:04 UTC"),
	})
}

func (h *Handler) lost(w http.ResponseWriter, r *http.Request) {
	h.problem(w, r, http.StatusNotFound, "There is no such result. It has expired, or the check did not finish. Check the domain again.")
}

// running shows what is known so far.
func (h *Handler) running(w http.ResponseWriter, r *http.Request, one *run.Run) {
	events, state, _ := one.After(0)
	h.show(w, r, "running", http.StatusOK, page{
		Title: one.Request.Domain + ": checking", Running: true, Domain: one.Request.Domain, Path: "/r/" + one.ID,
		Progress: progress(state.Place), Body: template.HTML(tilesOf(events)),
	})
}

// events sends what is found as it comes, and at last that it is over.
func (h *Handler) events(w http.ResponseWriter, r *http.Request) {
	one := h.Runner.ByID(r.PathValue("id"))
	if one == nil {
		w.WriteHeader(http.StatusNoContent) // browsers ask no more after it
		return
	}
	events := api.NewEvents(w)
	var seen []report.Event
	moved := func(place int) error { return events.Send("queue", []byte(progress(place))) }
	err := one.Follow(r.Context(), moved, sinkFunc(func(e report.Event) error {
		if seen = append(seen, e); e.Finding == nil {
			return nil
		}
		return events.Send("tiles", []byte(tilesOf(seen)))
	}))
	if err == nil || !errors.Is(err, context.Canceled) {
		_ = events.Send("over", []byte("over"))
	}
}

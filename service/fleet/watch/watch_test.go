package watch

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/history"
)

// Domains are spread evenly over the interval, also if their names are alike.
func TestPlace(t *testing.T) {
	const domains, parts = 10_000, 10
	var count [parts]int
	for n := range domains {
		count[int(place(fmt.Sprintf("t%d.contoso.com", n))*parts)]++
	}
	for i, n := range count {
		if n < domains/parts*8/10 || n > domains/parts*12/10 {
			t.Errorf("part %d has %d of %d", i, n, domains)
		}
	}
}

// An answer other than 2xx is an error, redirects are not followed, and no error
// shows the URL.
func TestWebhook(t *testing.T) {
	status := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	notify, err := Webhook(srv.URL+"/s3cret", FormJSON)
	if err != nil {
		t.Fatal(err)
	}
	for _, status = range []int{200, 204, 302, 400, 500} {
		if err := notify(t.Context(), []history.Event{{Domain: "contoso.com"}}); (err == nil) != (status < 300) {
			t.Errorf("%d: %v", status, err)
		}
	}
	srv.Close()
	if err := notify(t.Context(), nil); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}

// Exceptions that cannot be read change nothing: those of the history stay before
// the first ones are read, and the last ones stay later.
func TestExceptionsStay(t *testing.T) {
	s, err := history.Open(t.Context(), filepath.Join(t.TempDir(), "h.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	all := func(string, string, time.Time) *history.Exception {
		return &history.Exception{Until: history.Never, Reason: "x"}
	}
	none := func(string, string, time.Time) *history.Exception { return nil }
	if err := s.Accept(t.Context(), all, now); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		f := report.Finding{Check: "mx", Code: "mx.leftover", Status: report.Fail, Subject: "a.example"}
		if _, err := s.Add(t.Context(), history.Result{Run: fmt.Sprint(n), Domain: "a.example", Site: "fra", At: now.Add(time.Duration(n) * time.Hour), Verdict: report.NotReady, Findings: []report.Finding{f}}); err != nil {
			t.Fatal(err)
		}
	}
	told := func() int {
		events, err := s.Pending(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(events)
	}
	var list history.Exceptions
	w := &Watcher{History: s, Accept: func() (history.Exceptions, error) {
		if list == nil {
			return nil, errors.New("it is being written")
		}
		return list, nil
	}}
	for i, x := range []struct {
		list  history.Exceptions
		fails bool
		told  int
	}{{nil, true, 0}, {all, false, 0}, {nil, true, 0}, {none, false, 1}} {
		list = x.list
		if err := w.accept(t.Context(), now.Add(3*time.Hour)); (err != nil) != x.fails || told() != x.told {
			t.Errorf("%d: %d events, %v", i, told(), err)
		}
	}
}

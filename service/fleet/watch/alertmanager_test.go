package watch

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"maildiag/service/fleet/drift"
	"maildiag/service/fleet/history"
)

// alertServer is an Alertmanager that keeps the alerts as the real one does, by
// their labels.
type alertServer struct {
	t *testing.T

	mu     sync.Mutex
	status int
	posts  int
	alerts map[string]alert
}

func newAlertServer(t *testing.T) (*alertServer, string) {
	a := &alertServer{t: t, status: http.StatusOK, alerts: map[string]alert{}}
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return a, s.URL
}

func (a *alertServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var list []alert
	err := json.NewDecoder(r.Body).Decode(&list)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.posts++
	if err != nil || r.URL.Path != "/am/api/v2/alerts" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		a.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	if a.status == http.StatusOK {
		for _, x := range list {
			a.alerts[fmt.Sprint(x.Labels)] = x
		}
	}
	w.WriteHeader(a.status)
}

// firing returns the codes of the alerts that are on at a time.
func (a *alertServer) firing(now time.Time) (codes string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, x := range a.alerts {
		if x.EndsAt.After(now) {
			codes += x.Labels["code"] + " "
		}
	}
	return codes
}

// An alert begins when a change is confirmed, is sent again before it would end,
// outlives restarts of both sides, and ends when the problem is fixed.
func TestAlertmanager(t *testing.T) {
	j := newJourney(t)
	server, url := newAlertServer(t)
	var err error
	if j.w.Alerts, err = NewAlertmanager([]string{url + "/am/"}, "https://mailcheck.contoso.com/"); err != nil {
		t.Fatal(err)
	}
	alerts := j.w.Alerts
	start := time.Now() // the looks are dated by the clock
	later := func(d time.Duration) (now time.Time) {
		t.Helper()
		now = start.Add(d)
		if err := j.w.alertAll(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		return now
	}
	j.pass(good)
	j.pass(bad)
	if on := server.firing(later(time.Minute)); on != "" {
		t.Fatalf("after one sighting: %s", on)
	}
	j.pass(bad)
	now := later(time.Minute)
	on := server.firing(now)
	if !strings.Contains(on, "spf.") || len(server.firing(now.Add(alertFor-2*alertEvery))) != len(on) || server.firing(now.Add(alertFor)) != "" {
		t.Fatalf("firing: %s", on)
	}
	for key, x := range server.alerts {
		if x.Labels["domain"] != "contoso.com" || x.Labels["alertname"] != "MaildiagProblem" || x.Labels["severity"] == "" || x.StartsAt.IsZero() ||
			!strings.HasPrefix(x.Generator, "https://mailcheck.contoso.com/domains") || x.Annotations["summary"] == "" {
			t.Errorf("%s: %+v", key, x)
		}
	}
	server.alerts = map[string]alert{} // its memory is empty after a restart
	j.restart()
	j.w.Alerts = alerts
	if got := server.firing(later(2 * alertFor)); len(got) != len(on) {
		t.Errorf("after restarts: %q, want %q", got, on)
	}
	j.pass(good)
	if got := server.firing(later(time.Minute)); len(got) != len(on) {
		t.Errorf("good once: %q", got)
	}
	j.pass(good)
	server.status = http.StatusServiceUnavailable
	if err := j.w.alertAll(t.Context(), time.Now()); err == nil {
		t.Error("status 503 is no error")
	}
	server.status = http.StatusOK
	if got := server.firing(later(time.Minute)); got != "" {
		t.Errorf("fixed, but firing: %s", got)
	}
}

// Each row is what is open and what is over, and which labels have an alert that
// goes on.
func TestAlertsOf(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	event := func(kind, status, subject string) history.Event {
		return history.Event{At: now.Add(-time.Minute), Domain: "contoso.com", Kind: kind, Status: status,
			Problem: drift.Problem{Check: "mx", Code: "mx.leftover", Subject: subject}}
	}
	hostile := event(history.KindProblem, "fail", "\x1b[31m\xff\x00"+strings.Repeat("x", 1000))
	for name, c := range map[string]struct {
		open, over []history.Event
		on, off    int
	}{
		"nothing":             {nil, nil, 0, 0},
		"open":                {[]history.Event{event(history.KindProblem, "fail", "a")}, nil, 1, 0},
		"fixed":               {nil, []history.Event{event(history.KindFixed, "fail", "a")}, 0, 1},
		"fixed, open again":   {[]history.Event{event(history.KindProblem, "fail", "a")}, []history.Event{event(history.KindFixed, "fail", "a")}, 1, 0},
		"now a warning":       {[]history.Event{event(history.KindProblem, "warn", "a")}, []history.Event{event(history.KindFixed, "fail", "a")}, 1, 1},
		"another subject":     {[]history.Event{event(history.KindProblem, "fail", "b")}, []history.Event{event(history.KindFixed, "fail", "a")}, 1, 1},
		"fixed twice":         {nil, []history.Event{event(history.KindFixed, "fail", "a"), event(history.KindFixed, "fail", "a")}, 0, 1},
		"disagree and fail":   {[]history.Event{event(history.KindProblem, "warn", "a"), event(history.KindDisagree, "", "a")}, nil, 2, 0},
		"agree":               {nil, []history.Event{event(history.KindAgree, "", "a")}, 0, 1},
		"a stranger's record": {[]history.Event{hostile}, nil, 1, 0},
	} {
		on, off := 0, 0
		for _, x := range new(Alertmanager).alertsOf(c.open, c.over, now) {
			if x.EndsAt.After(now) {
				on++
			} else {
				off++
			}
			if x.EndsAt.Before(x.StartsAt) {
				t.Errorf("%s: ends before it starts", name)
			}
			for label, value := range x.Labels {
				if value == "" || len(value) > 2*maxLabel || strings.ContainsAny(value, "\x00\x1b") || !utf8.ValidString(value) {
					t.Errorf("%s: %s=%q", name, label, value)
				}
			}
		}
		if on != c.on || off != c.off {
			t.Errorf("%s: %d on, %d off", name, on, off)
		}
	}
}

// Each server has all alerts, in messages of bounded size, whether or not others
// can be reached. No error shows a URL.
func TestAlertServers(t *testing.T) {
	first, url1 := newAlertServer(t)
	second, url2 := newAlertServer(t)
	first.status = http.StatusInternalServerError
	a, err := NewAlertmanager([]string{url1 + "/am", strings.Replace(url2, "//", "//u:s3cret@", 1) + "/am/api/v2/alerts"}, "")
	if err != nil {
		t.Fatal(err)
	}
	var events []history.Event
	for n := range 2*batchAlerts + 1 {
		events = append(events, history.Event{At: time.Now(), Domain: fmt.Sprintf("d%d.example", n), Kind: history.KindProblem})
	}
	var tally Tally
	err = a.post(t.Context(), a.alertsOf(events, nil, time.Now()), &tally)
	if err == nil || len(second.alerts) != len(events) || second.posts != 3 || first.posts != 1 {
		t.Errorf("%v, %d alerts in %d messages, %d to the other", err, len(second.alerts), second.posts, first.posts)
	}
	tally.Deliveries(func(receiver, outcome string, n int) {
		if want := map[string]int{ToAlertmanager + Delivered: 3, ToAlertmanager + Failed: 1}[receiver+outcome]; n != want {
			t.Errorf("%s %s: %d messages are counted, not %d", receiver, outcome, n, want)
		}
	})
	if err := errors.Join(err, a.post(t.Context(), nil, &tally)); strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
	for _, bad := range []string{"", "alertmanager:9093", "ftp://a.example", "http://", "http://a.example/?x=1", "http://a.example/#x"} {
		if _, err := NewAlertmanager([]string{bad}, ""); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

package watch

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/service/fleet/facts"
	"maildiag/service/fleet/history"
	"maildiag/service/run"
)

const (
	good = "$ORIGIN contoso.com.\n@ 60 SOA ns hostmaster 1 2 3 4 60\n@ 60 TXT \"v=spf1 -all\"\n"
	bad  = "$ORIGIN contoso.com.\n@ 60 SOA ns hostmaster 1 2 3 4 60\n@ 60 TXT \"v=spf1 +all\"\n"
)

// journey is a watched world, its history, and who is told.
type journey struct {
	t    *testing.T
	dns  *dnstest.Server
	path string
	w    *Watcher
	now  time.Time

	mu     sync.Mutex
	status int               // of the webhook
	got    [][]history.Event // messages that were accepted
}

func newJourney(t *testing.T) *journey {
	j := &journey{t: t, dns: dnstest.New(t, good), path: filepath.Join(t.TempDir(), "history.db"), now: time.Now(), status: http.StatusOK}
	server, err := dnsrec.ParseServer(j.dns.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{server}})
	t.Cleanup(client.Close)
	hook := httptest.NewServer(j)
	t.Cleanup(hook.Close)
	notify, err := Webhook(hook.URL, FormJSON)
	if err != nil {
		t.Fatal(err)
	}
	runner := run.New(run.Config{Timeout: time.Minute, Slots: 2, Places: 2, Resolver: "test",
		World: func(bool) kit.World { return kit.World{DNS: dnsrec.NewCache(client, dnsrec.CacheOptions{})} }})
	t.Cleanup(func() { runner.Close(context.Background()) })
	j.w = &Watcher{List: j.list("contoso.com"), Every: time.Hour, Keep: 24 * time.Hour, Site: "local", Runner: runner, Notify: notify,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	j.open()
	t.Cleanup(func() { j.w.History.Close() })
	return j
}

func (j *journey) list(domains ...string) func() ([]Entry, error) {
	return func() (list []Entry, err error) {
		for _, d := range domains {
			list = append(list, Entry{Request: run.Request{Domain: d, Expect: kit.ExpectAuto, Only: []string{"spf"}}})
		}
		return list, nil
	}
}

func (j *journey) open() {
	j.t.Helper()
	var err error
	if j.w.History, err = history.Open(j.t.Context(), j.path); err != nil {
		j.t.Fatal(err)
	}
}

// restart closes the history and opens it in another watcher.
func (j *journey) restart() {
	j.t.Helper()
	if err := j.w.History.Close(); err != nil {
		j.t.Fatal(err)
	}
	w := j.w
	j.w = &Watcher{List: w.List, Every: w.Every, Keep: w.Keep, Site: w.Site, Runner: w.Runner, Notify: w.Notify, Log: w.Log}
	j.open()
}

// pass publishes a zone and looks an hour later.
func (j *journey) pass(zone string) {
	j.t.Helper()
	if err := j.dns.SetZone(zone); err != nil {
		j.t.Fatal(err)
	}
	j.now = j.now.Add(time.Hour)
	j.w.Pass(j.t.Context(), j.now, 0)
}

// ServeHTTP is the webhook.
func (j *journey) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var message struct {
		Schema string
		Events []history.Event
	}
	err := json.NewDecoder(r.Body).Decode(&message)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil || message.Schema != Schema || len(message.Events) == 0 {
		j.t.Errorf("message %+v, %v", message, err)
	}
	if j.status == http.StatusOK {
		j.got = append(j.got, message.Events)
	}
	w.WriteHeader(j.status)
}

// told checks how many messages have arrived, and returns the kinds of events in
// the last one.
func (j *journey) told(messages int) (kinds []string) {
	j.t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.got) != messages {
		j.t.Fatalf("%d messages, want %d: %v", len(j.got), messages, j.got)
	}
	for _, e := range j.got[messages-1] {
		if e.Domain != "contoso.com" || e.Check != "spf" {
			j.t.Errorf("event %+v", e)
		}
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// A change is told when it was seen twice, once, also over restarts; so is its end.
func TestChangeIsToldOnce(t *testing.T) {
	j := newJourney(t)
	j.pass(good)
	j.pass(bad)
	j.restart()
	if len(j.got) != 0 {
		t.Fatalf("told after one sighting: %v", j.got)
	}
	j.pass(bad)
	if kinds := j.told(1); !slices.Contains(kinds, history.KindProblem) {
		t.Errorf("told of %v", kinds)
	}
	j.restart()
	j.pass(bad)
	j.pass(good)
	j.told(1)
	j.restart()
	j.pass(good)
	if kinds := j.told(2); !slices.Contains(kinds, history.KindFixed) {
		t.Errorf("told of %v", kinds)
	}
	j.restart()
	j.pass(good)
	j.told(2)
}

// What the webhook refused is sent after the next pass.
func TestRefusedMessageIsSentLater(t *testing.T) {
	j := newJourney(t)
	j.pass(good)
	j.pass(bad)
	j.status = http.StatusServiceUnavailable
	j.pass(bad)
	j.status = http.StatusOK
	j.restart()
	j.pass(bad)
	j.told(1)
}

// A record that changes is in the history, also if no finding does; an outage
// changes no record.
func TestRecordChanges(t *testing.T) {
	const other = "$ORIGIN contoso.com.\n@ 60 SOA ns hostmaster 1 2 3 4 60\n@ 60 TXT \"v=spf1 ip4:192.0.2.1 -all\"\n@ 60 TXT \"x=1\"\n"
	j := newJourney(t)
	j.pass(other)
	j.pass(strings.ReplaceAll(other, "x=1", "x=2")) // not about mail
	j.dns.Fault("contoso.com", "", dnstest.Fault{Rcode: "SERVFAIL"})
	j.pass(other)
	j.dns.Heal()
	j.pass(strings.ReplaceAll(other, "192.0.2.1", "192.0.2.2"))
	spans, err := j.w.History.Spans(t.Context(), "contoso.com")
	if err != nil || len(spans) != 3 || spans[0].Seen != 2 {
		t.Fatalf("%+v, %v", spans, err)
	}
	known := facts.Of("contoso.com", spans[0].Findings)
	known = known.Later(facts.Of("contoso.com", spans[1].Findings))
	diff := facts.Compare(known, facts.Of("contoso.com", spans[2].Findings))
	want := []facts.Diff{{Name: "contoso.com", Type: "TXT", Removed: []string{"v=spf1 ip4:192.0.2.1 -all"}, Added: []string{"v=spf1 ip4:192.0.2.2 -all"}}}
	if !reflect.DeepEqual(diff, want) {
		t.Errorf("%+v", diff)
	}
}

// An outage of the DNS is no change, however long.
func TestOutageIsNotTold(t *testing.T) {
	j := newJourney(t)
	j.pass(good)
	j.dns.Fault("contoso.com", "", dnstest.Fault{Rcode: "SERVFAIL"})
	for range 3 {
		j.pass(good)
	}
	j.dns.Heal()
	j.pass(good)
	if len(j.got) != 0 {
		t.Errorf("told of %v", j.got)
	}
}

// The list is read before each pass. One that cannot be read changes nothing; a
// domain that left it is looked at no longer.
func TestListIsReadAgain(t *testing.T) {
	j := newJourney(t)
	names := func() (list []string) {
		domains, err := j.w.History.Domains(t.Context(), j.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range domains {
			list = append(list, d.Name)
		}
		return list
	}
	j.pass(good)
	j.w.List = func() ([]Entry, error) { return nil, errors.New("half written") }
	j.dns.Forget()
	j.pass(good)
	if got := names(); !slices.Equal(got, []string{"contoso.com"}) || j.dns.Count("contoso.com", "TXT") == 0 {
		t.Errorf("a list that cannot be read: %v", got)
	}
	if !j.w.Tally.Stale() {
		t.Error("nobody is told of a list that cannot be read")
	}
	j.w.List = j.list("a.contoso.com")
	j.dns.Forget()
	j.pass(good)
	if got := names(); !slices.Equal(got, []string{"a.contoso.com"}) || j.dns.Count("a.contoso.com", "TXT") == 0 {
		t.Errorf("another list: %v", got)
	}
	if j.w.Tally.Stale() {
		t.Error("a list that can be read is called unreadable")
	}
}

// A watcher whose context ends returns, and keeps nothing of what it left half
// done.
func TestShutdown(t *testing.T) {
	j := newJourney(t)
	ctx, cancel := context.WithCancel(t.Context())
	list := j.w.List
	j.w.List = func() ([]Entry, error) {
		defer cancel()
		return list()
	}
	j.w.Run(ctx)
	domains, err := j.w.History.Domains(t.Context(), j.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range domains {
		if d.Verdict != "" {
			t.Errorf("kept %+v", d)
		}
	}
}

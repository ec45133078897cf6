package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"maildiag/checks"
	"maildiag/cmd/internal/exceptions"
	"maildiag/report"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/lock"
	"maildiag/service/fleet/watch"
	"maildiag/service/run"
)

// watchFlags say which domains to check again and again.
type watchFlags struct {
	list    string
	column  string   // of CSV
	tags    []string // columns
	every   time.Duration
	history time.Duration
	webhook string
	form    string
	alerts  []string
	accept  string
	site    string
	sites   []string
	db      string
}

func (f *watchFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.list, "watch", "", "`FILE` of domains, one a line, to check repeatedly; tags may follow (tenant=contoso); read again before each pass; needs --data")
	fs.StringVar(&f.column, "column", "", "the list of --watch is CSV: take the domains from the column of this `NAME` in the first row, or number (from 1; no header)")
	fs.StringSliceVar(&f.tags, "tag-columns", nil, "`NAMES` of the columns of CSV that are tags; needs --column with a name")
	fs.DurationVar(&f.every, "every", time.Hour, "`DURATION` between checks of --watch, at least 1m")
	fs.DurationVar(&f.history, "keep-history", 90*24*time.Hour, "`DURATION` for which the history of --watch goes back")
	fs.StringVar(&f.webhook, "webhook", "", "`URL` that receives the changes of --watch as JSON")
	fs.StringVar(&f.form, "webhook-form", watch.FormJSON, "`FORM` of the messages: json, slack or teams")
	fs.StringSliceVar(&f.alerts, "alertmanager", nil, "`URL` of an Alertmanager of Prometheus that has an alert for each problem that --watch finds (repeatable)")
	fs.StringVar(&f.accept, "accept", "", "accepted exceptions, about which --watch sends nothing: `FILE` with lines of ID, domain, last day and reason; read again before each pass")
	fs.StringVar(&f.site, "site", "local", "`NAME` of this site in the history of --watch")
	fs.StringSliceVar(&f.sites, "sites", nil, "`NAMES` of the sites whose workers check each domain of --watch (default: this process); needs --fleet")
	fs.StringVar(&f.db, "db", "", "`URL` of a PostgreSQL database that keeps the history of --watch: postgres://... (default: a file in --data)")
}

// minEvery spares those who are asked.
const minEvery = time.Minute

// sensible refuses flags that do not go together.
func (f *watchFlags) sensible(data string, fleet bool) error {
	switch {
	case f.list == "" && (f.column != "" || len(f.tags) > 0):
		return usage("--watch domains.csv", "--column and --tag-columns need --watch")
	case len(f.tags) > 0 && !named(f.column):
		return usage("--column domain", "--tag-columns needs --column with the name of a column")
	case f.list == "" && (f.webhook != "" || len(f.alerts) > 0 || f.accept != "" || f.db != "" || len(f.sites) > 0):
		return usage("--watch domains.txt", "--webhook, --alertmanager, --accept, --db and --sites need --watch")
	case f.webhook == "" && f.form != "" && f.form != watch.FormJSON:
		return usage("--webhook https://hooks.slack.com/...", "--webhook-form needs --webhook")
	case f.list == "":
		return nil
	case data == "" && f.db == "":
		return usage("--data /var/lib/maildiagd", "--watch needs --data, the folder that keeps the history, or --db")
	case f.db != "" && !history.IsURL(f.db):
		return usage("--db postgres://maildiagd@db.contoso.com/maildiagd", "--db is not a URL of PostgreSQL")
	case f.every < minEvery:
		return usage("--every 1h", "--every must be at least %.0fm", minEvery.Minutes())
	case f.history <= 0:
		return usage("--keep-history 2160h", "--keep-history must be more than 0")
	case !bus.ValidName(f.site):
		return usage("--site local", "--site must have 1 to 64 letters, digits, - and _")
	case len(f.sites) > 0 && !fleet:
		return usage("--fleet --sites fra,ams", "--sites needs --fleet")
	}
	for _, s := range f.sites {
		if !bus.ValidName(s) {
			return usage("--sites fra,ams", "--sites: a site has 1 to 64 letters, digits, - and _")
		}
	}
	return nil
}

// named reports whether a column has a name, and not only a number.
func named(column string) bool {
	_, err := strconv.Atoi(column)
	return column != "" && err != nil
}

// staleAfter is how many intervals what a site has seen counts without a new look.
const staleAfter = 3

// open returns the watcher, whose alerts lead to page; nil: nothing is watched. It
// opens the history, which the caller closes.
func (f *watchFlags) open(ctx context.Context, data, page string, runner *run.Runner, lists *bus.Bus, log *slog.Logger) (*watch.Watcher, error) {
	if err := f.sensible(data, lists != nil); err != nil || f.list == "" {
		return nil, err
	}
	w := &watch.Watcher{Every: f.every, Keep: f.history, Site: f.site, Runner: runner, Log: log}
	if len(f.sites) > 0 {
		slices.Sort(f.sites)
		w.Sites = &watch.Sites{Bus: lists, Names: slices.Compact(f.sites)}
	}
	if err := f.tell(w, page); err != nil {
		return nil, err
	}
	w.List = f.domains
	if _, err := w.List(); err != nil {
		return nil, fileFault("--watch", f.list, err, "a line is: contoso.com, or with tags: contoso.com tenant=contoso; for CSV give --column")
	}
	var err error
	if f.accept != "" {
		w.Accept = f.exceptions
		if _, err = w.Accept(); err != nil {
			return nil, fileFault("--accept", f.accept, err, "a line is: mx.leftover contoso.com 2026-12-31 why it is accepted")
		}
	}
	if w.History, err = f.openHistory(ctx, data); err != nil {
		return nil, err
	}
	w.History.Stale = staleAfter * f.every
	return w, f.claim(ctx, w)
}

// claim refuses a history with which another server watches. Servers with --sites take
// turns instead.
func (f *watchFlags) claim(ctx context.Context, w *watch.Watcher) (err error) {
	if len(f.sites) > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	w.Claim, err = w.History.Claim(ctx)
	if err == nil {
		return nil
	}
	err = errors.Join(err, w.History.Close())
	if errors.Is(err, lock.ErrTaken) {
		return failed("stop the other maildiagd, or give this one a database of its own; with --fleet and --sites, several take turns",
			"--db: another maildiagd --watch uses this database")
	}
	return failed(databaseHint(err), "--db: %s", databaseText(err))
}

// tell sets who is told what changed.
func (f *watchFlags) tell(w *watch.Watcher, page string) (err error) {
	if f.webhook != "" {
		if w.Notify, err = watch.Webhook(f.webhook, f.form); err != nil {
			if errors.Is(err, watch.ErrForm) {
				return usage("--webhook-form slack", "--webhook-form: %v", err)
			}
			return usage("--webhook https://alerts.contoso.com/maildiag", "--webhook: %v", err)
		}
	}
	if len(f.alerts) > 0 {
		if w.Alerts, err = watch.NewAlertmanager(f.alerts, page); err != nil {
			return usage("--alertmanager http://alertmanager.contoso.com:9093", "--alertmanager: %v", err)
		}
	}
	return nil
}

// openTime is how long the start may wait for the database.
const openTime = 30 * time.Second

// historyFile is the name of the history in the folder of --data.
const historyFile = "history.db"

// openHistory opens the file or the database.
func (f *watchFlags) openHistory(ctx context.Context, data string) (*history.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	if f.db != "" {
		s, err := history.Open(ctx, f.db)
		if err != nil {
			return nil, failed(databaseHint(err), "--db: %s", databaseText(err))
		}
		return s, nil
	}
	s, err := history.Open(ctx, filepath.Join(data, historyFile))
	if errors.Is(err, lock.ErrTaken) {
		return nil, failed("stop the other maildiagd, or give this one a folder of its own", "--data: another maildiagd --watch uses %s", data)
	}
	if err != nil {
		return nil, failed("name a folder that can be written, or move history.db away", "--data: %v", err)
	}
	return s, nil
}

// exceptions reads what is accepted.
func (f *watchFlags) exceptions() (history.Exceptions, error) {
	ids := map[string]bool{}
	for _, c := range checks.Known() {
		ids[c.ID] = true
	}
	for _, c := range checks.Codes() {
		ids[c.Code] = true
	}
	list, err := exceptions.Read(f.accept, func(id string) error {
		check, _, _ := strings.Cut(id, ".")
		if ids[id] || check == "accept" || check == report.BaselineCheck { // these two are maildiag's alone, which reads the same file
			return nil
		}
		return fmt.Errorf("there is no check or finding %q", id)
	})
	if err != nil {
		return nil, err
	}
	return func(domain, code string, now time.Time) *history.Exception {
		e := list.Active(domain, code, now)
		if e == nil {
			return nil
		}
		return &history.Exception{Until: e.Day, Reason: e.Reason}
	}, nil
}

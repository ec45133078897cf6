package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"maildiag/service/fleet/history"
	"maildiag/service/fleet/watch"
	"maildiag/service/run"
)

// watchFlags say which domains to check again and again.
type watchFlags struct {
	list    string
	every   time.Duration
	history time.Duration
	webhook string
	site    string
}

func (f *watchFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.list, "watch", "", "`FILE` of domains, one a line, to check again and again; read again before each pass; needs --data")
	fs.DurationVar(&f.every, "every", time.Hour, "interval between checks of --watch")
	fs.DurationVar(&f.history, "keep-history", 90*24*time.Hour, "how long the history of --watch goes back")
	fs.StringVar(&f.webhook, "webhook", "", "`URL` that receives the changes of --watch as JSON")
	fs.StringVar(&f.site, "site", "local", "`NAME` of this site in the history of --watch")
}

// minEvery spares those who are asked.
const minEvery = time.Minute

// open returns the watcher; nil: nothing is watched. It opens the history, which
// the caller closes.
func (f *watchFlags) open(ctx context.Context, data string, runner *run.Runner, log *slog.Logger) (*watch.Watcher, error) {
	switch {
	case f.list == "" && f.webhook != "":
		return nil, usage("--watch domains.txt", "--webhook needs --watch")
	case f.list == "":
		return nil, nil
	case data == "":
		return nil, usage("--data /var/lib/maildiagd", "--watch needs --data, the folder that keeps the history")
	case f.every < minEvery:
		return nil, usage("--every 1h", "--every must be at least %v", minEvery)
	case f.history <= 0:
		return nil, usage("--keep-history 2160h", "--keep-history must be more than 0")
	case f.site == "":
		return nil, usage("--site local", "--site must not be empty")
	}
	w := &watch.Watcher{Every: f.every, Keep: f.history, Site: f.site, Runner: runner, Log: log}
	var err error
	if f.webhook != "" {
		if w.Notify, err = watch.Webhook(f.webhook); err != nil {
			return nil, usage("--webhook https://alerts.contoso.com/maildiag", "--webhook: %v", err)
		}
	}
	w.List = f.domains
	if _, err = w.List(); err != nil {
		return nil, usage("name a file with one domain a line", "--watch %s: %v", f.list, err)
	}
	if w.History, err = history.Open(ctx, filepath.Join(data, "history.db")); err != nil {
		return nil, failed("name a folder that can be written, or move history.db away", "--data: %v", err)
	}
	return w, nil
}

// domains reads the list.
func (f *watchFlags) domains() ([]run.Request, error) {
	file, err := os.Open(f.list)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return watch.ReadDomains(file)
}

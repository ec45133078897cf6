package watch

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit/pause"
	"maildiag/report"
	"maildiag/service/fleet/history"
)

// Alertmanager has alerts in servers of Prometheus' Alertmanager (API v2), one for
// each problem or disagreement that was told and is still there.
type Alertmanager struct {
	// Page is the address of maildiagd, to which alerts lead.
	Page string

	servers []*receiver
}

// The times of alerts. Alertmanager keeps them in memory only, so all are sent
// again and again. The last one sent counts for as long as maildiagd may be down:
// what nobody looks at is not fixed.
const (
	alertEvery = time.Minute
	alertFor   = time.Hour
)

// The bounds of alerts.
const (
	maxAlerts   = 10_000 // at a time
	batchAlerts = 500    // in a message
	maxLabel    = 200    // columns
)

// NewAlertmanager returns the servers at some URLs.
func NewAlertmanager(targets []string, page string) (*Alertmanager, error) {
	a := &Alertmanager{Page: page}
	for _, t := range targets {
		r, err := newReceiver("alertmanager", t)
		if err != nil {
			return nil, err
		}
		if r.url.RawQuery != "" || r.url.Fragment != "" {
			return nil, errors.New("the URL must be the address of the server alone, without ? and #")
		}
		const api = "/api/v2/alerts"
		base := strings.TrimSuffix(strings.TrimSuffix(r.url.Path, "/"), api)
		r.url.Path, r.url.RawPath = base+api, ""
		a.servers = append(a.servers, r)
	}
	return a, nil
}

// alert is one of the API. Its labels say which it is.
type alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Generator   string            `json:"generatorURL,omitempty"`
}

// alertOf makes the alert of an event; its end is that of what is over.
func (a *Alertmanager) alertOf(e *history.Event, now time.Time) alert {
	open := e.Kind == history.KindProblem || e.Kind == history.KindDisagree
	name, severity := "MaildiagProblem", "warning"
	if strings.HasPrefix(e.Kind, "sites-") {
		name = "MaildiagSitesDisagree"
	} else if e.Status == report.Fail.String() {
		severity = "critical"
	}
	x := alert{StartsAt: e.At, EndsAt: e.At, Labels: map[string]string{"alertname": name, "severity": severity, "domain": e.Domain, "check": e.Check, "code": e.Code},
		Annotations: map[string]string{"summary": lineOf(e)}}
	if open {
		x.EndsAt = now.Add(alertFor)
	}
	if e.Subject != "" {
		x.Labels["subject"] = report.CleanTo(e.Subject, maxLabel)
	}
	for name, value := range e.Tags { // none of which is a label above
		x.Labels[name] = value
	}
	if a.Page != "" {
		x.Generator = a.Page + "domains/" + url.PathEscape(e.Domain)
	}
	return x
}

// alertsOf makes the alerts of what is open, and of what is over. What has begun
// again since it ended is open.
func (a *Alertmanager) alertsOf(open, over []history.Event, now time.Time) (list []alert) {
	seen := map[[6]string]bool{}
	for _, e := range slices.Concat(open, over) {
		x := a.alertOf(&e, now)
		l := x.Labels
		key := [6]string{l["alertname"], l["severity"], l["domain"], l["check"], l["code"], l["subject"]}
		if !seen[key] {
			list = append(list, x)
		}
		seen[key] = true
	}
	return list
}

// post sends alerts to each server. One that fails keeps no other from its alerts.
func (a *Alertmanager) post(ctx context.Context, list []alert, tally *Tally) (err error) {
	for _, s := range a.servers {
		for some := range slices.Chunk(list, batchAlerts) {
			e := s.post(ctx, some)
			if tally.sent(ToAlertmanager, e); e != nil {
				err = errors.Join(err, e)
				break
			}
		}
	}
	return err
}

// alertAll sends what is open, and what is over since the alerts that were sent
// last would end by themselves.
func (w *Watcher) alertAll(ctx context.Context, now time.Time) error {
	open, err1 := w.History.Current(ctx, maxAlerts+1)
	over, err2 := w.History.Ended(ctx, now.Add(-alertFor-alertEvery), maxAlerts)
	if err := cmp.Or(err1, err2); err != nil {
		return err
	}
	if len(open) > maxAlerts {
		w.Log.Warn("there are too many alerts; only the latest are sent", "sent", maxAlerts)
		open = open[:maxAlerts]
	}
	return w.Alerts.post(ctx, w.Alerts.alertsOf(open, over, now), &w.Tally)
}

// keepAlerting sends alerts until ctx ends.
func (w *Watcher) keepAlerting(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.alertAll(ctx, time.Now()); err != nil && ctx.Err() == nil {
			w.Log.Error("alerts could not be sent; they are sent again in a minute", "error", err)
		}
		_ = pause.For(ctx, alertEvery) // the loop looks at ctx
	}
}

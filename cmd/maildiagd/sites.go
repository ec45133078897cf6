package main

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"maildiag/checks/doctor"
	"maildiag/service/fleet/bus"
	"maildiag/service/web"
)

// healthTime bounds an examination of a site.
const healthTime = 30 * time.Second

// health examines this site, as maildiag doctor does.
func (w *world) health(ctx context.Context) json.RawMessage {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	m := doctor.Machine{World: w.open(false), Resolver: w.resolver, TrustAD: w.trustAD, Now: time.Now}
	text, err := json.Marshal(doctor.Examine(ctx, m, web.SiteTests()...))
	if err != nil {
		return json.RawMessage("[]")
	}
	return text
}

// sitesOf returns what is known about the sites: what they say, who works there
// and how much waits.
func sitesOf(b *bus.Bus) func(context.Context) ([]web.Site, error) {
	return func(ctx context.Context) ([]web.Site, error) {
		all := map[string]*web.Site{}
		site := func(name string) *web.Site {
			if all[name] == nil {
				all[name] = &web.Site{Name: name}
			}
			return all[name]
		}
		known, err := b.Sites(ctx)
		if err != nil {
			return nil, err
		}
		for _, k := range known {
			s := site(k.Name)
			s.At = k.At
			_ = json.Unmarshal(k.Tests, &s.Tests) // another version may say it in another form
		}
		if err := addWork(ctx, b, site); err != nil {
			return nil, err
		}
		var list []web.Site
		for _, s := range all {
			list = append(list, *s)
		}
		slices.SortFunc(list, func(a, b web.Site) int { return cmp.Compare(a.Name, b.Name) })
		return list, nil
	}
}

// addWork adds who works at the sites, and what waits.
func addWork(ctx context.Context, b *bus.Bus, site func(string) *web.Site) error {
	workers, err := b.Workers(ctx)
	if err != nil {
		return err
	}
	for _, w := range workers {
		s := site(w.Site)
		s.Workers++
		s.Trouble = cmp.Or(s.Trouble, w.Trouble)
	}
	drained, err := b.Drains(ctx)
	if err != nil {
		return err
	}
	for _, name := range drained {
		site(name).Drained = true
	}
	waiting, err := b.Backlog(ctx)
	for name, items := range waiting {
		site(name).Waiting = items
	}
	return err
}

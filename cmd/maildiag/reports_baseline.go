package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"maildiag/checks/senders"
)

// maxBaseline bounds the JSON of an earlier run.
const maxBaseline = 64 << 20

// reportsBaseline is an earlier run.
type reportsBaseline struct{ domains map[string]*reportsDomain }

// reportsChange is what differs from an earlier run.
type reportsChange struct {
	Messages   int64    `json:"messages"` // then
	Verdict    string   `json:"verdict"`  // then
	LostBefore float64  `json:"own_share_lost"`
	New        []string `json:"new_sources"`
	Gone       []string `json:"gone_sources"`
}

// readReportsBaseline reads the JSON of an earlier run; nil without a name.
func readReportsBaseline(name string) (*reportsBaseline, error) {
	if name == "" {
		return nil, nil
	}
	const hint = "name the output of an earlier run with --format json"
	f, err := os.Open(name)
	if err != nil {
		return nil, usage(hint, "cannot use the baseline: %v", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBaseline+1))
	var old reportsJSON
	switch {
	case err != nil:
	case len(data) > maxBaseline:
		err = fmt.Errorf("it is larger than %d MiB", maxBaseline>>20)
	default:
		err = json.Unmarshal(data, &old)
	}
	if err == nil && old.Schema != reportsSchema {
		err = fmt.Errorf("the schema is %.40q, not %q", old.Schema, reportsSchema)
	}
	if err != nil {
		return nil, usage(hint, "cannot use the baseline %s: %v", name, err)
	}
	b := &reportsBaseline{map[string]*reportsDomain{}}
	for i := range old.Domains {
		b.domains[old.Domains[i].Domain] = &old.Domains[i]
	}
	return b, nil
}

// change compares a domain with the earlier run; nil if it was not there.
func (b *reportsBaseline) change(d *senders.Domain) *reportsChange {
	if b == nil || b.domains[d.Name] == nil {
		return nil
	}
	old := b.domains[d.Name]
	c := &reportsChange{Messages: old.Messages, Verdict: old.Verdict, New: []string{}, Gone: []string{}}
	if old.Messages > 0 {
		c.LostBefore = float64(old.Lost) / float64(old.Messages)
	}
	before, now := map[string]bool{}, map[string]bool{}
	for _, s := range old.Sources {
		before[s.Name] = true
	}
	for _, s := range d.Sources {
		now[s.Name] = true
		if !before[s.Name] {
			c.New = append(c.New, s.Name)
		}
	}
	for _, s := range old.Sources {
		if !now[s.Name] {
			c.Gone = append(c.Gone, s.Name)
		}
	}
	return c
}

// trend writes the comparison.
func (t *reportsText) trend(d *senders.Domain, b *reportsBaseline) {
	c := b.change(d)
	if c == nil {
		t.line("", "The earlier run has no reports of %s.", d.Name)
		return
	}
	fmt.Fprintln(t.w)
	t.line("", "Earlier run: %s, %s; %.1f %% of mail from your senders at risk, now %.1f %%.", countOf64(c.Messages, "message", "messages"),
		verdictTitle(senders.Answer(c.Verdict)), 100*c.LostBefore, 100*d.Verdict.Share)
	for _, name := range c.New {
		t.hanging("  +  ", "new: "+name)
	}
	for _, name := range c.Gone {
		t.hanging("  -  ", "gone: "+name)
	}
}

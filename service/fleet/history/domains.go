package history

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/tags"
)

// Domain is the state of a watched domain.
type Domain struct {
	Name    string
	Tags    tags.Tags
	Verdict report.Verdict // the worst of the latest of each site that is not stale, or of all if all are; empty: no result
	Changed time.Time      // when the latest state began
	Checked time.Time      // when it was last seen
	Days    Strip

	// Remaining is the verdict of what is not accepted, or [AllAccepted].
	Remaining report.Verdict

	Sites    []SiteState // by name
	Disagree int         // problems about which the sites disagree
	Accepted Accepted

	acceptance  acceptance
	isJudged    bool
	from, until time.Time // when the verdict holds; zero: at any time
}

// Accepted counts what is accepted.
type Accepted struct {
	Problems int
	All      bool   // nothing else is wrong
	Until    string // the first day that ends one of them
}

// SiteState is the latest that one site has seen.
type SiteState struct {
	Site    string         `json:"site"`
	Verdict report.Verdict `json:"verdict"`
	Checked time.Time      `json:"checked"`
	Stale   bool           `json:"stale,omitempty"` // that is too long ago to count

	Remaining report.Verdict `json:"remaining_verdict"` // as that of the domain

	looked report.Verdict // what remained when it was found; empty: nothing was accepted
	began  time.Time      // when the site first saw this
}

// day is the length of a cell of a strip.
const day = 24 * time.Hour

// domains reads those of a list, or all if there is none.
func (s *Store) domains(ctx context.Context, today time.Time, names []string) (list []*Domain, err error) {
	only, args, err := among("w.domain", names)
	if err != nil {
		return nil, err
	}
	disagree, err1 := s.disagreements(ctx, names)
	accepted, err2 := s.accepted(ctx, names)
	asked, err3 := s.sites(ctx)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, s.text(`SELECT w.domain, w.tags, coalesce(s.site, ''), coalesce(s.first, 0), coalesce(e.since, 0), coalesce(s.last, 0), coalesce(s.verdict, ''), coalesce(e.remaining, '')
		FROM watched w LEFT JOIN spans s ON s.domain = w.domain LEFT JOIN remainders e ON e.span = s.id`+only+` ORDER BY w.domain, s.id`), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	since := today.Add(-(Days - 1) * day)
	tagged := tagReader{}
	for rows.Next() {
		var name, labels string
		var first, began, last int64
		var at SiteState
		if err := rows.Scan(&name, &labels, &at.Site, &first, &began, &last, &at.Verdict, &at.looked); err != nil {
			return nil, err
		}
		if len(list) == 0 || list[len(list)-1].Name != name {
			list = append(list, &Domain{Name: name, Tags: tagged.read(labels), Disagree: disagree[name], Accepted: accepted[name].Accepted, acceptance: accepted[name]})
		}
		if at.Verdict != "" {
			at.Checked, at.began = time.Unix(last, 0).UTC(), time.Unix(cmp.Or(began, first), 0).UTC()
			list[len(list)-1].add(since, time.Unix(first, 0).UTC(), at, asked[at.Site])
		}
	}
	return list, rows.Err()
}

// among returns the condition that a column is one of a list; none: anything is.
func among(column string, names []string) (where string, args []any, err error) {
	if names == nil {
		return "", nil, nil
	}
	text, err := json.Marshal(names)
	return " WHERE " + column + " IN {list}", []any{string(text)}, err
}

// sites returns the sites that are asked.
func (s *Store) sites(ctx context.Context) (map[string]bool, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT site FROM sites")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	asked := map[string]bool{}
	for rows.Next() {
		var site string
		if err := rows.Scan(&site); err != nil {
			return nil, err
		}
		asked[site] = true
	}
	return asked, rows.Err()
}

// judge makes the verdict of the sites that have looked within a time, or of all if
// none did; 0: at any time.
func (d *Domain) judge(within time.Duration, now time.Time) {
	var since time.Time
	if d.from, d.until = (time.Time{}), (time.Time{}); within > 0 {
		since = now.Add(-within).Truncate(time.Second) // as times are kept
	}
	var all, allRemaining, fresh, remaining report.Verdict
	for i := range d.Sites {
		at := &d.Sites[i]
		at.Stale, at.Remaining = at.Checked.Before(since), d.acceptance.remaining(at.Verdict, at.looked)
		all, allRemaining = worst(all, at.Verdict), worst(allRemaining, at.Remaining)
		ends := at.Checked.Add(within)
		if at.Stale {
			d.from = later(d.from, ends.Add(time.Second))
			continue
		}
		fresh, remaining = worst(fresh, at.Verdict), worst(remaining, at.Remaining)
		if within > 0 && (d.until.IsZero() || ends.Before(d.until)) {
			d.until = ends
		}
	}
	d.Verdict, d.Remaining, d.isJudged = cmp.Or(fresh, all), cmp.Or(remaining, allRemaining), true
}

// judged reports whether the verdict is that of a moment.
func (d *Domain) judged(now time.Time) bool {
	return d.isJudged && !now.Before(d.from) && (d.until.IsZero() || !now.After(d.until))
}

// since returns the time before which a look is stale at a moment.
func (s *Store) since(now time.Time) time.Time {
	if s.Stale <= 0 {
		return time.Time{}
	}
	return now.Add(-s.Stale).Truncate(time.Second) // as times are kept
}

// disagreements counts those of each domain.
func (s *Store) disagreements(ctx context.Context, names []string) (map[string]int, error) {
	only, args, err := among("domain", names)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, s.text("SELECT domain, count(*) FROM disagreements"+only+" GROUP BY domain"), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	count := map[string]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		count[name] = n
	}
	return count, rows.Err()
}

// acceptance is what is accepted of a domain, and whether a failure is not.
type acceptance struct {
	Accepted
	fails bool
}

// remaining returns what remains of a verdict that a site has found, given what
// remained of it by the exceptions of that time. They may have changed since.
func (a acceptance) remaining(found, looked report.Verdict) report.Verdict {
	switch {
	case a.Problems == 0 || found != report.NotReady && found != report.ReadyWarned:
		return found
	case a.All:
		return cmp.Or(looked, AllAccepted)
	case looked == "" || a.fails:
		return found
	}
	return worst(looked, report.ReadyWarned)
}

// accepted counts what is accepted of each domain.
func (s *Store) accepted(ctx context.Context, names []string) (map[string]acceptance, error) {
	only, args, err := among("domain", names)
	if err != nil {
		return nil, err
	}
	if only == "" {
		only = " WHERE domain IN (SELECT domain FROM problems WHERE until <> '')"
	}
	rows, err := s.db.QueryContext(ctx, s.text(`SELECT domain, count(NULLIF(until, '')), count(NULLIF(until, '')) = count(*), min(NULLIF(until, '')),
		count(CASE WHEN until = '' AND status <> 'warn' THEN 1 END) > 0
		FROM problems`+only+` GROUP BY domain HAVING count(NULLIF(until, '')) > 0`), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]acceptance{}
	for rows.Next() {
		var name string
		var a acceptance
		if err := rows.Scan(&name, &a.Problems, &a.All, &a.Until, &a.fails); err != nil {
			return nil, err
		}
		all[name] = a
	}
	return all, rows.Err()
}

// add counts one span, which come in their order; since is the first day of the
// strip. What a site that is not asked any more has seen is not the present state.
func (d *Domain) add(since, first time.Time, at SiteState, asked bool) {
	if asked {
		i, had := slices.BinarySearchFunc(d.Sites, at.Site, func(s SiteState, site string) int { return cmp.Compare(s.Site, site) })
		if !had {
			d.Sites = slices.Insert(d.Sites, i, at)
		}
		d.Sites[i] = at
		d.Changed, d.Checked = time.Time{}, time.Time{}
		for _, s := range d.Sites {
			d.Changed, d.Checked = later(d.Changed, s.began), later(d.Checked, s.Checked)
		}
	}
	if at.Checked.Before(since) {
		return
	}
	from := 0
	if first.After(since) {
		from = int(first.Sub(since) / day)
	}
	for i := from; i < Days && !since.Add(time.Duration(i)*day).After(at.Checked); i++ {
		d.Days.Add(i, cmp.Or(at.looked, at.Verdict))
	}
}

func worst(a, b report.Verdict) report.Verdict {
	if a == "" || Rank(b) > Rank(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Worst is the highest [Rank].
const Worst = 5

// Rank orders verdicts, the worst last.
func Rank(v report.Verdict) int {
	switch v {
	case report.NotReady:
		return Worst
	case report.CouldNotTell:
		return 4
	case report.ReadyWarned, report.NotOnMicrosoft:
		return 3
	case AllAccepted:
		return 2
	case "":
		return 0
	}
	return 1
}

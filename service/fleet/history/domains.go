package history

import (
	"cmp"
	"context"
	"slices"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/tags"
)

// Days is how many days a strip shows.
const Days = 30

// Domain is the state of a watched domain.
type Domain struct {
	Name    string
	Tags    tags.Tags
	Verdict report.Verdict       // the worst of the latest of each site that is not stale, or of all if all are; empty: no result
	Changed time.Time            // when the latest state began
	Checked time.Time            // when it was last seen
	Days    [Days]report.Verdict // the worst that remained of each day (UTC), today last; empty: no result

	// Remaining is the verdict of what is not accepted, or [AllAccepted].
	Remaining report.Verdict

	Sites    []SiteState // by name
	Disagree int         // problems about which the sites disagree
	Accepted Accepted
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

// Domains returns the watched domains by name.
func (s *Store) Domains(ctx context.Context, now time.Time) ([]Domain, error) {
	return s.domains(ctx, now, "")
}

// domains returns those of a condition.
func (s *Store) domains(ctx context.Context, now time.Time, where string, args ...any) (list []Domain, err error) {
	today := now.UTC().Truncate(day)
	since := today.Add(-(Days - 1) * day)
	disagree, err := s.disagreements(ctx)
	if err != nil {
		return nil, err
	}
	accepted, err := s.accepted(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, s.text(`SELECT w.domain, w.tags, coalesce(s.site, ''), coalesce(s.first, 0), coalesce(s.since, 0), coalesce(s.last, 0), coalesce(s.verdict, ''), coalesce(s.remaining, ''),
			coalesce(s.site IN (SELECT site FROM sites) AND s.id = (SELECT max(id) FROM spans WHERE domain = s.domain AND site = s.site), false)
		FROM watched w LEFT JOIN spans s ON s.domain = w.domain`+where+` ORDER BY w.domain, s.id`), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, tagged string
		var first, began, last int64
		var at SiteState
		var latest bool
		if err := rows.Scan(&name, &tagged, &at.Site, &first, &began, &last, &at.Verdict, &at.looked, &latest); err != nil {
			return nil, err
		}
		if len(list) == 0 || list[len(list)-1].Name != name {
			list = append(list, Domain{Name: name, Tags: tagsOf(tagged), Disagree: disagree[name], Accepted: accepted[name].Accepted})
		}
		if at.Verdict != "" {
			at.Checked = time.Unix(last, 0).UTC()
			at.began = time.Unix(cmp.Or(began, first), 0).UTC()
			list[len(list)-1].add(since, time.Unix(first, 0).UTC(), at, latest)
		}
	}
	for i := range list {
		list[i].judge(s.since(now), accepted[list[i].Name])
	}
	return list, rows.Err()
}

// judge makes the verdict of the sites that looked since then, or of all if none did.
func (d *Domain) judge(since time.Time, a acceptance) {
	var all, remaining report.Verdict
	for i := range d.Sites {
		at := &d.Sites[i]
		at.Stale, at.Remaining = at.Checked.Before(since), a.remaining(at.Verdict, at.looked)
		all, remaining = worst(all, at.Verdict), worst(remaining, at.Remaining)
		if !at.Stale {
			d.Verdict, d.Remaining = worst(d.Verdict, at.Verdict), worst(d.Remaining, at.Remaining)
		}
	}
	d.Verdict, d.Remaining = cmp.Or(d.Verdict, all), cmp.Or(d.Remaining, remaining)
}

// since returns the time before which a look is stale at a moment.
func (s *Store) since(now time.Time) time.Time {
	if s.Stale <= 0 {
		return time.Time{}
	}
	return now.Add(-s.Stale).Truncate(time.Second) // as times are kept
}

// disagreements counts those of each domain.
func (s *Store) disagreements(ctx context.Context) (map[string]int, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT domain, count(*) FROM disagreements GROUP BY domain")
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
func (s *Store) accepted(ctx context.Context) (map[string]acceptance, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT domain, count(NULLIF(until, '')), count(NULLIF(until, '')) = count(*), min(NULLIF(until, '')),
		count(CASE WHEN until = '' AND status <> 'warn' THEN 1 END) > 0
		FROM problems WHERE domain IN (SELECT domain FROM problems WHERE until <> '') GROUP BY domain`)
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

// add counts one span; since is the first day of the strip.
func (d *Domain) add(since, first time.Time, at SiteState, latest bool) {
	if latest {
		d.Changed, d.Checked = later(d.Changed, at.began), later(d.Checked, at.Checked)
		d.Sites = append(d.Sites, at)
		slices.SortFunc(d.Sites, func(a, b SiteState) int { return cmp.Compare(a.Site, b.Site) })
	}
	if at.Checked.Before(since) {
		return
	}
	from := 0
	if first.After(since) {
		from = int(first.Sub(since) / day)
	}
	for i := from; i < Days && !since.Add(time.Duration(i)*day).After(at.Checked); i++ {
		d.Days[i] = worst(d.Days[i], cmp.Or(at.looked, at.Verdict))
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

// Rank orders verdicts, the worst last.
func Rank(v report.Verdict) int {
	switch v {
	case report.NotReady:
		return 5
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

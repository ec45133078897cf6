// Package facts reads from findings what a domain has published, so that two looks
// at it can be compared.
package facts

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec"
	"maildiag/report"
)

// Key names an RRset.
type Key struct{ Name, Type string }

// Facts are what the findings of one look show. What is missing was not seen.
type Facts struct {
	RRsets       map[Key][]string     // sorted values; none: the name has no such record
	Lookups      int                  // of the SPF record; -1: not known
	Certificates map[string]time.Time // when those of the domain's hosts end
}

// The bounds of what one look shows.
const (
	maxRRsets = 64
	maxValue  = 4096 // bytes
)

// Of returns the facts about the names of a domain. Findings that are Unknown or
// skipped show none, nor does a look to which the domain itself is unknown,
// such as through a resolver that is not reliable.
func Of(domain string, findings []report.Finding) Facts {
	f := Facts{RRsets: map[Key][]string{}, Lookups: -1, Certificates: map[string]time.Time{}}
	if slices.ContainsFunc(findings, func(f report.Finding) bool { return f.Check == "domain" && f.Status == report.Unknown }) {
		return f
	}
	cut := map[Key]bool{}
	for i := range findings {
		one := &findings[i]
		if one.Status == report.Unknown || one.Status == report.Skip {
			continue
		}
		for j := range one.Evidence {
			f.addAnswer(domain, &one.Evidence[j], cut)
		}
		if n, ok := number(one.Data["lookups"]); ok && one.Check == "spf" && one.Subject == domain {
			f.Lookups = n
		}
		if end, ok := moment(one.Data["not_after"]); ok && dnsrec.Within(one.Subject, domain) {
			f.Certificates[one.Subject] = end
		}
	}
	for k := range cut {
		delete(f.RRsets, k)
	}
	for k, values := range f.RRsets {
		slices.Sort(values)
		f.RRsets[k] = slices.Compact(values)
	}
	return f
}

// addAnswer adds the values of an answer in the form of kit.Seen. Those that are
// not shown whole are noted in cut.
func (f *Facts) addAnswer(domain string, e *report.Evidence, cut map[Key]bool) {
	if e.Kind != "answer" || e.Query == nil || !dnsrec.Within(e.Query.Name, domain) {
		return
	}
	k := Key{e.Query.Name, e.Query.Type}
	head, rest, _ := strings.Cut(e.Text, "\n")
	head, ok := strings.CutPrefix(head, k.Name+" "+k.Type)
	if !ok || len(f.RRsets) >= maxRRsets && f.RRsets[k] == nil {
		return
	}
	values, whole := parse(k, head, rest)
	if !whole {
		cut[k] = true
		return
	}
	f.RRsets[k] = append(append([]string{}, f.RRsets[k]...), values...)
}

// parse returns the values of an answer: where it leads to, what it holds.
func parse(k Key, head, rest string) (values []string, whole bool) {
	for head != "" {
		word, ok := strings.CutPrefix(head, " → ")
		if !ok {
			return nil, false
		}
		word, after, more := strings.Cut(word, " → ")
		if head = ""; more {
			head = " → " + after
		}
		switch {
		case strings.HasPrefix(word, "CNAME "):
			values = append(values, word)
		case strings.HasPrefix(word, "NXDOMAIN"), strings.HasPrefix(word, "no data"):
		default: // an error
			return nil, false
		}
	}
	alias := len(values) > 0
	for line := range strings.SplitSeq(rest, "\n") {
		value, ok := strings.CutPrefix(line, "  ")
		switch {
		case line == "":
		case !ok || len(value) > maxValue || strings.HasPrefix(value, "and ") && strings.HasSuffix(value, " more"):
			return nil, false
		case counts(k, alias, value):
			values = append(values, value)
		}
	}
	return values, true
}

// counts reports whether a value is one of mail: other TXT records of a name, such
// as proofs of ownership, come and go. The addresses behind an alias are those of
// somebody else, who changes them as load requires.
func counts(k Key, alias bool, value string) bool {
	switch k.Type {
	case "A", "AAAA":
		return !alias
	case "TXT":
		return strings.Contains("."+k.Name, "._") || len(value) > 1 && strings.EqualFold(value[:2], "v=")
	}
	return true
}

// number returns a whole number of Data.
func number(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case float64:
		return int(v), v == float64(int(v))
	case json.Number:
		n, err := v.Int64()
		return int(n), err == nil
	}
	return 0, false
}

// moment returns a time of Data: a day or a moment.
func moment(v any) (time.Time, bool) {
	text, _ := v.(string)
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Lines returns the facts as sorted lines that are equal if the facts are. Addresses
// are left out: those of a host with several may differ in every answer.
func (f Facts) Lines() (lines []string) {
	for k, values := range f.RRsets {
		if k.Type != "A" && k.Type != "AAAA" {
			lines = append(lines, fmt.Sprintf("%q %q %q", k.Name, k.Type, values))
		}
	}
	for host, end := range f.Certificates {
		lines = append(lines, fmt.Sprintf("%q %d", host, end.Unix()))
	}
	lines = append(lines, fmt.Sprint("lookups ", f.Lookups))
	slices.Sort(lines)
	return lines
}

// Diff is what changed in an RRset.
type Diff struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Removed []string `json:"removed"`
	Added   []string `json:"added"`
}

// Compare returns what changed in the RRsets that both looks have seen, by name.
func Compare(before, after Facts) (list []Diff) {
	for k, now := range after.RRsets {
		was, seen := before.RRsets[k]
		if !seen || slices.Equal(was, now) {
			continue
		}
		list = append(list, Diff{k.Name, k.Type, less(was, now), less(now, was)})
	}
	slices.SortFunc(list, func(a, b Diff) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type)) })
	return list
}

// less returns the values of a that b does not have.
func less(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(v string) bool { return slices.Contains(b, v) })
}

// Change is a Diff that one or more sites have seen.
type Change struct {
	Diff
	At    time.Time // when the first of them did
	Sites []string
}

// sameChange is how long after one site another one may see the same change.
const sameChange = 24 * time.Hour

// Changes collects what changed in the records of a domain from look to look of each
// site. Its zero value is ready for use.
type Changes struct {
	List []Change

	known map[string]Facts // by site
	at    map[string]int   // of a change in List
}

// Add compares the facts of a look with those of earlier ones of the same site.
func (c *Changes) Add(site string, at time.Time, now Facts) {
	if c.known == nil {
		c.known, c.at = map[string]Facts{}, map[string]int{}
	}
	before := c.known[site]
	for _, diff := range Compare(before, now) {
		key := fmt.Sprintf("%q", diff)
		if i, ok := c.at[key]; ok && !slices.Contains(c.List[i].Sites, site) && at.Sub(c.List[i].At) < sameChange {
			c.List[i].Sites = append(c.List[i].Sites, site)
			continue
		}
		c.at[key] = len(c.List)
		c.List = append(c.List, Change{diff, at, []string{site}})
	}
	c.known[site] = before.Later(now)
}

// Later returns the facts after another look, which may not have seen all.
func (f Facts) Later(next Facts) Facts {
	all := map[Key][]string{}
	maps.Copy(all, f.RRsets)
	maps.Copy(all, next.RRsets)
	next.RRsets = all
	return next
}

// FirstEnd returns the certificate that ends first; empty: there is none.
func (f Facts) FirstEnd() (host string, end time.Time) {
	for _, h := range slices.Sorted(maps.Keys(f.Certificates)) {
		if host == "" || f.Certificates[h].Before(end) {
			host, end = h, f.Certificates[h]
		}
	}
	return host, end
}

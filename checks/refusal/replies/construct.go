package replies

import (
	"slices"
	"strings"

	"maildiag/report"
)

// fieldManuals are two collections of replies by provider, MIT licensed.
const fieldManuals = "https://github.com/ActiveCampaign/smtp-field-manual"

// shared completes the rows that any server may speak with what most of them
// have in common. The literals stay free of calls, so that the compiler lays
// them out as data; their phrases may be given several lines at a time.
func shared(rows []Row) []Row {
	for i := range rows {
		r := &rows[i]
		r.Provider, r.Date, r.Confidence = Any, readOn, ThirdParty
		r.Text = slices.Concat(lines(r.Text...), lines(translations[r.ID]), devicePhrases(r.ID))
		r.Unless = lines(r.Unless...)
		if r.Source == "" {
			r.Source = sisimai
		}
		if r.Duration == "" {
			r.Duration = Either
		}
	}
	return rows
}

// lines splits texts into phrases, one a line.
func lines(texts ...string) []string {
	var out []string
	for _, s := range texts {
		for line := range strings.Lines(s) {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, bothWays(line)...)
			}
		}
	}
	return out
}

// bothWays returns a phrase as it is, or one of two parts in any order, "a & b",
// once in each.
func bothWays(phrase string) []string {
	words := strings.TrimLeft(phrase, "?!")
	mark := phrase[:len(phrase)-len(words)]
	a, b, ok := strings.Cut(words, " & ")
	if !ok {
		return []string{phrase}
	}
	return []string{mark + a + " + " + b, mark + b + " + " + a}
}

// exchangeOnline completes rows of Exchange Online with what most have in common.
func exchangeOnline(rows []Row) []Row {
	for i := range rows {
		r := &rows[i]
		r.Provider, r.Date = ExchangeOnline, readOn
		r.Text = lines(r.Text...)
		if r.Source == "" {
			r.Source = ndrList
		}
		if r.Confidence == "" {
			r.Confidence = ThirdParty
		}
		if r.Duration == "" {
			r.Duration = Permanent
		}
	}
	return rows
}

// variant returns a provider's row for a cause that all servers speak of: what
// r leaves open is that of the common row.
//
//go:noinline
func variant(commonID string, r Row) Row {
	r.common = commonID
	return r
}

// completed returns the row of a variant with what the common row says.
func (r Row) completed(common []Row) Row {
	i := slices.IndexFunc(common, func(c Row) bool { return c.ID == r.common })
	c := common[i]
	c.ID, c.Provider, c.Codes, c.Enhanced, c.Text, c.Weak = r.ID, r.Provider, r.Codes, r.Enhanced, lines(r.Text...), r.Weak
	c.Stage, c.Elsewhere = "", nil
	if r.Provider != Any && !r.Provider.microsoft() {
		c.Commands, c.Portal = nil, ""
		if c.Owner == report.OwnerM365 {
			c.Owner = report.OwnerUser
		}
	}
	if r.Meaning != "" {
		c.Meaning = r.Meaning
	}
	if r.Causes != nil {
		c.Causes = r.Causes
	}
	if r.Fix != nil {
		c.Fix = r.Fix
	}
	if r.Duration != "" {
		c.Duration = r.Duration
	}
	c.Source = fieldManuals
	if r.Source != "" {
		c.Source = r.Source
	}
	return c
}

// say is a variant that only differs in its phrases. Inlined, a row would take
// a kilobyte of code.
//
//go:noinline
func say(commonID, id string, p Provider, phrases string) Row {
	return variant(commonID, Row{ID: id, Provider: p, Text: []string{phrases}})
}

// saying is a row of [say] as data: a call each would be code.
type saying struct {
	common, id string
	provider   Provider
	phrases    string
}

// said returns the rows of sayings.
func said(all []saying) []Row {
	rows := make([]Row, 0, len(all))
	for _, s := range all {
		rows = append(rows, say(s.common, s.id, s.provider, s.phrases))
	}
	return rows
}

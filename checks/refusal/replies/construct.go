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
		if r.Duration == 0 {
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
		if r.Confidence == 0 {
			r.Confidence = ThirdParty
		}
		if r.Duration == 0 {
			r.Duration = Permanent
		}
	}
	return rows
}

// completed returns a provider's row for a cause that all servers speak of: what it leaves
// open is that of the row common.
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
	if r.Duration != 0 {
		c.Duration = r.Duration
	}
	c.Source = fieldManuals
	if r.Source != "" {
		c.Source = r.Source
	}
	return c
}

// saying is a provider's row that only differs in its phrases from a common one.
type saying struct {
	common, id string
	provider   Provider
	phrases    string
}

// said returns the rows of sayings.
func said(tables ...[]saying) (rows []Row) {
	for _, all := range tables {
		for _, s := range all {
			rows = append(rows, Row{common: s.common, ID: s.id, Provider: s.provider, Text: []string{s.phrases}})
		}
	}
	return rows
}

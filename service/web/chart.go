package web

import (
	"fmt"
	"math"
	"strings"
	"time"

	"maildiag/checks/kit"
)

// sample is a value that held from one time to another, or went straight from one
// to the other.
type sample struct {
	From, To   time.Time
	First, End float64 // the values then
}

// chart is a small picture of values over time, with all that it shows as text.
type chart struct {
	Title  string // what it shows, with the present value
	Text   string // the values in words
	Points string // of the line, in the units of the picture
	Limit  string // where the limit is; empty: it is not in the picture
	Top    string // what the upper edge stands for
	Bottom string
	Start  string // the days
	Finish string
}

// The size of a picture, and of what is around the line.
const (
	chartWidth, chartHeight = 320.0, 120.0
	chartLeft, chartRight   = 34.0, 8.0
	chartTop, chartBottom   = 12.0, 24.0
)

// maxChartText is how many values are said in words: the latest.
const maxChartText = 12

// newChart draws values, of which there is at least one. The picture has 0 and the
// limit in it.
func newChart(title, unit, units string, list []sample, limit float64) *chart {
	low, high := math.Min(0, limit), math.Max(1, limit)
	for _, s := range list {
		low, high = min(low, s.First, s.End), max(high, s.First, s.End)
	}
	first, last := list[0].From, list[len(list)-1].To
	x := func(t time.Time) float64 {
		part := 1.0
		if all := last.Sub(first); all > 0 {
			part = float64(t.Sub(first)) / float64(all)
		}
		return chartLeft + part*(chartWidth-chartLeft-chartRight)
	}
	y := func(v float64) float64 {
		return chartTop + (high-v)/(high-low)*(chartHeight-chartTop-chartBottom)
	}
	var points strings.Builder
	if !last.After(first) { // one look: a line across
		fmt.Fprintf(&points, "%.1f,%.1f ", chartLeft, y(list[0].First))
	}
	for i, s := range list {
		if i > 0 && (s.First == s.End || s.First > list[i-1].End) {
			fmt.Fprintf(&points, "%.1f,%.1f ", x(s.From), y(list[i-1].End)) // a step
		}
		fmt.Fprintf(&points, "%.1f,%.1f %.1f,%.1f ", x(s.From), y(s.First), x(s.To), y(s.End))
	}
	c := &chart{Title: title, Text: inWords(unit, units, list), Points: strings.TrimSpace(points.String()),
		Top: fmt.Sprintf("%.0f", high), Bottom: fmt.Sprintf("%.0f", low), Start: first.Format(time.DateOnly), Finish: last.Format(time.DateOnly)}
	if limit > low && limit <= high {
		c.Limit = fmt.Sprintf("%.1f", y(limit))
	}
	return c
}

// inWords says what the values were from which day on.
func inWords(unit, units string, list []sample) string {
	var texts []string
	for i, s := range list {
		text := kit.Plural(int(s.First), unit, units) + " on " + s.From.Format(time.DateOnly)
		if i > 0 && s.First == list[i-1].End {
			text = ""
		}
		if s.End != s.First {
			text += fmt.Sprintf(", %.0f on %s", s.End, s.To.Format(time.DateOnly))
		}
		if text = strings.TrimPrefix(text, ", "); text != "" {
			texts = append(texts, text)
		}
	}
	if more := len(texts) - maxChartText; more > 0 {
		return fmt.Sprintf("%d earlier values; %s.", more, strings.Join(texts[more:], "; "))
	}
	return strings.Join(texts, "; ") + "."
}

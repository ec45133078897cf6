package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"maildiag/checks/senders"
	"maildiag/checks/senders/tlsreport"
	"maildiag/report"
	"maildiag/report/htmlpage"
)

//go:embed reports.css
var reportsStyle string

// reportsPage is the page of what reports tell.
type reportsPage struct{ htmlpage.Page }

// writeReportsHTML writes one file that needs nothing else.
func writeReportsHTML(w *bufio.Writer, r *reported) {
	p := &reportsPage{}
	p.WriteString(report.HTMLHead + "<title>maildiag reports</title>\n<style>\n" + reportsStyle + "</style>\n</head>\n<body>\n")
	for _, d := range r.domains {
		p.reportedDomain(d)
	}
	if len(r.domains) == 0 && r.answer() != "" {
		p.El("p", "verdict "+string(r.answer()), verdictTitle(r.answer())+": "+nothingJudged+".")
	}
	for _, d := range r.tls {
		p.reportedTLS(r, d)
	}
	if _, broken := r.unread(); len(broken) > 0 {
		p.Table("Files not read, or not to the end", func() {
			for _, b := range broken {
				p.Row("", b.File, b.Err.Error())
			}
		})
	}
	p.WriteString("</body>\n</html>\n")
	_, _ = w.WriteString(p.String()) // a write error comes up again at Flush
}

func (p *reportsPage) reportedDomain(d *senders.Domain) {
	p.El("h1", "", d.Name)
	p.El("p", "about", fmt.Sprintf("%s, %s, %s. DMARC policy: p=%s.", reportedDays(d), countOf(d.Reporters, "reporter", "reporters"),
		countOf64(d.Messages, "message", "messages"), d.Published))
	p.El("p", "verdict "+string(d.Verdict.Answer), verdictLine(d))
	for _, n := range d.Notes {
		p.El("p", "about", n)
	}
	p.chart(d)
	p.WriteString("<table>\n<thead>")
	p.Row("", "Source", "Kind", "Messages", "SPF", "DKIM", "DMARC", "At p="+string(d.Tried))
	p.WriteString("</thead>\n<tbody>\n")
	for _, s := range d.Sources {
		class := ""
		if s.Concerned() {
			class = "lost"
		}
		p.Row(class, sourceLabel(s), string(s.Kind), thousands(s.Messages), shown(s.SPF), shown(s.DKIM), dmarcOf(s), fateOf(s))
	}
	p.WriteString("</tbody>\n</table>\n")
	p.reportedSteps(d)
}

func (p *reportsPage) reportedSteps(d *senders.Domain) {
	for _, own := range []bool{true, false} {
		list := slices.DeleteFunc(slices.Clone(d.Sources), func(s *senders.Source) bool { return s.Concerned() != own || s.Advice == "" })
		if len(list) == 0 {
			continue
		}
		tag, title := "ul", "About the other sources"
		if own {
			tag, title = "ol", "What to do"
		}
		p.El("h2", "", title)
		p.WriteString("<" + tag + ">\n")
		for _, s := range list {
			p.El("li", "", s.Name+": "+s.Advice)
		}
		p.WriteString("</" + tag + ">\n")
	}
}

func (p *reportsPage) reportedTLS(r *reported, d *tlsreport.Domain) {
	p.El("h1", "", "TLS to "+d.Name)
	p.El("p", "about", fmt.Sprintf("%s to %s: %s, %s failed.", dayOrNone(d.First), dayOrNone(d.Last), countOf64(d.Succeeded+d.Failed, "session", "sessions"),
		thousands(d.Failed)))
	if len(d.Failures) == 0 {
		return
	}
	p.Table("Failures", func() {
		for _, g := range d.Failures {
			means := tlsreport.FaultOf(g.Result).Means
			if today := r.today(d, g); today != nil {
				means += " " + todayWords(today)
			}
			p.Row("", g.Result, thousands(g.Sessions), g.MX, g.MTA, g.Sender, means)
		}
	})
}

// The chart, in its own units.
const (
	chartWidth  = 900
	chartHeight = 180
	chartLeft   = 60
	chartBase   = 150
	chartTop    = 10
	chartDays   = 400 // at most; older days are left out
)

// chartKinds is the order of a bar from its base.
func chartKinds() []senders.Kind {
	return []senders.Kind{senders.Own, senders.Probable, senders.Forwarder, senders.List, senders.Unknown, senders.Spoofing}
}

// chart draws the messages of each day, stacked by kind.
func (p *reportsPage) chart(d *senders.Domain) {
	bars, first, last := dailyKinds(d)
	days := int(last.Sub(first).Hours()/24) + 1
	if len(bars) == 0 || days < 2 {
		return
	}
	if days > chartDays {
		days, first = chartDays, last.AddDate(0, 0, 1-chartDays)
	}
	most := int64(1)
	for _, b := range bars {
		sum := int64(0)
		for _, n := range b {
			sum += n
		}
		most = max(most, sum)
	}
	fmt.Fprintf(p, `<svg viewBox="0 0 %d %d" role="img" aria-label="Messages a day by kind of source">`+"\n", chartWidth, chartHeight)
	wide := float64(chartWidth-chartLeft) / float64(days)
	for i := range days {
		p.bar(bars[first.AddDate(0, 0, i)], chartLeft+wide*float64(i), wide, most)
	}
	fmt.Fprintf(p, `<line class="axis" x1="%d" y1="%d" x2="%d" y2="%d"/>`, chartLeft, chartBase, chartWidth, chartBase)
	p.mark(0, chartTop+10, thousands(most))
	p.mark(0, chartBase, "0")
	p.mark(chartLeft, chartBase+16, dayOrNone(first))
	p.mark(chartWidth-70, chartBase+16, dayOrNone(last))
	p.WriteString("</svg>\n")
	p.legend(d)
}

// dailyKinds adds the days of all sources up by kind.
func dailyKinds(d *senders.Domain) (bars map[time.Time]map[senders.Kind]int64, first, last time.Time) {
	bars = map[time.Time]map[senders.Kind]int64{}
	for _, s := range d.Sources {
		for _, c := range s.Days {
			if bars[c.Day] == nil {
				bars[c.Day] = map[senders.Kind]int64{}
			}
			bars[c.Day][s.Kind] += c.Count
			if first.IsZero() || c.Day.Before(first) {
				first = c.Day
			}
			if c.Day.After(last) {
				last = c.Day
			}
		}
	}
	return bars, first, last
}

func (p *reportsPage) bar(counts map[senders.Kind]int64, x, wide float64, most int64) {
	y := float64(chartBase)
	for _, k := range chartKinds() {
		if counts[k] == 0 {
			continue
		}
		high := float64(chartBase-chartTop) * float64(counts[k]) / float64(most)
		y -= high
		fmt.Fprintf(p, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: %s</title></rect>`+"\n", k, x, y, max(wide-1, 0.5),
			high, k, thousands(counts[k]))
	}
}

func (p *reportsPage) mark(x, y int, text string) {
	fmt.Fprintf(p, `<text x="%d" y="%d">`, x, y)
	p.Text(text)
	p.WriteString("</text>\n")
}

// legend names the colors of the kinds that there are.
func (p *reportsPage) legend(d *senders.Domain) {
	fmt.Fprintf(p, `<svg viewBox="0 0 %d 20" aria-hidden="true">`+"\n", chartWidth)
	x := chartLeft
	for _, k := range chartKinds() {
		if !slices.ContainsFunc(d.Sources, func(s *senders.Source) bool { return s.Kind == k }) {
			continue
		}
		fmt.Fprintf(p, `<rect class="%s" x="%d" y="4" width="12" height="12"/>`, k, x)
		p.mark(x+16, 14, string(k))
		x += 100
	}
	p.WriteString("</svg>\n")
}

package report

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Pictures are SVG within the page: no script, no file beside it. Colors are
// those of the style sheet, so that dark mode and print hold for them too.

// Measures of a picture, in its own units; letters are 13 units high.
const (
	treeRow     = 24
	treeIndent  = 18
	treeText    = 178 // where the terms start, right of the lookups
	treeLetters = 76  // that fit there
	treeSlot    = 14  // one of the ten lookups
	treeWidth   = 780
	treeDepth   = 8  // what is deeper is drawn there
	spfLookups  = 10 // RFC 7208 4.6.4

	pathWidth   = 340
	pathBox     = 46
	pathStep    = 74
	pathLetters = 40
)

// pictures shows the way of the mail, and the tree of the SPF record.
func (d *htmlDomain) pictures() {
	in, out := d.incoming(), d.outgoing()
	terms := d.terms()
	if len(in)+len(out)+len(terms) == 0 {
		return
	}
	d.WriteString("<h2>The way of the mail</h2>\n" + `<div class="pictures">` + "\n")
	d.path("Mail to "+d.r.Begin.Domain, in)
	d.path("Mail from a device or program", out)
	d.WriteString("</div>\n")
	d.tree(terms)
}

// stop is a box of a mail path.
type stop struct {
	name, note string
	status     Status
	or         bool // tried if the box above does not answer
}

// incoming is the way from the Internet to the mailboxes: the MX hosts, the one
// that senders try first at the top.
func (d *htmlDomain) incoming() []stop {
	type host struct {
		stop
		preference int
	}
	var hosts []host
	for i := range d.r.Findings {
		f := &d.r.Findings[i]
		name, _ := f.Data["host"].(string)
		if f.Check != "mx" || name == "" {
			continue
		}
		preference, _ := numeric(f.Data["preference"])
		h := host{stop{name: name, status: f.Status}, int(preference)}
		h.note = fmt.Sprintf("preference %d", h.preference)
		if gateway, ok := f.Data["gateway"].(string); ok {
			h.note = gateway
		}
		at := slices.IndexFunc(hosts, func(o host) bool { return o.name == name })
		switch {
		case at < 0:
			hosts = append(hosts, h)
		case badness(f) > badness(&Finding{Status: hosts[at].status}):
			hosts[at].status = f.Status
		}
	}
	if len(hosts) == 0 {
		return nil
	}
	sort.SliceStable(hosts, func(i, j int) bool { return hosts[i].preference < hosts[j].preference })
	way := []stop{{name: "Senders on the Internet", note: "port 25"}}
	for i, h := range hosts {
		h.or = i > 0
		way = append(way, h.stop)
	}
	return way
}

// outgoing is the way from a client through the submission server.
func (d *htmlDomain) outgoing() []stop {
	server := stop{}
	for i := range d.r.Findings {
		f := &d.r.Findings[i]
		if f.Check != "submission" || f.Subject == "" {
			continue
		}
		if server.name == "" {
			server = stop{name: f.Subject, status: f.Status}
		}
		if badness(f) > badness(&Finding{Status: server.status}) {
			server.status = f.Status
		}
		if version, ok := f.Data["version"].(string); ok && f.Code == "submission.starttls" {
			server.note = "STARTTLS, " + version
		}
	}
	if server.name == "" {
		return nil
	}
	return []stop{{name: "A device or program", note: "port 587"}, server, {name: "Microsoft 365", note: "signs in, then sends"}}
}

// path draws boxes below each other, joined by arrows.
func (d *htmlDomain) path(title string, way []stop) {
	if len(way) == 0 {
		return
	}
	height := len(way)*pathStep - (pathStep - pathBox) + 4
	d.WriteString(`<figure class="card"><figcaption>`)
	d.text(title)
	fmt.Fprintf(d, `</figcaption><svg viewBox="0 0 %d %d" role="img"><title>`, pathWidth, height)
	d.text(title)
	d.WriteString("</title>\n")
	for i, s := range way {
		y := 2 + i*pathStep
		if i > 0 {
			d.arrow(y, s.or)
		}
		fmt.Fprintf(d, `<rect class="box %s" x="2" y="%d" width="%d" height="%d" rx="8"/>`, s.class(), y, pathWidth-4, pathBox)
		d.name(y+20, s.name)
		d.label("middle soft", pathWidth/2, y+37, s.said())
		d.WriteString("\n")
	}
	d.WriteString("</svg></figure>\n")
}

// arrow leads to the box at y. One that is only tried is broken.
func (d *htmlDomain) arrow(y int, or bool) {
	const gap = pathStep - pathBox
	class := "line"
	if or {
		class = "line or"
		d.label("soft", pathWidth/2+10, y-gap/2+4, "if that fails")
	}
	fmt.Fprintf(d, `<path class="%s" d="M%d %d v%d m-5 -6 l5 6 l5 -6"/>`, class, pathWidth/2, y-gap+2, gap-5)
}

// name writes the name of a box; a long one is set narrower.
func (d *htmlDomain) name(y int, name string) {
	const room = pathWidth - 20
	fit := ""
	if len(name) > pathLetters {
		fit = fmt.Sprintf(` textLength="%d" lengthAdjust="spacingAndGlyphs"`, room)
	}
	fmt.Fprintf(d, `<text class="middle" x="%d" y="%d"%s>`, pathWidth/2, y, fit)
	d.text(CleanTo(name, 2*pathLetters))
	d.WriteString("</text>")
}

func (s stop) class() string {
	if s.status == Unset {
		return "skip"
	}
	return s.status.String()
}

// said is the second line of a box: what is known, and the state in words, so
// that color is never the only sign.
func (s stop) said() string {
	words := []string{}
	if s.note != "" {
		words = append(words, CleanTo(s.note, pathLetters))
	}
	if isProblem(s.status) {
		words = append(words, strings.ToUpper(s.status.String()))
	} else if s.status != Unset {
		words = append(words, "ok")
	}
	return strings.Join(words, ", ")
}

// label writes text at a place.
func (d *htmlDomain) label(class string, x, y int, said string) {
	fmt.Fprintf(d, `<text class="%s" x="%d" y="%d">`, class, x, y)
	d.text(said)
	d.WriteString("</text>")
}

// terms are those of the SPF record.
func (d *htmlDomain) terms() []Term {
	for i := range d.r.Findings {
		if t := d.r.Findings[i].Terms; len(t) > 0 {
			return t
		}
	}
	return nil
}

// tree draws the terms of an SPF record, with the lookups that each takes of the
// ten that are allowed.
func (d *htmlDomain) tree(terms []Term) {
	if len(terms) == 0 {
		return
	}
	d.WriteString(`<figure class="card wide"><figcaption>SPF: who may send, and the lookups it takes (10 are allowed)</figcaption>`)
	fmt.Fprintf(d, `<svg viewBox="0 0 %d %d" role="img"><title>The SPF record as a tree</title>`+"\n", treeWidth, len(terms)*treeRow+6)
	for i := range terms {
		d.term(terms, i)
	}
	d.WriteString("</svg></figure>\n")
}

func (d *htmlDomain) term(terms []Term, i int) {
	t := &terms[i]
	depth := min(t.Depth, treeDepth)
	x, y := treeText+depth*treeIndent, 17+i*treeRow
	if depth > 0 {
		up := 1 // rows to the one above in the same record, or to the include
		for j := i - 1; j >= 0 && terms[j].Depth > t.Depth; j-- {
			up++
		}
		fmt.Fprintf(d, `<path class="line" d="M%d %d v%d h8"/>`, x-12, y-4-up*treeRow+8, up*treeRow-8)
	}
	if t.Lookups > 0 {
		for n := range spfLookups {
			d.slot("free", n+1, y)
		}
	}
	for n := range min(t.Lookups, 3*spfLookups) {
		class := "below" // the lookups of what it includes are lighter than its own
		if n == 0 {
			class = "own"
		}
		d.slot(class, t.First+n, y)
	}
	fmt.Fprintf(d, `<text x="%d" y="%d">`, x, y)
	letters := treeLetters - depth*treeIndent/8
	said := CleanTo(t.Text, letters)
	d.el("tspan", faultClass(t.Fault), said)
	if t.Note != "" {
		d.WriteString(`<tspan class="soft" dx="14">`)
		d.text(CleanTo(t.Note, max(letters-width(said)-2, 0)))
		d.WriteString("</tspan>")
	}
	d.WriteString("</text>\n")
}

func faultClass(fault bool) string {
	if fault {
		return "fail"
	}
	return ""
}

// slot marks one lookup. Those beyond the limit are red, and close together.
func (d *htmlDomain) slot(class string, lookup, y int) {
	x := 4 + (lookup-1)*treeSlot
	if lookup > spfLookups {
		class, x = class+" over", 4+spfLookups*treeSlot+3+min(lookup-spfLookups-1, 3)*treeSlot/2
	}
	fmt.Fprintf(d, `<rect class="slot %s" x="%d" y="%d" width="%d" height="12" rx="2"/>`, class, x, y-11, treeSlot-3)
}

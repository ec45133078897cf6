package report

// page is the geometry of the text report, and how text is made safe for it.
// The columns of its long form are
//
//	pass     mx.m365             contoso-com.mail.protection.outlook.com
//	FAIL     mx.leftover         mail.oldhost.example still accepts mail
//	         fix     Delete the old record.
//	|        |       |           |
//	2        11      19          33 = indent()
type page struct {
	width    int // of the terminal
	right    int // where prose ends: a line too long is hard to read
	codes    int // width of the column of codes in the long form
	titles   int // width of the column of topics in the short form
	unicode  bool
	ellipsis string
	rule     string
	arrow    string
}

// The columns where things start in the long form.
const (
	colCode  = 2 + statusCols + 2
	colLabel = colCode
	labels   = 6 // width of the column of labels
	colBody  = colLabel + labels + 2
)

// maxProse is where prose ends on a wide terminal.
const maxProse = 118

func newPage(o Options) page {
	p := page{width: max(o.Width, 40), unicode: o.Unicode, codes: 20, titles: topicTitles, ellipsis: "...", rule: "-", arrow: "->"}
	if p.width >= 100 {
		p.codes = 24
	}
	if p.width < 60 {
		p.codes, p.titles = 0, 0
	}
	p.right = min(p.width, maxProse)
	if o.Unicode {
		p.ellipsis, p.rule, p.arrow = "…", "─", "→"
	}
	return p
}

// indent is the column where the statements start.
func (p page) indent() int { return colCode + p.codes + 2 }

// prose is the width of the column of statements.
func (p page) prose() int { return p.right - p.indent() }

// body is the width of the column of details.
func (p page) body() int { return p.right - colBody }

// topicIndent is the column where the text of a topic starts.
func (p page) topicIndent() int { return p.titles + statusCols + 4 }

// topicProse is the width of the column of the text of topics.
func (p page) topicProse() int { return p.right - p.topicIndent() }

// clean makes text safe for this terminal.
func (p page) clean(s string) string {
	if s = Clean(s); !p.unicode {
		s = ascii(s)
	}
	return s
}

// cleanTo is clean, cut to cols columns.
func (p page) cleanTo(s string, cols int) string {
	if s = cleanSome(s, cols); !p.unicode {
		s = ascii(s)
	}
	return truncate(s, cols, p.ellipsis)
}

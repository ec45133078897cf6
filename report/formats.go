package report

import (
	"fmt"
	"io"
	"strings"
)

// Options say how to render. The command fills them from its flags and from
// the terminal; no renderer looks at the environment.
type Options struct {
	Width   int  // columns of the terminal; 0: defaultWidth
	Color   bool // color is wanted and the terminal has it
	Unicode bool // the terminal shows UTF-8
	Quiet   bool // only problems and the verdict
	Verbose bool // evidence for every finding

	Overrides []Override // of the format nagios
	Host      string     // whom the values of the format zabbix are of; empty: whom zabbix_sender is told

	// Dir is the folder of the temporary file that some formats need for a long
	// list; empty: that of the system.
	Dir string
}

const defaultWidth = 80 // columns where there is no terminal

// Format is one row of the table of renderers.
type Format struct {
	Name  string
	About string // for maildiag render --help
	make  func(io.Writer, Options) Sink

	escapes Escapes // for what a CI system would obey
}

// formats is the table of renderers; a new one is one file and one row.
func formats() []Format {
	return []Format{
		{"text", "for people, on a terminal or in a mail", newText, PlainEscapes},
		{"json", "one JSON document a domain, indented (schema " + ReportSchema + ")", newJSON, PlainEscapes},
		{"jsonl", "the same documents, one a line", newJSONL, PlainEscapes},
		{"ndjson", "the stream of events, for maildiag render (schema " + StreamSchema + ")", newNDJSON, PlainEscapes},
		{"html", "one self-contained page, to send or print", newHTML, PageEscapes},
		{"markdown", "for tickets and pull requests", newMarkdown, PlainEscapes},
		{"csv", "for spreadsheets, a row a finding", newCSV, PlainEscapes},
		{"junit", "JUnit XML, a test case a finding", newJUnit, PageEscapes},
		{"github", "annotations of GitHub Actions", newGitHub, ownCommands},
		{"nagios", "plugin output of Nagios, Icinga and similar; exit codes 0, 1, 2, 3 of Nagios", newNagios, PlainEscapes},
		{"checkmk", "local checks of Checkmk", newCheckmk, Escapes{"/u003a", "/u005b"}},
		{"prometheus", "text exposition, for node_exporter's textfile collector", newPrometheus, PlainEscapes},
		{"zabbix", "input of zabbix_sender: discovery, then values", newZabbix, Escapes{`\\u003a`, `\\u005b`}},
	}
}

// Formats returns the table of renderers, in the order in which help lists them.
func Formats() []Format { return formats() }

// FormatNames returns the names of all renderers.
func FormatNames() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name)
	}
	return names
}

// New makes the renderer called format, writing to w. Each piece that is whole
// by itself is one Write, so w needs no buffer for small runs and must not
// delay what is written if a person is looking.
func New(format string, w io.Writer, o Options) (Sink, error) {
	for _, f := range formats() {
		if f.Name == format {
			if o.Width <= 0 {
				o.Width = defaultWidth
			}
			return &normal{next: f.make(NewGuard(w, f.escapes), o)}, nil
		}
	}
	return nil, fmt.Errorf("report: no format %q; there are %s", Clean(format), strings.Join(FormatNames(), ", "))
}

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
}

const defaultWidth = 80 // columns where there is no terminal

// Format is one row of the table of renderers.
type Format struct {
	Name  string
	About string // for maildiag render --help
	make  func(io.Writer, Options) Sink
}

// formats is the table of renderers; a new one is one file and one row.
func formats() []Format {
	return []Format{
		{"text", "for people, on a terminal or in a mail", newText},
		{"json", "one JSON document a domain, indented (schema " + ReportSchema + ")", newJSON},
		{"jsonl", "the same documents, one a line", newJSONL},
		{"ndjson", "the stream of events, for maildiag render (schema " + StreamSchema + ")", newNDJSON},
		{"html", "one self-contained page, to send or print", newHTML},
		{"markdown", "for tickets and pull requests", newMarkdown},
		{"csv", "for spreadsheets, a row a finding", newCSV},
		{"junit", "JUnit XML, a test case a finding", newJUnit},
		{"github", "annotations of GitHub Actions", newGitHub},
		{"nagios", "plugin output of Nagios, Icinga and kin; exit codes 0, 1, 2, 3 of Nagios", newNagios},
		{"checkmk", "local checks of Checkmk", newCheckmk},
		{"prometheus", "text exposition, for node_exporter's textfile collector", newPrometheus},
		{"zabbix", "input of zabbix_sender: values and discovery", newZabbix},
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
			return &normal{next: f.make(w, o)}, nil
		}
	}
	return nil, fmt.Errorf("report: no format %q; there are %s", Clean(format), strings.Join(FormatNames(), ", "))
}

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"maildiag/checks/facts"
)

// manCmd writes the manual. Packages are built with it; it is not in the help.
func (a *app) manCmd(root *cobra.Command) *cobra.Command {
	dir, day := "", facts.Latest()
	c := &cobra.Command{
		Use: "man", Short: "Write the manual pages into a folder", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if dir == "" {
				return usage("maildiag man --dir FOLDER", "the pages need a folder")
			}
			if _, err := time.Parse(time.DateOnly, day); err != nil {
				return usage("--date 2026-12-31", "--date %s is not a date", day)
			}
			for name, page := range manual(root, day) {
				if err := writeWhole(filepath.Join(dir, name), page); err != nil {
					return failed("name a folder that can be written", "cannot write the manual: %v", err)
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "`FOLDER` for the pages")
	c.Flags().StringVar(&day, "date", day, "date of the pages, `YYYY-MM-DD`")
	return c
}

// manual returns the pages by file name: maildiag.1 and one for each command.
func manual(root *cobra.Command, day string) map[string][]byte {
	pages := map[string][]byte{}
	for _, c := range append([]*cobra.Command{root}, root.Commands()...) {
		if c == root || c.IsAvailableCommand() {
			pages[manName(c)+".1"] = manPage(c, day)
		}
	}
	return pages
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage returns the page of a command in the macros of man(7).
func manPage(c *cobra.Command, day string) []byte {
	var b bytes.Buffer
	name := manName(c)
	fmt.Fprintf(&b, ".TH %s 1 %s \"maildiag %s\" \"maildiag manual\"\n", strings.ToUpper(roff(name)), day, roff(version()))
	short := c.Short
	if !c.HasParent() {
		short = "check whether mail for a domain works on Microsoft 365"
	}
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", roff(name), roff(strings.ToLower(short[:1])+short[1:]))
	manText(&b, c.UseLine(), true)
	if !c.HasParent() {
		b.WriteString(".br\n.B maildiag\n.I COMMAND\n")
	}
	b.WriteString(".SH DESCRIPTION\n")
	manText(&b, cmp.Or(c.Long, c.Short), false)
	manCommands(&b, c)
	manFlags(&b, c)
	if c.HasExample() {
		b.WriteString(".SH EXAMPLES\n.nf\n")
		for line := range strings.Lines(c.Example) {
			b.WriteString(roff(strings.TrimSpace(line)) + "\n")
		}
		b.WriteString(".fi\n")
	}
	b.WriteString(manTail)
	manSeeAlso(&b, c)
	return b.Bytes()
}

// manText writes paragraphs. Lines that begin with a blank stay as they are.
func manText(b *bytes.Buffer, text string, bold bool) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		kept := strings.Contains(paragraph, "\n ")
		if kept {
			b.WriteString(".nf\n")
		}
		for line := range strings.Lines(paragraph) {
			line = roff(strings.TrimRight(line, " \n"))
			if bold {
				line = ".B " + line
			}
			b.WriteString(line + "\n")
		}
		if kept {
			b.WriteString(".fi\n")
		}
	}
}

func manCommands(b *bytes.Buffer, c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	b.WriteString(".SH COMMANDS\n")
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			fmt.Fprintf(b, ".TP\n.B %s\n%s.\n", roff(sub.Name()), roff(sub.Short))
		}
	}
}

func manFlags(b *bytes.Buffer, c *cobra.Command) {
	titles, sets := grouped(c)
	if len(titles) == 0 {
		return
	}
	b.WriteString(".SH OPTIONS\n")
	for _, title := range titles {
		if len(titles) > 1 {
			fmt.Fprintf(b, ".SS %s\n", roff(title))
		}
		sets[title].VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				manFlag(b, f)
			}
		})
	}
}

func manFlag(b *bytes.Buffer, f *pflag.Flag) {
	value, text := pflag.UnquoteUsage(f)
	b.WriteString(".TP\n")
	if f.Shorthand != "" {
		fmt.Fprintf(b, "\\fB\\-%s\\fR, ", roff(f.Shorthand))
	}
	fmt.Fprintf(b, "\\fB\\-\\-%s\\fR", roff(f.Name))
	if value != "" {
		fmt.Fprintf(b, " \\fI%s\\fR", roff(value))
	}
	fmt.Fprintf(b, "\n%s\n", roff(text))
	switch f.DefValue {
	case "", "false", "[]", "0", "0s":
	default:
		fmt.Fprintf(b, "(default: %s)\n", roff(f.DefValue))
	}
}

func manSeeAlso(b *bytes.Buffer, c *cobra.Command) {
	var names []string
	if c.HasParent() {
		names = append(names, "maildiag")
	} else {
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() && sub.Name() != "help" {
				names = append(names, manName(sub))
			}
		}
	}
	b.WriteString(".SH SEE ALSO\n")
	for i, n := range names {
		comma := " ,"
		if i == len(names)-1 {
			comma = ""
		}
		fmt.Fprintf(b, ".BR %s (1)%s\n", roff(n), comma)
	}
}

// manTail holds for every command.
const manTail = `.SH EXIT STATUS
.TP
.B 0
Nothing was found at or above \-\-fail\-on (default: fail).
.TP
.B 1
There are findings.
.TP
.B 2
The command line, or a file that it names, is not valid.
.TP
.B 3
Could not check, and nothing failed; or the run is unfinished.
.TP
.B 128+n
Stopped by signal n: 130 for Ctrl\-C, 143 for SIGTERM.
.PP
With \-\-format nagios, the exit codes are those of Nagios plugins.
.SH ENVIRONMENT
.TP
.B MAILDIAG_NAME
Sets the option \-\-name: MAILDIAG_RESOLVER for \-\-resolver.
The command line takes precedence.
.TP
.B MAILDIAG_CONFIG
The configuration file, as \-\-config.
.TP
.B MAILDIAG_PASSWORD
The password of \-\-user, instead of a prompt.
.TP
.B NO_COLOR
Turns colors off.
.SH FILES
.TP
.I /etc/resolv.conf
The resolver that is asked without \-\-resolver.
.TP
.I ~/.config/maildiag/maildiag.yaml, /etc/maildiag/maildiag.yaml
Settings for every run; see
.BR maildiag\-config (1).
`

// roff escapes a text for roff: backslashes, hyphens, and a dot or quote that
// would be a request at the start of a line.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"maildiag/report"
)

// configSchema names the form of the JSON document. What it holds is API.
const configSchema = "maildiag.config/v1"

func (a *app) configCmd() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "config [COMMAND]",
		Short: "Show which settings apply, and where each comes from",
		Long: `config shows the settings of a command (default: check) that a configuration
file can hold, with their values and where each comes from: the default, the
environment (MAILDIAG_NAME) or a line of the file. What the command line gives
takes precedence, then the environment, then the file.

The file is YAML: one line for each setting, with the names of the flags. It is
maildiag/maildiag.yaml in the user's configuration folder (on Linux ~/.config),
or else in /etc (on Windows in %ProgramData%), or the file of --config or
MAILDIAG_CONFIG. Passwords have no place in it.

  resolver: 192.0.2.53
  cloud: gcc-high
  gateway: [mx1.filter.example, mx2.filter.example]
  cert-days: 21,7`,
		Example:           "  maildiag config\n  maildiag config bulk\n  maildiag config --config ./maildiag.yaml --json",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			view, err := viewConfig(c, slices.Concat(args, []string{"check"})[0])
			if err != nil {
				return err
			}
			if asJSON {
				return view.writeJSON(a.out)
			}
			return view.write(a.out)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON document")
	return c
}

// configView is what config shows.
type configView struct {
	Schema  string      `json:"schema"`
	Command string      `json:"command"`
	File    string      `json:"file"` // empty: there is none
	Values  []configRow `json:"values"`
}

// configRow is a setting that applies.
type configRow struct {
	Name  string   `json:"name"`
	Value []string `json:"value"`
	From  string   `json:"from"`           // default, environment or file
	Line  int      `json:"line,omitempty"` // of the file, from 1
}

// viewConfig returns the settings that apply to a command.
func viewConfig(c *cobra.Command, command string) (*configView, error) {
	var names []string
	var target *cobra.Command
	for _, sub := range c.Root().Commands() {
		names = append(names, sub.Name())
		if sub.Name() == command {
			target = sub
		}
	}
	if target == nil {
		return nil, usage(cmp.Or(didYouMean(command, names), "maildiag --help lists the commands"), "%q is not a command", report.CleanTo(command, maxTyped))
	}
	cfg, err := readConfig(configPath(c.Flag("config").Value.String()))
	if err != nil {
		return nil, err
	}
	if err := fromEnvironment(target); err != nil {
		return nil, err
	}
	v := &configView{Schema: configSchema, Command: command, File: cfg.path, Values: []configRow{}}
	origins := map[string]string{}
	target.Flags().Visit(func(f *pflag.Flag) { origins[f.Name] = "environment" })
	if err := cfg.fill(target); err != nil {
		return nil, err
	}
	for _, name := range configurable() {
		if f := target.Flags().Lookup(name); f != nil {
			v.Values = append(v.Values, rowOf(f, origins[name], cfg))
		}
	}
	return v, nil
}

// rowOf returns the setting of a flag; from is "" unless it is set otherwise
// than by the file.
func rowOf(f *pflag.Flag, from string, cfg *config) configRow {
	row := configRow{Name: f.Name, Value: []string{}, From: cmp.Or(from, "default")}
	if from == "" && f.Changed {
		row.From, row.Line = "file", cfg.values[f.Name].line
	}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		row.Value = append(row.Value, list.GetSlice()...)
	} else if value := f.Value.String(); value != "" {
		row.Value = append(row.Value, value)
	}
	return row
}

func (v *configView) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(report.EscapedJSON(w))
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (v *configView) write(w io.Writer) error {
	fmt.Fprintf(w, "Settings of maildiag %s\nFile: %s\n\n", v.Command, cmp.Or(report.Clean(v.File), "none; looked for "+orList(configPlaces())))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range v.Values {
		from := r.From
		if r.Line > 0 {
			from = fmt.Sprintf("file, line %d", r.Line)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", r.Name, cmp.Or(report.Clean(strings.Join(r.Value, ", ")), "-"), from)
	}
	return tw.Flush()
}

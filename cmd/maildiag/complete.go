package main

import (
	"github.com/spf13/cobra"

	"maildiag/checks"
)

// completion offers the values of a flag or an argument, and no files.
type completion = func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective)

// closedFlags returns the values of the flags that take no others. A command
// may have values of its own for a flag; see [closedValues].
func closedFlags() map[string]func() []value {
	return map[string]func() []value{
		"expect": expectations, "cloud": clouds, "color": colors, "fail-on": failOns, "format": reportFormats,
		"mechanism": mechanisms, "device": deviceValues, "able": abilities, "recipients": recipientValues, "oauth": oauthFlows, "lang": ticketValues, "demo": worldValues, "only": checkValues,
		"skip": checkValues,
	}
}

// closedValues returns the values of the closed flags of a command.
func closedValues(command string) map[string]func() []value {
	all := closedFlags()
	switch command {
	case "explain":
		all["format"] = explainFormats
	case "plan":
		all["to"] = planTargets
	case "reports":
		all["format"], all["policy"] = reportsFormats, policies
	case "smtp":
		all["cloud"] = namedClouds
	}
	return all
}

// completeFlags registers completion for the closed flags of all commands.
func completeFlags(root *cobra.Command) {
	for _, c := range append(root.Commands(), root) {
		for name, values := range closedValues(c.Name()) {
			if c.Flags().Lookup(name) == nil {
				continue
			}
			if err := c.RegisterFlagCompletionFunc(name, offer(values)); err != nil {
				panic(err) // the flag exists, and is registered once
			}
		}
	}
}

// offer completes to values, which are made when a shell asks.
func offer(values func() []value) completion {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var out []cobra.Completion
		for _, v := range values() {
			out = append(out, cobra.CompletionWithDesc(v.name, v.about))
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

func checkValues() (out []value) {
	for _, c := range checks.All() {
		out = append(out, value{c.ID, c.Title})
	}
	return out
}

// idValues returns the checks and all finding codes.
func idValues() (out []value) {
	out = checkValues()
	for _, p := range codePages() {
		out = append(out, value{p.Code, p.Means})
	}
	return out
}

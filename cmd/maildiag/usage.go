package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagGroup is a part of the flags in a help text. A flag that no group names
// is in the first one of a command, "Flags".
type flagGroup struct {
	title string
	flags []string
}

func flagGroups() []flagGroup {
	return []flagGroup{
		{"What to check", []string{"expect", "cloud", "selector", "gateway", "cert-days", "only", "skip", "as-of", "no-plan", "with-submission", "dial-mx", "stable"}},
		{"Where to ask", []string{"resolver", "ipv4", "ipv6", "timeout", "record", "replay", "demo", "zone", "address", "ca-file", "insecure",
			"no-comparison", "qps", "concurrency"}},
		{"Sign-in test", []string{"user", "from", "to", "helo", "mechanism", "password-file", "password-fd", "token-file", "oauth",
			"client-id", "tenant", "client-secret-file", "authority"}},
		{"Output", []string{"format", "json", "output", "color", "quiet", "verbose", "ordered", "resume", "summary", "ticket", "lang"}},
		{"Monitoring", []string{"fail-on", "warn", "crit", "host", "baseline", "accept", "wait", "every", "for"}},
		{"Configuration", []string{"config"}},
	}
}

// grouped returns the flags of a command by group, those of its own first.
func grouped(c *cobra.Command) (titles []string, sets map[string]*pflag.FlagSet) {
	of := map[string]string{}
	order := []string{"Flags"}
	for _, g := range flagGroups() {
		order = append(order, g.title)
		for _, f := range g.flags {
			of[f] = g.title
		}
	}
	sets = map[string]*pflag.FlagSet{}
	login := c.Flags().Lookup("user") != nil
	c.Flags().VisitAll(func(f *pflag.Flag) {
		title := of[f.Name]
		if title == "" || title == "Sign-in test" && !login { // --from and --to of other commands
			title = "Flags"
		}
		if sets[title] == nil {
			sets[title] = pflag.NewFlagSet(title, pflag.ContinueOnError)
			sets[title].SortFlags = false
		}
		sets[title].AddFlag(f)
	})
	for _, title := range order {
		if sets[title] != nil && sets[title].HasAvailableFlags() {
			titles = append(titles, title)
		}
	}
	return titles, sets
}

// writeUsage writes how a command is called, with its flags in groups.
func writeUsage(c *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if c.Runnable() {
		fmt.Fprintf(&b, "  %s\n", c.UseLine())
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", c.CommandPath())
	}
	if c.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", strings.TrimRight(c.Example, "\n"))
	}
	writeCommands(&b, c)
	titles, sets := grouped(c)
	for _, title := range titles {
		fmt.Fprintf(&b, "\n%s:\n%s", title, sets[title].FlagUsagesWrapped(textWidth))
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\nHelp for a command: %s COMMAND --help\n", c.CommandPath())
	}
	_, err := fmt.Fprint(c.OutOrStderr(), b.String())
	return err
}

func writeCommands(b *strings.Builder, c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	b.WriteString("\nCommands:\n")
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			fmt.Fprintf(tw, "  %s\t%s\n", sub.Name(), sub.Short)
		}
	}
	tw.Flush()
}

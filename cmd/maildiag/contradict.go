package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// opposed returns pairs of flags that exclude each other.
func opposed() [][2]string {
	return [][2]string{{"ipv4", "ipv6"}, {"quiet", "verbose"}, {"json", "format"}, {"demo", "replay"}, {"demo", "resolver"}, {"demo", "user"},
		{"wait", "demo"}}
}

// companions returns pairs of flags of which the first means nothing without
// the second.
func companions() [][2]string {
	return [][2]string{{"every", "wait"}, {"for", "wait"}, {"from", "user"}, {"to", "user"}, {"mechanism", "user"},
		{"client-id", "oauth"}, {"tenant", "oauth"}, {"client-secret-file", "oauth"}, {"authority", "oauth"},
		{"public-ip", "advise"}, {"able", "advise"}, {"recipients", "advise"}}
}

// ofFormat returns flags that mean nothing without a value of --format.
func ofFormat() map[string]string {
	return map[string]string{"warn": "nagios", "crit": "nagios", "host": "zabbix"}
}

// prepare refuses flags that contradict each other, then reads the environment and
// the configuration.
func prepare(c *cobra.Command, args []string) error {
	fs := c.Flags()
	for _, pair := range opposed() {
		if contradict(fs.Lookup(pair[0]), fs.Lookup(pair[1])) {
			return usage("leave out one of them", "--%s and --%s contradict each other", pair[0], pair[1])
		}
	}
	var given []string
	fs.Visit(func(f *pflag.Flag) { given = append(given, f.Name) })
	if err := fromEnvironment(c); err != nil {
		return err
	}
	cfg, err := configFor(c)
	if err == nil {
		err = cfg.fill(c)
	}
	if err != nil {
		return err
	}
	if err := validateFlags(fs, given); err != nil {
		return err
	}
	for _, pair := range companions() {
		with := fs.Lookup(pair[1])
		if with == nil || with.Changed || !slices.Contains(given, pair[0]) || exchanger(c, args) {
			continue
		}
		return idle(pair[0], pair[1])
	}
	for _, name := range given {
		format, of := ofFormat()[name]
		if f := fs.Lookup("format"); of && f != nil && f.Value.String() != format {
			return idle(name, "format "+format)
		}
	}
	return nil
}

// idle refuses a flag that means nothing without another.
func idle(name, other string) error {
	return usage("add --"+other+", or leave out --"+name, "--%s has no effect without --%s", name, other)
}

// exchanger reports whether the command is about a mail exchanger, which takes
// mail without a login (RFC 5321 2.3.10).
func exchanger(c *cobra.Command, args []string) bool {
	return c.Name() == "smtp" && len(args) > 0 && strings.HasSuffix(args[0], ":25")
}

// contradict reports whether both flags were given and say different things.
func contradict(a, b *pflag.Flag) bool {
	if a == nil || b == nil || !a.Changed || !b.Changed {
		return false
	}
	off := a.Value.String() == "false" || b.Value.String() == "false"
	return !off && b.Value.String() != a.Name // --json --format json
}

// overruled reports whether the command line gave a flag that excludes this one.
func overruled(fs *pflag.FlagSet, name string) bool {
	return slices.ContainsFunc(opposed(), func(pair [2]string) bool {
		other := pair[0]
		if name == pair[0] {
			other = pair[1]
		} else if name != pair[1] {
			return false
		}
		f := fs.Lookup(other)
		return f != nil && f.Changed
	})
}

// flagError says what is wrong with a flag, without the words of Go's parsers.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	help := c.CommandPath() + " --help lists the flags"
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		if near := nearest(unknown.GetSpecifiedName(), names); near != "" {
			help = "did you mean --" + near + "?"
		}
	case errors.As(err, &value):
		name := "--" + value.GetFlag().Name
		if what, example := wrongValue(value.GetFlag()); what != "" {
			return usage(name+example, "%s %s: %s", name, value.GetValue(), what)
		}
	}
	return usage(help, "%v", err)
}

// wrongValue says what the value of a flag must be, with an example; empty if
// the flag itself says what is wrong.
func wrongValue(f *pflag.Flag) (what, example string) {
	switch f.Value.Type() {
	case "duration":
		return "not a duration", " 90s, or 5m, or 1h30m"
	case "bool":
		return "not true or false", ", or " + "--" + f.Name + "=false"
	case "int", "intSlice":
		return "not a whole number", " " + cmp.Or(strings.Trim(f.DefValue, "[]-"), "1")
	case "float64":
		return "not a number", " 100"
	case "stringSlice": // pflag reads CSV
		return "a quotation mark is out of place", " VALUE,VALUE"
	}
	return "", ""
}

// notADomain refuses a single label that is probably a mistyped command.
func notADomain(c *cobra.Command, args []string) error {
	if c.HasParent() || len(args) == 0 || strings.ContainsAny(args[0], ".@/:") {
		return nil
	}
	if near := nearest(args[0], subcommands(c)); near != "" {
		return usage("did you mean maildiag "+near+"? (a domain has a dot: contoso.com)",
			"there is no command %q", args[0])
	}
	return nil
}

func subcommands(c *cobra.Command) (names []string) {
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			names = append(names, sub.Name())
		}
	}
	return names
}

// noCommand refuses arguments that no subcommand takes. A command comes before them.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := c.CommandPath() + " --help lists the commands"
	if near := nearest(args[0], subcommands(c)); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usage(hint, "%s has no command %q", c.CommandPath(), args[0])
}

// helpTopics lets help refuse a command that does not exist: cobra shows the help of
// the root.
func helpTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil && help != root {
		help.Args = func(_ *cobra.Command, args []string) error {
			c, rest, _ := root.Find(args)
			return noCommand(c, rest)
		}
	}
}

// atMostOne refuses a second argument.
func atMostOne(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage(c.UseLine(), "%s takes one argument; %q is one too many", c.CommandPath(), args[1])
	}
	return nil
}

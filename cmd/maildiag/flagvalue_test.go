package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// What a flag of free values refuses and takes, in every command that has it.
func TestFlagValues(t *testing.T) {
	control := []string{"a b", "\x1b[2J", "\x00"}
	hosts := append([]string{"http://mx.example/", "-mx.example", "a..b.example", "10 mx.example", "user@mx.example", "mx.example:25"}, control...)
	for name, x := range map[string]struct{ bad, good []string }{
		"selector": {append([]string{"selector1._domainkey.contoso.com", "-x", "a..b", "x;y", "*", "é", strings.Repeat("a", 64)}, control...),
			[]string{"selector1", "S1", "k1_2", "2026.mail"}},
		"gateway":   {append([]string{"mx", "192.0.2.1", "2001:db8::1", "*.filter.example", "é.example"}, hosts...), []string{"mx1.filter.example", "MX1.Filter.Example."}},
		"server":    {hosts, []string{"ns1.contoso.com", "192.0.2.53", "2001:db8::53"}},
		"helo":      {hosts, []string{"mail.contoso.com", "[192.0.2.1]", "[IPv6:2001:db8::1]"}},
		"ip":        {append([]string{"192.0.2", "192.0.2.0/24", "::g", "contoso.com"}, control...), []string{"192.0.2.1", "2001:db8::1"}},
		"address":   {append([]string{"smtp.example", "192.0.2.1:25"}, control...), []string{"192.0.2.1", "2001:db8::1"}},
		"public-ip": {append([]string{"here"}, control...), []string{"203.0.113.7"}},
		"sender":    {append([]string{"a@", "@contoso.com", "contoso.com", "<a@contoso.com>", "a@b@"}, control...), []string{"a@contoso.com", "a+b@x.contoso.com"}},
		"keep":      {control, []string{"include:spf.example.com", "ip4:192.0.2.1", "k1"}},
		"demo":      {append([]string{"nowhere", "finishd"}, control...), demoNames()},
	} {
		for _, bad := range x.bad {
			eachWith(t, name, bad, func(fs *pflag.FlagSet, command string) {
				if err := validateFlags(fs, nil); err == nil {
					t.Errorf("%s --%s %q is taken", command, name, bad)
				}
			})
		}
		for _, good := range x.good {
			eachWith(t, name, good, func(fs *pflag.FlagSet, command string) {
				if err := validateFlags(fs, []string{name}); err != nil {
					t.Errorf("%s --%s %q: %v", command, name, good, err)
				}
			})
		}
	}
}

// An empty value is a slip on the command line, and nothing in the environment.
func TestEmptyFlagValues(t *testing.T) {
	names := map[string]bool{}
	for _, c := range (&app{}).rootCmd().Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) { names[f.Name] = names[f.Name] || strings.HasPrefix(f.Value.Type(), "string") })
	}
	for name := range names {
		if !names[name] {
			continue
		}
		eachWith(t, name, "", func(fs *pflag.FlagSet, command string) {
			if err := validateFlags(fs, nil); err != nil {
				t.Errorf("%s: --%s of the environment: %v", command, name, err)
			}
			if err := validateFlags(fs, []string{name}); err == nil {
				t.Errorf("%s takes an empty --%s", command, name)
			}
		})
	}
}

// A new flag with free values has a rule, or is known to be checked where it is used.
func TestFreeFlagsHaveRules(t *testing.T) {
	checked := strings.Fields("as-of cert-days resolver warn crit dkim spf add from to since until policy-since domain not-mine " +
		"format stage phase policy shell date authority") // by those that use them
	anyText := strings.Fields("output baseline accept ca-file config names expected list reports password-file token-file client-secret-file " +
		"client-id tenant dir user host mx record replay zone resume column output domain only skip")
	known := slices.Concat(checked, anyText, slices.Collect(maps.Keys(closedFlags())))
	for _, rule := range valueRules() {
		known = append(known, rule.flags...)
	}
	for _, c := range (&app{}).rootCmd().Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if strings.HasPrefix(f.Value.Type(), "string") && !slices.Contains(known, f.Name) {
				t.Errorf("%s --%s takes any text", c.Name(), f.Name)
			}
		})
	}
}

// eachWith calls f with the flags of each command that has the named one, set to a
// value.
func eachWith(t *testing.T, name, value string, f func(fs *pflag.FlagSet, command string)) {
	t.Helper()
	found := false
	for _, c := range (&app{}).rootCmd().Commands() {
		if c.Flags().Lookup(name) == nil {
			continue
		}
		found = true
		if err := c.Flags().Set(name, value); err != nil {
			continue // refused by the flag itself
		}
		f(c.Flags(), c.Name())
	}
	if !found {
		t.Errorf("no command has --%s", name)
	}
}

package main

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"maildiag/checks/kit"
	"maildiag/cmd/internal/flagvalue"
	"maildiag/dnsrec"
)

// valueRule says what a flag with free values takes, in every command that has it.
type valueRule struct {
	flags   []string
	example string
	check   func(string) error // nil: any text but none
}

func valueRules() []valueRule {
	return []valueRule{
		{[]string{"selector"}, "selector1", kit.CheckSelector},
		{[]string{"gateway"}, "mx1.filter.example", kit.CheckMXHost},
		{[]string{"server"}, "ns1.contoso.com", checkHostOrAddress},
		{[]string{"helo"}, "mail.contoso.com", checkHostOrAddress},
		{[]string{"ip", "address", "public-ip"}, "203.0.113.7", checkAddress},
		{[]string{"stable"}, "3", checkSamples},
		{[]string{"sender"}, "user@contoso.com", checkMailbox},
		{[]string{"keep", "authserv-id"}, "mail.contoso.com", checkWord},
		{[]string{"demo"}, "finished", func(s string) error { _, err := demoNamed(s); return err }},
		{[]string{"remove", "without", "with"}, "include:example.com", nil},
	}
}

// validateFlags refuses values that flags cannot have. A value of the environment or
// the configuration may be empty; given on the command line, it is a slip such as
// a variable of a script that is not set.
func validateFlags(fs *pflag.FlagSet, given []string) error {
	if name := flagvalue.Empty(fs, given); name != "" {
		return usage("leave out --"+name+", or give it a value", "--%s has an empty value", name)
	}
	for _, rule := range valueRules() {
		for _, name := range rule.flags {
			f := fs.Lookup(name)
			if f == nil || !f.Changed {
				continue
			}
			for _, v := range flagvalue.Of(f) {
				if err := rule.fault(name, v); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// fault returns what is wrong with a value; nil if nothing is.
func (r *valueRule) fault(name, value string) error {
	if value == "" || r.check == nil {
		return nil
	}
	err := r.check(value)
	if hinted := (*hintError)(nil); err == nil || errors.As(err, &hinted) {
		return err
	}
	return usage("--"+name+" "+r.example, "--%s %s %w", name, value, err)
}

func checkAddress(s string) error {
	if _, err := netip.ParseAddr(s); err != nil {
		return errors.New("is not an IP address")
	}
	return nil
}

// checkHostOrAddress takes an address with and without the brackets of SMTP (RFC
// 5321 4.1.3).
func checkHostOrAddress(s string) error {
	bare := strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"), "IPv6:")
	if checkAddress(bare) == nil || kit.ValidHost(dnsrec.Canonical(s)) {
		return nil
	}
	return errors.New("is neither a host name nor an IP address")
}

// checkMailbox takes an address whose domain can be one; what the mailbox is called
// is its owner's business.
func checkMailbox(s string) error {
	at := strings.LastIndexByte(s, '@')
	if _, _, err := dnsrec.ParseDomain(s[at+1:]); err != nil || at < 1 || strings.ContainsAny(s, "<> \t\r\n") {
		return errors.New("is not an email address")
	}
	return nil
}

func checkWord(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7F }) {
		return errors.New("holds a space or a control character")
	}
	return nil
}

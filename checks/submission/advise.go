package submission

import (
	"net/netip"
	"strings"

	"maildiag/dnsrec"
)

// Setting is what is known of a device that is to send, and of its mail.
type Setting struct {
	OldTLS     bool       // it cannot do TLS 1.2
	OAuth      bool       // it can sign in with OAuth (XOAUTH2)
	NoSignIn   bool       // it cannot sign in at all
	API        bool       // it is a program that can be changed to call an API
	StaticIP   bool       // its public address is its own and does not change
	IP         netip.Addr // that address; zero: not known
	External   bool       // recipients outside the organization
	Bulk       bool       // more mail than a mailbox may send
	Government bool       // GCC: no host for old TLS
}

// Way is a way to send through Microsoft 365.
type Way struct {
	ID, Title string
	stops     []condition // the first that holds is why it does not work
	risks     []condition // each that holds is told
	Type      []string    // what to enter, in this order
	December  string      // what the end of December 2026 changes
	Source    string
}

// condition is a sentence that applies if holds says so.
type condition struct {
	holds func(Setting) bool
	text  string
}

func always(Setting) bool     { return true }
func noSignIn(s Setting) bool { return s.NoSignIn }
func oldTLS(s Setting) bool   { return s.OldTLS }
func external(s Setting) bool { return s.External }
func bulk(s Setting) bool     { return s.Bulk }
func noAPI(s Setting) bool    { return !s.API }
func noFixedIP(s Setting) bool {
	return !s.StaticIP || s.IP.IsValid() && !dnsrec.Public(s.IP) && !dnsrec.Documentation(s.IP)
}
func isIPv6(s Setting) bool    { return s.IP.Is6() }
func isExample(s Setting) bool { return dnsrec.Documentation(s.IP) }

const (
	unchanged = "Nothing changes."
	limitText = "A mailbox may send 30 messages a minute, to at most 10,000 recipients a day."
	noOAuth   = "The device cannot sign in with OAuth."
	anExample = "This IP address is for examples only (RFC 5737, RFC 3849): enter your own."
)

// ways is the table of decisions, the simplest way first. Sources: Microsoft Learn
// "How to set up a multifunction device", Exchange team blog 4489835 and 4408790,
// read 2026-11-26.
var ways = []Way{
	{
		ID: "oauth", Title: "SMTP AUTH with OAuth",
		stops: []condition{{noSignIn, "The device cannot sign in."}, {func(s Setting) bool { return !s.OAuth }, noOAuth},
			{oldTLS, "The device cannot do TLS 1.2."}, {bulk, limitText}},
		Type:     []string{"Server: smtp.office365.com", "Port: 587", "Encryption: STARTTLS", "Sign-in: OAuth (XOAUTH2), as a licensed mailbox", "Sender: the address of that mailbox"},
		December: unchanged, Source: "https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth",
	},
	{
		ID: "password", Title: "SMTP AUTH with a password",
		stops: []condition{{noSignIn, "The device cannot sign in."}, {bulk, limitText},
			{func(s Setting) bool { return s.OldTLS && s.Government }, "The device cannot do TLS 1.2, and smtp-legacy is not offered in this cloud."}},
		risks: []condition{{oldTLS, "Turn on TLS 1.0 and 1.1 for the organization first: Set-TransportConfig -AllowLegacyTLSClients $true."},
			{always, "The organization, the mailbox and Conditional Access must allow it: maildiag smtp --user USER shows whether they do."}},
		Type:     []string{"Server: smtp.office365.com", "Port: 587", "Encryption: STARTTLS", "Sign-in: user name and password of a licensed mailbox", "Sender: the address of that mailbox"},
		December: "At the end of December 2026, passwords are turned off by default; an administrator can turn them on again. Microsoft announces the final date in the second half of 2027.",
		Source:   retirementSource,
	},
	{
		ID: "connector", Title: "relay through a connector",
		stops: []condition{{noFixedIP, "A connector needs a public IP address of your own that does not change, or a certificate for one of your domains."},
			{isIPv6, "A connector identifies a server by IPv4 addresses only, or by a certificate for one of your domains."}},
		risks: []condition{{always, "Any device behind that address can send as your organization."}, {isExample, anExample}},
		Type: []string{"Server: the MX host of your domain (maildiag DOMAIN shows it)", "Port: 25", "Encryption: STARTTLS, if the device can", "Sign-in: none",
			"Sender: any address of an accepted domain", "Exchange admin center > Mail flow > Connectors: from your organization's email server, by IP"},
		December: unchanged, Source: "https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365",
	},
	{
		ID: "direct", Title: "Direct Send",
		stops: []condition{{external, "Direct Send reaches recipients of your own organization only."}},
		risks: []condition{{always, "If the organization rejects Direct Send, the reply is 550 5.7.68: Get-OrganizationConfig | Format-List RejectDirectSend."},
			{always, "List the public IP address of the device in the SPF record of the sender's domain, or mail may go to junk."},
			{noFixedIP, "Without a fixed public address, SPF cannot list it."}, {isExample, anExample}},
		Type:     []string{"Server: the MX host of your domain (maildiag DOMAIN shows it)", "Port: 25", "Encryption: STARTTLS, if the device can", "Sign-in: none", "Sender: any address of an accepted domain"},
		December: unchanged, Source: "https://techcommunity.microsoft.com/blog/exchange/introducing-more-control-over-direct-send-in-exchange-online/4408790",
	},
	{
		ID: "hve", Title: "High Volume Email",
		stops: []condition{{external, "High Volume Email reaches recipients of your own organization only."}, {noSignIn, "The device cannot sign in."},
			{oldTLS, "It needs TLS 1.2 or 1.3."}},
		risks:    []condition{{always, "It is billed by the number of recipients."}},
		Type:     []string{"Server: smtp-hve.office365.com", "Port: 587", "Encryption: STARTTLS", "Sign-in: a High Volume Email account", "Sender: the address of that account"},
		December: "Nothing changes. According to third parties, passwords stay until September 2028.", Source: "https://learn.microsoft.com/exchange/mail-flow-best-practices/high-volume-mails-m365",
	},
	{
		ID: "azure", Title: "Azure Communication Services",
		stops: []condition{{noSignIn, "The device cannot sign in."}, {oldTLS, "The device cannot do TLS 1.2."}},
		risks: []condition{{always, "It is billed, sends from a domain that you verify there, and has limits of its own at first."}},
		Type: []string{"Server: smtp.azurecomm.net (according to third parties)", "Port: 587", "Encryption: STARTTLS",
			"Sign-in: an Entra application with access to the resource, and its client secret", "Sender: an address of a verified domain"},
		December: unchanged,
	},
	{
		ID: "graph", Title: "Microsoft Graph",
		stops:    []condition{{noAPI, "Only a program that can be changed can call Microsoft Graph."}, {bulk, limitText}},
		Type:     []string{"POST https://graph.microsoft.com/v1.0/users/USER/sendMail", "Permission: Mail.Send"},
		December: unchanged,
	},
}

// Advice is what one way comes to for a setting.
type Advice struct {
	Way
	Why   string   // why it does not work; empty: it does
	Risks []string // what to know first
}

// Advise returns every way, those that work first, in the order of the table.
func Advise(s Setting) []Advice {
	s.IP = s.IP.Unmap()
	var works, not []Advice
	for _, w := range ways {
		a := Advice{Way: w}
		for _, c := range w.stops {
			if a.Why == "" && c.holds(s) {
				a.Why = c.text
			}
		}
		if a.Why != "" {
			not = append(not, a)
			continue
		}
		for _, c := range w.risks {
			if c.holds(s) {
				a.Risks = append(a.Risks, c.text)
			}
		}
		works = append(works, a.fitted(s))
	}
	return append(works, not...)
}

// fitted puts the values of the setting into what to enter.
func (a Advice) fitted(s Setting) Advice {
	a.Type = append([]string(nil), a.Type...)
	for i, line := range a.Type {
		if a.ID == "password" && s.OldTLS {
			line = strings.Replace(line, "smtp.office365.com", "smtp-legacy.office365.com", 1)
		}
		if a.ID == "connector" && s.IP.IsValid() {
			line = strings.Replace(line, "by IP", "by IP address "+s.IP.String(), 1)
		}
		a.Type[i] = line
	}
	if a.ID == "direct" && s.IP.IsValid() && !noFixedIP(s) {
		mechanism := "ip4:"
		if s.IP.Is6() {
			mechanism = "ip6:"
		}
		a.Type = append(a.Type, "SPF record of the sender's domain: add "+mechanism+s.IP.String())
	}
	return a
}

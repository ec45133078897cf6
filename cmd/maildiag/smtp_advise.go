package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"maildiag/checks/submission"
	"maildiag/report"
)

// adviceFlags say what device is to send, and to whom.
type adviceFlags struct {
	advise     bool
	publicIP   string
	abilities  []string
	recipients string
}

func (f *adviceFlags) add(fs *pflag.FlagSet) {
	fs.BoolVar(&f.advise, "advise", false, "say which ways to send through Microsoft 365 work for a device, and what to enter; nothing is connected to")
	fs.StringVar(&f.publicIP, "public-ip", "", "with --advise: the device's public `ADDR`, if it is your own and does not change")
	fs.StringSliceVar(&f.abilities, "able", nil, "with --advise: what is special about the device, `LIST` of "+strings.Join(valueNames(abilities()), ", "))
	fs.StringVar(&f.recipients, "recipients", "anywhere", "with --advise: `WHERE` the recipients are: inside (your organization) or anywhere")
}

// abilities are the values of --able.
func abilities() []value {
	return []value{{"oauth", "it can sign in with OAuth"}, {"old-tls", "TLS 1.0 or 1.1 at most"}, {"no-sign-in", "it cannot sign in"},
		{"api", "a program that can be changed to call an API"}, {"bulk", "more mail than a mailbox may send"}}
}

func recipientValues() []value {
	return []value{{"inside", "in your organization only"}, {"anywhere", "also outside"}}
}

// setting reads the flags.
func (f *adviceFlags) setting(cloud string) (s submission.Setting, err error) {
	for _, able := range f.abilities {
		if err := oneOf("--able", able, valueNames(abilities())); err != nil {
			return s, err
		}
	}
	if err := oneOf("--recipients", f.recipients, valueNames(recipientValues())); err != nil {
		return s, err
	}
	has := func(name string) bool { return slices.Contains(f.abilities, name) }
	s = submission.Setting{OAuth: has("oauth"), OldTLS: has("old-tls"), NoSignIn: has("no-sign-in"), API: has("api"), Bulk: has("bulk"),
		External: f.recipients == "anywhere", Government: cloud == "gcc", StaticIP: f.publicIP != ""}
	if s.StaticIP {
		if s.IP, err = netip.ParseAddr(f.publicIP); err != nil || s.IP.Zone() != "" {
			return s, usage("--public-ip 203.0.113.7", "--public-ip %s is not an IP address", f.publicIP)
		}
	}
	return s, nil
}

// adviceAsOf is the day of the facts that the advice rests on.
const adviceAsOf = "2026-11-26"

// smtpAdvise prints the ways to send, those that work first.
func (a *app) smtpAdvise(args []string, f *smtpFlags) error {
	switch {
	case len(args) > 0 || f.user != "" || f.mx != "" || f.device != "":
		return usage("maildiag smtp --advise --able old-tls --recipients inside", "--advise connects to nothing: leave out the host, --user, --mx and --device")
	case f.cloud != "worldwide" && f.cloud != "gcc":
		return usage("see the documentation of your cloud", "--advise knows the hosts of the worldwide cloud and GCC only")
	case f.format != "text" && f.format != "json" || f.output != "":
		return usage("--advise, or --advise --json", "--advise prints text or JSON, to standard output")
	}
	s, err := f.adviceFlags.setting(f.cloud)
	if err != nil {
		return err
	}
	if f.json || f.format == "json" {
		return writeAdvice(a.out, s)
	}
	_, err = io.WriteString(a.out, adviceText(submission.Advise(s)))
	return err
}

// adviceText lists the ways, those that work numbered.
func adviceText(ways []submission.Advice) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Ways to send through Microsoft 365 for this device, the simplest first (as of %s):\n", adviceAsOf)
	n := 0
	for _, way := range ways {
		if way.Why != "" {
			fmt.Fprintf(&b, "\n -  %s: does not work here. %s\n", way.Title, way.Why)
			continue
		}
		n++
		fmt.Fprintf(&b, "\n%2d  %s\n", n, way.Title)
		for _, line := range way.Type {
			fmt.Fprintf(&b, "      %s\n", line)
		}
		for _, risk := range way.Risks {
			fmt.Fprintf(&b, "    Note: %s\n", risk)
		}
		fmt.Fprintf(&b, "    December 2026: %s\n", way.December)
		if way.Source != "" {
			fmt.Fprintf(&b, "    %s\n", way.Source)
		}
	}
	if n == 0 {
		b.WriteString("\nNone works directly. Let the device send to a mail server of your own that relays to Microsoft 365.\n")
	}
	return b.String()
}

// adviceSchema names the form of --advise --json. Within v1, fields are only added.
const adviceSchema = "maildiag.advise/v1"

// adviceJSON is the decision as data: the setting, and every way with what came
// out for it, those that work first.
type adviceJSON struct {
	Schema    string    `json:"schema"`
	AsOf      string    `json:"as_of"`
	Abilities []string  `json:"abilities"` // values of --able
	External  bool      `json:"external"`  // recipients outside the organization too
	PublicIP  string    `json:"public_ip,omitempty"`
	Ways      []wayJSON `json:"ways"`
}

type wayJSON struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Works    bool     `json:"works"`
	Why      string   `json:"why,omitempty"` // why it does not work
	Enter    []string `json:"enter,omitempty"`
	Notes    []string `json:"notes,omitempty"`
	December string   `json:"december_2026,omitempty"`
	Source   string   `json:"source,omitempty"`
}

// writeAdvice writes the decision as one JSON document.
func writeAdvice(w io.Writer, s submission.Setting) error {
	doc := adviceJSON{Schema: adviceSchema, AsOf: adviceAsOf, Abilities: []string{}, External: s.External}
	for i, has := range []bool{s.OAuth, s.OldTLS, s.NoSignIn, s.API, s.Bulk} {
		if has {
			doc.Abilities = append(doc.Abilities, abilities()[i].name)
		}
	}
	if s.StaticIP {
		doc.PublicIP = s.IP.String()
	}
	for _, a := range submission.Advise(s) {
		way := wayJSON{ID: a.ID, Title: a.Title, Works: a.Why == "", Why: a.Why, Source: a.Source}
		if way.Works {
			way.Enter, way.Notes, way.December = a.Type, a.Risks, a.December
		}
		doc.Ways = append(doc.Ways, way)
	}
	enc := json.NewEncoder(report.EscapedJSON(w))
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}

package records

import (
	"fmt"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec/spf"
)

// This file proposes the first SPF record of a domain.

// firstRecord proposes a record by where mail arrives, as far as that shows who
// sends; "" if it does not. Until mail arrives at Microsoft 365, the present
// sender stays, and the record does not forbid others.
func (f spfFacts) firstRecord() (record, text string) {
	cloud := f.cloudInclude()
	for _, m := range f.mx {
		switch m.Kind {
		case kit.MXMicrosoft, kit.MXRetired:
			return spfOf(cloud, "~all"), "If other services send for the domain too, add their terms first. When you are " +
				"sure that the list is complete, you can end the record in -all."
		case kit.MXGateway:
			if cloud == "" {
				return "", "List the servers that send: those of the mail gateway, if mail leaves through it, and " +
					"all others. Ask the gateway vendor which include to use."
			}
			return spfOf(cloud, "~all"), "If mail leaves through the mail gateway, add its include as well: ask the " +
				"gateway vendor which include to use."
		case kit.MXProvider, kit.MXConsumer:
			return f.recordBeside(m, cloud)
		case kit.MXParking: // its servers send nothing for the domain
			if cloud == "" {
				return "", "List the servers and services that send for the domain."
			}
			return spfOf(cloud, "~all"), "Add a term for every other server or service that sends for the domain."
		}
	}
	if !f.profile.Receives && cloud != "" {
		return spfOf(cloud, "~all"), "Add a term for every other server or service that sends for the domain."
	}
	if terms := addressTerms(f.mxAddrs); terms != "" { // mx would mean other servers after the switch
		return spfOf(terms, cloud, "~all"), "It allows the servers that receive mail today to send; add a term for every " +
			"other server or service that sends for the domain."
	}
	return spfOf("mx", cloud, "~all"), "Its term mx allows the servers that receive mail today to send; add a term for " +
		"every other server or service that sends for the domain."
}

// cloudInclude is the term for the servers of Microsoft; "": the domain is not there.
func (f spfFacts) cloudInclude() string {
	if !f.profile.Microsoft {
		return ""
	}
	return "include:" + f.profile.Cloud.SPF
}

// recordBeside proposes a record for a domain whose mail is at a provider.
func (f spfFacts) recordBeside(m kit.MXTarget, cloud string) (record, text string) {
	for _, s := range spf.Senders() {
		if named(s, m.Name) {
			return spfOf("include:"+s.SPF[0], cloud, "~all"), fmt.Sprintf("It allows %s, where mail is received today; add a "+
				"term for every other server or service that sends for the domain.", s.Name)
		}
	}
	return "", fmt.Sprintf("Ask %s which include to use; add a term for every other sender, and "+
		"end the record in ~all.", m.Name)
}

// spfOf returns the record of the terms that are not empty.
func spfOf(terms ...string) string {
	record := "v=spf1"
	for _, t := range terms {
		if t != "" {
			record += " " + t
		}
	}
	return record
}

// named reports whether a sender is the mailbox provider that MX records call
// name, and has one include for all its customers.
func named(s spf.Sender, name string) bool {
	return s.Kind == spf.Mailbox && strings.HasPrefix(strings.ToLower(s.Name), strings.ToLower(name)) &&
		strings.Contains(s.SPF[0], "spf")
}

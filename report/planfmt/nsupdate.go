package planfmt

import (
	"fmt"
	"io"
	"strings"
)

// writeNsupdate writes the commands of nsupdate, one update for each zone. The
// server makes all changes of an update or none (RFC 2136 3.4), and none if a
// record set is not as it was when the plan was made.
func writeNsupdate(w io.Writer, d *doc) error {
	f := script{
		sign: ";",
		gap:  ";", // an empty line sends the update, before it is whole
		intro: []string{
			"Apply with: nsupdate -k KEYFILE FILE",
			"The server changes nothing if the records differ from those in the prereq lines (NXRRSET or YXRRSET).",
			"If there are several zones, apply the part of each zone by itself, in this order.",
		},
		open:  func(g *group) []string { return []string{"zone " + g.zone()} },
		close: func(*group) []string { return []string{"send"} },
		code: func(s *step) []string {
			return append(d.prereqs(s), updates(s)...)
		},
	}
	return f.write(w, d)
}

// prereqs returns the conditions under which the server makes the change.
func (d *doc) prereqs(s *step) []string {
	if len(s.before()) == 0 {
		if s.Type == "CNAME" && !d.changedElsewhere(s) {
			return []string{"prereq nxdomain " + s.name} // RFC 2136 2.4.5; a CNAME stands alone, RFC 1034 3.6.2
		}
		return []string{fmt.Sprintf("prereq nxrrset %s IN %s", s.name, s.Type)} // RFC 2136 2.4.3
	}
	var lines []string
	for _, v := range s.before() {
		lines = append(lines, fmt.Sprintf("prereq yxrrset %s IN %s %s", s.name, s.Type, v.rdata(s.Type))) // RFC 2136 2.4.2
	}
	return lines
}

// changedElsewhere reports whether another step changes records of the same
// name, so that the name may exist before this one.
func (d *doc) changedElsewhere(s *step) bool {
	for _, o := range d.steps {
		if o != s && strings.EqualFold(o.name, s.name) {
			return true
		}
	}
	return false
}

func updates(s *step) []string {
	var lines []string
	for _, v := range s.remove {
		lines = append(lines, fmt.Sprintf("update delete %s IN %s %s", s.name, s.Type, v.rdata(s.Type)))
	}
	if s.ttlUnknown() && len(s.add) > 0 {
		lines = append(lines, fmt.Sprintf("; The TTL of these records is not known. Correct %d if it should stay as it is.", s.ttl()))
	}
	for _, v := range s.add {
		lines = append(lines, "update add "+recordTTL(s, v))
	}
	return lines
}

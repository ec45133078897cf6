// Package planfmt writes a [report.Plan] for the tools that administrators
// change DNS with.
//
// A format that a program reads holds the record steps that can be taken now.
// A step that waits for something no program can see, such as a command that
// is run elsewhere or a decision, is written as a comment; formats without
// comments leave it out and say so. The same holds for a value that a tool
// cannot express: it is never written in a way that means something else.
//
// Values come from the DNS of others, so each format escapes by the rules of
// the program that reads it.
package planfmt

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"maildiag/report"
)

// Meta is what a plan is about and how it is to be written.
type Meta struct {
	Domain  string   // the domain that the plan is for
	Zones   []string // apexes of the zones that may be changed; none: Domain
	Version string   // of maildiag
	Width   int      // columns of the formats for people; 0: defaultWidth
	Done    []int    // steps that are finished already, and are not written again
	Held    string   // until when no step may be taken: what must be so first; none: the steps can be taken now
	Status  []string // opens the file in place of the result of the plan; none: the result does
}

const defaultWidth = 80

// Format is one row of the table of formats.
type Format struct {
	Name  string
	About string
	fits  func(*step) string // why a record step cannot be written; empty: it can
	write func(io.Writer, *doc) error

	escapes report.Escapes // for what a CI system would obey
}

// formats is the table; a new format is one file and one row.
func formats() []Format {
	return []Format{
		{"text", "for people: numbered, grouped by owner", anyRecord, writeText, report.PlainEscapes},
		{"json", "the plan as JSON (schema " + planSchema + "), with the steps that must wait", anyRecord, writeJSON, report.PlainEscapes},
		{"zone", "zone file lines (RFC 1035)", anyRecord, writeZone, report.ZoneEscapes},
		{"nsupdate", "commands for nsupdate; refused if the records have changed since", inZone, writeNsupdate, report.ZoneEscapes},
		{"cloudflare", "shell script for the batch API of Cloudflare; needs curl and jq", plainName, writeCloudflare, report.PlainEscapes},
		{"route53", "change batch for aws route53 change-resource-record-sets", route53Fits, writeRoute53, report.PlainEscapes},
		{"azure", "shell script for Azure DNS; needs az and jq", unicodeText, writeAzure, report.PlainEscapes},
		{"dnscontrol", "lines for the dnsconfig.js of DNSControl", unicodeText, writeDNSControl, report.PlainEscapes},
		{"terraform", "resources of the Terraform provider hashicorp/dns", terraformFits, writeTerraform, report.PlainEscapes},
		{"powershell", "Windows DNS Server and Exchange Online PowerShell", oneLineText, writePowerShell, report.PlainEscapes},
		{"ticket", "plain text for a ticket with the DNS provider", anyRecord, writeTicket, report.PlainEscapes},
	}
}

// Formats returns the table of formats, in the order in which help lists them.
func Formats() []Format { return formats() }

// FormatNames returns the names of all formats.
func FormatNames() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name)
	}
	return names
}

// Write writes the plan p to w in the given format, as one Write.
func Write(w io.Writer, format string, p report.Plan, meta Meta) error {
	for _, f := range formats() {
		if f.Name != format {
			continue
		}
		d, err := newDoc(p, meta, f.fits)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := f.write(&b, d); err != nil {
			return err
		}
		_, err = report.NewGuard(w, f.escapes).Write(b.Bytes())
		return err
	}
	return fmt.Errorf("planfmt: no format %q; there are %s", report.Clean(format), strings.Join(FormatNames(), ", "))
}

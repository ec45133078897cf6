package planfmt

import (
	"fmt"
	"io"
)

// writeZone writes each record set as it will be, in zone file form.
func writeZone(w io.Writer, d *doc) error {
	return script{
		sign: ";",
		intro: []string{
			"In the zone file, replace all lines of each record set with the lines below it here.",
			"Then increase the serial number of the SOA record and reload the zone.",
		},
		code: zoneLines,
	}.write(w, d)
}

func zoneLines(s *step) []string {
	var lines []string
	for _, v := range s.remove {
		lines = append(lines, "; delete: "+record(s, v))
	}
	for _, v := range s.published() {
		lines = append(lines, record(s, v))
	}
	return lines
}

// record returns one record as a line of a zone file, which keeps the TTL of the zone
// where that of the record is not known. RFC 1035 5.1
func record(s *step, v value) string {
	if s.ttlUnknown() {
		return fmt.Sprintf("%s IN %s %s", s.name, s.Type, v.rdata(s.Type))
	}
	return recordTTL(s, v)
}

func recordTTL(s *step, v value) string {
	return fmt.Sprintf("%s %d IN %s %s", s.name, s.ttl(), s.Type, v.rdata(s.Type))
}

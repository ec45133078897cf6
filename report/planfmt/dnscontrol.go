package planfmt

import (
	"fmt"
	"io"
	"strings"
)

// writeDNSControl writes lines for dnsconfig.js. DNSControl publishes exactly
// what that file says, so what goes is a line to delete there.
func writeDNSControl(w io.Writer, d *doc) error {
	return script{
		sign: "//",
		intro: []string{
			"Delete the lines that are marked so from dnsconfig.js, add the others, and run: dnscontrol preview",
			"Before you push, the preview must show exactly the changes below.",
		},
		open: func(g *group) []string {
			return []string{"D_EXTEND(" + quoteJSON(strings.TrimSuffix(g.zone(), ".")) + ","}
		},
		// END lets the last record have a comma, which older JavaScript does not.
		close: func(*group) []string { return []string{"  END);"} },
		code:  dnscontrolCode,
	}.write(w, d)
}

func dnscontrolCode(s *step) []string {
	var lines []string
	for _, v := range s.remove {
		lines = append(lines, "  // delete: "+dnscontrolRecord(s, v))
	}
	for _, v := range s.add {
		lines = append(lines, "  "+dnscontrolRecord(s, v)+",")
	}
	return lines
}

// dnscontrolRecord returns the call that stands for one record. DNSControl
// cuts long texts into strings itself.
func dnscontrolRecord(s *step, v value) string {
	args := []string{quoteJSON(s.relative())}
	for _, n := range v.numbers {
		args = append(args, fmt.Sprint(n))
	}
	content := v.text + v.name + v.addr // only one is set
	args = append(args, quoteJSON(content))
	if s.TTL > 0 {
		args = append(args, fmt.Sprintf("TTL(%d)", s.TTL))
	}
	return s.Type + "(" + strings.Join(args, ", ") + ")"
}

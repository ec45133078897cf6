package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// A domain at a parking service is asked about, whether its mail or its name servers
// show it: nothing there is a mail system to keep, and where the service runs the name
// servers, the first step leaves them.
func TestParkingIsAskedAbout(t *testing.T) {
	for _, c := range []struct {
		mx, ns  string
		parking string
		from    OriginKind
	}{
		{"mx.sedoparking.com", "", "Sedo", FromParking},
		{"mail.parkingcrew.net", "", "ParkingCrew", FromParking},
		{"park-mx.above.com", "ns1.above.com", "Above.com", FromParking},
		{"mx156.bodis.com", "ns2.bodis.com", "Bodis", FromParking},
		{"parkmail.dynadot.com", "", "Dynadot parking", FromParking},
		{"mail.h-email.net", "", "a parking service", FromParking},
		{"", "ns1.sedoparking.com", "Sedo", FromParking},
		{"aspmx.l.google.com", "ns1.parkingcrew.net", "ParkingCrew", FromGoogle},
		{"mx.dynadot.com", "", "", FromHoster},
		{"mx.sedoparking.community.test", "", "", FromHoster},
		{"mx0.ovh.net", "dns1.ovh.net", "", FromHoster},
	} {
		w := newWorld()
		w.set(target, "A", 300, "192.0.2.11")
		w.set(domain, "A", 300, "203.0.113.80")
		if c.mx != "" {
			w.set(domain, "MX", 300, "10 "+c.mx)
			w.set(c.mx, "A", 300, oldIP)
		}
		if c.ns != "" {
			w.set(domain, "NS", 300, c.ns)
		}
		r := w.assessWith(t, Options{Unasked: true}, nil)
		asked := slices.ContainsFunc(r.Watch, func(l string) bool { return strings.HasPrefix(l, "Is "+domain+" parked?") })
		leaves := strings.Contains(r.Plan.Steps[0].Text, "change the name servers at the registrar")
		if r.Parking != c.parking || r.From.Kind != c.from || asked != (c.parking != "") || leaves != (c.ns != "" && c.parking != "") {
			t.Errorf("%+v: parking %q, from %+v, asked %v, leaves %v", c, r.Parking, r.From, asked, leaves)
		}
		for _, s := range r.Plan.Steps { // the servers of the service never get leave to send
			if add := strings.Join(s.Add, " "); c.from == FromParking && s.Type == "TXT" && (strings.Contains(add, " mx ") || strings.Contains(add, oldIP)) {
				t.Errorf("%+v: %v", c, s)
			}
		}
		if c.parking != "" && r.Stage.Moved() || slices.ContainsFunc(r.stepsOf(PhaseKeep), func(s report.Step) bool { return c.from == FromParking }) {
			t.Errorf("%+v: stage %s\n%s", c, r.Stage, strings.Join(steps(r), "\n"))
		}
	}
}

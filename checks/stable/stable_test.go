package stable_test

import (
	"bytes"
	"context"
	"testing"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/checks/records"
	"maildiag/checks/stable"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

const zone = "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\n" +
	"contoso-com.mail.protection.outlook.com A 192.0.2.1\n" +
	"contoso.com TXT v=spf1 include:spf.protection.outlook.com -all\n" +
	"spf.protection.outlook.com TXT v=spf1 ip4:192.0.2.0/24 -all\n" +
	"_dmarc.contoso.com TXT v=DMARC1; p=none\n"

// changes are what a server answers from the second lookup on.
type changes map[dnsrec.Query]string

func TestStable(t *testing.T) {
	t.Parallel()
	mx, txt := dnsrec.Q("contoso.com", "MX"), dnsrec.Q("contoso.com", "TXT")
	host := dnsrec.Q("contoso-com.mail.protection.outlook.com", "A")
	for name, c := range map[string]struct {
		then     changes
		rcode    map[dnsrec.Query]string
		want     report.Status
		unstable int
		rotating int
	}{
		"the same": {want: report.Pass},
		"another SPF record": {then: changes{txt: `contoso.com. 60 IN TXT "v=spf1 -all"`},
			want: report.Unknown, unstable: 1},
		"a record besides": {then: changes{txt: "contoso.com. 60 IN TXT \"v=spf1 include:spf.protection.outlook.com -all\"\ncontoso.com. 60 IN TXT \"x\""},
			want: report.Unknown, unstable: 1},
		"the old MX record": {then: changes{mx: "contoso.com. 60 IN MX 10 mail.contoso.com."}, want: report.Unknown, unstable: 1},
		"another preference": {then: changes{mx: "contoso.com. 60 IN MX 5 contoso-com.mail.protection.outlook.com."},
			want: report.Unknown, unstable: 1},
		"another TTL":     {then: changes{mx: "contoso.com. 7 IN MX 0 contoso-com.mail.protection.outlook.com."}, want: report.Pass},
		"other addresses": {then: changes{host: host.Name + ". 5 IN A 192.0.2.2"}, want: report.Pass, rotating: 1},
		"no address":      {rcode: map[dnsrec.Query]string{host: "NXDOMAIN"}, want: report.Unknown, unstable: 1},
		"two of them": {then: changes{txt: `contoso.com. 60 IN TXT "v=spf1 -all"`, mx: "contoso.com. 60 IN MX 10 mail.contoso.com."},
			want: report.Unknown, unstable: 2},
		"no answer at times": {rcode: map[dnsrec.Query]string{mx: "SERVFAIL"}, want: report.Pass},
	} {
		env, srv := kittest.NewEnv(t, "contoso.com", zone)
		for q, records := range c.then {
			srv.Fault(q.Name, string(q.Type), dnstest.Fault{Skip: 1, Records: records})
		}
		for q, rcode := range c.rcode {
			srv.Fault(q.Name, string(q.Type), dnstest.Fault{Skip: 1, Rcode: rcode})
		}
		var tape bytes.Buffer
		env.DNS = dnsrec.NewCache(dnsrec.NewSampler(env.DNS, 3), dnsrec.CacheOptions{})
		recording, err := kit.Record(&tape, env.World, kit.RecordingHeader{})
		if err != nil {
			t.Fatal(err)
		}
		env.World = recording.World()
		x := run(t, env)
		if err := recording.Close(); err != nil {
			t.Fatal(err)
		}
		if x.Status != c.want || x.Data["unstable"] != c.unstable || x.Data["rotating"] != c.rotating {
			t.Errorf("%s: %v %s %v", name, x.Status, x.Summary, x.Data)
		}
		if x.Status == report.Unknown && (x.Cause != report.CauseResolver || len(x.Evidence) != 2*c.unstable) {
			t.Errorf("%s: cause %s, evidence %v", name, x.Cause, x.Evidence)
		}
		if env.World, _, err = kit.Replay(&tape); err != nil {
			t.Fatal(err)
		}
		if again := run(t, env); again.Status != x.Status || again.Summary != x.Summary {
			t.Errorf("%s: replayed: %v %s, was %v %s", name, again.Status, again.Summary, x.Status, x.Summary)
		}
	}
}

// run examines the domain of env, and returns the finding of the row, which is
// judged last: it must have seen what all others asked.
func run(t *testing.T, env *kit.Env) (x report.Finding) {
	t.Helper()
	rows := []kit.Check{{ID: "mx", Run: records.MX}, {ID: "spf", Run: records.SPF}, stable.Check()}
	err := checks.Run(context.Background(), env, rows, sink(func(f report.Finding) {
		if f.Check == "stable" {
			x = f
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	kittest.Sound(t, []report.Finding{x})
	return x
}

type sink func(report.Finding)

// Emit implements [report.Sink].
func (s sink) Emit(e report.Event) error {
	if e.Finding != nil {
		s(*e.Finding)
	}
	return nil
}

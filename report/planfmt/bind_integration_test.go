//go:build integration

package planfmt

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"maildiag/report"
)

// The tests below ask programs that others wrote: named and nsupdate (Debian
// packages bind9, bind9-dnsutils), named-checkzone (bind9-utils), nsd-checkzone
// (nsd).

const apex = `contoso.com. 3600 IN SOA ns.contoso.com. hostmaster.contoso.com. 1 7200 900 1209600 300
contoso.com. 3600 IN NS ns.contoso.com.
ns.contoso.com. 3600 IN A 127.0.0.1
`

// zoneBefore returns the zone for which the plan was made.
func zoneBefore(t *testing.T, p report.Plan) string {
	t.Helper()
	d, err := newDoc(p, sampleMeta(), anyRecord)
	if err != nil {
		t.Fatal(err)
	}
	zone := apex
	for _, s := range d.steps {
		for _, v := range s.before() {
			zone += record(s, v) + "\n"
		}
	}
	return zone
}

// startNamed starts BIND for the zone and returns its port.
func startNamed(t *testing.T, zone string) string {
	t.Helper()
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("contoso.zone", zone)
	write("named.conf", fmt.Sprintf(`options { directory %q; listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; };
  pid-file "named.pid"; session-keyfile "session.key"; recursion no; dnssec-validation no; };
controls { };
zone "contoso.com" { type primary; file "contoso.zone"; allow-update { 127.0.0.1; }; };
`, dir, port))
	named := exec.Command("named", "-g", "-n", "1", "-c", filepath.Join(dir, "named.conf"))
	log, err := named.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := named.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { named.Process.Kill(); named.Wait() })
	lines := bufio.NewScanner(log)
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if strings.HasSuffix(lines.Text(), " running") {
			go func() { // it must not wait for a reader
				for lines.Scan() {
				}
			}()
			return port
		}
	}
	t.Fatalf("named does not run:\n%s", said.String())
	return ""
}

func nsupdate(t *testing.T, port, text string) (string, error) {
	t.Helper()
	c := exec.Command("nsupdate", "-v")
	c.Stdin = strings.NewReader("server 127.0.0.1 " + port + "\n" + text)
	out, err := c.CombinedOutput()
	return string(out), err
}

// published returns the RRset that the server has.
func published(t *testing.T, port, name, typ string) []string {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(name, dns.StringToType[typ])
	client := dns.Client{Net: "tcp"}
	answer, _, err := client.Exchange(m, "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, rr := range answer.Answer {
		if rr.Header().Rrtype == m.Question[0].Qtype {
			found = append(found, described(t, rr))
		}
	}
	slices.Sort(found)
	return found
}

// wants compares what the server has with the record sets of the plan, before
// or after it.
func wants(t *testing.T, port string, p report.Plan, values func(*step) []value) {
	t.Helper()
	d, err := newDoc(p, sampleMeta(), inZone)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range d.steps {
		if !s.live() {
			continue
		}
		var want []string
		for _, v := range values(s) {
			want = append(want, readRR(t, record(s, v)))
		}
		slices.Sort(want)
		if got := published(t, port, s.name, s.Type); !slices.Equal(got, want) {
			t.Errorf("%s: the server has\n%q\nwant\n%q", s.heading(), got, want)
		}
	}
}

func TestNsupdateAgainstBIND(t *testing.T) {
	p := samplePlan()
	port := startNamed(t, zoneBefore(t, p))
	wants(t, port, p, (*step).before)
	text := written(t, "nsupdate", p, sampleMeta())
	if out, err := nsupdate(t, port, text); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wants(t, port, p, (*step).published)
	if got := published(t, port, "selector1._domainkey.contoso.com.", "CNAME"); len(got) > 0 {
		t.Errorf("a step that waits was taken: %q", got)
	}
	if out, err := nsupdate(t, port, text); err == nil || !strings.Contains(out, "RRSET") {
		t.Errorf("the plan can be applied twice: %v %s", err, out)
	}
	p.Steps = slices.DeleteFunc(p.Steps, func(s report.Step) bool { return s.Step != 5 })
	if out, err := nsupdate(t, port, written(t, "nsupdate", p, sampleMeta())); err != nil {
		t.Fatalf("step 5, after step 4 was finished: %v: %s", err, out)
	}
	wants(t, port, p, (*step).published)
}

// If anything is not as it was when the plan was made, nothing is changed.
func TestNsupdateSeesConflicts(t *testing.T) {
	p := samplePlan()
	p.Steps = slices.DeleteFunc(p.Steps, func(s report.Step) bool { return !s.ChangesRecords() || len(s.Add)+len(s.Remove) == 0 })
	for name, change := range map[string]string{
		"another value beside":     "update add contoso.com. 60 IN TXT \"new=1\"",
		"a value to keep is gone":  "update delete contoso.com. IN TXT \"MS=ms12345678\"",
		"the old value has gone":   "update delete contoso.com. IN MX 10 mail.oldhost.example.",
		"a new record set":         "update add news.contoso.com. 60 IN MX 5 other.example.",
		"something at a new alias": "update add selector1._domainkey.contoso.com. 60 IN TXT \"v=DKIM1; p=\"",
	} {
		t.Run(name, func(t *testing.T) {
			port := startNamed(t, zoneBefore(t, p))
			if out, err := nsupdate(t, port, "zone contoso.com.\n"+change+"\nsend\n"); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if out, err := nsupdate(t, port, written(t, "nsupdate", p, sampleMeta())); err == nil {
				t.Errorf("the update was made: %s", out)
			}
			if got := published(t, port, "autodiscover.contoso.com.", "A"); len(got) != 1 {
				t.Errorf("other changes of the plan were made: %q", got)
			}
		})
	}
}

// Hostile values arrive as they are.
func TestNsupdateHostile(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 4))
	for range 5 {
		p := hostilePlan(r)
		port := startNamed(t, zoneBefore(t, p))
		if out, err := nsupdate(t, port, written(t, "nsupdate", p, sampleMeta())); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		wants(t, port, p, (*step).published)
	}
}

func TestZoneCheckers(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 5))
	plans := []report.Plan{samplePlan()}
	for range 10 {
		plans = append(plans, hostilePlan(r))
	}
	for i, p := range plans {
		file := filepath.Join(t.TempDir(), "contoso.zone")
		if err := os.WriteFile(file, []byte(apex+written(t, "zone", p, sampleMeta())), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, checker := range []string{"named-checkzone", "nsd-checkzone"} {
			if out, err := exec.Command(checker, "contoso.com", file).CombinedOutput(); err != nil {
				t.Errorf("plan %d: %s: %v\n%s", i, checker, err, out)
			}
		}
	}
}

// named-checkzone reads the same record sets as we wrote.
func TestZoneAsBINDReadsIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "contoso.zone")
	text := apex + written(t, "zone", samplePlan(), sampleMeta())
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("named-checkzone", "-q", "-D", "-o", "-", "contoso.com", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	got, want := readZone(t, string(out)), readZone(t, text)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("BIND reads\n%q\nwant\n%q", got, want)
	}
}

// A name becomes an alias, and is one no longer, in one update.
func TestAliasesAgainstBIND(t *testing.T) {
	p := aliasPlan()
	p.Steps = p.Steps[:2]
	port := startNamed(t, zoneBefore(t, p))
	wants(t, port, p, (*step).before)
	if out, err := nsupdate(t, port, written(t, "nsupdate", p, sampleMeta())); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wants(t, port, p, (*step).published)
}

//go:build integration

package checks

import (
	"bufio"
	"encoding/json"
	"flag"
	"io"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

var refereed = flag.Int("refereed", 200, "for how many changed SPF records python3-spf confirms that nobody loses a pass")

// refereeDriver lets python3-spf check one address a line. What it looks up, it
// asks for on stdout.
const refereeDriver = `
import sys, json, spf
def lookup(name, qtype, tcpfallback=True, timeout=30):
    print(json.dumps({'name': name, 'type': qtype}), flush=True)
    out = []
    for v in json.loads(sys.stdin.readline()) or []:
        if qtype == 'MX':
            p, h = v.split(' ', 1)
            v = (int(p), h)
        elif qtype == 'TXT':
            v = [v.encode('utf-8')]
        out.append(((name, qtype), v))
    return out
spf.DNSLookup = lookup
for line in sys.stdin:
    w = json.loads(line)
    result, code, text = spf.query(i=w['ip'], s=w['sender'], h='h.test', strict=True).check()
    print(json.dumps({'result': result, 'text': text}), flush=True)
`

// referee is a running python3-spf.
type referee struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

func startReferee(t *testing.T) *referee {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import spf").Run(); err != nil {
		t.Skip("python3-spf is not installed")
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", refereeDriver)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	return &referee{in, bufio.NewScanner(out)}
}

// check returns what python3-spf says of an address in a world, and why.
func (r *referee) check(t *testing.T, world dnsrec.Resolver, ip netip.Addr, sender string) (result, text string) {
	t.Helper()
	r.write(t, map[string]string{"ip": ip.String(), "sender": sender})
	for r.out.Scan() {
		var line struct{ Name, Type, Result, Text string }
		if err := json.Unmarshal(r.out.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line.Result != "" {
			return line.Result, line.Text
		}
		a, err := world.Lookup(t.Context(), dnsrec.Q(line.Name, dnsrec.Type(line.Type)))
		if err != nil {
			a.Values = nil
		}
		r.write(t, a.Values)
	}
	t.Fatalf("python3-spf stopped: %v", r.out.Err())
	return "", ""
}

func (r *referee) write(t *testing.T, v any) {
	t.Helper()
	line, err := json.Marshal(v)
	if err == nil {
		_, err = r.in.Write(append(line, '\n'))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// holdReferee holds rule 3 by the word of python3-spf: who passes before passes
// after, in domains whose plan takes no sender away. It reports whether the SPF
// record of the domain changes.
func (p planned) holdReferee(t *testing.T, r *referee) (changed bool, passed int) {
	t.Helper()
	if p.plan == nil {
		return false, 0
	}
	var changes []dnsrec.Change
	for _, s := range p.plan.Steps {
		if slices.ContainsFunc(s.Fixes, func(c string) bool { return slices.Contains(takesAway, c) }) {
			return false, 0
		}
		if s.ChangesRecords() && len(s.Add)+len(s.Remove) > 0 {
			changes = append(changes, changesOf(s)...)
			changed = changed || s.Action == report.ActionChange && s.Type == "TXT" && dnsrec.Canonical(s.Name) == p.env.Domain
		}
	}
	if !changed {
		return false, 0
	}
	world := dnsrec.NewChanged(p.env.DNS, changes...)
	sender := "postmaster@" + p.env.Domain
	ours := spf.Checker{Resolver: p.env.DNS, Now: p.env.Now}
	for _, ip := range p.samples(t) {
		if before, _ := r.check(t, p.env.DNS, ip, sender); before != "pass" {
			continue
		}
		passed++
		after, why := r.check(t, world, ip, sender)
		term := ours.Check(t.Context(), ip, "", sender).Term
		own := slices.Contains([]string{"mx", "mx:" + p.env.Domain}, strings.TrimPrefix(strings.ToLower(term), "+"))
		if after != "pass" && !(own && p.onlyMicrosoftReceives(t)) { // those servers send nothing
			t.Errorf("%s: python3-spf: %s passed by %s, and has %s after the plan (%s)\n%+v", p.env.Domain, ip, term, after, why, changes)
		}
	}
	return true, passed
}

// python3-spf confirms rule 3 for domains with faulty SPF records.
func TestPlansKeepSendersByPySPF(t *testing.T) {
	r := startReferee(t)
	w := newSPFWorld(max(*spfWorlds, 6**refereed))
	changed, passed := holdRefereed(t, r, w.zone(), w.domains)
	t.Logf("%d changed records, %d addresses that passed before", changed, passed)
	if changed < *refereed || passed < changed {
		t.Error("too few addresses are compared")
	}
}

// And for real domains.
func TestPlansKeepRealSendersByPySPF(t *testing.T) {
	r := startReferee(t)
	var b strings.Builder
	b.WriteString(". SOA ns.test. h.test. 1 3600 600 86400 60\n")
	var domains []string
	for _, d := range kittest.ReadBodies(t) {
		d.Zone(&b)
		domains = append(domains, d.Domain)
	}
	kittest.IncludeZone(t, &b)
	changed, passed := holdRefereed(t, r, b.String(), domains)
	t.Logf("%d changed records, %d addresses that passed before", changed, passed)
	if changed < min(*refereed, 500) || passed < changed {
		t.Error("too few addresses are compared")
	}
}

// holdRefereed holds rule 3 in a world, until enough SPF records were changed.
func holdRefereed(t *testing.T, r *referee, zone string, domains []string) (changed, passed int) {
	t.Helper()
	cache := dnsrec.NewCache(corpusClient(t, zone), dnsrec.CacheOptions{Entries: 1 << 18, Bytes: 1 << 30})
	for _, d := range domains {
		if changed >= *refereed {
			break
		}
		p := planFor(t, &kit.Env{Domain: d, Expect: kit.ExpectAuto, Cloud: "auto", Now: kittest.TestDay, List: true,
			World: kit.World{DNS: cache, HTTPS: kittest.NoHTTPS}})
		if is, n := p.holdReferee(t, r); is {
			changed, passed = changed+1, passed+n
		}
	}
	return changed, passed
}

//go:build integration

package spf

import (
	"bufio"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"maildiag/dnsrec"
)

// pyDriver lets python3-spf check one world a line.
const pyDriver = `
import sys, json, spf
zone = {}
def lookup(name, qtype, tcpfallback=True, timeout=30):
    out = []
    for v in zone.get(name.lower().rstrip('.') + ' ' + qtype, []):
        if qtype == 'MX':
            p, h = v.split(' ', 1)
            v = (int(p), h)
        elif qtype == 'TXT':
            v = [v.encode('latin-1')]
        out.append(((name, qtype), v))
    return out
spf.DNSLookup = lookup
for line in sys.stdin:
    w = json.loads(line)
    zone = w['zone']
    q = spf.query(i=w['ip'], s=w['sender'], h=w['helo'], strict=True)
    result, code, text = q.check()
    print(json.dumps([result, text]), flush=True)
`

// TestFault_059_AgainstPySPF compares 5,000 generated worlds with Debian's
// python3-spf.
func TestFault_059_AgainstPySPF(t *testing.T) {
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import spf").Run(); err != nil {
		t.Skip("python3-spf is not installed")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-c", pyDriver)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	bad, excused, results := 0, 0, map[Result]int{}
	for i := range 5000 {
		g := &generator{r: rand.New(rand.NewPCG(59, uint64(i))), full: i%2 == 0, faults: i%4 < 2}
		f := g.world()
		ip := g.pick("192.0.2.1", "192.0.2.2", "198.51.100.1", "2001:db8::1", "2001:db8::9")
		ours := (&Checker{Resolver: f}).Check(ctx, netip.MustParseAddr(ip), "h.test", "user@n0.test")
		results[ours.Result]++
		zone := map[string][]string{}
		for q, v := range f.values {
			zone[q.Name+" "+string(q.Type)] = v
		}
		line, _ := json.Marshal(map[string]any{"zone": zone, "ip": ip, "sender": "user@n0.test", "helo": "h.test"})
		if _, err := in.Write(append(line, '\n')); err != nil || !lines.Scan() {
			t.Fatalf("python3-spf stopped: %v\n%s", err, complaint.String())
		}
		var theirs [2]string
		if err := json.Unmarshal(lines.Bytes(), &theirs); err != nil {
			t.Fatal(err)
		}
		if theirs[0] == string(ours.Result) {
			continue
		}
		if pyExplained(ours, theirs[1], f) {
			excused++
			continue
		}
		if bad++; bad < 5 {
			t.Errorf("%s: ours %s by %q (%s, %d lookups, %d voids), python3-spf %q\n%s", ip, ours.Result, ours.Term,
				ours.Problem, ours.Lookups, ours.Voids, theirs, f.dump())
		}
	}
	_ = in.Close()
	_ = cmd.Wait()
	t.Logf("5000 worlds: %d unexplained differences, %d explained; results %v", bad, excused, results)
	if bad > 0 {
		t.Errorf("%d unexplained differences", bad)
	}
}

// pyExplained lists why python3-spf may say something else.
func pyExplained(ours Outcome, theirs string, f *fakeDNS) bool {
	switch {
	case strings.Contains(theirs, "MUST appear at most once") && !strings.Contains(theirs, "redirect=") && !strings.Contains(theirs, "exp="):
		// It wants every modifier at most once; RFC 7208 6 says so of redirect
		// and exp only.
		return true
	case strings.Contains(theirs, "trivial recursion"):
		// It takes an include of the own name for a syntax error; by RFC 7208
		// 4.6.4 it counts only if evaluation comes to it.
		return true
	case strings.Contains(theirs, "Void lookup limit") && (f.holds("ptr") || f.holds("mx")):
		// It counts names of the address that do not lead back to it as void,
		// which are the sending host's doing, and asks for all hosts of mx even
		// if the first one matches. Half of the worlds have no void lookups.
		return ours.Voids <= MaxVoids
	}
	return false
}

// holds reports whether an SPF record of the world holds a word.
func (f *fakeDNS) holds(word string) bool {
	for q, values := range f.values {
		if q.Type == dnsrec.TypeTXT && strings.Contains(strings.Join(values, " "), word) {
			return true
		}
	}
	return false
}

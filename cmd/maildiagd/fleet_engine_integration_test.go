//go:build integration && measure

package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A list takes at most half as much processor time again through the queue as it
// takes without it.
func TestEngineCost(t *testing.T) {
	bulk := filepath.Join(t.TempDir(), "maildiag")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", bulk, "../maildiag").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const domains = 16_000 // the start counts less than in a short list
	var ratios []float64
	for range 3 {
		l := newLab(t, bulk, domains)
		l.args[slices.Index(l.args, "--fleet-concurrency")+1] = "256"
		l.inside(0)
		start := time.Now()
		l.submit()
		results := l.results()
		took := time.Since(start)
		if err := l.server.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := l.server.Wait(); err != nil {
			t.Fatal(err)
		}
		engine := used(l.server.Cmd)
		plain := exec.Command(bulk, "bulk", "--resolver", l.dns.Addr, "--expect", "any", "-q", "-")
		plain.Stdin = strings.NewReader(l.list)
		began := time.Now()
		if err := plain.Run(); err != nil {
			t.Fatal(err)
		}
		if n := len(verdicts(t, results)); n != domains {
			t.Errorf("%d domains", n)
		}
		ratios = append(ratios, used(plain).Seconds()/engine.Seconds())
		t.Logf("engine %v in %v, bulk %v in %v", engine, took, used(plain), time.Since(began))
	}
	slices.Sort(ratios)
	if t.Logf("bulk takes %.2f of the time of the engine", ratios); ratios[len(ratios)/2] < 0.65 { // docs/fleet/scale.md: 0.80 to 0.85
		t.Errorf("the queue costs more than the checks leave room for: %.2f", ratios)
	}
}

// used returns the processor time of a program that has ended.
func used(c *exec.Cmd) time.Duration { return c.ProcessState.UserTime() + c.ProcessState.SystemTime() }

//go:build integration

package bus

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// holderURL names the variable that makes this program one that holds a partition.
const holderURL = "MAILDIAG_TEST_HOLDER"

// TestHolder is not a test: it is the worker that [TestLeaseDial] kills.
func TestHolder(t *testing.T) {
	url := os.Getenv(holderURL)
	if url == "" {
		return
	}
	b, err := Open(t.Context(), Config{URL: url, Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		_, err = b.LeaseDial(t.Context(), 7, "victim")
	}
	fmt.Println("held:", err)
	<-t.Context().Done()
}

// A partition is held by one worker at a time. One that is killed keeps others waiting
// until what it held has expired, and no longer; other partitions are free.
func TestLeaseDial(t *testing.T) {
	b := open(t, Config{Dir: t.TempDir(), Server: config(t, "listen: 127.0.0.1:-1"), DialTime: 2 * time.Second})
	victim := exec.Command(os.Args[0], "-test.run=^TestHolder$", "-test.timeout=60s")
	victim.Env = append(os.Environ(), holderURL+"=nats://"+b.Addr())
	out, err := victim.StdoutPipe()
	if err == nil {
		err = victim.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.Contains(line, "held: <nil>") {
		t.Fatalf("%q, %v", line, err)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // it was killed
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := b.LeaseDial(soon, 7, "next"); err == nil {
		t.Error("what the victim holds is free at once: nothing says that it has ended its conversation")
	}
	release, err := b.LeaseDial(t.Context(), 8, "next")
	if err != nil {
		t.Fatal(err)
	}
	release()
	var holders, most atomic.Int64
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			release, err := b.LeaseDial(t.Context(), 7, "next")
			if err != nil {
				t.Error(err)
				return
			}
			most.Store(max(most.Load(), holders.Add(1)))
			holders.Add(-1)
			release()
		})
	}
	wg.Wait()
	if most.Load() != 1 {
		t.Errorf("%d at once", most.Load())
	}
}

//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maildiag/checks/kit"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"maildiag/dnsrec/dnstest"
)

// process runs maildiag as a process of its own.
func process(t *testing.T, list string, stdout io.Writer, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	errs := new(bytes.Buffer)
	c := exec.Command("maildiag", append([]string{"bulk", "-"}, args...)...) // TestMain puts it into PATH
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(list), stdout, errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, errs
}

// sizeOf returns the size of a file, 0 if there is none.
func sizeOf(file string) int64 {
	st, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return st.Size()
}

// grown waits until a file has grown by n bytes; false: ended first.
func grown(file string, from, n int64, ended <-chan struct{}) bool {
	for sizeOf(file) < from+n {
		select {
		case <-ended:
			return false
		case <-time.After(time.Millisecond):
		}
	}
	return true
}

func TestFault_232_KillAndResume(t *testing.T) {
	srv, list := bulkWorld(t, 400, dnstest.Latency(2*time.Millisecond), dnstest.Unlogged())
	file := filepath.Join(t.TempDir(), "out.jsonl")
	args := []string{"--resolver", srv.Addr, "--resume", file, "--only", "mx,spf", "--concurrency", "4", "-q"}
	kills := 0
	for range 20 {
		c, _ := process(t, list, nil, args...)
		ended := make(chan struct{})
		go func() { _ = c.Wait(); close(ended) }()
		if grown(file, sizeOf(file), rand.Int64N(24<<10), ended) {
			_ = c.Process.Kill()
			kills++
		}
		<-ended
	}
	c, errs := process(t, list, nil, args...)
	if err := c.Wait(); err != nil && c.ProcessState.ExitCode() > exitUnknown {
		t.Fatalf("%v: %s", err, errs)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	onceEvery(t, domainsOf(t, string(got)), list)
	if kills < 10 {
		t.Errorf("only %d runs were killed", kills)
	}
}

func TestFault_230_BulkSignals(t *testing.T) {
	srv, list := bulkWorld(t, 2000, dnstest.Latency(5*time.Millisecond), dnstest.Unlogged())
	for i := range 12 {
		sig := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}[i%3]
		file := filepath.Join(t.TempDir(), "out.jsonl")
		c, errs := process(t, list, nil, "--resolver", srv.Addr, "--resume", file, "--only", "mx,spf", "--concurrency", "8")
		ended := make(chan struct{})
		go func() { _ = c.Wait(); close(ended) }()
		if !grown(file, 0, rand.Int64N(40<<10)+1, ended) {
			t.Fatalf("ended before the signal: %s", errs)
		}
		_ = c.Process.Signal(sig)
		<-ended
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		done := domainsOf(t, string(got))
		if code := c.ProcessState.ExitCode(); code != exitSignal+int(sig) || len(done) == 0 {
			t.Errorf("%v: exit code %d, %d domains", sig, code, len(done))
		}
		if want := fmt.Sprintf("maildiag: %s in ", kit.Plural(len(done), "domain", "domains")); !strings.Contains(errs.String(), want) ||
			!strings.Contains(errs.String(), "maildiag: error: stopped by ") {
			t.Errorf("no %q in %s", want, errs)
		}
	}
}

// A reader that goes away ends the run as any program's.
func TestFault_230_BulkPipe(t *testing.T) {
	srv, list := bulkWorld(t, 500, dnstest.Latency(time.Millisecond), dnstest.Unlogged())
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c, _ := process(t, list, w, "--resolver", srv.Addr, "--only", "mx,spf")
	w.Close()
	if _, err := io.ReadFull(r, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	r.Close()
	var exit *exec.ExitError
	if err := c.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGPIPE {
		t.Errorf("ended with %v", err)
	}
}

// A disk that is full: said so, exit code 3, whole lines only, and the run can
// be resumed.
func TestFault_231_BulkFullDisk(t *testing.T) {
	srv, list := bulkWorld(t, 60, dnstest.Unlogged())
	file := filepath.Join(t.TempDir(), "out.jsonl")
	args := []string{"bulk", "-", "--resolver", srv.Addr, "--resume", file, "--only", "mx,spf"}
	limited := exec.Command("sh", append([]string{"-c", `ulimit -f 16 && exec "$0" "$@"`, "maildiag"}, args...)...)
	var errs bytes.Buffer
	limited.Stdin, limited.Stderr = strings.NewReader(list), &errs
	_ = limited.Run()
	if code := limited.ProcessState.ExitCode(); code != exitUnknown || !strings.Contains(errs.String(), "maildiag: error: cannot write the result: ") {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	half, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(domainsOf(t, string(half))); n == 0 || n >= 60 {
		t.Fatalf("%d domains were written", n)
	}
	c, again := process(t, list, nil, args[2:]...)
	_ = c.Wait()
	whole, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(whole, half) {
		t.Fatalf("what was written is not there any more: %v %s", err, again)
	}
	onceEvery(t, domainsOf(t, string(whole)), list)
}

// Two runs cannot write to one file.
func TestBulkResumeLocked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out.jsonl")
	l, _, err := openResume(file, lineHead{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, _, err := openResume(file, lineHead{}); err == nil || !strings.Contains(err.Error(), "another run is writing to it") {
		t.Errorf("second run: %v", err)
	}
}

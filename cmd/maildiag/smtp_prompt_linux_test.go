package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"maildiag/cmd/internal/signals"
)

// terminal opens a pseudo terminal: what is written to the first end is typed
// at the second.
func terminal(t *testing.T) (keyboard, tty *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals here:", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	fd := int(keyboard.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skip("no pseudo terminals here:", err)
	}
	terminals = append(terminals, tty)
	return keyboard, tty
}

// terminals keeps the terminals of all tests open: an interrupted prompt goes on
// reading its descriptor, whose number must not become another file's.
var terminals []*os.File

func settings(t *testing.T, f *os.File) unix.Termios {
	t.Helper()
	s, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *s
}

// awaitNoEcho waits until the terminal has its echo off.
func awaitNoEcho(t *testing.T, tty *os.File) {
	t.Helper()
	for range 500 {
		if settings(t, tty).Lflag&unix.ECHO == 0 {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Error("the echo stays on")
}

func TestFault_158_Prompt(t *testing.T) {
	keyboard, tty := terminal(t)
	before := settings(t, tty)
	var shown bytes.Buffer
	a := &app{in: tty, out: io.Discard, err: &shown}
	var typist sync.WaitGroup
	defer typist.Wait()
	typist.Go(func() {
		awaitNoEcho(t, tty)
		_, _ = keyboard.WriteString(testPassword + "\n")
	})
	secret, err := a.prompt(t.Context(), "Password: ")
	if err != nil || secret.Reveal() != testPassword || shown.String() != "Password: \n" {
		t.Errorf("%v, %q", err, shown.String())
	}
	if settings(t, tty) != before {
		t.Error("the terminal is not as it was")
	}
}

func TestFault_158_PromptInterrupted(t *testing.T) {
	_, tty := terminal(t)
	before := settings(t, tty)
	ctx, cancel := context.WithCancelCause(t.Context())
	a := &app{in: tty, out: io.Discard, err: io.Discard}
	var typist sync.WaitGroup
	defer typist.Wait()
	typist.Go(func() {
		awaitNoEcho(t, tty)
		cancel(signals.Stopped{Signal: os.Interrupt})
	})
	if _, err := a.prompt(ctx, "Password: "); err == nil || settings(t, tty) != before {
		t.Errorf("%v, or the terminal is not as it was", err)
	}
}

func TestFault_143_PasswordFromDescriptor(t *testing.T) {
	r := newSMTPRun(t)
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pr.Close()
	fmt.Fprintln(pw, testPassword)
	pw.Close()
	fd, err := unix.Dup(int(pr.Fd())) // the program closes its own
	if err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr := r.run("--user", testUser, "--password-fd", fmt.Sprint(fd)); code != exitOK {
		t.Errorf("%d\n%s%s", code, stdout, stderr)
	}
}

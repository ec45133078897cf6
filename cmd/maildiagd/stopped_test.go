package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"maildiag/cmd/internal/signals"
)

// A command that a signal ends says that, and not that the server does not answer.
func TestStoppedCommand(t *testing.T) {
	for sig, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143} {
		for _, args := range [][]string{{"results", "--run", "x", "--wait"}, {"status"}, {"submit", "-"}} {
			ctx, stop := context.WithCancelCause(t.Context())
			release := make(chan struct{})
			srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				stop(signals.Stopped{Signal: sig})
				select {
				case <-r.Context().Done():
				case <-release:
				}
			}))
			var errs bytes.Buffer
			code := program(ctx, append(args, "--server", srv.URL), strings.NewReader("contoso.com\n"), &bytes.Buffer{}, &errs)
			if code != want || !strings.Contains(errs.String(), "stopped") || strings.Contains(errs.String(), "no answer") || strings.Contains(errs.String(), "firewall") {
				t.Errorf("%v: exit code %d, want %d\n%s", args, code, want, &errs)
			}
			close(release)
			srv.Close()
		}
	}
}

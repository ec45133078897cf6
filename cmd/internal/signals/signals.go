// Package signals ends programs by signals, with the exit code that shells expect.
package signals

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// Stopped is the cause of a context that a signal ended.
type Stopped struct{ Signal os.Signal }

func (s Stopped) Error() string { return "stopped by " + s.Signal.String() }

// Until returns a context that the first of these signals ends, with its [Stopped] as
// the cause. The second signal ends the program at once.
func Until(ctx context.Context, of ...os.Signal) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, of...)
	go func() {
		select {
		case s := <-ch:
			signal.Stop(ch)
			cancel(Stopped{s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(ch); cancel(nil) }
}

// Code returns 128 and the number of the signal that ended a context, as shells do.
func Code(ctx context.Context) int {
	number := syscall.SIGINT
	if s, ok := errors.AsType[Stopped](context.Cause(ctx)); ok {
		if n, ok := s.Signal.(syscall.Signal); ok {
			number = n
		}
	}
	return 128 + int(number)
}

// Package pause waits for a time that a context can cut short.
package pause

import (
	"context"
	"time"
)

// For returns nil after d, or the cause of ctx's end if that comes first.
func For(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

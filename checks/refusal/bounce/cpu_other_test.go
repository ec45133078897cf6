//go:build !unix

package bounce

import "time"

var start = time.Now()

// processorTime is the time that has passed, where no better is known.
func processorTime() time.Duration { return time.Since(start) }

//go:build !unix

// Package cputime measures the work of a test.
package cputime

import "time"

var start = time.Now()

// Used returns the time that has passed, where no better is known.
func Used() time.Duration { return time.Since(start) }

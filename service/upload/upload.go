// Package upload receives what clients send to be explained. A body waits on
// disk, so that many slow clients cost no memory, and is read into memory only
// while there is room for it.
package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/semaphore"

	"maildiag/checks/refusal/bounce"
)

// Max is the most bytes of an input.
const Max = bounce.MaxInput

// The bounds of memory.
const (
	inMemory = 64 << 10 // larger bodies wait on disk
	room     = 64 << 20 // of the bodies that are worked on at once
)

// Desk receives bodies. Use [New].
type Desk struct {
	dir  string // of the temporary files; empty: the system's
	room *semaphore.Weighted
}

// New returns a desk whose temporary files are in dir.
func New(dir string) *Desk { return &Desk{dir: dir, room: semaphore.NewWeighted(room)} }

// ErrTooLarge is returned for a body over [Max].
var ErrTooLarge = fmt.Errorf("larger than %d MiB", Max>>20)

// ErrBody is returned for a body that ends early or cannot be read.
var ErrBody = errors.New("the body cannot be read")

// bodyReader marks the errors of the client.
type bodyReader struct{ io.Reader }

func (b bodyReader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", ErrBody, err)
	}
	return n, err
}

// Receive reads a body and calls f with it. What f gets must not be kept.
func (d *Desk) Receive(ctx context.Context, body io.Reader, f func(input []byte) error) error {
	var head bytes.Buffer
	body = bodyReader{body}
	n, err := io.Copy(&head, io.LimitReader(body, inMemory))
	if err != nil {
		return err
	}
	if n < inMemory {
		return f(head.Bytes())
	}
	return d.large(ctx, io.MultiReader(&head, body), f)
}

// large receives a body by way of a file that has no name.
func (d *Desk) large(ctx context.Context, body io.Reader, f func([]byte) error) error {
	file, err := os.CreateTemp(d.dir, "maildiagd-*")
	if err != nil {
		return err
	}
	defer file.Close()
	defer os.Remove(file.Name()) // for systems that cannot remove an open file
	_ = os.Remove(file.Name())
	size, err := io.Copy(file, io.LimitReader(body, Max+1))
	switch {
	case err != nil:
		return err
	case size > Max:
		return ErrTooLarge
	}
	if err := d.room.Acquire(ctx, size); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	defer d.room.Release(size)
	input := make([]byte, size)
	if _, err := file.ReadAt(input, 0); err != nil {
		return err
	}
	return f(input)
}

//go:build !windows

package dnsrec

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// SystemOptions returns the resolvers that this machine uses, from
// /etc/resolv.conf. On macOS too: configd writes the primary network's
// resolvers there, which is what is wanted; resolvers for single domains (of a
// VPN) are only in its own store, and need --resolver.
//
// Without the file, the resolver on this machine is meant (resolv.conf(5)).
func SystemOptions() (Options, error) { return optionsFrom("/etc/resolv.conf") }

func optionsFrom(path string) (Options, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return parseResolvConf(""), nil
	}
	if err != nil {
		return Options{}, fmt.Errorf("resolvers of this machine: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConf))
	if err != nil {
		return Options{}, fmt.Errorf("resolvers of this machine: %w", err)
	}
	return parseResolvConf(string(text)), nil
}

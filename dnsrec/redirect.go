package dnsrec

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// redirectProbes are the top-level domains under which Redirected asks for
// names that nobody has registered.
var redirectProbes = [...]string{".com", ".net", ".org"}

// Redirected reports whether a resolver sends names that do not exist somewhere,
// as some providers and captive portals do: it gives the addresses that three
// names made up from seed have in common, nil if there are none. Behind such a
// resolver "the name exists" means nothing. The same seed gives the same names,
// so that a run can be replayed. The error is that of the last question that
// got no answer; it is nil if any showed that the resolver is honest.
func Redirected(ctx context.Context, r Resolver, seed string) ([]string, error) {
	var common []string
	var lost error
	for i, tld := range redirectProbes {
		a, err := r.Lookup(ctx, Q(madeUp(seed)+tld, TypeA))
		switch {
		case KindOf(err) == KindMissing:
			return nil, err
		case err != nil:
			lost = err
			continue
		case len(a.Values) == 0:
			return nil, nil
		case i == 0 || common == nil:
			common = a.Values
			continue
		}
		common = slices.DeleteFunc(slices.Clone(common), func(v string) bool { return !slices.Contains(a.Values, v) })
		if len(common) == 0 {
			return nil, nil
		}
	}
	if lost != nil {
		return nil, lost
	}
	return common, nil
}

// madeUp returns a label that nobody has registered.
func madeUp(seed string) string {
	sum := sha256.Sum256([]byte("no such name: " + seed))
	return hex.EncodeToString(sum[:13])
}

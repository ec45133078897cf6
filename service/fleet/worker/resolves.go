package worker

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"maildiag/dnsrec"
)

// resolveTime bounds how long one of the names of [Resolves] may take.
const resolveTime = 4 * time.Second

// Resolves returns why a resolver resolves nothing, such as one that has lost its
// way to the name servers and answers SERVFAIL; nil: it does. Names that nobody has
// asked for before are in no cache. Two operators do not fail at the same time.
func Resolves(ctx context.Context, r dnsrec.Resolver) error {
	err := dnsrec.Answers(ctx, r)
	if err != nil {
		return err
	}
	for _, zone := range []string{"cloudflare.com", "google.com"} {
		name := strings.ToLower(rand.Text()[:12]) + "." + zone
		if err = exists(ctx, r, name); err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fmt.Errorf("the resolver finds no domain: %w", err)
}

// exists returns why a resolver cannot say whether there is a name.
func exists(ctx context.Context, r dnsrec.Resolver, name string) error {
	ctx, cancel := dnsrec.WithTimeout(ctx, resolveTime)
	defer cancel()
	_, err := r.Lookup(ctx, dnsrec.Q(name, dnsrec.TypeA))
	return err
}

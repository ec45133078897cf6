package main

import (
	"cmp"
	"slices"
	"strings"

	"maildiag/checks/senders/failurereport"
)

// maxFailureGroups bounds the failure reports that are distinguished.
const maxFailureGroups = 10_000

// failureGroup counts failure reports that are alike.
type failureGroup struct {
	failureKey
	count int
}

type failureKey struct{ domain, source, failure, delivery, from, to string }

// failureCount adds failure reports up.
type failureCount struct{ byKey map[failureKey]int }

func (c *failureCount) add(r *failurereport.Report) {
	key := failureKey{r.Domain, "", r.Failure, r.Delivery, r.MailFrom, r.RcptTo}
	if r.Source.IsValid() {
		key.source = r.Source.String()
	}
	if c.byKey == nil {
		c.byKey = map[failureKey]int{}
	}
	if _, ok := c.byKey[key]; !ok && len(c.byKey) >= maxFailureGroups {
		key = failureKey{failure: "others"}
	}
	c.byKey[key]++
}

// groups returns the counts, the largest first.
func (c *failureCount) groups() (out []*failureGroup) {
	for k, n := range c.byKey {
		out = append(out, &failureGroup{k, n})
	}
	slices.SortFunc(out, func(a, b *failureGroup) int {
		return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.domain, b.domain), strings.Compare(a.source, b.source),
			strings.Compare(a.failure, b.failure), strings.Compare(a.from+a.to+a.delivery, b.from+b.to+b.delivery))
	})
	return out
}

package checks

import (
	"sync"

	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
)

// memo keeps facts that several checks of one domain share, so that each is
// worked out once. The zero value is ready.
type memo struct {
	mx         lazy[[]mxTarget]
	apexSPF    lazy[[]string]
	spf        lazy[*spf.Tree]
	dmarc      lazy[*dmarc.Result]
	dane       lazy[daneFacts]
	profile    lazy[Profile]
	submission lazy[submissionFacts] // of the options of a login
}

// lazy is a fact that is worked out by the first who asks for it; others who
// ask meanwhile wait. If that panics, all who ask do.
type lazy[T any] struct {
	once  sync.Once
	value T
	fault any
}

func (l *lazy[T]) get(f func() T) T {
	l.once.Do(func() {
		defer func() { l.fault = recover() }()
		l.value = f()
	})
	if l.fault != nil {
		panic(l.fault)
	}
	return l.value
}

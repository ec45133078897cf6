package spf

import (
	"context"
	"strings"
	"sync"

	"maildiag/dnsrec"
)

// fakeDNS is a zone in memory that counts the questions.
type fakeDNS struct {
	mu      sync.Mutex
	values  map[dnsrec.Query][]string
	names   map[string]bool
	cnames  map[string]string
	fails   map[string]dnsrec.Kind
	asked   map[dnsrec.Query]int
	queries int
}

func newFake() *fakeDNS {
	return &fakeDNS{
		values: map[dnsrec.Query][]string{}, names: map[string]bool{}, cnames: map[string]string{},
		fails: map[string]dnsrec.Kind{}, asked: map[dnsrec.Query]int{},
	}
}

// fakeZone reads lines "name type value"; the type FAIL makes a name fail with
// the kind of error that is its value.
func fakeZone(lines string) *fakeDNS {
	f := newFake()
	for line := range strings.Lines(lines) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 3)
		switch {
		case len(fields) < 2:
		case fields[1] == "FAIL":
			f.fails[fields[0]] = dnsrec.Kind(fields[2])
		case fields[1] == "CNAME":
			f.cname(fields[0], fields[2])
		case fields[1] == "NODATA":
			f.exists(fields[0])
		default:
			f.add(fields[0], dnsrec.Type(fields[1]), fields[2])
		}
	}
	return f
}

func (f *fakeDNS) add(name string, t dnsrec.Type, value string) {
	q := dnsrec.Q(name, t)
	if t == dnsrec.TypePTR {
		value = dnsrec.Canonical(value)
	}
	f.values[q] = append(f.values[q], value)
	f.exists(name)
}

func (f *fakeDNS) exists(name string)  { f.names[dnsrec.Canonical(name)] = true }
func (f *fakeDNS) timeout(name string) { f.fails[dnsrec.Canonical(name)] = dnsrec.KindTimeout }
func (f *fakeDNS) cname(name, target string) {
	f.cnames[dnsrec.Canonical(name)] = dnsrec.Canonical(target)
}

func (f *fakeDNS) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queries++
	f.asked[q]++
	a := dnsrec.Answer{Query: q, Rcode: "NOERROR", Server: "fake"}
	name := q.Name
	for target, ok := f.cnames[name]; ok; target, ok = f.cnames[name] {
		if a.CNAMEs = append(a.CNAMEs, target); len(a.CNAMEs) > 8 {
			return a, &dnsrec.Error{Query: q, Kind: dnsrec.KindChain, Server: "fake", CNAMEs: a.CNAMEs}
		}
		name = target
	}
	a.Values = f.values[dnsrec.Query{Name: name, Type: q.Type}]
	if kind := f.fails[name]; kind != "" && a.Values == nil {
		return a, &dnsrec.Error{Query: q, Kind: kind, Server: "fake"}
	}
	if !f.names[name] {
		a.Rcode = "NXDOMAIN"
	}
	return a, ctx.Err()
}

package spf

import (
	"context"
	"sync"

	"maildiag/dnsrec"
)

// Published is what a domain publishes about SPF.
type Published struct {
	Domain  string
	Records []*Record     // all that receivers take for SPF; more than one is permerror
	Alike   []Alike       // those they do not, though they look like it
	Answer  dnsrec.Answer // the TXT answer
	Err     error         // there is no answer: a *dnsrec.Error

	first [1]*Record // room for Records
}

// Alike is a TXT record with its [Likeness].
type Alike struct {
	Text string
	Likeness
}

// Void reports whether the question for TXT found nothing at all.
func (p *Published) Void() bool { return p.Err == nil && len(p.Answer.Values) == 0 }

// maxRecords bounds how many SPF records of one name are read.
const maxRecords = 10

// Fetch asks for the SPF record of a domain.
func Fetch(ctx context.Context, r dnsrec.Resolver, domain string) *Published {
	p := fetch(ctx, r, domain)
	p.addAlike()
	return p
}

// addAlike finds the look-alikes, which receivers do not care for.
func (p *Published) addAlike() {
	for _, txt := range p.Answer.Values {
		if like := LookAlike(txt); like != nil && len(p.Alike) < maxRecords {
			p.Alike = append(p.Alike, Alike{txt, *like})
		}
	}
}

// fetch is Fetch without the look-alikes.
func fetch(ctx context.Context, r dnsrec.Resolver, domain string) *Published {
	a, err := r.Lookup(ctx, dnsrec.Q(domain, dnsrec.TypeTXT))
	return (*RecordCache)(nil).published(domain, a, err)
}

// published reads what a domain answered.
func (c *RecordCache) published(domain string, a dnsrec.Answer, err error) *Published {
	p := &Published{Domain: domain, Answer: a, Err: err}
	if err != nil {
		return p
	}
	for _, txt := range a.Values {
		if Ours(txt) && len(p.Records) < maxRecords {
			if p.Records == nil {
				p.Records = p.first[:0]
			}
			p.Records = append(p.Records, c.record(txt))
		}
	}
	return p
}

// RecordCache keeps the records that many domains include, so that a run over
// thousands of domains reads each once. The zero value is an empty one, nil
// keeps nothing; it may be shared by any number of goroutines.
type RecordCache struct {
	mu      sync.Mutex
	records map[string]*Record // by text
}

// maxCached bounds what is kept, in records of at most maxKept bytes. A full
// cache is emptied: what many include is soon there again.
const (
	maxCached = 512
	maxKept   = 4 << 10
)

// record reads an SPF record, or gives the one that was read before.
func (c *RecordCache) record(txt string) *Record {
	if c == nil || len(txt) > maxKept {
		rec, _, _ := Parse(txt)
		return rec
	}
	c.mu.Lock()
	rec := c.records[txt]
	c.mu.Unlock()
	if rec != nil {
		return rec
	}
	rec, _, _ = Parse(txt)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.records == nil || len(c.records) >= maxCached {
		c.records = make(map[string]*Record, maxCached)
	}
	c.records[txt] = rec
	return rec
}

// Overlay answers the question for the SPF record of one name with another
// text, and all else from the resolver below: what if it were published?
type Overlay struct {
	dnsrec.Resolver
	Name string // canonical
	Text string // empty: no SPF record
}

// Lookup implements [dnsrec.Resolver].
func (o Overlay) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	if q.Type != dnsrec.TypeTXT || q.Name != o.Name {
		return o.Resolver.Lookup(ctx, q)
	}
	a := dnsrec.Answer{Query: q, Rcode: "NOERROR", Server: "what-if"}
	if o.Text != "" {
		a.Values = []string{o.Text}
	}
	return a, nil
}

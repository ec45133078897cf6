package spf

import (
	"context"

	"maildiag/dnsrec"
)

// Published is what a domain publishes about SPF.
type Published struct {
	Domain  string
	Records []*Record     // all that receivers take for SPF; more than one is permerror
	Alike   []Alike       // those they do not, though they look like it
	Answer  dnsrec.Answer // the TXT answer
	Err     error         // there is no answer: a *dnsrec.Error
}

// Alike is a TXT record with its [Likeness].
type Alike struct {
	Text string
	Likeness
}

// Void tells whether the question for TXT found nothing at all.
func (p *Published) Void() bool { return p.Err == nil && len(p.Answer.Values) == 0 }

// maxRecords bounds how many SPF records of one name are read.
const maxRecords = 10

// Fetch asks for the SPF record of a domain.
func Fetch(ctx context.Context, r dnsrec.Resolver, domain string) *Published {
	p := fetch(ctx, r, domain)
	for _, txt := range p.Answer.Values {
		if like := LookAlike(txt); like != nil && len(p.Alike) < maxRecords {
			p.Alike = append(p.Alike, Alike{txt, *like})
		}
	}
	return p
}

// fetch is Fetch without the look-alikes, which receivers do not care for.
func fetch(ctx context.Context, r dnsrec.Resolver, domain string) *Published {
	p := &Published{Domain: domain}
	p.Answer, p.Err = r.Lookup(ctx, dnsrec.Q(domain, dnsrec.TypeTXT))
	if p.Err != nil {
		return p
	}
	for _, txt := range p.Answer.Values {
		if rec, ours, _ := Parse(txt); ours && len(p.Records) < maxRecords {
			p.Records = append(p.Records, rec)
		}
	}
	return p
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

package dnsrec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// Zone is the text of a zone file (RFC 1035 5), read.
type Zone struct {
	Apex    string // the owner of the SOA record; empty: the file is a part of a zone
	Changes []Change
	cuts    []string // names below the apex that are delegated
}

// The limits of a zone file.
const (
	maxZoneBytes   = 32 << 20
	maxZoneRecords = 200_000
	zoneTTL        = 3600 // of records without one
)

// ReadZone reads a zone file. Names without a final dot are relative to origin,
// unless the file says otherwise.
func ReadZone(r io.Reader, origin string) (*Zone, error) {
	limited := &io.LimitedReader{R: r, N: maxZoneBytes + 1}
	zp := dns.NewZoneParser(limited, dns.Fqdn(origin), "")
	zp.SetDefaultTTL(zoneTTL)
	z, at := &Zone{}, map[Query]int{}
	for n := 0; ; n++ {
		rr, ok := zp.Next()
		if !ok {
			break
		}
		if n == maxZoneRecords || limited.N == 0 {
			return nil, fmt.Errorf("the zone file is larger than %d MB or %d records", maxZoneBytes>>20, maxZoneRecords)
		}
		if err := z.add(rr, at); err != nil {
			return nil, err
		}
	}
	if err := zp.Err(); err != nil {
		return nil, fmt.Errorf("zone file: %w", err)
	}
	if len(z.Changes) == 0 {
		return nil, errors.New("the zone file has no records")
	}
	for _, c := range z.Changes {
		if c.Type == TypeNS && c.Name != z.Apex && Within(c.Name, z.Apex) {
			z.cuts = append(z.cuts, c.Name)
		}
	}
	return z, nil
}

// add puts a record into its set.
func (z *Zone) add(rr dns.RR, at map[Query]int) error {
	msg := &dns.Msg{Answer: []dns.RR{rr}}
	raw, err := msg.Pack()
	if err != nil {
		return fmt.Errorf("zone file: %s: %w", rr.Header().Name, err)
	}
	var records []Record
	if _, err := (&message{raw: raw}).take(&records, headerSize); err != nil {
		return fmt.Errorf("zone file: %s: %w", rr.Header().Name, err)
	}
	for _, r := range records {
		if r.Type == TypeSOA && z.Apex == "" {
			z.Apex = r.Name
		}
		q := Query{r.Name, r.Type}
		i, ok := at[q]
		if !ok {
			i = len(z.Changes)
			at[q] = i
			z.Changes = append(z.Changes, Change{Name: r.Name, Type: r.Type, TTL: r.TTL})
		}
		c := &z.Changes[i]
		c.Values = append(c.Values, r.Value)
		c.TTL = min(c.TTL, r.TTL)
	}
	return nil
}

// Over returns the world as it will be when the zone is published. A whole zone
// replaces all of the published one; a part of a zone replaces the record sets
// that it has. Names outside are asked of the base.
func (z *Zone) Over(base Resolver) Resolver {
	if z.Apex == "" {
		return NewChanged(base, z.Changes...)
	}
	return NewChanged(zoneBase{z, base}, z.Changes...)
}

// zoneBase has nothing below the apex of a zone but for what is delegated.
type zoneBase struct {
	zone *Zone
	base Resolver
}

// Lookup answers a question that the zone itself does not.
func (b zoneBase) Lookup(ctx context.Context, q Query) (Answer, error) {
	if !Within(q.Name, b.zone.Apex) || b.zone.delegated(q.Name) {
		return b.base.Lookup(ctx, q)
	}
	return Answer{Query: q, Rcode: "NXDOMAIN", Server: "zone file", TTL: zoneTTL * time.Second}, nil
}

// delegated reports whether a name is at or below a zone cut.
func (z *Zone) delegated(name string) bool {
	return slices.ContainsFunc(z.cuts, func(cut string) bool { return Within(name, cut) })
}

package main

import (
	"os"

	"github.com/spf13/pflag"

	"maildiag/dnsrec"
)

// zoneFlag lays a zone file over the DNS.
type zoneFlag struct {
	file   string
	origin string // of relative names: the first domain that is asked for
}

func (z *zoneFlag) add(f *pflag.FlagSet) {
	f.StringVar(&z.file, "zone", "", "judge the zone in `FILE` (RFC 1035, as exported) as if it were published")
}

// over puts the zone file in front of a world's DNS. The domain's name servers do
// not have it yet, so they are not asked.
func (z *zoneFlag) over(w *world) error {
	if z.file == "" {
		return nil
	}
	f, err := os.Open(z.file)
	if err != nil {
		return usage("name a zone file (RFC 1035), as your DNS provider exports it", "cannot read the zone: %v", err)
	}
	defer f.Close()
	zone, err := dnsrec.ReadZone(f, z.origin)
	if err != nil {
		return usage("export the zone again, or correct the line", "%s: %w", z.file, err)
	}
	w.DNS = dnsrec.NewCache(zone.Over(w.DNS), dnsrec.CacheOptions{})
	w.Resolver = z.file + ", " + w.Resolver
	w.ask = nil
	return nil
}

// openWith opens the world for domains, with the zone file over it.
func (n *netFlags) openWith(z *zoneFlag, names []string) (*world, error) {
	w, err := n.open()
	if err != nil || z.file == "" {
		return w, err
	}
	if origin, _, err := dnsrec.ParseDomain(names[0]); err == nil {
		z.origin = origin
	}
	if err := z.over(w); err != nil {
		return nil, closing(w, err)
	}
	return w, nil
}

package main

import (
	"os"
	"slices"
	"strings"

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

// split reads domains that are given as ZONEFILE#DOMAIN.
func (z *zoneFlag) split(args []string) ([]string, error) {
	names := slices.Clone(args)
	for i, arg := range args {
		at := strings.LastIndexByte(arg, '#')
		if at < 0 || strings.Contains(arg, "://") {
			continue
		}
		file, name := arg[:at], arg[at+1:]
		switch {
		case file == "" || name == "":
			return nil, usage("maildiag contoso.com.zone#contoso.com", "%q is not the name of a zone file, #, and a domain", arg)
		case z.file != "" && z.file != file:
			return nil, usage("run maildiag once for each zone file", "%s and %s are two zone files", z.file, file)
		}
		z.file, names[i] = file, name
	}
	return names, nil
}

// over puts the zone file in front of a world's DNS. The domain's name servers do
// not have it yet, so they are not asked.
func (z *zoneFlag) over(w *world, names []string) error {
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
	if err := z.concerns(zone, names); err != nil {
		return err
	}
	w.DNS = dnsrec.NewCache(zone.Over(w.DNS), dnsrec.CacheOptions{})
	w.Resolver = z.file + ", " + w.Resolver
	w.Ask = nil
	return nil
}

// concerns refuses a zone file that says nothing of the domains that are asked for:
// what is judged would be published already.
func (z *zoneFlag) concerns(zone *dnsrec.Zone, names []string) error {
	for _, name := range names {
		domain, _, err := dnsrec.ParseDomain(name)
		if err != nil || zone.Apex != "" && dnsrec.Within(domain, zone.Apex) ||
			slices.ContainsFunc(zone.Changes, func(c dnsrec.Change) bool { return dnsrec.Within(c.Name, domain) }) {
			return nil // a name that is wrong is told by who reads it
		}
	}
	return usage("give the domain of the zone file, or the file of this domain", "%s has no record of %s", z.file, names[0])
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
	if err := z.over(w, names); err != nil {
		return nil, closing(w, err)
	}
	return w, nil
}

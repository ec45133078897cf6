package dmarc

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/taglist"
)

// MaxAuthorizations is how many outside domains are asked whether they take
// the reports a record; a record may name any number.
const MaxAuthorizations = 10

// Authorization is whether an outside domain takes the reports about another.
type Authorization struct {
	Host   string // the domain that reports go to
	Tag    string // "rua" or "ruf"
	Name   string // where its consent is looked for
	Want   string // the record to publish there
	Answer dnsrec.Answer
	Err    error // there is no usable answer
	OK     bool
}

// Authorizations asks the outside domains that a record names for reports
// whether they consent (RFC 9990 4, RFC 7489 7.1), at most MaxAuthorizations
// of them. unchecked lists the others. at is the domain of the record.
func Authorizations(ctx context.Context, r dnsrec.Resolver, at string, rec *Record) (list []Authorization,
	unchecked []string) {
	list = external(at, rec)
	for _, a := range list[min(len(list), MaxAuthorizations):] {
		unchecked = append(unchecked, a.Host)
	}
	list = list[:min(len(list), MaxAuthorizations)]
	for i := range list {
		list[i].ask(ctx, r)
	}
	return list, unchecked
}

// external lists the domains in rua and ruf that are of another organization,
// each once. The Public Suffix List tells them apart without a question more;
// where the tree walk would see one organization, a consent that is not needed
// is asked for, which harms nobody.
func external(at string, rec *Record) (list []Authorization) {
	org := ""
	add := func(tag string, uris []URI) {
		for _, u := range uris {
			host := u.Host()
			if host == at || slices.ContainsFunc(list, func(a Authorization) bool { return a.Host == host }) {
				continue
			}
			if org = cmp.Or(org, ListOrganizational(at)); ListOrganizational(host) == org {
				continue
			}
			list = append(list, Authorization{Host: host, Tag: tag, Name: at + "._report._dmarc." + host,
				Want: "v=" + Version})
		}
	}
	add("rua", rec.RUA)
	add("ruf", rec.RUF)
	return list
}

const maxName = 253 // RFC 1035 2.3.4, in text without the final dot

func (a *Authorization) ask(ctx context.Context, r dnsrec.Resolver) {
	if len(a.Name) > maxName {
		return // RFC 9990 4: a name that cannot exist is no consent
	}
	a.Answer, a.Err = r.Lookup(ctx, dnsrec.Q(a.Name, dnsrec.TypeTXT))
	a.OK = a.Err == nil && slices.ContainsFunc(a.Answer.Values, Consents)
}

// Consents reports whether a TXT record is a consent to reports: a list of tags
// that begins with v=DMARC1 (RFC 9990 4).
func Consents(txt string) bool {
	tags := taglist.Split(txt)
	return len(tags) > 0 && strings.EqualFold(tags[0].Name, "v") && tags[0].Value == Version
}

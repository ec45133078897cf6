// Package dmarc reads and finds DMARC policies (RFC 9989, of May 2026) and
// tells where receivers that still follow RFC 7489 come to another result.
//
// A domain publishes in a TXT record at "_dmarc.domain" what receivers should
// do with mail that names the domain in its From header, but is neither signed
// (DKIM) nor sent from a server (SPF) of a domain that is aligned with it:
// the same one, or in relaxed mode one of the same organization. A name
// without a record of its own is covered by that of its organization, the
// organizational domain.
//
// The two RFCs differ in how they find it: RFC 7489 asks a list of public
// suffixes, RFC 9989 walks up the tree of the DNS. They also differ in some
// tags. [Discover] reads a domain both ways.
package dmarc

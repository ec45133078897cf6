// Package tlsa reads TLSA records (RFC 6698) and tells what they are worth to
// SMTP (RFC 7672).
//
// With DANE the zone of a mail host says which certificate or key the host
// will show, in a record at _25._tcp.HOST. If DNSSEC proves the record, a
// sender needs no certification authority, and nobody on the network can take
// the encryption away. Without DNSSEC the record is worth nothing.
//
// A record has three numbers and data: the usage (whose certificate it is:
// 2 a trust anchor's, 3 the server's own), the selector (0 the whole
// certificate, 1 its public key) and the matching type (0 the thing itself, 1
// its SHA-256, 2 its SHA-512). "3 1 1" is what nearly everyone publishes.
package tlsa

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The values that RFC 6698 2.1 defines, by their names in RFC 7218.
const (
	UsagePKIXTA = 0 // a CA's certificate, with the usual checks; not for SMTP
	UsagePKIXEE = 1 // the server's certificate, with the usual checks; not for SMTP
	UsageDANETA = 2 // a trust anchor's
	UsageDANEEE = 3 // the server's own

	SelectorCert = 0
	SelectorSPKI = 1

	MatchFull   = 0
	MatchSHA256 = 1
	MatchSHA512 = 2
)

// maxData bounds the data of a record that is checked, in bytes. It leaves
// room for a whole certificate.
const maxData = 16 << 10

// RecordName returns the name of the records of a mail host. RFC 7672 2.2.3
func RecordName(host string) string { return "_25._tcp." + host }

// Record is one TLSA record.
type Record struct {
	Usage, Selector, Matching uint8
	Data                      []byte
}

// String returns the record in presentation form, with lower-case hex.
func (r Record) String() string {
	return fmt.Sprintf("%d %d %d %s", r.Usage, r.Selector, r.Matching, hex.EncodeToString(r.Data))
}

// Parse reads the presentation form "usage selector matching hex". The hex may
// have blanks in it.
func Parse(value string) (r Record, err error) {
	fields := strings.Fields(value)
	if len(fields) < 3 {
		return Record{}, errors.New("tlsa: not of the form usage selector matching data")
	}
	for i, to := range []*uint8{&r.Usage, &r.Selector, &r.Matching} {
		n, err := strconv.ParseUint(fields[i], 10, 8)
		if err != nil {
			return Record{}, fmt.Errorf("tlsa: field %d is not a number from 0 to 255", i+1)
		}
		*to = uint8(n)
	}
	digits := strings.Join(fields[3:], "")
	if len(digits) > 2*maxData {
		return Record{}, fmt.Errorf("tlsa: more than %d bytes of data", maxData)
	}
	if r.Data, err = hex.DecodeString(digits); err != nil {
		return Record{}, errors.New("tlsa: the data is not hexadecimal")
	}
	return r, nil
}

// Unusable says why senders cannot use the record for SMTP; "" if they can.
// Whether the data is that of the server's certificate is another question.
func (r Record) Unusable() string {
	switch {
	case r.Usage == UsagePKIXTA || r.Usage == UsagePKIXEE: // RFC 7672 3.1.3
		return fmt.Sprintf("usage %d is not for mail; use 3", r.Usage)
	case r.Usage > UsageDANEEE:
		return fmt.Sprintf("unknown usage %d", r.Usage)
	case r.Selector > SelectorSPKI:
		return fmt.Sprintf("unknown selector %d", r.Selector)
	case r.Matching > MatchSHA512:
		return fmt.Sprintf("unknown matching type %d", r.Matching)
	case len(r.Data) == 0:
		return "no data"
	case r.Matching == MatchSHA256 && len(r.Data) != sha256.Size:
		return fmt.Sprintf("a SHA-256 digest has 32 bytes, not %d", len(r.Data))
	case r.Matching == MatchSHA512 && len(r.Data) != sha512.Size:
		return fmt.Sprintf("a SHA-512 digest has 64 bytes, not %d", len(r.Data))
	case r.Matching == MatchFull:
		return r.unreadable()
	}
	return ""
}

// unreadable says what is wrong with data that is a certificate or a key
// itself.
func (r Record) unreadable() string {
	var err error
	if r.Selector == SelectorCert {
		_, err = x509.ParseCertificate(r.Data)
	} else {
		_, err = x509.ParsePKIXPublicKey(r.Data)
	}
	if err != nil {
		return "the data is neither a certificate nor a key that can be read"
	}
	return ""
}

// Digests are what identifies a certificate to TLSA records: hexadecimal digests
// of the whole and of its public key.
type Digests struct{ SHA256, SHA512, KeySHA256, KeySHA512 string }

// Matches reports whether the record names the certificate with these digests.
// RFC 6698 2.1
func (r Record) Matches(d Digests) bool {
	short, long := d.SHA256, d.SHA512
	if r.Selector == SelectorSPKI {
		short, long = d.KeySHA256, d.KeySHA512
	}
	data, want := hex.EncodeToString(r.Data), short
	switch r.Matching {
	case MatchFull:
		sum := sha256.Sum256(r.Data)
		data = hex.EncodeToString(sum[:])
	case MatchSHA512:
		want = long
	}
	return r.Selector <= SelectorSPKI && r.Matching <= MatchSHA512 && want != "" && data == want
}

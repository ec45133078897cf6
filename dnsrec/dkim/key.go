package dkim

import (
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"math/bits"

	"maildiag/dnsrec/taglist"
)

// The sizes of RSA keys, in bits.
const (
	MinRSABits    = 1024 // RFC 8301 3.2: shorter keys never verify
	GoodRSABits   = 2048 // RFC 8301 3.2: signers should use at least this
	CommonRSABits = 4096 // RFC 8301 3.2: verifiers need not take more
	MaxRSABits    = 8192 // where verifiers commonly refuse; ours too
)

const ed25519Bytes = 32 // RFC 8463 4.2

// Form is how the key is packed in p=.
type Form string

// The forms of a key.
const (
	FormSPKI  Form = "spki"  // SubjectPublicKeyInfo, what everyone publishes (RFC 6376, erratum 3017)
	FormPKCS1 Form = "pkcs1" // bare RSAPublicKey, which RFC 6376 3.6.1 names
	FormRaw   Form = "raw"   // the 32 bytes of Ed25519
)

// Key is what a record's p= holds.
type Key struct {
	Form     Form
	Bits     int    // of the modulus for RSA; 256 for Ed25519
	Exponent uint64 // of RSA; 0 for other types
}

// Size grades an RSA key by its length.
type Size uint8

// The grades of Size.
const (
	SizeGood      Size = iota // 2048 to 4096 bits, and Ed25519
	SizeForbidden             // under 1024: no verifier may accept it
	SizeShort                 // 1024 to 2047: works, but is being retired
	SizeLarge                 // 4097 to 8192: not every verifier takes it
	SizeAbsurd                // over 8192: not to be verified with
)

// Size grades the key.
func (k Key) Size() Size {
	switch {
	case k.Form == FormRaw:
		return SizeGood
	case k.Bits < MinRSABits:
		return SizeForbidden
	case k.Bits < GoodRSABits:
		return SizeShort
	case k.Bits <= CommonRSABits:
		return SizeGood
	case k.Bits <= MaxRSABits:
		return SizeLarge
	}
	return SizeAbsurd
}

// keyError says why bytes are no key.
type keyError struct {
	kind Kind
	text string
}

func noKey(kind Kind, format string, args ...any) *keyError {
	return &keyError{kind, fmt.Sprintf(format, args...)}
}

// parseKey reads the bytes of p= for a key type. No number is ever made of
// the modulus, so a huge one costs no more than its bytes.
func parseKey(keyType string, data []byte) (Key, *keyError) {
	switch keyType {
	case TypeRSA:
		return parseRSA(data)
	case TypeEd25519:
		return parseEd25519(data)
	}
	return Key{}, noKey(KindKeyType, "receivers do not know the key type k=%s (only rsa and ed25519)",
		taglist.Clip(keyType))
}

func parseEd25519(data []byte) (Key, *keyError) {
	if len(data) == ed25519Bytes {
		return Key{Form: FormRaw, Bits: 256}, nil
	}
	if spki, err := parseSPKI(data); err == nil && spki.Algorithm.OID.Equal(oidEd25519) {
		return Key{}, noKey(KindKey, "the key is wrapped in a SubjectPublicKeyInfo; Ed25519 wants the bare "+
			"%d bytes", ed25519Bytes)
	}
	return Key{}, noKey(KindKey, "an Ed25519 key has %d bytes, this one has %d", ed25519Bytes, len(data))
}

// spkiSequence is SubjectPublicKeyInfo (RFC 5280 4.1).
type spkiSequence struct {
	Algorithm struct {
		OID    asn1.ObjectIdentifier
		Params asn1.RawValue `asn1:"optional"`
	}
	Key asn1.BitString
}

var (
	oidRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
)

// algorithms names the other keys that were seen in p=.
var algorithms = map[string]string{
	"1.2.840.10045.2.1":    "an elliptic-curve (ECDSA) key",
	"1.2.840.10040.4.1":    "a DSA key",
	"1.3.101.112":          "an Ed25519 key",
	"1.3.101.113":          "an Ed448 key",
	"1.2.840.113549.1.1.5": "part of a certificate (a signature algorithm)",
}

func parseSPKI(data []byte) (spki spkiSequence, err error) {
	rest, err := asn1.Unmarshal(data, &spki)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("dkim: %d bytes after the key", len(rest))
	}
	return spki, err
}

func parseRSA(data []byte) (Key, *keyError) {
	if total, ok := derLength(data); ok && total > len(data) {
		return Key{}, noKey(KindTruncated, "the key is cut: its header announces %d bytes, %d are there (%d "+
			"base64 characters are missing)",
			total, len(data), (total-len(data))*4/3+1)
	}
	spki, err := parseSPKI(data)
	if err != nil {
		if k, bad := parseRSANumbers(data, FormPKCS1); bad == nil {
			return k, nil
		}
		return Key{}, noKey(KindKey, "p= does not contain a public key in DER form (%s)", taglist.Clip(err.Error()))
	}
	if oid := spki.Algorithm.OID; !oid.Equal(oidRSA) {
		what := algorithms[oid.String()]
		if what == "" {
			what = "a key of the algorithm " + taglist.Clip(oid.String())
		}
		return Key{}, noKey(KindKey, "p= holds %s, but k=rsa wants an RSA key", what)
	}
	return parseRSANumbers(spki.Key.Bytes, FormSPKI)
}

// parseRSANumbers reads RSAPublicKey (RFC 8017 A.1.1).
func parseRSANumbers(der []byte, form Form) (Key, *keyError) {
	var pub struct{ N, E asn1.RawValue }
	rest, err := asn1.Unmarshal(der, &pub)
	if err != nil || len(rest) > 0 || pub.N.Tag != asn1.TagInteger || pub.E.Tag != asn1.TagInteger {
		return Key{}, noKey(KindKey, "the RSA key does not hold the two numbers it is made of")
	}
	n, e := pub.N.Bytes, pub.E.Bytes
	if len(n) == 0 || n[0]&0x80 != 0 {
		return Key{}, noKey(KindKey, "the modulus of the RSA key is negative or empty")
	}
	k := Key{Form: form, Bits: bitLen(n)}
	if k.Bits == 0 || n[len(n)-1]&1 == 0 {
		return Key{}, noKey(KindKey, "the modulus of the RSA key is even, so it is not a product of two primes")
	}
	if k.Exponent = exponent(e); k.Exponent < 3 || k.Exponent&1 == 0 { // RFC 8017 3.1
		return Key{}, noKey(KindKey, "the exponent of the RSA key is not an odd number of 3 or more that "+
			"fits 64 bits")
	}
	return k, nil
}

// exponent returns 0 for what is negative, or too large for 64 bits.
func exponent(b []byte) uint64 {
	if len(b) == 0 || b[0]&0x80 != 0 || bitLen(b) > 64 {
		return 0
	}
	var buf [9]byte
	copy(buf[max(0, 9-len(b)):], b[max(0, len(b)-9):])
	return binary.BigEndian.Uint64(buf[1:])
}

// bitLen counts the bits of a big-endian number.
func bitLen(b []byte) int {
	for i, c := range b {
		if c != 0 {
			return (len(b)-i-1)*8 + bits.Len8(c)
		}
	}
	return 0
}

// derLength reports how long the DER value that starts b says it is.
func derLength(b []byte) (total int, ok bool) {
	if len(b) < 2 || b[0] != 0x30 {
		return 0, false
	}
	if b[1] < 0x80 {
		return 2 + int(b[1]), true
	}
	n := int(b[1] & 0x7f)
	if n == 0 || n > 3 || len(b) < 2+n { // 16 MiB is more than a TXT record holds
		return 0, false
	}
	for _, c := range b[2 : 2+n] {
		total = total<<8 | int(c)
	}
	return 2 + n + total, true
}

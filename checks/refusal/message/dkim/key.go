package dkim

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
)

// The algorithms of a=.
const (
	RSASHA256     = "rsa-sha256"     // RFC 6376 3.3.2
	Ed25519SHA256 = "ed25519-sha256" // RFC 8463 3
	RSASHA1       = "rsa-sha1"       // RFC 8301 3.1: MUST NOT be used
)

// Key is a public key of the DNS.
type Key struct {
	Record *dkim.Record
	public crypto.PublicKey
}

// maxKeyText is how long a key record may be: RSA of 8,192 bits is well below.
const maxKeyText = 4 << 10

// ReasonNoKey is what the reason of a signature starts with whose key is not
// published, or not any more.
const ReasonNoKey = "there is no key in the DNS at "

// maxName is the longest name that can be asked for. RFC 1035 2.3.4
const maxName = 253

// LookupKey asks for the key of a selector. The error is a *Failure.
func LookupKey(ctx context.Context, dns dnsrec.Resolver, domain, selector string) (*Key, error) {
	if domain == "" || selector == "" || len(dkim.Name(selector, domain)) > maxName {
		return nil, failure(Neutral, "d= and s= do not make a name in the DNS")
	}
	found := dkim.Lookup(ctx, dns, domain, selector)
	if found.Err != nil {
		return nil, failure(TempError, "the key is not known: "+kit.Reason(found.Err))
	}
	keys := found.Keys()
	switch {
	case len(keys) == 0:
		return nil, failure(PermError, ReasonNoKey+found.Name)
	case len(keys) > 1: // RFC 6376 3.6.2.2
		return nil, failure(PermError, "there are several keys in the DNS at "+found.Name)
	case len(keys[0].Value) > maxKeyText:
		return nil, failure(PermError, "the key record is too large")
	case keys[0].Revoked():
		return nil, failure(PermError, "the key was revoked: its record has an empty p=")
	}
	return newKey(keys[0])
}

func newKey(t dkim.Text) (*Key, error) {
	k := &Key{Record: t.Record}
	if size := t.Record.Key.Size(); t.Record.Type() == dkim.TypeRSA && len(t.Record.Data) > 0 {
		switch {
		case size == dkim.SizeForbidden && t.Record.Key.Bits > 0: // RFC 8301 3.2
			return nil, unfit(Policy, "the key is shorter than 1024 bits")
		case size == dkim.SizeAbsurd:
			return nil, failure(Policy, "the key is longer than 8192 bits")
		}
	}
	if p := t.Fault(); p != nil {
		return nil, failure(PermError, "the key record is faulty: "+p.Text)
	}
	var err error
	if k.public, err = public(t.Record); err != nil {
		return nil, failure(PermError, "the key record is faulty: "+err.Error())
	}
	if !t.Record.ForEmail() { // RFC 6376 3.6.1, s=
		return nil, failure(PermError, "the key is not meant for e-mail")
	}
	return k, nil
}

// public decodes the key. RSA keys come in two forms (RFC 6376 erratum 3017).
func public(r *dkim.Record) (crypto.PublicKey, error) {
	if r.Type() == dkim.TypeEd25519 {
		if len(r.Data) != ed25519.PublicKeySize {
			return nil, errors.New("it does not hold an Ed25519 key")
		}
		return ed25519.PublicKey(r.Data), nil
	}
	if k, err := x509.ParsePKIXPublicKey(r.Data); err == nil {
		if rsaKey, ok := k.(*rsa.PublicKey); ok {
			return rsaKey, nil
		}
	}
	if k, err := x509.ParsePKCS1PublicKey(r.Data); err == nil {
		return k, nil
	}
	return nil, errors.New("it does not hold an RSA key")
}

// Suits returns the failure if the key may not be used with an algorithm.
func (k *Key) Suits(algorithm string) error {
	kind, _, _ := strings.Cut(algorithm, "-")
	switch {
	case k.Record.Type() != kind:
		return failure(PermError, "the key is of type "+k.Record.Type()+", the signature of "+kind)
	case !k.Record.SHA256(): // RFC 6376 3.6.1, h=
		return failure(PermError, "the key record does not allow sha256")
	}
	return nil
}

// Strict reports whether i= must be in the very domain of d= (t=s). RFC 6376 3.6.1
func (k *Key) Strict() bool {
	return slices.ContainsFunc(k.Record.Flags, func(f string) bool { return strings.EqualFold(f, "s") })
}

// Verify reports whether sig is the signature of a SHA-256 digest.
func (k *Key) Verify(digest, sig []byte) bool {
	switch p := k.public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(p, crypto.SHA256, digest, sig) == nil
	case ed25519.PublicKey:
		return len(sig) == ed25519.SignatureSize && ed25519.Verify(p, digest, sig) // RFC 8463 3
	}
	return false
}

package dnsrec

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// certificatePrefix begins the text of an error about a server's certificate, which
// is all of the error that a recording keeps.
const certificatePrefix = "certificate: "

// Certificate returns what is wrong with the certificate of the server that was
// asked over TLS or HTTPS, as "has expired (...)"; ok is false if that is not why
// there is no answer.
func (e *Error) Certificate() (fault string, ok bool) {
	if e.Err == nil {
		return "", false
	}
	return strings.CutPrefix(e.Err.Error(), certificatePrefix)
}

// certificateFault puts an error about a certificate into words; others stay.
func certificateFault(err error) error {
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var roots x509.SystemRootsError
	what := ""
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		what = validity(invalid.Cert, time.Now())
	case errors.As(err, &invalid):
		what = "is not usable: " + invalid.Error()
	case errors.As(err, &name):
		what = fmt.Sprintf("is not for %s, but for %s", name.Host, names(name.Certificate))
	case errors.As(err, &unknown) && unknown.Cert != nil:
		what = fmt.Sprintf("was issued by %q, which this computer does not trust", unknown.Cert.Issuer)
	case errors.As(err, &unknown):
		what = "was issued by an authority that this computer does not trust"
	case errors.As(err, &roots):
		what = "cannot be verified: this computer has no list of trusted authorities"
	default:
		return err
	}
	return errors.New(certificatePrefix + what)
}

// validity says on which side of its time a certificate is.
func validity(c *x509.Certificate, now time.Time) string {
	if now.Before(c.NotBefore) {
		return "is valid only from " + c.NotBefore.UTC().Format(time.DateOnly) + " on; check this computer's clock"
	}
	return "has expired on " + c.NotAfter.UTC().Format(time.DateOnly) + "; check this computer's clock"
}

// names lists the first few names of a certificate.
func names(c *x509.Certificate) string {
	list := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		list = append(list, ip.String())
	}
	if len(list) == 0 {
		return "no name"
	}
	text := strings.Join(list[:min(len(list), 3)], ", ")
	if len(list) > 3 {
		text += fmt.Sprintf(" and %d more", len(list)-3)
	}
	return text
}

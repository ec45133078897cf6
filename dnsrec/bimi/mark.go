package bimi

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec/taglist"
)

// Mark is what a mark certificate says. It is not verified against the CAs
// that issue such certificates: no system keeps those.
type Mark struct {
	Subject, Issuer string
	Names           []string // domains that may show the logo, at most 50
	NotBefore       time.Time
	NotAfter        time.Time
	ForMarks        bool // its extended key usage is that of mark certificates
	Logo            bool // it holds a logo (RFC 3709 logotype)
	Certificates    int  // in the file, at most 10 counted
}

var (
	oidBrandIndicator = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3,
		31} // id-kp-BrandIndicatorforMessageIdentification
	oidLogotype = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 12} // RFC 9399 4.1
)

const (
	maxPEM          = 256 << 10 // bytes of a file that are checked
	maxCertificates = 10
	maxNames        = 50
)

// ParseMark reads a PEM file with a mark certificate first. Only that one is
// read in full; the others are counted.
func ParseMark(file []byte) (*Mark, error) {
	if len(file) > maxPEM {
		return nil, errors.New("bimi: the certificate file has over 256 KiB")
	}
	block, rest := pem.Decode(file)
	for block != nil && block.Type != "CERTIFICATE" {
		block, rest = pem.Decode(rest)
	}
	if block == nil {
		return nil, errors.New("bimi: the file holds no certificate in PEM form")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errors.New("bimi: the certificate cannot be read")
	}
	m := &Mark{Subject: taglist.Clip(c.Subject.String()), Issuer: taglist.Clip(c.Issuer.String()),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), Names: c.DNSNames[:min(len(c.DNSNames), maxNames)],
		ForMarks: slices.ContainsFunc(c.UnknownExtKeyUsage, oidBrandIndicator.Equal), Certificates: 1}
	for _, e := range c.Extensions {
		m.Logo = m.Logo || e.Id.Equal(oidLogotype)
	}
	for block, rest = pem.Decode(rest); block != nil && m.Certificates < maxCertificates; block,
		rest = pem.Decode(rest) {
		m.Certificates++
	}
	return m, nil
}

// Covers reports whether the certificate names a domain, one above it, or its
// BIMI selector's name.
func (m *Mark) Covers(domain string) bool {
	return slices.ContainsFunc(m.Names, func(name string) bool {
		name = strings.ToLower(name)
		if _, host, found := strings.Cut(name, "._bimi."); found {
			name = host
		}
		return name == domain || strings.HasSuffix(domain, "."+name)
	})
}

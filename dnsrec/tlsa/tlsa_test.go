package tlsa

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
)

func certificate(t *testing.T) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParse(t *testing.T) {
	digest := strings.Repeat("ab", 32)
	for _, test := range []struct {
		value, want string // want: the canonical form; "": an error
	}{
		{"3 1 1 " + digest, "3 1 1 " + digest},
		{"3 1 1 " + strings.ToUpper(digest[:30]) + " " + digest[30:], "3 1 1 " + digest},
		{"255 9 7", "255 9 7 "},
		{"3 1", ""}, {"", ""}, {"256 1 1 ab", ""}, {"-1 1 1 ab", ""}, {"3 1 1 abc", ""}, {"3 1 1 xy", ""},
		{"3 0 0 " + strings.Repeat("00", maxData+1), ""},
	} {
		r, err := Parse(test.value)
		if (err == nil) != (test.want != "") || err == nil && r.String() != test.want {
			t.Errorf("Parse(%.40q) = %.40q, %v", test.value, r.String(), err)
		}
	}
}

func TestFault_036_Unusable(t *testing.T) {
	cert := certificate(t)
	d32, d64 := strings.Repeat("00", 32), strings.Repeat("00", 64)
	for value, usable := range map[string]bool{
		"3 1 1 " + d32: true, "3 0 1 " + d32: true, "2 0 1 " + d32: true, "2 1 2 " + d64: true, "3 1 2 " + d64: true,
		"3 0 0 " + hex.EncodeToString(cert.Raw): true, "3 1 0 " + hex.EncodeToString(cert.RawSubjectPublicKeyInfo): true,
		"0 1 1 " + d32: false, "1 1 1 " + d32: false, "4 1 1 " + d32: false, "255 1 1 " + d32: false, "3 9 1 " + d32: false,
		"3 1 3 " + d32: false, "3 1 1 " + d64: false, "3 1 2 " + d32: false, "3 1 1": false, "3 1 0": false,
		"3 0 0 " + d32: false, "3 1 0 " + d32: false, "3 0 0 " + strings.Repeat("30", maxData): false,
	} {
		r, err := Parse(value)
		if err != nil {
			t.Fatalf("%.40q: %v", value, err)
		}
		if why := r.Unusable(); (why == "") != usable {
			t.Errorf("%.40q: %q", value, why)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("3 1 1 " + strings.Repeat("ab", 32))
	f.Add("255 9 0 30 82")
	f.Add("3 0 0")
	f.Fuzz(func(t *testing.T, value string) {
		r, err := Parse(value)
		if err != nil {
			return
		}
		again, err := Parse(r.String())
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%q: %+v became %+v, %v", value, r, again, err)
		}
		if r.Unusable() == "" && r.Usage != UsageDANEEE && r.Usage != UsageDANETA {
			t.Errorf("%q: usage %d counts as usable", value, r.Usage)
		}
	})
}

package dkim

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"maildiag/dnsrec"
)

// zone answers TXT lookups. Names it does not hold do not exist, those with an
// empty text fail.
type zone map[string]string

func (z zone) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a := dnsrec.Answer{Query: q, Rcode: "NOERROR"}
	v, ok := z[q.Name]
	switch {
	case !ok:
		a.Rcode = "NXDOMAIN"
	case v == "":
		return a, &dnsrec.Error{Query: q, Kind: dnsrec.KindServFail}
	default:
		a.Values = strings.Split(v, "|")
	}
	return a, nil
}

const keyName = "s1._domainkey.contoso.com"

var signedAt = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// keys are a signer of each kind, and its record.
func keys(t *testing.T) map[string]struct {
	signer crypto.Signer
	record string
} {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&r.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	return map[string]struct {
		signer crypto.Signer
		record string
	}{
		"rsa":       {r, "v=DKIM1; p=" + b64(der)},
		"rsa pkcs1": {r, "v=DKIM1; k=rsa; p=" + b64(x509.MarshalPKCS1PublicKey(&r.PublicKey))},
		"ed25519":   {priv, "v=DKIM1; k=ed25519; p=" + b64(pub)},
	}
}

// bodies are bodies whose canonical forms differ from them in each way.
var bodies = map[string]string{
	"plain": "Hello,\r\nworld.\r\n", "empty": "", "blank lines": "a\r\n\r\n\r\n", "only blank lines": "\r\n\r\n", "no end": "a\r\nb",
	"blanks": "a \t b\t\r\n \r\nc  \r\n", "bare CR": "a\rb\r\nc\r\n", "8 bit": "gr\xc3\xbc\xc3\x9fe\r\n", "dots": ".\r\n..\r\n", "long": strings.Repeat("x ", 5000) + "\r\n",
}

const head = "Received: from a by b; Fri, 20 Nov 2026 12:00:00 +0000\r\nFrom:  Me <me@contoso.com>\r\nTo: you@fabrikam.com,\r\n\tthem@fabrikam.com\r\nSubject: a \t b \r\nSubject: second\r\nX-Empty:\r\n"

// TestLibrarySignatures verifies what another implementation signed, over all
// canonicalizations, keys and bodies, and sees each change.
func TestLibrarySignatures(t *testing.T) {
	n := 0
	for kind, k := range keys(t) {
		dns := zone{keyName: k.record}
		for _, hc := range []dkim.Canonicalization{dkim.CanonicalizationSimple, dkim.CanonicalizationRelaxed} {
			for _, bc := range []dkim.Canonicalization{dkim.CanonicalizationSimple, dkim.CanonicalizationRelaxed} {
				for name, body := range bodies {
					n++
					signed := librarySign(t, k.signer, head+"\r\n"+body, hc, bc)
					what := fmt.Sprintf("%s %s/%s %s", kind, hc, bc, name)
					if err := verifyFirst(t, signed, dns, Times{}); err != nil {
						t.Errorf("%s: %v", what, err)
					}
					changed := strings.Replace(signed, "\r\n\r\n", "\r\n\r\nfooter\r\n", 1)
					if got := resultOf(verifyFirst(t, changed, dns, Times{})); got != Fail {
						t.Errorf("%s with a footer: %s", what, got)
					}
					changed = strings.Replace(signed, "you@fabrikam.com", "yov@fabrikam.com", 1)
					if got := resultOf(verifyFirst(t, changed, dns, Times{})); got != Fail {
						t.Errorf("%s with another To: %s", what, got)
					}
				}
			}
		}
	}
	t.Logf("%d messages", n)
}

func librarySign(t *testing.T, k crypto.Signer, msg string, hc, bc dkim.Canonicalization) string {
	t.Helper()
	var b bytes.Buffer
	err := dkim.Sign(&b, strings.NewReader(msg), &dkim.SignOptions{Domain: "contoso.com", Selector: "s1", Signer: k, Hash: crypto.SHA256,
		HeaderCanonicalization: hc, BodyCanonicalization: bc, HeaderKeys: []string{"From", "To", "Subject", "Subject", "X-Empty", "X-Absent"}})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func verifyFirst(t *testing.T, msg string, dns dnsrec.Resolver, at Times) error {
	t.Helper()
	m := Split([]byte(msg))
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, "DKIM-Signature") {
			return m.Verify(t.Context(), dns, f, at)
		}
	}
	t.Fatal("no signature")
	return nil
}

func resultOf(err error) Result {
	var f *Failure
	switch {
	case err == nil:
		return Pass
	case errors.As(err, &f):
		return f.Result
	}
	return ""
}

// ownSign signs with any tags, as the library cannot: tags go before bh= and b=.
func ownSign(t *testing.T, k *rsa.PrivateKey, tags, header, body string) string {
	t.Helper()
	m := Split([]byte(header + "\r\n" + body))
	length := -1
	if parsed, err := ParseTags(tags + " b="); err == nil && parsed["l"] != "" {
		if _, err := fmt.Sscan(parsed["l"], &length); err != nil {
			t.Fatal(err)
		}
	}
	hashed := m.canonicalBody(Relaxed)
	if length >= 0 {
		hashed = hashed[:min(length, len(hashed))]
	}
	sum := sha256.Sum256(hashed)
	raw := "DKIM-Signature: " + tags + " c=relaxed/relaxed; s=s1; h=from:to; bh=" + base64.StdEncoding.EncodeToString(sum[:]) + "; b="
	s := &Signature{Signed: []string{"from", "to"}, Header: Relaxed}
	sig, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, s.headerHash(m, raw+crlf))
	if err != nil {
		t.Fatal(err)
	}
	return raw + base64.StdEncoding.EncodeToString(sig) + crlf + header + crlf + body
}

// TestTags judges what a signature says of itself, with receipt times old and
// new.
func TestTags(t *testing.T) {
	all := keys(t)
	k := all["rsa"].signer.(*rsa.PrivateKey)
	record := all["rsa"].record
	const std = "v=1; a=rsa-sha256; d=contoso.com; "
	body := "Hello,\r\nworld.\r\n"
	tx := fmt.Sprintf("t=%d; x=%d; ", signedAt.Unix(), signedAt.Add(7*24*time.Hour).Unix())
	soon, late := signedAt.Add(time.Minute), signedAt.Add(8*24*time.Hour)
	for name, c := range map[string]struct {
		tags, record string
		at           Times
		want         Result
	}{
		"plain":                        {std, record, Times{}, Pass},
		"received in time, seen later": {std + tx, record, Times{soon, late}, Pass},
		"received late":                {std + tx, record, Times{late, late}, Policy},
		"receipt unknown, expired":     {std + tx, record, Times{Now: late}, Policy},
		"receipt unknown, valid":       {std + tx, record, Times{Now: soon}, Pass},
		"signed in the future":         {std + tx, record, Times{signedAt.Add(-2 * time.Hour), late}, Policy},
		"clock a little ahead":         {std + tx, record, Times{signedAt.Add(-time.Minute), late}, Pass},
		"x before t":                   {std + "t=200; x=100; ", record, Times{}, Neutral},
		"x no number":                  {std + "x=soon; ", record, Times{}, Neutral},
		"i same":                       {std + "i=me@contoso.com; ", record, Times{}, Pass},
		"i other case":                 {std + "i=me@CONTOSO.com; ", record, Times{}, Pass},
		"d other case":                 {"v=1; a=rsa-sha256; d=Contoso.COM; i=@contoso.com; ", record, Times{}, Pass},
		"i below":                      {std + "i=@mail.Contoso.com; ", record, Times{}, Pass},
		"i quoted-printable":           {std + "i=a=3Db@contoso.com; ", record, Times{}, Pass},
		"i suffix only":                {std + "i=@evilcontoso.com; ", record, Times{}, PermError},
		"i above":                      {std + "i=@com; ", record, Times{}, PermError},
		"i without @":                  {std + "i=contoso.com; ", record, Times{}, PermError},
		"t=s, same":                    {std + "i=@contoso.com; ", record + "; t=s", Times{}, Pass},
		"t=s, below":                   {std + "i=@mail.contoso.com; ", record + "; t=y:s", Times{}, PermError},
		"l all":                        {std + "l=16; ", record, Times{}, Pass},
		"l part":                       {std + "l=5; ", record, Times{}, Policy},
		"l=0":                          {std + "l=0; ", record, Times{}, Policy},
		"l more":                       {std + "l=17; ", record, Times{}, PermError},
		"l no number":                  {std + "l=-1; ", record, Times{}, Neutral},
		"v=2":                          {"v=2; a=rsa-sha256; d=contoso.com; ", record, Times{}, Neutral},
		"no v":                         {"a=rsa-sha256; d=contoso.com; ", record, Times{}, Neutral},
		"sha1":                         {"v=1; a=rsa-sha1; d=contoso.com; ", record, Times{}, Policy},
		"unknown algorithm":            {"v=1; a=rsa-md5; d=contoso.com; ", record, Times{}, Neutral},
		"twice":                        {std + "d=fabrikam.com; ", record, Times{}, Neutral},
		"q":                            {std + "q=dns/txt; ", record, Times{}, Pass},
		"q unknown":                    {std + "q=http; ", record, Times{}, Neutral},
		"unknown tag":                  {std + "zz=1; ", record, Times{}, Pass},
		"key type":                     {std, strings.Replace(all["ed25519"].record, "", "", 1), Times{}, PermError},
		"key for other services":       {std, record + "; s=tlsrpt", Times{}, PermError},
		"key for sha1":                 {std, record + "; h=sha1", Times{}, PermError},
		"revoked":                      {std, "v=DKIM1; p=", Times{}, PermError},
		"two keys":                     {std, record + "|" + record, Times{}, PermError},
		"other text beside":            {std, record + "|v=spf1 -all", Times{}, Pass},
		"temporary":                    {std, "", Times{}, TempError},
		"not a key":                    {std, "v=DKIM1; p=AAAA", Times{}, PermError},
	} {
		msg := ownSign(t, k, c.tags, "From: me@contoso.com\r\nTo: you@fabrikam.com\r\n", body)
		if err := verifyFirst(t, msg, zone{keyName: c.record}, c.at); resultOf(err) != c.want {
			t.Errorf("%s: %s, want %s: %v", name, resultOf(err), c.want, err)
		}
	}
	msg := ownSign(t, k, std, "From: me@contoso.com\r\nTo: you@fabrikam.com\r\n", body)
	if err := verifyFirst(t, msg, zone{}, Times{}); resultOf(err) != PermError {
		t.Errorf("no key: %v", err)
	}
}

func TestShortKey(t *testing.T) {
	k, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	msg := ownSign(t, k, "v=1; a=rsa-sha256; d=contoso.com; ", "From: me@contoso.com\r\nTo: x@y.example\r\n", "x\r\n")
	if err := verifyFirst(t, msg, zone{keyName: "p=" + base64.StdEncoding.EncodeToString(der)}, Times{}); err != nil {
		t.Errorf("1024 bits: %v", err)
	}
}

// FuzzVerify holds that a message of which one signed byte was changed never
// passes.
func FuzzVerify(f *testing.F) {
	pub, priv, err := ed25519.GenerateKey(bytes.NewReader(make([]byte, 64)))
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	err = dkim.Sign(&b, strings.NewReader("From: me@contoso.com\r\nSubject: pay\r\n\r\nHello world\r\n"), &dkim.SignOptions{Domain: "contoso.com",
		Selector: "s1", Signer: priv, Hash: crypto.SHA256, HeaderKeys: []string{"From", "Subject"}})
	if err != nil {
		f.Fatal(err)
	}
	signed := b.String()
	at := strings.Index(signed, "From: me")
	dns := zone{keyName: "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(pub)}
	f.Add(3, byte('x'))
	f.Fuzz(func(t *testing.T, i int, c byte) {
		data := []byte(signed)
		i = at + (i%(len(data)-at)+(len(data)-at))%(len(data)-at)
		if data[i] == c || data[i] == '\r' || data[i] == '\n' || c == '\r' || c == '\n' {
			return // the shape changes: another message
		}
		data[i] = c
		m := Split(data)
		for _, x := range m.Fields {
			if strings.EqualFold(x.Name, "DKIM-Signature") && m.Verify(t.Context(), dns, x, Times{}) == nil {
				t.Errorf("passes with byte %d as %q", i, c)
			}
		}
	})
}

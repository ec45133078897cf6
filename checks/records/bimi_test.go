package records

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/httpsget/httpstest"
	"maildiag/report"
)

const bimiZone = `
contoso.com. MX 0 contoso-com.mail.protection.outlook.com.
default._bimi.contoso.com. TXT "v=BIMI1; l=https://logo.contoso.com/logo.svg; a=https://logo.contoso.com/mark.pem"
_dmarc.contoso.com. TXT "v=DMARC1; p=reject"
logo.contoso.com. A 192.0.2.20
`

const bimiLogo = `<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 9 9"><title>Contoso</title></svg>`

// files serves each path with its body.
func files(bodies map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, there := bodies[r.URL.Path]
		if !there {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, body)
	}
}

func TestBIMI(t *testing.T) {
	t.Parallel()
	good := map[string]string{"/logo.svg": bimiLogo, "/mark.pem": "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"}
	edit := func(old, new string) string { return strings.Replace(bimiZone, old, new, 1) }
	for _, test := range []struct {
		name, zone string
		files      map[string]string
		code       string
		has        string
	}{
		{"none", classicZone, nil, "bimi.record", "Outlook does not show logos"},
		{"declines", classicZone + `default._bimi.contoso.com. TXT "v=BIMI1; l=; a=;"` + "\n", nil, "bimi.record", "asks receivers to show no logo"},
		{"broken", edit("l=https", "l=http"), nil, "bimi.record", "does not start with https://"},
		{"several", bimiZone + `default._bimi.contoso.com. TXT "v=BIMI1; l=; a=;"` + "\n", nil, "bimi.record", "several"},
		{"good logo", bimiZone, good, "bimi.logo", "SVG Tiny PS"},
		{"bad certificate", bimiZone, good, "bimi.certificate", "cannot be read"},
		{"no logo there", bimiZone, nil, "bimi.logo", "404 Not Found"},
		{"script", bimiZone, map[string]string{"/logo.svg": strings.Replace(bimiLogo, "</svg>", "<script/></svg>", 1)}, "bimi.logo", "reject the logo"},
		{"oblong", bimiZone, map[string]string{"/logo.svg": strings.Replace(bimiLogo, "9 9", "9 8", 1)}, "bimi.logo", "probably be shown"},
		{"20 MiB", bimiZone, map[string]string{"/logo.svg": strings.Repeat(" ", 20<<20)}, "bimi.logo", "larger"},
		{"p=none", edit("p=reject", "p=none"), good, "bimi.dmarc", "p=none"},
		{"sp=none", edit("p=reject", "p=reject; sp=none"), good, "bimi.dmarc", "sp=none"},
		{"no DMARC", edit(`_dmarc.contoso.com. TXT "v=DMARC1; p=reject"`, ""), good, "bimi.dmarc", "there is none"},
		{"pct", edit("p=reject", "p=quarantine; pct=5"), good, "bimi.dmarc", "pct=5"},
		{"no certificate", edit("; a=https://logo.contoso.com/mark.pem", ""), good, "bimi.certificate", "Gmail and Apple"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, dns, _ := webEnv(t, test.zone, files(test.files))
			fs := kit.Gather(t.Context(), env, BIMI)
			kittest.Sound(t, fs)
			wantFinding(t, fs, test.code, report.Info, "", test.has)
			for _, f := range fs {
				if f.Status != report.Info {
					t.Errorf("%s is %s: BIMI only informs", f.Code, f.Status)
				}
			}
			if n := len(dns.Queries()); test.files == nil && test.name == "none" && n != 1 {
				t.Errorf("%d questions for a domain without BIMI", n)
			}
		})
	}
}

// TestBIMIMark judges mark certificates, fetched or not.
func TestBIMIMark(t *testing.T) {
	t.Parallel()
	ca, err := httpstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	issue := func(name string, change ...func(*x509.Certificate)) string {
		cert, err := ca.Issue([]string{name}, change...)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}))
	}
	forMarks := func(c *x509.Certificate) {
		c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 31}}
	}
	withLogo := func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 12}, Value: []byte{0x30, 0}}}
	}
	old := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().AddDate(-2, 0, 0), time.Now().AddDate(-1, 0, 0)
	}
	later := func(c *x509.Certificate) { c.NotBefore = time.Now().AddDate(0, 0, 2) }
	for name, test := range map[string]struct{ pem, has string }{
		"good":        {issue("contoso.com", forMarks, withLogo), "expires in"},
		"ordinary":    {issue("contoso.com"), "ordinary"},
		"no logo":     {issue("contoso.com", forMarks), "contains no logo"},
		"other name":  {issue("fabrikam.com", forMarks, withLogo), "is for fabrikam.com"},
		"expired":     {issue("contoso.com", forMarks, withLogo, old), "expired on"},
		"not yet":     {issue("contoso.com", forMarks, withLogo, later), "not valid before"},
		"no such one": {"", "404"},
	} {
		served := map[string]string{"/logo.svg": bimiLogo}
		if test.pem != "" {
			served["/mark.pem"] = test.pem
		}
		env, _, _ := webEnv(t, bimiZone, files(served))
		t.Run(name, func(t *testing.T) {
			wantFinding(t, kit.Gather(t.Context(), env, BIMI), "bimi.certificate", report.Info, "", test.has)
		})
	}
}

func TestFault_001_BIMIServfail(t *testing.T) {
	t.Parallel()
	env, dns, _ := webEnv(t, bimiZone, nil)
	dns.Fault("default._bimi.contoso.com", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	fs := kit.Gather(t.Context(), env, BIMI)
	kittest.Sound(t, fs)
	wantFinding(t, fs, "bimi.record", report.Unknown, report.CauseResolver, "SERVFAIL")
	if !fs[0].Optional {
		t.Error("decides the verdict")
	}
}

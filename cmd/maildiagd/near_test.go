package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"maildiag/service/run"
)

// What is almost the name of a domain is named for what it is; the text of a bounce
// is not.
func TestNear(t *testing.T) {
	for text, want := range map[string]string{
		"contoso.com:25": "contoso.com", "mx.contoso.com:587": "mx.contoso.com", "CONTOSO.com:443": "contoso.com",
		"ftp://contoso.com/x": "contoso.com", "smtp://mail.contoso.com:25": "mail.contoso.com", "https://user:pw@contoso.com:8443/a?b#c": "contoso.com",
		"mailto:a@contoso.com": "contoso.com", "a@contoso.com": "contoso.com", `"A B" <a@contoso.com>`: "contoso.com",
		"contoso.com fabrikam.com": "contoso.com", "contoso.com, fabrikam.com; adatum.com": "contoso.com", "contoso.com\r\nfabrikam.com": "contoso.com",
		"contoso.com/mail": "contoso.com",
		"contoso,com":      "contoso.com", "contoso..com": "contoso.com", "contoso.com,": "contoso.com", ".contoso;co.uk": "contoso.co.uk", "www,contoso,com": "www.contoso.com",
		"192.0.2.1": "-", "192.0.2.1:25": "-", "[2001:db8::1]:25": "-", "[192.0.2.1]": "-", "2001:db8::1": "-", "10.0.0.0/8": "-",
		"550 5.7.1 Unable to relay": "", "5.7.1": "", "550": "", "": "", "timeout": "", "Remote server returned '550 5.7.1 a@contoso.com'": "",
		"contoso.com said no": "", "host contoso.com:25": "", "Received: from a by b": "", "javascript:alert(1)": "", "failed,retrying": "", "550,5.7.1": "", ",": "", ".com": "", "a,b": "", "Error;timeout": "", "file:///etc/passwd": "", "a:b": "", ":25": "",
	} {
		got := ""
		if err := run.Near(text); err != nil {
			if got = err.(*run.NearError).Domain; got == "" {
				got = "-"
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// The page offers the domain that was meant, and the API and the exporter name it.
func TestNearAnswers(t *testing.T) {
	s, c := start(t, false, nil), browser(t)
	for _, typed := range []string{"fabrikam.com:25", "ftp://fabrikam.com/", "fabrikam.com contoso.com"} {
		a := s.submit(t, c, "domain", typed, "")
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.text, ">fabrikam.com</textarea>") {
			t.Errorf("%q: status %d", typed, a.StatusCode)
		}
		for _, path := range []string{"/api/v1/check?domain=", "/probe?target="} {
			a := s.get(t, path+url.QueryEscape(typed))
			if a.StatusCode != http.StatusBadRequest || !strings.Contains(a.text, "The domain is fabrikam.com.") {
				t.Errorf("%s%s: status %d %s", path, typed, a.StatusCode, a.text)
			}
		}
	}
	if a := s.submit(t, c, "domain", "192.0.2.1", ""); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an IP address: status %d", a.StatusCode)
	}
}

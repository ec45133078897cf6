package inspect

import (
	"testing"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// Whether reports can arrive: by MX, by an address of either family, and
// unknown where the DNS gave no answer.
func TestReceives(t *testing.T) {
	srv := dnstest.New(t, `
		mx.example.   MX   10 mail.mx.example.
		null.example. MX   0 .
		a.example.    A    192.0.2.1
		aaaa.example. AAAA 2001:db8::1
		none.example. TXT  "x"
		lost.example. TXT  "x"`)
	srv.Fault("down.example", "MX", dnstest.Fault{Rcode: "SERVFAIL"})
	srv.Fault("lost.example", "A", dnstest.Fault{Rcode: "SERVFAIL"})
	server, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{server}})
	defer client.Close()
	for host, want := range map[string]string{
		"mx.example": "yes", "a.example": "yes", "aaaa.example": "yes", "null.example": "no", "none.example": "no",
		"nosuch.example": "no", "down.example": "unknown", "lost.example": "unknown",
	} {
		if got := receives(t.Context(), client, host); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}

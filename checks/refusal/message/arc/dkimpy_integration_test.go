//go:build integration

package arc

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"maildiag/checks/refusal/message/dkim"
)

// pyDriver lets python3-dkim sign, seal and verify, one job a line.
const pyDriver = `
import sys, json, dkim
for line in sys.stdin:
    j = json.loads(line)
    m = j['message'].encode('latin-1')
    txt = {k.encode(): v.encode() for k, v in (j['zone'] or {}).items()}
    dns = lambda name, timeout=5: txt.get((name if isinstance(name, bytes) else name.encode()).rstrip(b'.').lower())
    out = ''
    try:
        if j['job'] == 'sign':
            c = j['c'].encode().split(b'/')
            out = dkim.sign(m, b's', j['domain'].encode(), j['key'].encode(), identity=j['identity'].encode() or None,
                canonicalize=(c[0], c[1]), length=j['length']).decode('latin-1') + j['message']
        elif j['job'] == 'seal':
            a = dkim.ARC(m)
            a.dnsfunc = dns
            s = a.sign(b's', j['domain'].encode(), j['key'].encode(), j['domain'].encode())
            out = b''.join(s).decode('latin-1') + j['message']
        elif j['job'] == 'verify':
            out = 'pass' if dkim.verify(m, dnsfunc=dns) else 'fail'
        else:
            out = dkim.arc_verify(m, dnsfunc=dns)[0].decode()
    except Exception as e:
        out = 'error ' + repr(e)
    print(json.dumps(out), flush=True)
`

type job struct {
	Job      string `json:"job"`
	Message  string `json:"message"`
	Domain   string `json:"domain"`
	Key      string `json:"key"`
	Identity string `json:"identity"`
	C        string `json:"c"`
	Length   bool   `json:"length"`
	Zone     zone   `json:"zone"`
}

// referee is a running driver.
type referee struct {
	in  io.Writer
	out *bufio.Scanner
	t   *testing.T
}

func newReferee(t *testing.T) *referee {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import dkim").Run(); err != nil {
		t.Skip("python3-dkim is not installed")
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, python, "-c", pyDriver)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(complaint.String())
		}
	})
	r := &referee{in, bufio.NewScanner(out), t}
	r.out.Buffer(nil, 1<<20)
	return r
}

func (r *referee) do(j job) string {
	r.t.Helper()
	data, err := json.Marshal(j)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.in.Write(append(data, '\n')); err != nil {
		r.t.Fatal(err)
	}
	if !r.out.Scan() {
		r.t.Fatal("the referee is gone")
	}
	var s string
	if err := json.Unmarshal(r.out.Bytes(), &s); err != nil || strings.HasPrefix(s, "error") {
		r.t.Fatalf("%s: %s %v", j.Job, s, err)
	}
	return s
}

func rsaKey(t *testing.T) (private, record string) {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)})),
		"v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

const letter = "From: Me <me@contoso.com>\r\nTo: you@fabrikam.com\r\nSubject: a \t b\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@contoso.com>\r\n" +
	"Authentication-Results: f1.example; spf=pass smtp.mailfrom=contoso.com\r\n\r\nHello, \t world. \r\n\r\nbye\r\n\r\n"

// TestDKIMAgainstDkimpy verifies what python3-dkim signed, and lets it verify
// what was changed.
func TestDKIMAgainstDkimpy(t *testing.T) {
	ref := newReferee(t)
	key, record := rsaKey(t)
	z := zone{"s._domainkey.contoso.com": record}
	for _, c := range []string{"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"} {
		for _, identity := range []string{"", "@contoso.com", "me@mail.contoso.com"} {
			for _, length := range []bool{false, true} {
				what := fmt.Sprintf("c=%s i=%s l=%v", c, identity, length)
				signed := ref.do(job{Job: "sign", Message: letter, Domain: "contoso.com", Key: key, Identity: identity, C: c, Length: length})
				compare(t, ref, what, signed, z, "pass", dkim.Pass)
				compare(t, ref, what+" changed", strings.Replace(signed, "Hello", "Hallo", 1), z, "fail", dkim.Fail)
				if length {
					compare(t, ref, what+" footer", signed+"footer\r\n", z, "pass", dkim.Policy)
				}
			}
		}
	}
}

func compare(t *testing.T, ref *referee, what, msg string, z zone, theirs string, ours dkim.Result) {
	t.Helper()
	if got := ref.do(job{Job: "verify", Message: msg, Zone: z}); got != theirs {
		t.Errorf("%s: dkimpy says %s, want %s", what, got, theirs)
	}
	m := dkim.Split([]byte(msg))
	got := dkim.Pass
	if err := m.Verify(t.Context(), z, m.Fields[0], dkim.Times{}); err != nil {
		got = err.(*dkim.Failure).Result
	}
	if got != ours {
		t.Errorf("%s: %s, want %s", what, got, ours)
	}
}

// TestARCAgainstDkimpy builds chains of up to five sets with python3-dkim,
// changes them in places, and compares the validations.
func TestARCAgainstDkimpy(t *testing.T) {
	ref := newReferee(t)
	key, record := rsaKey(t)
	z := zone{}
	msg := letter
	for i := 1; i <= 5; i++ {
		domain := fmt.Sprintf("f%d.example", i)
		z["s._domainkey."+domain] = record
		msg = strings.Replace(msg, "Authentication-Results: f", fmt.Sprintf("Authentication-Results: %s; spf=pass\r\nX-Was: f", domain), 1)
		msg = ref.do(job{Job: "seal", Message: msg, Domain: domain, Key: key, Zone: z})
		for name, m := range map[string]string{
			"whole": msg, "footer": msg + "footer\r\n", "subject": strings.Replace(msg, "Subject: a", "Subject: b", 1),
			"a result": strings.Replace(msg, "spf=pass", "spf=fail", 1), "cv": strings.Replace(msg, "cv=none", "cv=pass", 1),
			"a set": strings.Replace(msg, "ARC-Seal: i=1", "ARC-Seal: i=2", 1), "seal gone": strings.Replace(msg, "ARC-Seal:", "X-Seal:", 1),
		} {
			theirs := ref.do(job{Job: "arc", Message: m, Zone: z})
			ours := Verify(t.Context(), dkim.Split([]byte(m)), z)
			if ours == nil || string(ours.State) != theirs {
				t.Errorf("%d sets, %s: %+v, dkimpy says %s", i, name, ours, theirs)
			}
			if name == "whole" && theirs != "pass" {
				t.Errorf("%d sets: dkimpy says %s", i, theirs)
			}
		}
	}
}

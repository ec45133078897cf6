package records

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/httpsget/httpstest"
	"maildiag/dnsrec/mtasts"
	"maildiag/dnsrec/tlsrpt"
	"maildiag/report"
)

const (
	stsHost = "mta-sts.contoso.com"
	stsZone = `
contoso.com. MX 0 contoso-com.e-v1.mx.microsoft.
_mta-sts.contoso.com. TXT "v=STSv1; id=1"
mta-sts.contoso.com. A 192.0.2.10
`
	stsPolicy = "version: STSv1\r\nmode: enforce\r\nmx: *.e-v1.mx.microsoft\r\nmax_age: 1209600\r\n"
)

// webEnv is newEnv with a web server beside: every address leads to it.
func webEnv(t *testing.T, zone string, h http.HandlerFunc) (*kit.Env, *dnstest.Server, *httpstest.Server) {
	t.Helper()
	env, dns := kittest.NewEnv(t, "contoso.com", zone)
	env.Now = time.Now()
	web, err := httpstest.Start(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { web.Close() })
	client := &httpsget.Client{Resolver: env.DNS, Dialer: web.Dialer(), Roots: web.CA.Pool(), Timeout: time.Minute}
	env.HTTPS = viaClient(client)
	return env, dns, web
}

// serve answers the policy's URL with a body.
func serve(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != httpsget.PolicyPath || r.Host != stsHost {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, body)
	}
}

// soundRecords checks besides sound that each TXT record of a fix parses.
func soundRecords(t *testing.T, fs []report.Finding) {
	t.Helper()
	kittest.Sound(t, fs)
	for _, f := range fs {
		if f.Fix == nil {
			continue
		}
		for _, r := range f.Fix.Edits {
			_, sts, stsErr := mtasts.Parse(r.New)
			_, rpt, rptErr := tlsrpt.Parse(r.New)
			if r.New != "" && !(sts && stsErr == nil) && !(rpt && rptErr == nil) {
				t.Errorf("%s: the proposed record %q does not parse: %v %v", f.Code, r.New, stsErr, rptErr)
			}
		}
		if lines := f.Fix.Commands; len(lines) > 0 && lines[0] == writePolicy {
			policy := strings.Join(lines[1:len(lines)-1], "\n")
			if _, problems := mtasts.ParsePolicy([]byte(policy)); !mtasts.Valid(problems) {
				t.Errorf("%s: the proposed policy is broken: %v\n%s", f.Code, problems, policy)
			}
		}
	}
}

// wantFinding finds the one finding of a code and compares its verdict; has is
// a part of its text, with the fix.
func wantFinding(t *testing.T, fs []report.Finding, code string, status report.Status, cause report.Cause, has string) {
	t.Helper()
	for _, f := range fs {
		if f.Code != code {
			continue
		}
		if f.Status != status || f.Cause != cause {
			t.Errorf("%s: %s/%s (%s), want %s/%s", code, f.Status, f.Cause, f.Summary, status, cause)
		}
		raw, _ := json.Marshal(f)
		if !strings.Contains(string(raw), has) {
			t.Errorf("%s: %q is not in %s", code, has, raw)
		}
		return
	}
	t.Errorf("no finding %s in %v", code, kittest.Verdicts(fs, true))
}

func TestMTASTSGood(t *testing.T) {
	t.Parallel()
	env, dns, _ := webEnv(t, stsZone, serve(stsPolicy))
	env.List = true // else they are asked for beside the record too, which a cache makes one question
	fs := kit.Gather(t.Context(), env, MTASTS)
	soundRecords(t, fs)
	kittest.EqualLines(t, kittest.Verdicts(fs, true), "mtasts.record pass", "mtasts.certificate pass", "mtasts.policy pass", "mtasts.mode pass", "mtasts.mx pass")
	if n := dns.Count(stsHost, ""); n != 2 {
		t.Errorf("%d questions for the policy host, want A and AAAA", n)
	}
}

// TestMTASTSAbsent: a domain without MTA-STS costs one question in a thrifty
// run, and those for the addresses of the policy host in others.
func TestMTASTSAbsent(t *testing.T) {
	t.Parallel()
	env, dns, _ := webEnv(t, "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\n", serve(stsPolicy))
	fs := gatherUntil(t, env, MTASTS, func() bool { return dns.Count(stsHost, "") == 2 })
	soundRecords(t, fs)
	kittest.EqualLines(t, kittest.Verdicts(fs, true), "mtasts.record info")
	wantFinding(t, fs, "mtasts.record", report.Info, "", "mx: *.mail.protection.outlook.com")
	if dns.Count(stsHost, "") != 2 || dns.Count("_mta-sts.contoso.com", "TXT") != 1 {
		t.Errorf("questions: %v", dns.Queries())
	}
	env.List = true
	dns.Forget()
	if kit.Gather(t.Context(), env, MTASTS); dns.Count(stsHost, "") != 0 {
		t.Errorf("questions of a thrifty run: %v", dns.Queries())
	}
}

func TestMTASTSRecord(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, records string
		status        report.Status
		has           string
	}{
		{"several", `_mta-sts.contoso.com. TXT "v=STSv1; id=1"
			_mta-sts.contoso.com. TXT "v=STSv1; id=2"`, report.Fail, "2 MTA-STS records"},
		{"beside another TXT", `_mta-sts.contoso.com. TXT "v=STSv1; id=1"
			_mta-sts.contoso.com. TXT "v=spf1 -all"`, report.Pass, "id 1"},
		{"bad id", `_mta-sts.contoso.com. TXT "v=STSv1; id=2026-11-23"`, report.Fail, "byte 17"},
		{"no id", `_mta-sts.contoso.com. TXT "v=STSv1;"`, report.Fail, "id is missing"},
		{"case", `_mta-sts.contoso.com. TXT "v=stsv1; id=1"`, report.Fail, "written exactly"},
		{"no semicolon", `_mta-sts.contoso.com. TXT "v=STSv1 id=1"`, report.Fail, "semicolon"},
		{"two strings", `_mta-sts.contoso.com. TXT "v=STSv1; " "id=1"`, report.Pass, ""},
		{"wildcard", `*.contoso.com. TXT "v=spf1 -all"`, report.Info, ""},
		{"alias", `_mta-sts.contoso.com. CNAME contoso.provider.example.
			contoso.provider.example. TXT "v=STSv1; id=7"`, report.Pass, ""},
		{"alias to nothing", `_mta-sts.contoso.com. CNAME gone.provider.example.`, report.Warn, "gone.provider.example"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, _, _ := webEnv(t, "contoso.com. MX 0 contoso-com.e-v1.mx.microsoft.\n"+strings.ReplaceAll(test.records, "\t", ""), serve(stsPolicy))
			fs := kit.Gather(t.Context(), env, MTASTS)
			soundRecords(t, fs)
			cause := report.Cause("")
			if test.status == report.Warn {
				cause = report.CauseDomain
			}
			wantFinding(t, fs, "mtasts.record", test.status, cause, test.has)
		})
	}
}

func TestMTASTSPolicy(t *testing.T) {
	t.Parallel()
	edit := func(old, new string) string { return strings.Replace(stsPolicy, old, new, 1) }
	for _, test := range []struct {
		name, body string
		code       string
		status     report.Status
		has        string
	}{
		{"star over two labels", edit("*.e-v1.mx", "*.mx"), "mtasts.mx", report.Fail, "matches one label only"},
		{"star over two labels, fix", edit("*.e-v1.mx", "*.mx"), "mtasts.mx", report.Fail, "mx: *.e-v1.mx.microsoft"},
		{"old family", edit("e-v1.mx.microsoft", "mail.protection.outlook.com"), "mtasts.mx", report.Fail, "cannot deliver to this domain at all"},
		{"old family, testing", strings.Replace(edit("e-v1.mx.microsoft", "mail.protection.outlook.com"), "enforce", "testing", 1), "mtasts.mx", report.Warn, "would not deliver"},
		{"full name", edit("*.e-v1", "contoso-com.e-v1"), "mtasts.mx", report.Pass, ""},
		{"unused", edit("mx: ", "mx: old.example.com\r\nmx: "), "mtasts.unused", report.Info, "old.example.com"},
		{"testing", edit("enforce", "testing"), "mtasts.mode", report.Info, "mode: enforce"},
		{"none", edit("enforce", "none"), "mtasts.mode", report.Info, "turned off"},
		{"max_age of a minute", edit("1209600", "60"), "mtasts.max-age", report.Warn, "60 seconds"},
		{"max_age of a day", edit("1209600", "86400"), "mtasts.max-age", report.Info, "24 hours"},
		{"max_age of two years", edit("1209600", "63115200"), "mtasts.policy", report.Warn, "cut it"},
		{"trailing dot", edit("*.e-v1.mx.microsoft", "contoso-com.e-v1.mx.microsoft."), "mtasts.policy", report.Fail, "line 3"},
		{"mode in brackets", edit("enforce", "[testing]"), "mtasts.policy", report.Fail, "write mode: testing"},
		{"web page", "<html>Parked by your friendly registrar</html>", "mtasts.policy", report.Fail, "web page"},
		{"empty", "", "mtasts.policy", report.Fail, "empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, _, _ := webEnv(t, stsZone, serve(test.body))
			fs := kit.Gather(t.Context(), env, MTASTS)
			soundRecords(t, fs)
			cause := report.Cause("")
			if test.status == report.Fail || test.status == report.Warn {
				cause = report.CauseDomain
			}
			wantFinding(t, fs, test.code, test.status, cause, test.has)
		})
	}
}

func TestMTASTSContentType(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]bool{"text/plain": false, "TEXT/Plain; charset=us-ascii": false, "text/html": true, "application/octet-stream": true, "": true, ";": true} {
		env, _, _ := webEnv(t, stsZone, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{contentType}
			io.WriteString(w, stsPolicy)
		})
		fs := kit.Gather(t.Context(), env, MTASTS)
		soundRecords(t, fs)
		if got := strings.Contains(strings.Join(kittest.Verdicts(fs, true), "\n"), "mtasts.content-type warn"); got != want {
			t.Errorf("%q: %v", contentType, kittest.Verdicts(fs, true))
		}
	}
}

func TestFault_076_PolicyRedirects(t *testing.T) {
	t.Parallel()
	for _, code := range []int{301, 302, 303, 307, 308} {
		hits := 0
		env, _, _ := webEnv(t, stsZone, func(w http.ResponseWriter, r *http.Request) {
			hits++
			http.Redirect(w, r, "https://www.contoso.com/x", code)
		})
		fs := kit.Gather(t.Context(), env, MTASTS)
		soundRecords(t, fs)
		wantFinding(t, fs, "mtasts.policy", report.Fail, report.CauseDomain, "https://www.contoso.com/x")
		if hits != 1 {
			t.Errorf("%d: %d requests", code, hits)
		}
	}
}

func TestFault_077_PolicySize(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]report.Status{64 << 10: report.Pass, 64<<10 + 1: report.Fail} {
		env, _, _ := webEnv(t, stsZone, serve(stsPolicy+filler(size-len(stsPolicy))))
		fs := kit.Gather(t.Context(), env, MTASTS)
		soundRecords(t, fs)
		cause := report.Cause("")
		if want == report.Fail {
			cause = report.CauseDomain
		}
		wantFinding(t, fs, "mtasts.policy", want, cause, "")
	}
}

// filler is n bytes of extension lines.
func filler(n int) string {
	var b strings.Builder
	for n > 0 {
		k := min(n, 1000)
		if n-k > 0 && n-k < 10 {
			k -= 10
		}
		b.WriteString("x: " + strings.Repeat("y", k-5) + "\r\n")
		n -= k
	}
	return b.String()
}

func TestFault_079_PolicyEncoded(t *testing.T) {
	t.Parallel()
	env, _, _ := webEnv(t, stsZone, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		io.WriteString(w, "\x1f\x8b")
	})
	fs := kit.Gather(t.Context(), env, MTASTS)
	soundRecords(t, fs)
	wantFinding(t, fs, "mtasts.policy", report.Fail, report.CauseDomain, "compressed")
}

func TestFault_082_PolicyCertificate(t *testing.T) {
	t.Parallel()
	env, _, web := webEnv(t, stsZone, serve(stsPolicy))
	cert, err := web.CA.Issue([]string{"www.contoso.com"}, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().AddDate(0, 0, -100), time.Now().AddDate(0, 0, -10)
	})
	if err != nil {
		t.Fatal(err)
	}
	web.Use(stsHost, cert)
	fs := kit.Gather(t.Context(), env, MTASTS)
	soundRecords(t, fs)
	wantFinding(t, fs, "mtasts.certificate", report.Fail, report.CauseDomain, "other names; it has expired")
	wantFinding(t, fs, "mtasts.certificate", report.Fail, report.CauseDomain, "www.contoso.com")
}

func TestMTASTSExpiry(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		life, left int // days
		want       report.Status
	}{{90, 40, report.Pass}, {90, 13, report.Warn}, {6, 5, report.Pass}, {6, 1, report.Warn}} {
		env, _, web := webEnv(t, stsZone, serve(stsPolicy))
		cert, err := web.CA.Issue([]string{stsHost}, func(c *x509.Certificate) {
			c.NotAfter = time.Now().Add(time.Duration(test.left)*24*time.Hour + time.Hour)
			c.NotBefore = c.NotAfter.AddDate(0, 0, -test.life)
		})
		if err != nil {
			t.Fatal(err)
		}
		web.Use(stsHost, cert)
		cause := report.Cause("")
		if test.want == report.Warn {
			cause = report.CauseDomain
		}
		wantFinding(t, kit.Gather(t.Context(), env, MTASTS), "mtasts.certificate", test.want, cause, fmt.Sprintf("%d days", test.left))
	}
}

// TestFault_086 is the policy host that gives no policy, in six ways and some
// more.
func TestFault_086_NoPolicy(t *testing.T) {
	t.Parallel()
	answer := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	noHost := strings.Replace(stsZone, "mta-sts.contoso.com. A 192.0.2.10\n", "", 1)
	for _, test := range []struct {
		name, zone string
		dns        string // rcode for the policy host
		h          http.HandlerFunc
		status     report.Status
		cause      report.Cause
	}{
		{"NXDOMAIN", noHost, "", nil, report.Fail, report.CauseDomain},
		{"no address", noHost + `mta-sts.contoso.com. TXT "x"` + "\n", "", nil, report.Fail, report.CauseDomain},
		{"SERVFAIL", stsZone, "SERVFAIL", nil, report.Unknown, report.CauseResolver},
		{"REFUSED", stsZone, "REFUSED", nil, report.Unknown, report.CauseResolver},
		{"404", stsZone, "", answer(404), report.Fail, report.CauseDomain},
		{"403", stsZone, "", answer(403), report.Fail, report.CauseDomain},
		{"429", stsZone, "", answer(429), report.Unknown, report.CauseRemote},
		{"500", stsZone, "", answer(500), report.Unknown, report.CauseRemote},
		{"503", stsZone, "", answer(503), report.Unknown, report.CauseRemote},
		{"204", stsZone, "", answer(204), report.Fail, report.CauseDomain},
		{"stall", stsZone, "", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, report.Unknown, report.CauseNetwork},
		{"cut with length", stsZone, "", cutAfter("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + stsPolicy), report.Unknown, report.CauseNetwork},
		{"cut without length", stsZone, "", cutAfter("HTTP/1.1 200 OK\r\n\r\n" + stsPolicy), report.Unknown, report.CauseNetwork},
		{"no HTTP", stsZone, "", cutAfter("SSH-2.0-OpenSSH_9.9\r\n"), report.Fail, report.CauseDomain},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env, dns, web := webEnv(t, test.zone, test.h)
			if test.name == "stall" {
				env.HTTPS = viaClient(&httpsget.Client{Resolver: env.DNS, Dialer: web.Dialer(), Roots: web.CA.Pool(),
					Timeout: time.Second})
			}
			if test.dns != "" {
				dns.Fault(stsHost, "", dnstest.Fault{Rcode: test.dns})
			}
			fs := kit.Gather(t.Context(), env, MTASTS)
			soundRecords(t, fs)
			wantFinding(t, fs, "mtasts.policy", test.status, test.cause, "")
		})
	}
}

// cutAfter writes raw bytes inside TLS and then cuts the connection.
func cutAfter(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		io.WriteString(conn, raw)
		conn.(interface{ NetConn() net.Conn }).NetConn().Close()
	}
}

func TestFault_086_Refused(t *testing.T) {
	t.Parallel()
	env, _, _ := webEnv(t, stsZone, nil)
	env.HTTPS = viaClient(&httpsget.Client{Resolver: env.DNS, Dialer: &httpstest.Dialer{Addr: "127.0.0.1:1"}})
	fs := kit.Gather(t.Context(), env, MTASTS)
	soundRecords(t, fs)
	wantFinding(t, fs, "mtasts.policy", report.Fail, report.CauseDomain, "rejects connections")
}

func TestFault_086_Silent(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close() // accepts in the kernel, says nothing
	env, _, _ := webEnv(t, stsZone, nil)
	env.HTTPS = viaClient(&httpsget.Client{Resolver: env.DNS, Dialer: &httpstest.Dialer{Addr: ln.Addr().String()}, Timeout: time.Second})
	fs := kit.Gather(t.Context(), env, MTASTS)
	soundRecords(t, fs)
	wantFinding(t, fs, "mtasts.policy", report.Unknown, report.CauseNetwork, "no answer in time")
}

// TestWebFaults: every kind of fetch error has its words.
func TestWebFaults(t *testing.T) {
	t.Parallel()
	for _, kind := range []httpsget.Kind{httpsget.KindURL, httpsget.KindNXDomain, httpsget.KindNoAddress, httpsget.KindBlocked, httpsget.KindRefused,
		httpsget.KindTimeout, httpsget.KindReset, httpsget.KindNetwork, httpsget.KindTLS, httpsget.KindALPN, httpsget.KindBadHTTP, httpsget.KindTooLarge,
		httpsget.KindEncoded, httpsget.KindCut, httpsget.KindCanceled, httpsget.KindDNS, httpsget.KindCertificate, "of tomorrow"} {
		x, ok := fetchFault(&httpsget.Response{URL: "https://x.example/", Err: &httpsget.Error{Kind: kind}}, "c", "c", "x.example")
		if ok || x.Status == report.Unset || x.Summary == "" || x.Fix == nil || x.Cause == "" {
			t.Errorf("%s: %+v", kind, x)
		}
	}
}

func TestFault_001_MTASTSServfail(t *testing.T) {
	t.Parallel()
	env, dns, _ := webEnv(t, stsZone, serve(stsPolicy))
	dns.Fault("_mta-sts.contoso.com", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	fs := kit.Gather(t.Context(), env, MTASTS)
	soundRecords(t, fs)
	wantFinding(t, fs, "mtasts.record", report.Unknown, report.CauseResolver, "SERVFAIL")
}

// TestMTASTSNoMX: while the MX records are not known, nothing is said about
// what the policy should name.
func TestMTASTSNoMX(t *testing.T) {
	t.Parallel()
	env, dns, _ := webEnv(t, "contoso.com. MX 0 contoso-com.e-v1.mx.microsoft.\n", serve(stsPolicy))
	dns.Fault("contoso.com", "MX", dnstest.Fault{Rcode: "SERVFAIL"})
	fs := kit.Gather(t.Context(), env, MTASTS)
	soundRecords(t, fs)
	wantFinding(t, fs, "mtasts.record", report.Info, "", "attacker")
	if len(fs[0].Fix.Commands) != 0 {
		t.Errorf("proposes %q", fs[0].Fix.Commands)
	}
	env, dns, _ = webEnv(t, stsZone, serve(stsPolicy))
	dns.Fault("contoso.com", "MX", dnstest.Fault{Rcode: "SERVFAIL"})
	fs = kit.Gather(t.Context(), env, MTASTS)
	soundRecords(t, fs)
	wantFinding(t, fs, "mtasts.mx", report.Unknown, report.CauseResolver, "SERVFAIL")
}

// TestMTASTSBothBroken: a broken record does not hide a broken policy, and
// nothing is praised that is not in force.
func TestMTASTSBothBroken(t *testing.T) {
	t.Parallel()
	zone := strings.Replace(stsZone, "id=1", "id=-", 1)
	env, _, _ := webEnv(t, zone, serve(strings.Replace(stsPolicy, "*.e-v1.mx.microsoft", "mx.example.", 1)))
	kittest.EqualLines(t, kittest.Verdicts(kit.Gather(t.Context(), env, MTASTS), true), "mtasts.record fail", "mtasts.policy fail")
	env, _, _ = webEnv(t, zone, serve(stsPolicy))
	kittest.EqualLines(t, kittest.Verdicts(kit.Gather(t.Context(), env, MTASTS), true), "mtasts.record fail")
}

func TestMTASTSWithoutWeb(t *testing.T) {
	t.Parallel()
	env, _ := kittest.NewEnv(t, "contoso.com", stsZone)
	kittest.EqualLines(t, kittest.Verdicts(kit.Gather(t.Context(), env, MTASTS), true), "mtasts.record pass", "mtasts.policy skip")
}

// TestCorpusMTASTS serves the real policy files to a domain whose MX is the
// first host that the file names.
func TestCorpusMTASTS(t *testing.T) {
	t.Parallel()
	root := os.Getenv("MAILDIAG_CORPUS")
	if root == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	files, err := filepath.Glob(filepath.Join(root, "mta-sts", "*.txt"))
	if err != nil || len(files) != 23 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	bad := map[string]report.Status{"AlexVernon__mta-sts.txt": report.Fail, "Argia-Github__mta-sts.argia.be.txt": report.Fail}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := mtasts.ParsePolicy(body)
		mx := "mx.example."
		if len(p.MX) > 0 {
			mx = strings.Replace(p.MX[0], "*", "x", 1) + "."
		}
		env, _, _ := webEnv(t, strings.Replace(stsZone, "contoso-com.e-v1.mx.microsoft.", mx, 1), serve(string(body)))
		fs := kit.Gather(t.Context(), env, MTASTS)
		soundRecords(t, fs)
		want, cause := report.Pass, report.Cause("")
		if s, is := bad[filepath.Base(file)]; is {
			want, cause = s, report.CauseDomain
		}
		wantFinding(t, fs, "mtasts.policy", want, cause, "")
	}
}

func TestTLSRPT(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, zone string
		status     report.Status
		has        string
	}{
		{"good", `_smtp._tls.contoso.com. TXT "v=TLSRPTv1; rua=mailto:r@contoso.com,https://r.example/v1"`, report.Pass, "mailto:r@contoso.com, https://r.example/v1"},
		{"none", "", report.Info, "v=TLSRPTv1; rua=mailto:tls-reports@contoso.com"},
		{"none, with MTA-STS", `_mta-sts.contoso.com. TXT "v=STSv1; id=1"`, report.Warn, "MTA-STS is in use"},
		{"several", "_smtp._tls.contoso.com. TXT \"v=TLSRPTv1; rua=mailto:a@b.example\"\n_smtp._tls.contoso.com. TXT \"v=TLSRPTv1; rua=mailto:c@d.example\"", report.Warn, "2 TLS-RPT records"},
		{"no mailto", `_smtp._tls.contoso.com. TXT "v=TLSRPTv1; rua=r@contoso.com"`, report.Warn, "v=TLSRPTv1; rua=mailto:r@contoso.com"},
		{"no mail", "", report.Info, "correct for"},
		{"case", `_smtp._tls.contoso.com. TXT "v=tlsrptv1; rua=mailto:r@contoso.com"`, report.Warn, "written exactly"},
	} {
		t.Run(test.name, func(t *testing.T) {
			mx := "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\n"
			if test.name == "no mail" {
				mx = "contoso.com. MX 0 .\n"
			}
			env, _ := kittest.NewEnv(t, "contoso.com", mx+test.zone+"\n")
			fs := kit.Gather(t.Context(), env, TLSRPT)
			soundRecords(t, fs)
			cause := report.Cause("")
			if test.status == report.Warn {
				cause = report.CauseDomain
			}
			wantFinding(t, fs, "tlsrpt.record", test.status, cause, test.has)
		})
	}
}

// No proposed record sends reports to where no sender can reach, in any way to
// write it.
func TestTLSRPTOffersReachableAddresses(t *testing.T) {
	t.Parallel()
	bad := []string{"https://127.0.0.1/r", "https://[::1]/r", "https://10.1.2.3:8443/r", "https://169.254.169.254/", "https://localhost/r", "https://reports.local/r",
		"https://LOCALHOST./r", "https://host/r", "mailto:r@localhost", "mailto:r@[127.0.0.1]", "mailto:r@printer"}
	offers := 0
	for _, uri := range bad {
		for _, zone := range []string{
			`_smtp._tls.contoso.com. TXT "v=tlsrptv1; rua=` + uri + `"`,
			`_smtp._tls.contoso.com. TXT "v=TLSRPTv1 rua=` + uri + `,https://r.example/v1"`,
			"_smtp._tls.contoso.com. TXT \"v=TLSRPTv1; rua=" + uri + "\"\n_smtp._tls.contoso.com. TXT \"v=TLSRPTv1; rua=mailto:c@d.example\"",
		} {
			env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\n"+zone+"\n")
			for _, f := range kit.Gather(t.Context(), env, TLSRPT) {
				if f.Fix == nil {
					continue
				}
				for _, e := range f.Fix.Edits {
					offers++
					if strings.Contains(e.New, uri) || !strings.Contains(e.New, "rua=") && e.Op != "remove" && e.New != "" {
						t.Errorf("%s: proposes %q", zone, e.New)
					}
				}
			}
		}
	}
	if offers < 3*len(bad) {
		t.Errorf("only %d records are proposed", offers)
	}
}

func TestFault_001_TLSRPTServfail(t *testing.T) {
	t.Parallel()
	env, dns := kittest.NewEnv(t, "contoso.com", stsZone)
	dns.Fault("_smtp._tls.contoso.com", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	fs := kit.Gather(t.Context(), env, TLSRPT)
	soundRecords(t, fs)
	wantFinding(t, fs, "tlsrpt.record", report.Unknown, report.CauseResolver, "SERVFAIL")
}

// viaClient asks the web as an Env does.
func viaClient(c *httpsget.Client) func(context.Context, string) *httpsget.Response {
	return func(ctx context.Context, url string) *httpsget.Response { return c.Get(ctx, url, 0) }
}

// The policy that replaces one without the servers of today keeps those of before the
// move: senders may have old MX records. A slip in a name of Microsoft goes.
func TestPolicyKeepsServersOfBefore(t *testing.T) {
	t.Parallel()
	for pattern, stays := range map[string]bool{
		"mail.contoso.com": true, "*.contoso.com": true, "aspmx.l.google.com": true, "*.l.google.com": true, "mx.hoster.example": true, "*.hoster.example": true,
		"*.mail.protection.outlok.com": false, "*.mx.microsoft": false, "contoso-com.mail.protection.outlook.com.contoso.com": false,
	} {
		env, _, _ := webEnv(t, stsZone, serve("version: STSv1\r\nmode: enforce\r\nmx: "+pattern+"\r\nmax_age: 1209600\r\n"))
		fs := kit.Gather(t.Context(), env, MTASTS)
		soundRecords(t, fs)
		i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == "mtasts.mx" })
		if i < 0 || fs[i].Fix == nil {
			t.Errorf("%s: %v", pattern, kittest.Verdicts(fs, true))
			continue
		}
		lines := fs[i].Fix.Commands
		if slices.Contains(lines, "mx: "+pattern) != stays || !slices.Contains(lines, "mx: *.e-v1.mx.microsoft") {
			t.Errorf("%s: %q", pattern, lines)
		}
	}
}

package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// The record is published while --wait looks.
func TestWait(t *testing.T) {
	srv := dnstest.New(t, strings.Replace(baseZone, "86400 60", "86400 1", 1))
	published := make(chan struct{})
	go func() {
		defer close(published)
		for srv.Count("_dmarc.a.example", "TXT") < 2 {
			time.Sleep(5 * time.Millisecond)
		}
		if err := srv.SetZone(baseZone + `_dmarc.a.example. TXT "v=DMARC1; p=reject; rua=mailto:x@a.example"`); err != nil {
			t.Error(err)
		}
	}()
	code, out, errs := check(t, "--resolver", srv.Addr, "--only", "dmarc", "--expect", "any", "--wait", "--every", "50ms", "--for", "1m", "--format", "jsonl", "a.example")
	<-published
	if code != exitOK || len(domainsOf(t, out)) != 1 || !slices.Contains(changesOf(t, out), "pass dmarc.record") {
		t.Errorf("exit code %d: %s", code, out)
	}
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	if !strings.Contains(errs, "a.example dmarc.record (_dmarc.a.example) is fail\n") ||
		!strings.Contains(lines[len(lines)-1], "a.example dmarc.record (_dmarc.a.example) is pass (was fail)") {
		t.Errorf("stderr:\n%s", errs)
	}
	// What has a TTL of five minutes was asked once, however often was looked.
	if n := srv.Count("a.example", "MX"); n != 1 {
		t.Errorf("the MX was asked for %d times", n)
	}
}

// Where the resolver keeps the old answer longer than --for allows, that is
// told at once, and not after two hours.
func TestWaitInVain(t *testing.T) {
	srv := dnstest.New(t, strings.Replace(baseZone, "86400 60", "86400 7200", 1)+`_dmarc.a.example. 86400 TXT "v=DMARC1; p=jetty"`)
	code, out, errs := check(t, "--resolver", srv.Addr, "--only", "dmarc", "--expect", "any", "--wait", "--every", "10ms", "--for", "1h", "-v", "a.example")
	if code != exitFound || !strings.Contains(errs, "the time of --for is up before the next look could show a change") || out == "" {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestWaitRefuses(t *testing.T) {
	for _, args := range [][]string{
		{"--every", "0s"}, {"--for", "-1h"}, {"--replay", "x"}, {"--record", "x"},
	} {
		code, out, errs := check(t, append(args, "--wait", "a.example")...)
		if code != exitUsage || out != "" || !strings.HasPrefix(errs, "maildiag: error: ") {
			t.Errorf("%q: code %d, %s", args, code, errs)
		}
	}
}

func TestNextLook(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	x := &expiries{until: map[dnsrec.Query]time.Time{
		dnsrec.Q("a.example", dnsrec.TypeMX):         now.Add(time.Hour),
		dnsrec.Q("a.example", dnsrec.TypeTXT):        now.Add(10 * time.Minute),
		dnsrec.Q("_dmarc.a.example", dnsrec.TypeTXT): now.Add(time.Second),
	}}
	problem := func(evidence ...report.Evidence) report.Finding {
		return report.Finding{Status: report.Fail, Evidence: evidence}
	}
	answer := func(name string, t dnsrec.Type) report.Evidence {
		return kit.AnswerTo(dnsrec.Q(name, t), "192.0.2.53", "records")
	}
	unnamed := report.Evidence{Kind: "answer", Text: "a.example MX and what follows from it"}
	mx, spf := problem(answer("a.example", dnsrec.TypeMX)), problem(answer("a.example", dnsrec.TypeTXT))
	dmarc := problem(answer("_dmarc.a.example", dnsrec.TypeTXT))
	smtp := problem(report.Evidence{Kind: "smtp", Text: "220 hello"})
	for name, c := range map[string]struct {
		problems []report.Finding
		want     time.Duration
	}{
		"long TTL":       {[]report.Finding{mx}, time.Hour},
		"the first":      {[]report.Finding{mx, spf}, 10 * time.Minute},
		"not too often":  {[]report.Finding{mx, dmarc}, 30 * time.Second},
		"no DNS":         {[]report.Finding{mx, smtp}, 30 * time.Second},
		"not known":      {[]report.Finding{problem(answer("b.example", dnsrec.TypeTXT))}, 30 * time.Second},
		"both answers":   {[]report.Finding{problem(answer("a.example", dnsrec.TypeMX), answer("a.example", dnsrec.TypeTXT))}, 10 * time.Minute},
		"unnamed":        {[]report.Finding{problem(unnamed)}, 30 * time.Second},
		"one unnamed":    {[]report.Finding{problem(answer("a.example", dnsrec.TypeMX), unnamed)}, 30 * time.Second},
		"nothing at all": {nil, 30 * time.Second},
	} {
		if got := x.nextLook(now, 30*time.Second, c.problems).Sub(now); got != c.want {
			t.Errorf("%s: in %v, want %v", name, got, c.want)
		}
	}
}

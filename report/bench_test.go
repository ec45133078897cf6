package report

import (
	"io"
	"testing"
)

// bench measures a format over a domain with findings as a real one has them:
// about 30, a quarter of them problems with evidence and fix.
func bench(b *testing.B, format string) {
	d := join(goodDomain("contoso.com", "contoso-com"), brokenDomain("contoso.com"))
	begin, end := d[0], d[len(d)-1]
	var findings []Event
	for range 2 {
		for _, e := range d {
			if e.Finding != nil {
				findings = append(findings, e)
			}
		}
	}
	findings = findings[:30]
	s, err := New(format, io.Discard, Options{Width: 80, Unicode: true})
	if err != nil {
		b.Fatal(err)
	}
	emit(b, s, []Event{sampleStart(0)})
	b.ReportAllocs()
	for b.Loop() {
		emit(b, s, []Event{begin})
		emit(b, s, findings)
		emit(b, s, []Event{end})
	}
}

func BenchmarkJSONL(b *testing.B)  { bench(b, "jsonl") }
func BenchmarkNDJSON(b *testing.B) { bench(b, "ndjson") }
func BenchmarkJSON(b *testing.B)   { bench(b, "json") }
func BenchmarkText(b *testing.B)   { bench(b, "text") }
func BenchmarkCSV(b *testing.B)    { bench(b, "csv") }
func BenchmarkHTML(b *testing.B)   { bench(b, "html") }

func BenchmarkTally(b *testing.B) {
	var t Tally
	f := found(Finding{Check: "mx", Code: "mx.x", Status: Warn})
	b.ReportAllocs()
	for b.Loop() {
		_ = t.Emit(f)
	}
}

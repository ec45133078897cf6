package report

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// A replay of what ndjson wrote gives the same bytes in every format.
func TestReplayByteForByte(t *testing.T) {
	for name, events := range runs() {
		stream := render(t, "ndjson", Options{}, events)
		for _, v := range variants() {
			live := render(t, v.format, v.o, events)
			var b strings.Builder
			s, _ := New(v.format, &b, v.o)
			if err := Replay(strings.NewReader(stream), s); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if b.String() != live {
				t.Errorf("%s as %s: the replay differs from the run\n%s", name, v.name, firstDifference(b.String(), live))
			}
		}
	}
}

// Values that JSON cannot carry are reduced before any renderer sees them.
func TestReplayOddValues(t *testing.T) {
	events := []Event{sampleStart(1), sampleBegin("odd.example"),
		found(Finding{Check: "x", Code: "x.y", Summary: "\xff\xfe bytes", Elapsed: 1499 * time.Microsecond,
			Data: map[string]any{"nan": math.NaN(), "inf": math.Inf(-1), "big": int64(math.MaxInt64), "small": 1e-7,
				"e21": 1e21, "list": []string{"a", "b"}, "dur": time.Second, "f32": float32(0.1), "bytes": "\xc3("}}),
		{End: &End{Domain: "odd.example"}}, {Stop: &Stop{}}}
	stream := render(t, "ndjson", Options{}, events)
	for _, f := range FormatNames() {
		var b strings.Builder
		s, _ := New(f, &b, Options{Verbose: true})
		if err := Replay(strings.NewReader(stream), s); err != nil {
			t.Fatal(err)
		}
		if live := render(t, f, Options{Verbose: true}, events); live != b.String() {
			t.Errorf("%s: %s", f, firstDifference(b.String(), live))
		}
	}
	if strings.Contains(stream, `"status":"unset"`) || !strings.Contains(stream, `"status":"unknown"`) {
		t.Error("an unset status must be unknown")
	}
}

// Cut at any byte, a stream is either unfinished or not a stream at all, and
// never leads to exit code 0.
func TestReplayCutAnywhere(t *testing.T) {
	stream := render(t, "ndjson", Options{}, goodRun())
	for n := range len(stream) - 1 {
		var tally Tally
		err := Replay(strings.NewReader(stream[:n]), &tally)
		var bad *StreamError
		if !errors.Is(err, ErrUnfinished) && !errors.As(err, &bad) {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
		if code := tally.ExitCode(); code != ExitUnknown {
			t.Fatalf("cut after %d bytes: exit code %d", n, code)
		}
	}
}

// A cut stream is rendered as far as it goes and says so.
func TestReplayCutSaysSo(t *testing.T) {
	stream := render(t, "ndjson", Options{}, goodRun())
	lines := strings.SplitAfter(stream, "\n")
	cut := strings.Join(lines[:5], "") + lines[5][:20]
	for format, want := range map[string]string{"text": "Not finished", "json": `"unfinished": true`, "jsonl": `"unfinished":true`} {
		var b strings.Builder
		s, _ := New(format, &b, Options{})
		if err := Replay(strings.NewReader(cut), s); !errors.Is(err, ErrUnfinished) {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s does not say that it is unfinished:\n%s", format, b.String())
		}
	}
}

func TestReplayRefuses(t *testing.T) {
	start := `{"start":{"schema":"maildiag.stream/v1","version":"0","started":"2026-11-23T10:00:00Z","fail_on":"fail","domains":1}}` + "\n"
	begin := `{"begin":{"domain":"a.example","started":"2026-11-23T10:00:00Z","resolver":"","expect":"auto"}}` + "\n"
	finding := `{"finding":{"check":"a","code":"a","status":"pass","summary":""}}` + "\n"
	end, stop := `{"end":{"domain":"a.example","queries":0}}`+"\n", `{"stop":{"elapsed_ms":0}}`+"\n"
	for name, tt := range map[string]struct {
		stream string
		line   int
	}{
		"empty":             {"", 0},
		"blank":             {"\n \n", 0},
		"text":              {"hello\n", 1},
		"another schema":    {strings.Replace(start, "v1", "v9", 1), 1},
		"no start":          {begin, 1},
		"two starts":        {start + start, 2},
		"finding outside":   {start + finding, 2},
		"begin in a domain": {start + begin + begin, 3},
		"stop in a domain":  {start + begin + stop, 3},
		"end outside":       {start + end, 2},
		"two runs":          {start + begin + finding + end + stop + start, 6},
		"two in one":        {start + `{"stop":{},"end":{}}` + "\n", 2},
		"none":              {start + "{}\n", 2},
		"not an object":     {start + "[]\n" + begin, 2},
		"unknown status":    {start + begin + strings.Replace(finding, "pass", "great", 1) + end, 3},
		"a line too long":   {start + `{"begin":{"domain":"` + strings.Repeat("x", maxLine) + `"}}` + "\n", 2},
	} {
		err := Replay(strings.NewReader(tt.stream), &Tally{})
		var bad *StreamError
		if !errors.As(err, &bad) || bad.Line != tt.line {
			t.Errorf("%s: %v, want an error at line %d", name, err, tt.line)
		}
	}
}

func TestReplayPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken pipe")
	stream := render(t, "ndjson", Options{}, goodRun())
	if err := Replay(strings.NewReader(stream), failing{broken}); !errors.Is(err, broken) {
		t.Errorf("the sink's error became %v", err)
	}
	r := io.MultiReader(strings.NewReader(stream[:400]), iotest.ErrReader(broken))
	if err := Replay(r, &Tally{}); !errors.Is(err, broken) {
		t.Errorf("the reader's error became %v", err)
	}
}

type failing struct{ err error }

func (f failing) Emit(Event) error { return f.err }

// FuzzReplay: whatever is read, what comes out of it can be read again and
// gives the same bytes.
func FuzzReplay(f *testing.F) {
	// Small seeds: the time of an execution grows with the length of what is mutated.
	for _, events := range [][]Event{
		{sampleStart(1), sampleBegin("a.example"), sampleEnd("a.example", "", 1, 1), sampleStop(1)},
		{sampleBegin("a.example"), pass("mx", "mx.a", "a", "b")}, {sampleStop(1)},
		{sampleBegin("b.example"), found(Finding{Check: "mx", Code: "mx.a", Status: Fail, Cause: CauseDomain, Summary: "s",
			Evidence: []Evidence{{Kind: "answer", Text: "t", From: "f", Note: "n", Link: "l", Query: &Query{"q", "MX"}}},
			Fix:      &Fix{Owner: OwnerDNS, Text: "f", Edits: []Edit{{Name: "n", Type: "TXT", Old: "o", New: "p"}}},
			Data:     map[string]any{"a": 1, "b": "c"}})},
	} {
		f.Add(render(f, "ndjson", Options{}, append([]Event{{Start: &Start{Schema: StreamSchema, FailOn: Fail}}}, events...)))
	}
	f.Fuzz(func(t *testing.T, stream string) {
		again := func(in string) (string, error) {
			var b strings.Builder
			s, _ := New("ndjson", &b, Options{})
			err := Replay(strings.NewReader(in), s)
			return b.String(), err
		}
		once, err := again(stream)
		if err != nil {
			return
		}
		twice, err := again(once)
		if err != nil || once != twice {
			t.Fatalf("the second time: %v\n%s", err, firstDifference(twice, once))
		}
	})
}

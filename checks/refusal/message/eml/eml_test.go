package eml

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"maildiag/checks/kit/cputime"
)

func TestParse(t *testing.T) {
	m := Parse([]byte("From mailer Mon Nov 23\r\nSubject: one\r\n two\r\nContent-Type: multipart/mixed;\r\n" +
		" boundary=\"b/1\"\r\n\r\npreamble\r\n--b/1x\r\n--b/1\r\nContent-Type: text/plain; charset=utf-16\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n//5oAGkA\r\n--b/1\r\n\r\nlast\r\n--b/1--\r\nepilogue\r\n"))
	if got := m.Get("subject"); got != "one two" {
		t.Errorf("subject %q", got)
	}
	if len(m.Parts) != 2 || m.Parts[0].Text() != "hi" || m.Parts[1].Text() != "last" {
		t.Fatalf("parts %d: %+v", len(m.Parts), m.Parts)
	}
	if len(m.Notes) != 0 {
		t.Errorf("notes %q", m.Notes)
	}
}

func TestNestedMessage(t *testing.T) {
	m := Parse([]byte("Content-Type: message/rfc822\n\nSubject: inner\n\nbody\n"))
	if len(m.Parts) != 1 || m.Parts[0].Get("Subject") != "inner" {
		t.Fatalf("%+v", m.Parts)
	}
}

func TestUnclosedAndMalformedBoundary(t *testing.T) {
	m := Parse([]byte("Content-Type: multipart/mixed; boundary=a/b=c\n\n--a/b=c\n\nfirst\n--a/b=c\n\nsecond"))
	if len(m.Parts) != 2 || m.Parts[1].Text() != "second" {
		t.Fatalf("%+v", m.Parts)
	}
}

// within fails if a function needs more time of the processor than it may.
func within(t *testing.T, limit time.Duration, what string, f func()) {
	t.Helper()
	began := cputime.Used()
	f()
	if d := cputime.Used() - began; d > limit*slack {
		t.Errorf("%s took %v, at most %v", what, d, limit)
	}
}

func TestFault_161_headers(t *testing.T) {
	for name, data := range map[string]string{
		"400,000 headers":            strings.Repeat("A: b\n", 400_000),
		"one header of 50 MiB":       "Subject: " + strings.Repeat("a", 50<<20),
		"a million continuations":    "Subject: a\n" + strings.Repeat(" b\n", 1_000_000),
		"a million empty-ish values": strings.Repeat("A:\n", 1_000_000),
	} {
		within(t, 2*time.Second, name, func() {
			m := Parse([]byte(data))
			if len(m.Fields) > MaxFields || len(m.Notes) != 1 {
				t.Errorf("%s: %d fields, notes %q", name, len(m.Fields), m.Notes)
			}
		})
	}
	m := Parse([]byte("Subject: a\nno colon here\nmore\n"))
	if m.Get("Subject") != "a" || !strings.HasPrefix(string(m.Body), "no colon") {
		t.Errorf("a line that is no field ends the header: %+v", m.Part)
	}
}

func TestFault_162_multiparts(t *testing.T) {
	var nested strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	many := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 100_000)
	long := strings.Repeat("b", 5000)
	for name, data := range map[string]string{
		"nested": nested.String(), "many": many,
		"long boundary":  "Content-Type: multipart/mixed; boundary=" + long + "\n\n--" + long + "\n\nx\n",
		"empty boundary": "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n--\n",
		"never closed":   "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("x\n", 1<<20),
		"prefix":         "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--bb\n", 1<<18),
	} {
		within(t, time.Second, name, func() {
			n := 0
			Parse([]byte(data)).Walk(func(*Part) bool { n++; return true })
			if n > MaxParts {
				t.Errorf("%s: %d parts", name, n)
			}
		})
	}
	if m := Parse([]byte(many)); len(m.Notes) == 0 {
		t.Error("no note about parts left out")
	}
	if m := Parse([]byte(nested.String())); len(m.Notes) == 0 {
		t.Error("no note about depth")
	}
}

func TestFault_163_encoded(t *testing.T) {
	big := strings.Repeat("QUFB", 10<<20)
	m := Parse([]byte("Content-Transfer-Encoding: base64\n\n" + big))
	within(t, 2*time.Second, "base64", func() {
		if n := len(m.Text()); n > MaxDecoded {
			t.Errorf("%d bytes decoded", n)
		}
	})
	within(t, 2*time.Second, "200 messages in one another", func() {
		Parse([]byte(strings.Repeat("Content-Type: message/rfc822\n\n", 200) + "x"))
	})
}

func TestFault_166_words(t *testing.T) {
	for _, v := range []string{
		strings.Repeat("=?utf-8?q?a?= ", 100_000), "=?" + strings.Repeat("x", 1<<20) + "?q?a?=",
		strings.Repeat("=?", 500_000), strings.Repeat("=?utf-8?b?!?=", 50_000),
	} {
		within(t, 400*time.Millisecond, v[:8], func() { Decoded(v) })
	}
	if got := Decoded("=?utf-8?q?Gr=C3=BC=C3=9Fe?="); got != "Grüße" {
		t.Errorf("%q", got)
	}
	if got := Decoded("=?x-unknown?q?a?="); got != "=?x-unknown?q?a?=" {
		t.Errorf("%q", got)
	}
}

func TestIsMessage(t *testing.T) {
	for s, want := range map[string]bool{
		"From: a@b\nTo: c@d\n\nx":                             true,
		"\xef\xbb\xbfFrom x\nReceived: by y\nSubject: s\n":    true,
		"550 5.7.1 Unable to relay":                           false,
		"Nov 23 10:00:00 mx postfix/smtp[1]: ABC: to=<a@b>":   false,
		"Final-Recipient: rfc822; a@b\nAction: failed\n":      false,
		"X-Forefront-Antispam-Report: CIP:1.2.3.4\nDate: x\n": true,
		"": false,
	} {
		if got := IsMessage([]byte(s)); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// What is read as a stream is what is read at once, surrogates and all.
func TestUTF16Reader(t *testing.T) {
	for _, text := range []string{"hello, world", "<a>\U0001F600 \u00e4\ud7ff</a>", "", "\ufffd at the end of a text \U0010ffff"} {
		for _, raw := range [][]uint16{utf16.Encode([]rune(text)), {'<', 0xd800, 'a', 0xdc00, 0xd800, 0xd800, 0xdc00, '>', 0xdbff}} {
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				wide := order.AppendUint16(nil, 0xfeff)
				for _, u := range raw {
					wide = order.AppendUint16(wide, u)
				}
				want, _ := UTF16(wide)
				in := bufio.NewReader(iotest.OneByteReader(bytes.NewReader(wide)))
				got, err := io.ReadAll(iotest.OneByteReader(NewUTF16Reader(in)))
				if err != nil || string(got) != want {
					t.Errorf("%q, not %q (%v)", got, want, err)
				}
			}
		}
	}
	if NewUTF16Reader(bufio.NewReader(strings.NewReader("plain text"))) != nil {
		t.Error("plain text is taken for UTF-16")
	}
}

func TestUTF16(t *testing.T) {
	for _, b := range []string{"\xff\xfeh\x00i\x00", "\xfe\xff\x00h\x00i", "h\x00e\x00l\x00l\x00o\x00!\x00"} {
		if s, ok := UTF16([]byte(b)); !ok || !strings.HasPrefix(s, "h") {
			t.Errorf("%q: %q %v", b, s, ok)
		}
	}
	if _, ok := UTF16([]byte("plain text, no UTF-16")); ok {
		t.Error("plain text taken for UTF-16")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nA: " +
		"b\n\nx\n--b--\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		m := Parse(data)
		m.Walk(func(p *Part) bool {
			n++
			if len(p.Fields) > MaxFields || len(p.Body) > len(data)+MaxDecoded {
				t.Fatal("limits")
			}
			if slices.ContainsFunc(p.Fields, func(f Field) bool { return strings.Contains(f.Value, "\n") }) {
				t.Fatal("a line end in a field")
			}
			return true
		})
		if n > MaxParts+1 {
			t.Fatalf("%d parts", n)
		}
	})
}

// TestCorpus reads every bounce of the corpus without a note.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "bounces/mail/*.eml"))
	if len(files) < 350 {
		t.Fatalf("%d bounces in the corpus", len(files))
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !IsMessage(data) {
			t.Errorf("%s is not taken for a message", filepath.Base(name))
		}
		if m := Parse(data); len(m.Notes) > 0 {
			t.Errorf("%s: %q", filepath.Base(name), m.Notes)
		}
	}
}

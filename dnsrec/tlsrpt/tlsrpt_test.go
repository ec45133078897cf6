package tlsrpt

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		txt  string
		want Record
		ours bool
		pos  int // of the error; -1: none
	}{
		{"v=TLSRPTv1; rua=mailto:r@example.com", Record{RUA: []string{"mailto:r@example.com"}}, true, -1},
		{"v=TLSRPTv1;rua=https://r.example.com/v1/tlsrpt?a=b;", Record{RUA: []string{"https://r.example.com/v1/tlsrpt?a=b"}}, true, -1},
		{"v=TLSRPTv1 ; rua=mailto:a@b.example , MAILTO:c@d.example\t,https://e.example; x=1", Record{
			RUA:        []string{"mailto:a@b.example", "MAILTO:c@d.example", "https://e.example"},
			Extensions: []Field{{"x", "1"}}}, true, -1},
		{"v=TLSRPTv1; rua=mailto:a@b.example; rua=x", Record{RUA: []string{"mailto:a@b.example"}}, true, -1},
		{"v=TLSRPTv1", Record{}, true, 10},
		{"v=TLSRPTv1; rua=", Record{}, true, 16},
		{"v=TLSRPTv1; rua=r@example.com", Record{}, true, 16},
		{"v=TLSRPTv1; rua=mailto:r@example.com,", Record{}, true, 37},
		{"v=TLSRPTv1; rua=mailto:a@b.example, http://e.example/", Record{}, true, 36},
		{"v=TLSRPTv1; rua=mailto:a@b.example mailto:c@d.example", Record{}, true, 16},
		{"v=TLSRPTv1; rua=mailto:example.com", Record{}, true, 16},
		{"v=TLSRPTv1; rua=mailto:a@b.example!10m", Record{}, true, 16},
		{"v=TLSRPTv1; rua=https:///x", Record{}, true, 16},
		{"v=TLSRPTv1; rua = mailto:a@b.example", Record{}, true, 15},
		{"v=TLSRPTv1; rua:mailto:a@b.example", Record{}, true, 12},
		{"v=TLSRPTv1; rua=mailto:\xff@b.example", Record{}, true, 23},
		{"v=TLSRPTv2; rua=mailto:r@example.com", Record{}, false, -1},
		{"v=tlsrptv1; rua=mailto:r@example.com", Record{}, false, -1},
		{"v=TLSRPTv1 rua=mailto:r@example.com", Record{}, false, -1},
		{"", Record{}, false, -1},
	} {
		rec, ours, err := Parse(test.txt)
		pos := -1
		var syntax *SyntaxError
		if errors.As(err, &syntax) {
			pos = syntax.Pos
		}
		if !reflect.DeepEqual(rec, test.want) || ours != test.ours || pos != test.pos {
			t.Errorf("Parse(%q) = %+v, %v, %v at %d; want %+v, %v, at %d", test.txt, rec, ours, err, pos, test.want, test.ours, test.pos)
		}
	}
}

func TestFault_069_ManyURIs(t *testing.T) {
	txt := "v=TLSRPTv1; rua=https://169.254.169.254/" + strings.Repeat(",mailto:r@example.com", 499)
	if rec, ours, err := Parse(txt); !ours || err != nil || len(rec.RUA) != 500 {
		t.Errorf("%d addresses, %v, %v", len(rec.RUA), ours, err)
	}
}

func TestResembles(t *testing.T) {
	for txt, want := range map[string]bool{
		"v=TLSRPTv1 rua=mailto:a@b.c": true, "v=tlsrptv1;": true, " v=TLSRPTv1;": true, "v=TLSRPT1; rua=x": true,
		"TLSRPTv1; rua=x": true, "v= TLSRPTv1": true, "v=TLS": false, "v=spf1": false, "": false,
	} {
		if why, got := Resembles(txt); got != want || got != (why != "") {
			t.Errorf("Resembles(%q) = %q, %v", txt, why, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=TLSRPTv1; rua=mailto:r@example.com", "v=TLSRPTv1;rua=https://a.b/c,mailto:%40@b;x=y", "v=TLSRPTv1;;rua= ,", "v=TLSRPTv1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, txt string) {
		rec, ours, err := Parse(txt)
		if !ours || err != nil {
			var syntax *SyntaxError
			if errors.As(err, &syntax) && (syntax.Pos < 0 || syntax.Pos > len(txt)) {
				t.Errorf("%q: position %d", txt, syntax.Pos)
			}
			return
		}
		again, ours, err := Parse(rec.String())
		if !ours || err != nil || !reflect.DeepEqual(again, rec) {
			t.Errorf("%q: %+v became %+v, %v, %v", txt, rec, again, ours, err)
		}
	})
}

// TestCorpusRecords reads the real TXT records.
func TestCorpusRecords(t *testing.T) {
	root := os.Getenv("MAILDIAG_CORPUS")
	if root == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	raw, err := os.ReadFile(filepath.Join(root, "dns/real-txt-records.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(raw)) {
		if f := strings.Split(line, "\t"); f[0] == "tls_rpt" {
			n++
			if rec, ours, err := Parse(f[2]); !ours || err != nil || len(rec.RUA) == 0 {
				t.Errorf("%s %q: %+v, %v, %v", f[1], f[2], rec, ours, err)
			}
		}
	}
	if n != 30 {
		t.Errorf("%d records, want 30", n)
	}
}

func TestAddresses(t *testing.T) {
	for txt, want := range map[string][]string{
		"v=TLSRPTv1; rua=r@example.com":                          {"mailto:r@example.com"},
		"v=TLSRPTv1 rua=mailto:a@b.example!10m, https://c.d/e":   {"mailto:a@b.example", "https://c.d/e"},
		"v=TLSRPT1;ruf=http://x.example":                         nil,
		"v=TLSRPTv1; rua=" + strings.Repeat("mailto:a@b.c,", 50): slices.Repeat([]string{"mailto:a@b.c"}, maxAddresses),
		"v=TLSRPTv1; rua=mailto:\xffa@b.c":                       nil,
	} {
		got := Addresses(txt)
		if !slices.Equal(got, want) {
			t.Errorf("Addresses(%q) = %q, want %q", txt, got, want)
		}
		if len(got) > 0 {
			if _, ours, err := Parse(Record{RUA: got}.String()); !ours || err != nil {
				t.Errorf("%q: what was found does not parse: %v", txt, err)
			}
		}
	}
}

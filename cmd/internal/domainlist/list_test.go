package domainlist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
)

// readList returns the entries of a list as "line text" or "line !error".
func readList(t *testing.T, text, column string) (got []string, err error) {
	t.Helper()
	l, err := New(strings.NewReader(text), column)
	if err != nil {
		return nil, err
	}
	for {
		e, err := l.Next()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		if e.Err != nil {
			got = append(got, fmt.Sprintf("%d !%v", e.Line, e.Err))
		} else {
			got = append(got, fmt.Sprintf("%d %s", e.Line, e.Text))
		}
	}
}

func utf16Text(s string, order binary.AppendByteOrder) string {
	b := order.AppendUint16(nil, 0xFEFF)
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestFault_229_Lists(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	for name, c := range map[string]struct {
		text, column string
		want         []string
	}{
		"plain":            {"a.example\nb.example\n", "", []string{"1 a.example", "2 b.example"}},
		"no last line end": {"a.example\nb.example", "", []string{"1 a.example", "2 b.example"}},
		"CRLF":             {"a.example\r\nb.example\r\n", "", []string{"1 a.example", "2 b.example"}},
		"BOM":              {"\xEF\xBB\xBFa.example\n", "", []string{"1 a.example"}},
		"UTF-16 LE":        {utf16Text("a.example\r\nmünchen.example\r\n😀.example", binary.LittleEndian), "", []string{"1 a.example", "2 münchen.example", "3 😀.example"}},
		"UTF-16 BE":        {utf16Text("a.example\nb.example\n", binary.BigEndian), "", []string{"1 a.example", "2 b.example"}},
		"UTF-16 no BOM":    {utf16Text("a.example\n", binary.LittleEndian)[2:], "", []string{"1 !the line holds a NUL byte; save the list as UTF-8", "2 !the line holds a NUL byte; save the list as UTF-8"}},
		"comments":         {"# head\na.example # main\n\n   \t\n  # more\nb#c.example\n", "", []string{"2 a.example", "6 b#c.example"}},
		"1 MB line":        {"a.example\n" + long + "\nb.example\n", "", []string{"1 a.example", "2 !the line is longer than 65536 bytes", "3 b.example"}},
		"1 MB last line":   {"a.example\n" + long, "", []string{"1 a.example", "2 !the line is longer than 65536 bytes"}},
		"NUL":              {"a.example\nb\x00.example\nc.example\n", "", []string{"1 a.example", "2 !the line holds a NUL byte; save the list as UTF-8", "3 c.example"}},
		"empty":            {"", "", nil},
		"one byte":         {"a", "", []string{"1 a"}},

		"CSV by name":   {"Name,DomainName\nContoso,contoso.com\n\"Fabrikam, Inc.\",fabrikam.com\n", "domainname", []string{"2 contoso.com", "3 fabrikam.com"}},
		"CSV by number": {"1,contoso.com\n2,fabrikam.com\n", "2", []string{"1 contoso.com", "2 fabrikam.com"}},
		"CSV of Excel":  {"\xEF\xBB\xBFName;Domain\r\nContoso;contoso.com\r\n", "Domain", []string{"2 contoso.com"}},
		"CSV with tabs": {"Name\tDomain\nContoso\tcontoso.com\n", "Domain", []string{"2 contoso.com"}},
		"CSV of PowerShell": {"#TYPE Microsoft.Exchange.Data.AcceptedDomain\r\n\"DomainName\",\"DomainType\"\r\n\"contoso.com\",\"Authoritative\"\r\n", "DomainName",
			[]string{"3 contoso.com"}},
		"CSV over lines": {"Domain,Note\ncontoso.com,\"two\nlines\"\nfabrikam.com,x\n", "Domain", []string{"2 contoso.com", "4 fabrikam.com"}},
		"CSV short row":  {"a,Domain\nx\ny,b.example\n", "Domain", []string{"2 !the row has 1 column", "3 b.example"}},
		"CSV empty cell": {"a,Domain\nx,\ny,b.example\n", "Domain", []string{"3 b.example"}},
		"CSV bad quote":  {"Domain\na\"b\"c\nb.example\n", "Domain", []string{"2 !the row that starts here is not CSV: a quote is missing, or there is one too many", "3 b.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readList(t, c.text, c.column)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %q, %v\nwant %q", got, err, c.want)
			}
		})
	}
}

func TestListErrors(t *testing.T) {
	if _, err := readList(t, "Name,Domain\nx,y\n", "Mail"); err == nil || err.Error() != `no column "Mail"; the first row has: Name, Domain` {
		t.Errorf("no such column: %v", err)
	}
	if _, err := readList(t, "a,b\n", "0"); err == nil {
		t.Error("column 0 was taken")
	}
}

// A quote that never ends takes no line but its own with it.
func TestListUnendingQuote(t *testing.T) {
	text := "Domain\n\"open\n" + strings.Repeat("x.example\n", 200)
	got, err := readList(t, text, "Domain")
	if err != nil || len(got) != 1+200 {
		t.Errorf("%d entries, %v", len(got), err)
	}
}

// FuzzList holds what is true of every list: lines are counted as they are,
// entries come in order, their text has no line end, and a plain list that is
// written anew from its entries reads the same.
func FuzzList(f *testing.F) {
	f.Add([]byte("a.example # x\r\nb.example\n"), "")
	f.Add([]byte("\xFF\xFEa\x00\n\x00"), "")
	f.Add([]byte("a;Domain\n\"x\ny\";b.example\n"), "Domain")
	f.Add([]byte("\"\n\"\n\"\n"), "1")
	f.Fuzz(func(t *testing.T, text []byte, column string) {
		l, err := New(bytes.NewReader(text), column)
		if err != nil {
			return
		}
		var names []string
		last := 0
		for {
			e, err := l.Next()
			if err != nil {
				break
			}
			if e.Line <= last || e.Line > bytes.Count(text, []byte("\n"))+1 && !l.UTF16 {
				t.Fatalf("line %d after %d", e.Line, last)
			}
			last = e.Line
			if e.Err == nil {
				names = append(names, e.Text)
			}
		}
		if column != "" || l.UTF16 {
			return
		}
		again, err := readList(t, "#\n"+strings.Join(names, "\n"), "")
		if err != nil || len(again) != len(names) {
			t.Fatalf("%q reads as %q, %v", names, again, err)
		}
	})
}

func TestNameSet(t *testing.T) {
	s := NewNameSet()
	const n = 200_000
	for i := range n {
		if name := fmt.Sprintf("d%d.example", i); !s.Add(name) || s.Add(name) || !s.Has(name) {
			t.Fatalf("%s is taken for another", name)
		}
	}
	if s.n != n || s.Has("other.example") {
		t.Errorf("%d names", s.n)
	}
	slots := 0
	for i := range s.shards {
		slots += len(s.shards[i].slots)
	}
	if perName := 8 * slots / n; perName > 22 {
		t.Errorf("%d bytes a name", perName)
	}
	if (*NameSet)(nil).Has("a") {
		t.Error("nil has a name")
	}
}

package dmarcreport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const head = `<?xml version="1.0"?><feedback><report_metadata><org_name>x.example</org_name><report_id>1</report_id>` +
	`<date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata>` +
	`<policy_published><domain>contoso.com</domain><p>none</p></policy_published>`

const record = `<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated>` +
	`<disposition>none</disposition><dkim>pass</dkim><spf>fail</spf><reason><type>forwarded</type></reason>` +
	`</policy_evaluated></row><identifiers><header_from>contoso.com</header_from></identifiers><auth_results>` +
	`<dkim><domain>contoso.com</domain><selector>s1</selector><result>pass</result></dkim>` +
	`<spf><domain>x.example</domain><result>pass</result></spf></auth_results></record>`

func all(t *testing.T, xml string) (rep Report, rows []Row, err error) {
	t.Helper()
	err = Read(strings.NewReader(xml), &rep, func(r *Row) error {
		row := *r
		row.DKIMResults = append([]DKIMResult(nil), r.DKIMResults...)
		rows = append(rows, row)
		return nil
	})
	return rep, rows, err
}

func TestRead(t *testing.T) {
	for name, xml := range map[string]string{
		"plain":      head + record + "</feedback>",
		"BOM":        "\ufeff" + head + record + "</feedback>\n",
		"namespace":  strings.Replace(head, "<feedback>", `<f:feedback xmlns:f="urn:ietf:params:xml:ns:dmarc-2.0" a='>'>`, 1) + record + "</f:feedback>",
		"capitals":   head + strings.ReplaceAll(record, ">pass<", ">Pass<") + "</feedback>",
		"comment":    head + "<!-- a > b -- c --->" + record + "</feedback><!-- end -->",
		"CDATA":      head + strings.Replace(record, "contoso.com", "<![CDATA[contoso.com]]>", 1) + "</feedback>",
		"references": head + strings.Replace(record, "contoso.com", "contoso&#46;co&#x6D;", 1) + "</feedback>",
		"blanks":     head + strings.ReplaceAll(record, ">contoso.com<", ">\n\t contoso.com \r\n<") + "</feedback>",
		"empty tags": head + strings.Replace(record, "<identifiers>", "<extension/><identifiers><x  y='1' />", 1) + "</feedback>",
	} {
		rep, rows, err := all(t, xml)
		if err != nil || len(rows) != 1 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
			continue
		}
		r := rows[0]
		want := DKIMResult{"contoso.com", "s1", "pass"}
		if rep.Org != "x.example" || rep.Policy.Domain != "contoso.com" || rep.Begin.Unix() != 1700000000 ||
			r.Source != netip.MustParseAddr("192.0.2.1") || r.Count != 3 || r.DKIM != "pass" || r.HeaderFrom != "contoso.com" ||
			len(r.DKIMResults) != 1 || r.DKIMResults[0] != want || r.Reasons[0].Type != "forwarded" {
			t.Errorf("%s: %+v %+v", name, rep, r)
		}
	}
}

// What is not a report, or only an attack, is an error after bounded work.
func TestHostile(t *testing.T) {
	endless := func(start, again string) io.Reader {
		return io.MultiReader(strings.NewReader(start), &repeat{s: again})
	}
	for name, r := range map[string]io.Reader{
		"empty":            strings.NewReader(""),
		"text":             strings.NewReader("hello"),
		"other XML":        strings.NewReader("<html></html>"),
		"truncated":        strings.NewReader(head + record[:200]),
		"truncated tag":    strings.NewReader(head + "<rec"),
		"no end":           strings.NewReader(head + record),
		"entities":         strings.NewReader(`<!DOCTYPE feedback [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + head + record + "</feedback>"),
		"external entity":  strings.NewReader(`<!DOCTYPE f SYSTEM "file:///etc/passwd">` + head + "</feedback>"),
		"mismatch":         strings.NewReader(head + "<record></feedback>"),
		"not a tag":        strings.NewReader(head + "<email><bad-xml@bad-xml.net></email></feedback>"),
		"two roots":        strings.NewReader(head + "</feedback>" + head + "</feedback>"),
		"negative count":   strings.NewReader(head + strings.Replace(record, ">3<", ">-3<", 1) + "</feedback>"),
		"huge count":       strings.NewReader(head + strings.Replace(record, ">3<", ">99999999999999999999<", 1) + "</feedback>"),
		"nesting":          endless(head, "<a>"),
		"endless text":     endless(head+"<record>", "a"),
		"endless space":    endless(head, " "),
		"endless comment":  endless(head+"<!--", "a"),
		"endless CDATA":    endless(head+"<![CDATA[", "]"),
		"endless tag":      endless(head+"<a ", "a"),
		"endless quote":    endless(head+"<a b='", ">"),
		"endless PI":       endless("<?xml ", "?"),
		"endless garbage":  endless("", "\x00\xff"),
		"endless closings": endless(head, "</a>"),
	} {
		limited := &counting{r: r}
		var rep Report
		err := Read(limited, &rep, func(*Row) error { return nil })
		var broken *Error
		if !errors.As(err, &broken) || limited.n > 4<<20 {
			t.Errorf("%s: %v after %d bytes", name, err, limited.n)
		}
	}
}

type repeat struct{ s string }

func (r *repeat) Read(p []byte) (n int, err error) {
	for n+len(r.s) <= len(p) {
		n += copy(p[n:], r.s)
	}
	if n == 0 {
		n = copy(p, r.s[:1])
	}
	return n, nil
}

type counting struct {
	r io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestStops(t *testing.T) {
	stop := errors.New("stop")
	var rep Report
	n := 0
	err := Read(strings.NewReader(head+record+record+"</feedback>"), &rep, func(*Row) error { n++; return stop })
	if err != stop || n != 1 {
		t.Errorf("%v after %d rows", err, n)
	}
}

// A hundred thousand rows cost no more memory than one.
func TestFlat(t *testing.T) {
	const rows = 100_000
	xml := head + strings.Repeat(record, rows) + "</feedback>"
	var total int64
	var rep Report
	allocs := testing.AllocsPerRun(1, func() {
		total = 0
		if err := Read(strings.NewReader(xml), &rep, func(r *Row) error { total += r.Count; return nil }); err != nil {
			t.Fatal(err)
		}
	})
	if total != 3*rows || allocs > 500 {
		t.Errorf("%d messages, %.0f allocations", total, allocs)
	}
}

func BenchmarkRead(b *testing.B) {
	xml := []byte(head + strings.Repeat(record, 10_000) + "</feedback>")
	b.SetBytes(int64(len(xml)))
	for b.Loop() {
		var rep Report
		if err := Read(bytes.NewReader(xml), &rep, func(*Row) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzRead: whatever is read, a report that was read wholly is read the same when
// its rows are written again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(head + record + "</feedback>"))
	if dir := os.Getenv("MAILDIAG_CORPUS"); dir != "" {
		files, _ := filepath.Glob(filepath.Join(dir, "dmarc/parsedmarc-samples/aggregate/*.xml"))
		for _, name := range files {
			if data, err := os.ReadFile(name); err == nil && len(data) < 10<<10 {
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rep, rows, err := all(t, string(data))
		if err != nil {
			return
		}
		var again strings.Builder
		again.WriteString("<feedback>")
		for _, r := range rows {
			fmt.Fprintf(&again, "<record><row><source_ip>%s</source_ip><count>%d</count></row></record>", r.Source, r.Count)
		}
		again.WriteString("</feedback>")
		_, rows2, err := all(t, again.String())
		if err != nil || len(rows2) != len(rows) {
			t.Fatalf("%v: %d rows, then %d (%+v)", err, len(rows), len(rows2), rep)
		}
		for i := range rows {
			if rows[i].Count != rows2[i].Count || rows[i].Source != rows2[i].Source {
				t.Fatalf("row %d: %+v, then %+v", i, rows[i], rows2[i])
			}
		}
	})
}

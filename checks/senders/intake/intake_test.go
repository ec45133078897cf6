package intake

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// counts counts what an intake finds.
type counts struct {
	aggregate, tls, failure int
	bytes                   int64
}

func (c *counts) Aggregate(_ context.Context, _ string, xml io.Reader) error {
	n, err := io.Copy(io.Discard, xml)
	c.aggregate++
	c.bytes += n
	return err
}

func (c *counts) TLS(_ string, json io.Reader) error {
	_, err := io.Copy(io.Discard, json)
	c.tls++
	return err
}

func (c *counts) Failure(_ string, message []byte) bool {
	found := bytes.Contains(message, []byte("auth-failure"))
	if found {
		c.failure++
	}
	return found
}

const (
	xmlReport  = `<?xml version="1.0"?><feedback><report_metadata><org_name>x</org_name></report_metadata></feedback>`
	jsonReport = `{"organization-name":"x","report-id":"1","policies":[]}`
)

func gz(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	w.Close()
	return b.String()
}

func zipOf(files ...string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, _ := w.Create(files[i])
		_, _ = f.Write([]byte(files[i+1]))
	}
	w.Close()
	return b.String()
}

func mail(name, content string) string {
	return "From: a@x.example\nTo: b@contoso.com\nSubject: Report Domain: contoso.com\nMessage-ID: <1@x>\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/octet-stream; name=\"" + name + "\"\n" +
		"Content-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(content)) + "\n--b--\n"
}

const failure = "From: a@x.example\nTo: b@contoso.com\nSubject: report\nMessage-ID: <1@x>\nMIME-Version: 1.0\n" +
	"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\ntext\n--b\n" +
	"Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nVersion: 1\n--b--\n"

// wide writes a text as UTF-16.
func wide(s string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func TestForms(t *testing.T) {
	for name, test := range map[string]struct {
		input                   string
		aggregate, tls, failure int
	}{
		"xml":            {xmlReport, 1, 0, 0},
		"BOM":            {"\ufeff \n" + xmlReport, 1, 0, 0},
		"json":           {jsonReport, 0, 1, 0},
		"xml.gz":         {gz(xmlReport), 1, 0, 0},
		"json.gz":        {gz(jsonReport), 0, 1, 0},
		"xml.zip":        {zipOf("r.xml", xmlReport), 1, 0, 0},
		"many in zip":    {zipOf("r.xml", xmlReport, "r.json.gz", gz(jsonReport), "a/../../x.xml", xmlReport), 2, 1, 0},
		"gz in gz":       {gz(gz(xmlReport)), 1, 0, 0},
		"eml":            {mail("r.xml", xmlReport), 1, 0, 0},
		"eml with gz":    {mail("r.xml.gz", gz(xmlReport)), 1, 0, 0},
		"eml with zip":   {mail("r.zip", zipOf("r.xml", xmlReport)), 1, 0, 0},
		"eml in zip":     {zipOf("r.eml", mail("r.json", jsonReport)), 0, 1, 0},
		"UTF-16":         {wide("\ufeff"+xmlReport, false), 1, 0, 0},
		"UTF-16BE":       {wide("\ufeff"+xmlReport, true), 1, 0, 0},
		"without BOM":    {wide(xmlReport, false), 1, 0, 0},
		"JSON, UTF-16":   {wide("\ufeff"+jsonReport, false), 0, 1, 0},
		"UTF-16 in gz":   {gz(wide("\ufeff"+xmlReport, true)), 1, 0, 0},
		"UTF-16 in zip":  {zipOf("r.xml", wide(xmlReport, true), "r.json", wide(jsonReport, false)), 1, 1, 0},
		"UTF-16 in eml":  {mail("r.xml", wide("\ufeff"+xmlReport, false)), 1, 0, 0},
		"failure report": {failure, 0, 0, 1},
		"mbox": {"From x Thu Jan 1\n" + mail("r.xml", xmlReport) + "\nFrom y Thu Jan 1\n" + failure + "\nFrom z Thu Jan 1\n" +
			mail("r.json", jsonReport), 1, 1, 1},
	} {
		var c counts
		in := Intake{Handler: &c}
		in.Stream(t.Context(), "input", strings.NewReader(test.input))
		if c.aggregate != test.aggregate || c.tls != test.tls || c.failure != test.failure || len(in.Problems) > 0 {
			t.Errorf("%s: %+v %v", name, c, in.Problems)
		}
	}
}

// What cannot be read is a problem with its file, and the others go on.
func TestProblems(t *testing.T) {
	for name, input := range map[string]string{
		"empty":          "",
		"blank":          " \n\n",
		"text":           "hello",
		"truncated gzip": gz(xmlReport)[:40],
		"truncated zip":  zipOf("r.xml", xmlReport)[:60],
		"nested":         gz(gz(gz(gz(gz(xmlReport))))),
		"gzip bomb":      gz(xmlReport + strings.Repeat(" ", 24<<20)),
		"zip bomb":       zipOf("r.xml", xmlReport+strings.Repeat(" ", 24<<20)),
		"mail":           "From: a@x.example\nTo: b@x.example\nSubject: hello\nMessage-ID: <1@x>\n\nbody\n",
	} {
		var c counts
		in := Intake{Handler: &c}
		in.Stream(t.Context(), "input", strings.NewReader(input))
		if len(in.Problems) != 1 || !strings.HasPrefix(in.Problems[0].File, "input") || c.bytes > freeOutput+1<<20 {
			t.Errorf("%s: %d bytes, %v", name, c.bytes, in.Problems)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"a.xml": xmlReport, "sub/b.zip": zipOf("b.xml", xmlReport), "readme.txt": "hello",
		"sub/c.xml.gz": gz(xmlReport)[:30]} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var c counts
	in := Intake{Handler: &c}
	if err := in.Path(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	none := 0
	for _, p := range in.Problems {
		if errors.Is(p.Err, ErrNoReport) {
			none++
		}
	}
	if c.aggregate != 2 || in.Files != 4 || len(in.Problems) != 2 || none != 1 {
		t.Errorf("%+v, %d files, %v", c, in.Files, in.Problems)
	}
	if err := in.Path(t.Context(), filepath.Join(dir, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := in.Path(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// FuzzStream: no input panics, and each leads to a report or to a problem.
func FuzzStream(f *testing.F) {
	for _, s := range []string{xmlReport, jsonReport, failure, gz(xmlReport), zipOf("r.xml", xmlReport), mail("r.gz", gz(xmlReport)), "From x\n" + failure} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c counts
		in := Intake{Handler: &c}
		in.Stream(context.Background(), "input", bytes.NewReader(data))
		archive := bytes.HasPrefix(data, []byte("PK")) // may be empty
		if c.aggregate+c.tls+c.failure+len(in.Problems) == 0 && !archive && !bytes.HasPrefix(data, []byte("From ")) {
			t.Error("neither a report nor a problem")
		}
	})
}

package container

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/container/outlook/outlooktest"
)

const (
	plainMail = "From: a@contoso.com\nTo: b@contoso.com\nSubject: hello\nMessage-ID: <1@x>\n\nbody\n"
	dmarcXML  = `<?xml version="1.0"?><feedback><report_metadata><org_name>x</org_name></report_metadata></feedback>`
	tlsJSON   = `{"organization-name":"x","report-id":"1","policies":[]}`
)

func isBounce(it *Item) bool { return bounce.Read(it.Data).Kind == bounce.KindBounce }

// bounceOf is a bounce for that recipient, with another message in it.
func bounceOf(to, original string) string {
	return "From: Mail Delivery Subsystem <mailer-daemon@x.example>\nTo: a@contoso.com\nSubject: Undelivered mail\n" +
		"Message-ID: <b@x>\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"" + to + "\"\n\n--" + to +
		"\n\nNot delivered.\n--" + to + "\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n" +
		"Final-Recipient: rfc822; " + to + "\nAction: failed\nStatus: 5.1.1\n" +
		"Diagnostic-Code: smtp; 550 5.1.1 unknown\n--" + to + "\nContent-Type: message/rfc822\n\n" + original +
		"\n--" + to + "--\n"
}

// forward attaches a file to a message.
func forward(name, mediaType, content string) string {
	b := fmt.Sprintf("f%d", len(content))
	encoded := base64.StdEncoding.EncodeToString([]byte(content))
	return "From: a@contoso.com\nTo: help@contoso.com\nSubject: FW: please help\nMessage-ID: <f@x>\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n\nSee below.\n--" + b + "\nContent-Type: " +
		mediaType + "\nContent-Disposition: attachment; filename=\"" + name +
		"\"\nContent-Transfer-Encoding: base64\n\n" + encoded + "\n--" + b + "--\n"
}

func zipped(files ...string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			panic(err)
		}
		_, _ = f.Write([]byte(files[i+1]))
	}
	_ = w.Close()
	return b.String()
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

func arf(kind string) string {
	return "From: fbl@x.example\nTo: abuse@contoso.com\nSubject: report\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\ntext\n--b\n" +
		"Content-Type: message/feedback-report\n\nFeedback-Type: " + kind + "\nVersion: 1\n--b\n" +
		"Content-Type: message/rfc822\n\n" + plainMail + "\n--b--\n"
}

// found describes what is explained: the kind and the path.
func found(name, data string) []string {
	root, _ := Open(name, []byte(data))
	var list []string
	for _, it := range root.Innermost(isBounce) {
		list = append(list, string(it.Kind)+": "+strings.Join(it.Path(), " > "))
	}
	return list
}

// TestAttached holds that an item is attached at any depth, by itself or in an
// archive, and that one in an archive alone is not.
func TestAttached(t *testing.T) {
	for data, want := range map[string]bool{
		plainMail: false, zipped("a/1.eml", plainMail): false, gzipped(plainMail): false, zipped("m.zip", zipped("1.eml", plainMail)): false,
		forward("p.eml", "message/rfc822", plainMail): true, forward("p.zip", "application/zip", zipped("1.eml", plainMail)): true,
		forward("p.gz", "application/gzip", gzipped(plainMail)):                                                        true,
		zipped("f.eml", forward("p.zip", "application/zip", zipped("2.zip", zipped("1.eml", plainMail)))):              true,
		forward("m.mbox", "application/octet-stream", "From a\n"+plainMail+"\nFrom b\n"+plainMail):                     true,
		forward("f.eml", "message/rfc822", forward("p.zip", "application/octet-stream", zipped("x/1.eml", plainMail))): true,
	} {
		root, _ := Open("in", []byte(data))
		last := root
		for len(last.Items) > 0 {
			last = last.Items[len(last.Items)-1]
		}
		if last.Kind != Mail || last.Attached() != want {
			t.Errorf("%v: %s is %s", want, strings.Join(last.Path(), " > "), last.Kind)
		}
	}
}

// TestBesides finds what is left out beside the items that are explained.
func TestBesides(t *testing.T) {
	one := bounceOf("one@x.example", plainMail)
	for name, c := range map[string]struct{ data, want string }{
		"alone": {plainMail, ""}, "within": {forward("b.eml", "message/rfc822", one), ""},
		"beside a bounce":  {zipped("a/1.eml", one, "b/1.eml", plainMail, "c/notes.txt", "hello"), "b/1.eml c/notes.txt"},
		"beside a message": {zipped("1.eml", plainMail, "2.txt", "hello", "3.bin", "\x00"), "2.txt"},
		"texts alone":      {zipped("1.txt", "hello", "2.txt", "hello"), ""},
		"a forward":        {zipped("f.eml", forward("b.eml", "message/rfc822", one), "g.eml", forward("p.eml", "message/rfc822", plainMail)), "g.eml"},
	} {
		root, _ := Open("in", []byte(c.data))
		var names []string
		for _, it := range root.Besides(root.Innermost(isBounce)) {
			names = append(names, it.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestInnermost(t *testing.T) {
	ndr := string(outlooktest.Build(outlooktest.NDR("u@fabrikam.com", "mx", "550 5.1.1 unknown")))
	wrapped := string(outlooktest.Build(&outlooktest.Message{
		Props:    outlooktest.Props{0x001a001f: "IPM.Note", 0x0037001f: "FW"},
		Attached: []*outlooktest.Message{outlooktest.NDR("u@fabrikam.com", "mx", "550 5.1.1 unknown")},
	}))
	one := bounceOf("one@x.example", plainMail)
	for name, c := range map[string]struct {
		data string
		want string
	}{
		"a text":                    {"550 5.7.1 no", "text: in"},
		"a message":                 {plainMail, "message: in"},
		"a bounce":                  {one, "message: in"},
		"a bounce in a bounce":      {bounceOf("two@x.example", one), "message: in > attached message 1|message: in"},
		"a bounce of a forward":     {bounceOf("two@x.example", forward("b.eml", "message/rfc822", plainMail)), "message: in"},
		"forwarded":                 {forward("b.eml", "message/rfc822", one), "message: in > attached message 1"},
		"forwarded as a file":       {forward("b.eml", "application/octet-stream", one), "message: in > b.eml"},
		"forwarded as text":         {forward("b.eml", "text/plain", one), "message: in > b.eml|message: in"},
		"a forward of a forward":    {forward("f.eml", "message/rfc822", forward("b.eml", "message/rfc822", one)), "message: in > attached message 1 > attached message 1"},
		"Outlook":                   {ndr, "message: in"},
		"attached in Outlook":       {wrapped, "message: in > attached message 1"},
		"Outlook, mailed":           {forward("b.msg", "application/vnd.ms-outlook", wrapped), "message: in > b.msg > attached message 1"},
		"Outlook, zipped":           {zipped("dir/b.msg", ndr), "message: in > dir/b.msg"},
		"all of it":                 {zipped("m/f.eml", forward("x.zip", "application/zip", zipped("w.msg", wrapped))), "message: in > m/f.eml > x.zip > w.msg > attached message 1"},
		"a zip with two":            {zipped("1.eml", one, "2.eml", bounceOf("two@x.example", plainMail), "3.eml", plainMail), "message: in > 1.eml|message: in > 2.eml"},
		"a zip without any":         {zipped("1.bin", "\x00\x01"), ""},
		"a zipped text":             {zipped("1.txt", "550 5.1.1 no"), "text: in > 1.txt"},
		"a gzipped log":             {gzipped("550 5.1.1 no"), "text: in > in"},
		"a text beside a message":   {zipped("1.txt", "hello", "2.eml", plainMail), "message: in > 2.eml"},
		"an mbox":                   {"From a\n" + one + "\nFrom b\n" + plainMail + "\nFrom c\n" + bounceOf("two@x.example", plainMail), "message: in > message 1|message: in > message 3"},
		"an mbox of one":            {"From a\n" + plainMail, "message: in"},
		"an mbox without bounces":   {"From a\n" + plainMail + "\nFrom b\n" + plainMail, "message: in > message 1|message: in > message 2"},
		"a From field in a mbox":    {"From a\nX-A: 1\nFrom : b@c.example\n" + plainMail, "message: in"},
		"no mbox":                   {"From : a@b.example\n" + plainMail + "\nFrom b\n" + plainMail, "message: in"},
		"reported":                  {forward("p.eml", "message/rfc822", plainMail), "message: in|message: in > attached message 1"},
		"reported, twice":           {forward("f.eml", "message/rfc822", forward("p.eml", "message/rfc822", plainMail)), "message: in|message: in > attached message 1|message: in > attached message 1 > attached message 1"},
		"reported, zipped":          {zipped("f.eml", forward("p.eml", "message/rfc822", plainMail), "g.eml", plainMail), "message: in > f.eml|message: in > f.eml > attached message 1|message: in > g.eml"},
		"DMARC":                     {dmarcXML, "dmarc-report: in"},
		"DMARC, gzip":               {gzipped(dmarcXML), "dmarc-report: in > in"},
		"DMARC, zip":                {zipped("x!y!1!2.xml", dmarcXML), "dmarc-report: in > x!y!1!2.xml"},
		"DMARC, mailed":             {forward("r.xml.gz", "application/gzip", gzipped(dmarcXML)), "dmarc-report: in > r.xml.gz > r.xml"},
		"TLS-RPT":                   {tlsJSON, "tls-report: in"},
		"TLS-RPT, mailed":           {forward("r.json.gz", "application/tlsrpt+gzip", gzipped(tlsJSON)), "tls-report: in > r.json.gz > r.json"},
		"a complaint":               {arf("abuse"), "complaint: in"},
		"a complaint of fraud":      {arf("fraud"), "complaint: in"},
		"an authentication failure": {arf("auth-failure"), "auth-failure: in"},
		"a zip that is none":        {"PK\x03\x04 broken", ""},
		"XML of another kind":       {"<?xml version=\"1.0\"?><feedback/>", "text: in"},
		"JSON of another kind":      {`{"notificationType":"Bounce"}`, "text: in"},
	} {
		if got := strings.Join(found("in", c.data), "|"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func within(t *testing.T, limit time.Duration, name, data string) (*Item, []string) {
	t.Helper()
	began := time.Now()
	root, notes := Open("in", []byte(data))
	if d := time.Since(began); d > 5*limit { // slow machines
		t.Errorf("%s took %v", name, d)
	}
	if len(notes) == 0 {
		t.Errorf("%s: nothing is said of what was left out", name)
	}
	return root, notes
}

// checkTree holds what is true of every input.
func checkTree(t *testing.T, root *Item, input int) {
	t.Helper()
	items, bytes := 0, 0
	var walk func(it *Item, depth int)
	walk = func(it *Item, depth int) {
		items++
		if depth > MaxDepth {
			t.Fatalf("depth %d", depth)
		}
		for _, k := range it.Items {
			bytes += len(k.Data)
			walk(k, depth+1)
		}
	}
	walk(root, 0)
	// What an Outlook file renders to counts again.
	if items > MaxItems+1 || bytes > 2*MaxOutput+2*input {
		t.Fatalf("%d items, %d bytes of %d", items, bytes, input)
	}
}

func TestFault_164_bombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 64<<20)
	header := plainMail + strings.Repeat("x", 10<<20)
	nested := plainMail
	for range 3 * MaxDepth {
		nested = zipped("m.zip", nested)
	}
	var many []string
	for i := range 30_000 {
		many = append(many, fmt.Sprint(i), "")
	}
	var mails []string
	for i := range 2 * MaxItems {
		mails = append(mails, fmt.Sprintf("%d.eml", i), plainMail)
	}
	for name, data := range map[string]string{
		"a zip of zeros":      zipped("a.eml", zeros),
		"a gzip of zeros":     gzipped(zeros),
		"a message of 10 MiB": zipped("a.eml", header),
		"zips in zips":        nested,
		"30,000 files":        zipped(many...),
		"400 messages":        zipped(mails...),
		"a broken gzip":       "\x1f\x8b\x08 broken",
		"a damaged zip":       zipped("a.eml", plainMail)[:60],
	} {
		root, _ := within(t, 2*time.Second, name, data)
		checkTree(t, root, len(data))
	}
}

func TestPathsOfMembersAreOnlyNames(t *testing.T) {
	data := zipped("../../etc/x.eml", plainMail, `C:\temp\y.eml`, plainMail, "/abs/z.eml", plainMail)
	root, _ := Open("in", []byte(data))
	var names []string
	for _, it := range root.Items {
		names = append(names, it.Name)
	}
	if got := strings.Join(names, " "); got != "x.eml y.eml z.eml" {
		t.Errorf("names %s", got)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(zipped("a.eml", bounceOf("u@x.example", plainMail))))
	f.Add([]byte(zipped("a.xml", dmarcXML, "b.zip", zipped("c.json", tlsJSON))))
	f.Add([]byte(gzipped(dmarcXML)))
	f.Add([]byte(forward("b.msg", "application/vnd.ms-outlook",
		string(outlooktest.Build(outlooktest.NDR("u@x.example", "mx", "550 5.1.1 no"))))))
	f.Add([]byte("From a\n" + plainMail + "\nFrom b\n" + plainMail))
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		root, _ := Open("in", data)
		checkTree(t, root, len(data))
		for _, it := range root.Innermost(isBounce) {
			if p := it.Path(); len(p) == 0 || p[0] != "in" {
				t.Fatalf("path %q", p)
			}
		}
		if d := time.Since(began); d > 10*time.Second {
			t.Fatalf("%d bytes took %v", len(data), d)
		}
	})
}

// TestCorpus: a bounce that holds no other bounce is explained itself.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "bounces/mail/*.eml"))
	if len(files) < 350 {
		t.Fatalf("%d bounces", len(files))
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range found("in", string(data)) {
			if got != "message: in" {
				t.Logf("%s: %s", filepath.Base(name), got)
			}
		}
	}
}

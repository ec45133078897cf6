package outlook

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/container/outlook/outlooktest"
	"maildiag/checks/refusal/message/eml"
)

func convert(t *testing.T, m *outlooktest.Message) *eml.Message {
	t.Helper()
	got, err := Convert(outlooktest.Build(m))
	if err != nil {
		t.Fatal(err)
	}
	return eml.Parse(got.Data)
}

// text joins the text parts of a message.
func text(m *eml.Message) string {
	var b strings.Builder
	m.Walk(func(p *eml.Part) bool {
		if strings.HasPrefix(p.Type, "text/") {
			b.WriteString(p.Text())
		}
		return true
	})
	return b.String()
}

func TestReports(t *testing.T) {
	for name, c := range map[string]struct {
		class, supplementary string
		status               int
		want                 bounce.Reply
	}{
		"host, status and reply": {"REPORT.IPM.Note.NDR",
			"<mx.fabrikam.com #5.7.1 smtp;550 5.7.1 Unable to relay>", 571,
			bounce.Reply{Code: 550, Enhanced: "5.7.1", Text: "Unable to relay", Action: "failed",
				RemoteMTA: "mx.fabrikam.com"}},
		"no host": {"REPORT.IPM.Note.NDR", "<#5.1.10 smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found>",
			0, bounce.Reply{Code: 550, Enhanced: "5.1.10", Text: "RESOLVER.ADR.RecipientNotFound; not found",
				Action: "failed"}},
		"a bare reply": {"REPORT.IPM.NOTE.NDR", "552 5.2.2 Mailbox full", 0,
			bounce.Reply{Code: 552, Enhanced: "5.2.2", Text: "Mailbox full", Action: "failed"}},
		"a subclass": {"REPORT.IPM.Note.SMIME.NDR", "<a.example #5.7.64 smtp;550 5.7.64 TenantAttribution; " +
			"Relay Access Denied>", 0, bounce.Reply{Code: 550, Enhanced: "5.7.64", Action: "failed",
			Text: "TenantAttribution; Relay Access Denied", RemoteMTA: "a.example"}},
		"a delay": {"REPORT.IPM.Note.Delayed", "<a.example #4.4.7 smtp;450 4.4.7 Message delayed>", 0,
			bounce.Reply{Code: 450, Enhanced: "4.4.7", Text: "Message delayed", Action: "delayed",
				RemoteMTA: "a.example"}},
		"the status alone": {"REPORT.IPM.Note.NDR", "", 511, bounce.Reply{Enhanced: "5.1.1", Action: "failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := outlooktest.NDR("u@fabrikam.com", "x", "x")
			m.Props[0x001a001f] = c.class
			m.Recipients[0][0x0c1b001f] = c.supplementary
			m.Recipients[0][0x0c200003] = c.status
			got, err := Convert(outlooktest.Build(m))
			if err != nil {
				t.Fatal(err)
			}
			r := bounce.Read(got.Data)
			if r.Kind != bounce.KindBounce || len(r.Replies) != 1 {
				t.Fatalf("kind %s, %d replies:\n%s", r.Kind, len(r.Replies), got.Data)
			}
			g := r.Replies[0]
			w := c.want
			if g.Recipient != "u@fabrikam.com" || g.Code != w.Code || g.Enhanced != w.Enhanced ||
				w.Text != "" && g.Text != w.Text || g.Action != w.Action || g.RemoteMTA != w.RemoteMTA {
				t.Errorf("got %+v\nwant %+v", g, w)
			}
		})
	}
}

// The words of a report count where its properties tell nothing.
func TestReportWords(t *testing.T) {
	const words = "Delivery has failed to these recipients or groups:\r\n\r\nu@fabrikam.com\r\n\r\nDiagnostic " +
		"information for administrators:\r\n\r\nGenerating server: mail.contoso.com\r\n\r\nu@fabrikam.com\r\n" +
		"mx.fabrikam.com #550 5.7.1 Unable to relay ##\r\n"
	html := "<html><body><p>" + strings.ReplaceAll(words, "\r\n", "<br>\r\n") + "</p></body></html>"
	header := "Received: from a by b\r\nFrom: Postmaster <postmaster@contoso.com>\r\nTo: a@contoso.com\r\n" +
		"Subject: Undeliverable: Offer\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n" +
		"\tboundary=\"x\"\r\nMIME-Version: 1.0\r\n"
	for name, props := range map[string]outlooktest.Props{
		"plain":               {0x001a001f: "REPORT.IPM.Note.NDR", 0x1000001f: words},
		"plain, of 8 bits":    {0x001a001f: "REPORT.IPM.Note.NDR", 0x1000001f: []byte(words)},
		"report text":         {0x001a001f: "REPORT.IPM.Note.NDR", 0x1001001f: words},
		"HTML":                {0x001a001f: "REPORT.IPM.Note.NDR", 0x10130102: []byte(html), 0x3fde0003: 65001},
		"RTF":                 {0x001a001f: "REPORT.IPM.Note.NDR", 0x10090102: plainRTF("{\\rtf1 " + strings.ReplaceAll(words, "\r\n", "\\par ") + "}")},
		"with its header":     {0x001a001f: "REPORT.IPM.Note.NDR", 0x007d001f: header, 0x1000001f: words},
		"an ordinary message": {0x001a001f: "IPM.Note", 0x007d001f: header, 0x1000001f: words},
	} {
		got, err := Convert(outlooktest.Build(&outlooktest.Message{Props: props}))
		if err != nil {
			t.Fatal(err)
		}
		r := bounce.Read(got.Data)
		if r.Kind != bounce.KindBounce || len(r.Replies) != 1 || r.Replies[0].Code != 550 ||
			r.Replies[0].Enhanced != "5.7.1" || r.Replies[0].Recipient != "u@fabrikam.com" {
			t.Errorf("%s: kind %s, %+v\n%s", name, r.Kind, r.Replies, got.Data)
		}
	}
}

func TestAddresses(t *testing.T) {
	for want, props := range map[string]outlooktest.Props{
		"smtp@a.example":  {0x39fe001f: "smtp@a.example", 0x3003001f: "/o=Contoso/cn=u", 0x3001001f: "U"},
		"email@a.example": {0x3003001f: "email@a.example", 0x3001001f: "U"},
		"name@a.example":  {0x3003001f: "/o=Contoso/cn=u", 0x3001001f: "'name@a.example'"},
		"8bit@a.example":  {0x3003001e: "SMTP:8bit@a.example"},
	} {
		m := &outlooktest.Message{Props: outlooktest.Props{0x001a001f: "REPORT.IPM.Note.NDR"}}
		props[0x0c1b001f] = "<#5.1.1 smtp;550 5.1.1 no>"
		m.Recipients = []outlooktest.Props{props}
		data, err := Convert(outlooktest.Build(m))
		if err != nil {
			t.Fatal(err)
		}
		if r := bounce.Find(data.Data); len(r) != 1 || r[0].Recipient != want {
			t.Errorf("want %s: %+v", want, r)
		}
	}
}

func TestText(t *testing.T) {
	long := strings.Repeat("Delivery has failed to these recipients. ", 5)
	for name, c := range map[string]struct {
		props outlooktest.Props
		want  string
	}{
		"Unicode":                 {outlooktest.Props{0x1000001f: "Grüße 你好"}, "Grüße 你好"},
		"8 bits in Unicode":       {outlooktest.Props{0x1000001f: []byte(long)}, long},
		"Windows-1252":            {outlooktest.Props{0x1000001e: "Gr\xfc\xdfe"}, "Grüße"},
		"Cyrillic":                {outlooktest.Props{0x3ffd0003: 1251, 0x1000001e: "\xcf\xf0\xe8\xe2\xe5\xf2"}, "Привет"},
		"Shift JIS":               {outlooktest.Props{0x3ffd0003: 932, 0x1000001e: "\x93\xfa\x96\x7b"}, "日本"},
		"UTF-8 that claims other": {outlooktest.Props{0x3ffd0003: 1252, 0x1000001e: "Grüße"}, "Grüße"},
		"HTML in a code page": {outlooktest.Props{0x3fde0003: 1250, 0x10130102: []byte("<p>\xb3\xf3d\x9f</p>")},
			"<p>łódź</p>"},
		"HTML as a string": {outlooktest.Props{0x1013001f: "<p>x</p>"}, "<p>x</p>"},
		"RTF": {outlooktest.Props{0x10090102: plainRTF(`{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 550 5.7.1 ` +
			`Unable\par to \'e9 \u8364?{\*\htmltag x}}`)}, "550 5.7.1 Unable\nto é €"},
	} {
		c.props[0x001a001f] = "IPM.Note"
		if got := text(convert(t, &outlooktest.Message{Props: c.props})); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func plainRTF(s string) []byte {
	b := make([]byte, 16, 16+len(s))
	binary.LittleEndian.PutUint32(b[4:], uint32(len(s)))
	binary.LittleEndian.PutUint32(b[8:], rtfPlain)
	return append(b, s...)
}

// The examples of [MS-OXRTFCP] 4.1 and 4.2.
func TestDecompressRTF(t *testing.T) {
	for in, want := range map[string]string{
		"\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31" +
			"\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0": "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
		"\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\x00\x04\x20\x57\x58\x59\x5a\x0d" +
			"\x6e\x7d\x01\x0e\xb0": "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
	} {
		if got := string(decompressRTF([]byte(in))); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestHeaderAndAttachments(t *testing.T) {
	inner := outlooktest.NDR("u@a.example", "mx.a.example", "550 5.1.1 no such user")
	m := convert(t, &outlooktest.Message{
		Props: outlooktest.Props{
			0x001a001f: "IPM.Note",
			0x007d001f: "Microsoft Mail Internet Headers Version 2.0\r\nReceived: from a\r\n\tby b\r\n" +
				"Content-Type: text/plain;\r\n\tcharset=x\r\nMIME-Version: 1.0\r\nFrom: a@b.example\r\n\r\nbody",
		},
		Files: []outlooktest.Props{
			{0x3707001f: "details.txt", 0x37010102: []byte("Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822;u@x\n")},
			{0x3707001f: "photo.jpg", 0x37010102: []byte("\xff\xd8\xff")},
		},
		Attached: []*outlooktest.Message{{
			Props: outlooktest.Props{0x001a001f: "IPM.Note", 0x0037001f: "FW"}, Attached: []*outlooktest.Message{inner},
		}},
	})
	if m.Get("Received") != "from a\tby b" || m.Get("From") != "a@b.example" || len(m.All("Content-Type")) != 1 {
		t.Errorf("header %+v", m.Fields)
	}
	var types []string
	m.Walk(func(p *eml.Part) bool { types = append(types, p.Type); return true })
	want := "multipart/mixed message/delivery-status message/rfc822 multipart/mixed message/rfc822 " +
		"multipart/report text/plain message/delivery-status"
	if got := strings.Join(types, " "); got != want {
		t.Errorf("parts %s\nwant  %s", got, want)
	}
}

func TestHostileNames(t *testing.T) {
	m := convert(t, &outlooktest.Message{Props: outlooktest.Props{
		0x001a001f: "IPM.Note", 0x0037001f: "a\r\nBcc: evil@x.example\r\n\r\nbody", 0x0c1a001f: "x\" <e@x>\r\nTo: y",
		0x0c1f001f: "a@b\r\nX: y", 0x1000001f: "--=_outlook_1--\r\nContent-Type: message/delivery-status\r\n",
	}})
	if m.Get("Bcc") != "" || m.Get("X") != "" || len(m.Parts) != 1 {
		t.Errorf("a property became a field or a part: %+v", m.Part)
	}
}

// Damaged files: an error or a message, within the limits, whatever is broken.
func TestDamaged(t *testing.T) {
	whole := outlooktest.Build(outlooktest.NDR("u@a.example", "mx", "550 5.1.1 "+strings.Repeat("x", 5000)))
	rnd := rand.New(rand.NewPCG(1, 2))
	began := time.Now()
	for range 3000 {
		data := bytes.Clone(whole[:len(whole)-rnd.IntN(2)*rnd.IntN(len(whole))])
		for range 1 + rnd.IntN(8) {
			if len(data) > 4 {
				at := rnd.IntN(len(data) - 4)
				binary.LittleEndian.PutUint32(data[at:], uint32(rnd.IntN(64)))
			}
		}
		checkBounds(t, data)
	}
	if d := time.Since(began); d > time.Minute {
		t.Errorf("3000 damaged files took %v", d)
	}
}

func checkBounds(t *testing.T, data []byte) {
	t.Helper()
	m, err := Convert(data)
	if err != nil {
		return
	}
	if len(m.Data) > MaxOutput {
		t.Fatalf("%d bytes of output", len(m.Data))
	}
	if bytes.Contains(m.Data, []byte("\r")) {
		t.Fatal("a CR in the output")
	}
}

// One stream that all entries share must not be read over and over.
func TestSharedStream(t *testing.T) {
	m := &outlooktest.Message{Props: outlooktest.Props{0x001a001f: "IPM.Note"}}
	for range 300 {
		m.Files = append(m.Files, outlooktest.Props{0x37010102: []byte("Received: " + strings.Repeat("x", 5000))})
	}
	big := outlooktest.Build(m)
	name := outlooktest.UTF16("__substg1.0_37010102")
	changed := 0
	for at := 0; ; changed++ { // each stream is all sectors of the file
		off := bytes.Index(big[at:], name)
		if off < 0 {
			break
		}
		at += off + len(name)
		binary.LittleEndian.PutUint32(big[at-len(name)+116:], 0)
		binary.LittleEndian.PutUint32(big[at-len(name)+120:], 0x7fffffff)
	}
	if changed != 300 {
		t.Fatalf("%d streams", changed)
	}
	c, err := openCompound(big)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.fat { // one chain through the whole file
		c.fat[i] = uint32(i + 1)
	}
	o := c.open(&c.entries[0], topHeader, 0)
	w := &writer{left: MaxOutput}
	w.message(o, 0)
	if w.out.Len() > MaxOutput || c.left > maxRead/2 || len(w.notes) == 0 {
		t.Errorf("%d bytes written, %d left to read, notes %q", w.out.Len(), c.left, w.notes)
	}
}

func TestDeepNesting(t *testing.T) {
	m := outlooktest.NDR("u@a.example", "mx", "550 5.1.1 no")
	for range 3 * maxDepth {
		m = &outlooktest.Message{Props: outlooktest.Props{0x001a001f: "IPM.Note"}, Attached: []*outlooktest.Message{m}}
	}
	got, err := Convert(outlooktest.Build(m))
	if err != nil || len(got.Notes) != 1 {
		t.Fatalf("%v, notes %q", err, got.Notes)
	}
}

func TestNotAMessage(t *testing.T) {
	for _, data := range []string{"", signature, signature + strings.Repeat("\x00", 600), "plain"} {
		if _, err := Convert([]byte(data)); err == nil {
			t.Errorf("%q was converted", data[:min(len(data), 20)])
		}
	}
}

// TestCorpus reads the files of testdata; what another reader
// (libemail-outlook-message-perl) finds in them is in the table.
func TestCorpus(t *testing.T) {
	for name, want := range map[string]struct {
		subject, text string
		attached      int
	}{
		"A_memo.msg":                     {"A memo.", "A memo.", 0},
		"Hello__CJK.msg":                 {"Hello +CJK", "こんにちは", 0},
		"Attach_sample_eml_received.msg": {"Attach sample.eml", "Sent from my Windows 10", 1},
		"Subject.msg":                    {"Subject", "Message", 0},
	} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Convert(data)
		if err != nil || len(got.Notes) > 0 {
			t.Fatalf("%s: %v %q", name, err, got.Notes)
		}
		m := eml.Parse(got.Data)
		attached := 0
		m.Walk(func(p *eml.Part) bool {
			if p.Type == "message/rfc822" {
				attached++
			}
			return true
		})
		if eml.Decoded(m.Get("Subject")) != want.subject || !strings.Contains(text(m), want.text) ||
			attached != want.attached {
			t.Errorf("%s: subject %q, %d attached, text %q", name, m.Get("Subject"), attached, text(m))
		}
	}
}

func FuzzConvert(f *testing.F) {
	f.Add(outlooktest.Build(outlooktest.NDR("u@a.example", "mx", "550 5.1.1 no")))
	f.Add(outlooktest.Build(&outlooktest.Message{
		Props:    outlooktest.Props{0x001a001f: "IPM.Note", 0x10090102: plainRTF(`{\rtf1 a\'e9}`)},
		Files:    []outlooktest.Props{{0x3707001f: "x.eml", 0x37010102: []byte("Received: by x\nFrom: y\n")}},
		Attached: []*outlooktest.Message{outlooktest.NDR("v@a.example", "", "552 5.2.2 full")},
	}))
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		checkBounds(t, data)
		if d := time.Since(began); d > 5*time.Second {
			t.Fatalf("%d bytes took %v", len(data), d)
		}
	})
}

package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maildiag/checks/refusal/container/outlook/outlooktest"
)

// containerFiles are the files of the transcripts that txtar cannot hold, by
// their names.
func containerFiles() map[string][]byte {
	ndr := outlooktest.NDR("u@fabrikam.com", "mx.fabrikam.com", "550 5.1.1 <u@fabrikam.com>: Recipient address "+
		"rejected: User unknown")
	bounce := outlooktest.Build(ndr)
	forward := outlooktest.Build(&outlooktest.Message{
		Props: outlooktest.Props{0x001a001f: "IPM.Note", 0x0037001f: "FW: Undeliverable: Offer",
			0x1000001f: "What does this mean?"},
		Attached: []*outlooktest.Message{ndr},
	})
	mail := outlooktest.Build(&outlooktest.Message{Props: outlooktest.Props{
		0x001a001f: "IPM.Note", 0x1000001f: "Hello",
		0x007d001f: "Received: from mail.fabrikam.com (mail.fabrikam.com [192.0.2.25]) by mx.contoso.com;" +
			" Mon, 23 Nov 2026 12:10:03 +0000\r\nDKIM-Signature: v=1; a=rsa-sha256; d=fabrikam.com; s=s1; " +
			"h=from; bh=AAAA; b=AAAA\r\nFrom: a@fabrikam.com\r\nSubject: Hello\r\n",
	}})
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for name, data := range map[string][]byte{"help/forward.msg": forward} {
		if f, err := w.Create(name); err == nil {
			_, _ = f.Write(data)
		}
	}
	_ = w.Close()
	return map[string][]byte{"bounce.msg": bounce, "forward.msg": forward, "mail.msg": mail,
		"mail.zip": archive.Bytes(), "broken.msg": bounce[:700]}
}

func writeContainers(dir string) error {
	for name, data := range containerFiles() {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func TestExplainContainers(t *testing.T) {
	dir := t.TempDir()
	if err := writeContainers(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		kind, recipient, note string
		exit                  int
	}{
		"bounce.msg":  {"bounce", "u@fabrikam.com", "", 0},
		"forward.msg": {"bounce", "u@fabrikam.com", "found in forward.msg > attached message 1", 0},
		"mail.zip":    {"bounce", "u@fabrikam.com", "found in mail.zip > help/forward.msg > attached message 1", 0},
		"broken.msg":  {"binary", "", "broken.msg looks like", 3},
	} {
		out, _, code := explainRun(t, "", filepath.Join(dir, name), "--json")
		var got explainJSON
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		if code != want.exit || got.Kind != want.kind {
			t.Errorf("%s: exit code %d, kind %s", name, code, got.Kind)
		}
		if want.recipient != "" && (len(got.Replies) != 1 || got.Replies[0].Recipient != want.recipient ||
			got.Replies[0].Code != 550 || got.Replies[0].Enhanced != "5.1.1" || !got.Replies[0].Known) {
			t.Errorf("%s: replies %+v", name, got.Replies)
		}
		if !strings.HasPrefix(strings.Join(got.Notes, "|"), want.note) {
			t.Errorf("%s: notes %q", name, got.Notes)
		}
	}
}

// What Outlook keeps of a message is not what was signed: its signature must
// not be told to be broken.
func TestExplainRenderedSignature(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mail.msg")
	if err := os.WriteFile(file, containerFiles()["mail.msg"], 0o644); err != nil {
		t.Fatal(err)
	}
	out, _, _ := explainRun(t, "", file, "--json", "--resolver", "127.0.0.1:1", "--timeout", "2s")
	var got explainJSON
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Kind != "message" || got.Message == nil || len(got.Message.Hops) != 1 || len(got.Message.DKIM) != 1 {
		t.Fatalf("%+v", got)
	}
	if r := got.Message.DKIM[0].Result; r == "fail" || r == "pass" {
		t.Errorf("the signature is said to %s", r)
	}
}

// TestHTMLHasAll shows each message of a mailbox, with its lines.
func TestHTMLHasAll(t *testing.T) {
	one := "From x Thu Jan  1 00:00:00 2026\nFrom: MAILER-DAEMON@a.example\nTo: a@b.example\nSubject: failure notice\n\n"
	box := one + "<c@d.example>:\n550 5.1.1 User unknown\n\n" + one + "<e@f.example>:\n552 5.2.2 Mailbox full\n\n"
	out, _, _ := explainRun(t, box, "-", "--format", "html")
	if n := strings.Count(out, `<section class="report">`); n != 2 || strings.Contains(out, `\n`) || !strings.Contains(out, "common.user-unknown") ||
		!strings.Contains(out, "common.mailbox-full") {
		t.Errorf("%d of 2 messages: %s", n, out)
	}
}

package bounce

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/refusal/replies"
)

// classes are the rows that are right for a reason in the other tool's words;
// a row fits if its ID holds one of them. Reasons that say less than our rows
// (filtered, rejected, onhold ...) are not compared.
var classes = map[string][]string{
	"userunknown": {"user-unknown", "recipient", "mailbox-unavailable", "rfc.x.1.1", "rfc.x.1.0",
		"reserved-domain", "relay-denied", "rfc.x.1.6"},
	"mailboxfull":  {"mailbox-full", "rfc.x.2.2", "quota"},
	"authfailure":  {"dmarc", "spf", "unauthenticated", "dkim", "auth", "rfc.x.7.2"},
	"hostunknown":  {"domain-not-found", "rfc.x.1.2", "rfc.x.4.4", "dns"},
	"norelaying":   {"relay", "unverified"},
	"mesgtoobig":   {"too-large", "rfc.x.3.4", "rfc.x.2.3", "size"},
	"exceedlimit":  {"too-large", "rfc.x.2.3", "size"},
	"requireptr":   {"ptr"},
	"suspend":      {"mailbox-disabled", "user-unknown", "rfc.x.2.1", "rfc.x.7.13", "525"},
	"spamdetected": {"spam", "reputation", "policy", "content"},
	"blocked": {"dnsbl", "blocked", "banned", "ptr", "block", "reputation", "policy", "spam",
		"rfc.x.7.1", "errors", "sender", "relay", "rate", "greylist", "timeout"},
	"badreputation":   {"reputation", "deferred", "rate"},
	"expired":         {"timeout", "expired", "delayed", "rfc.x.4.", "connection", "dns", "greylist", "421"},
	"hasmoved":        {"moved", "rfc.x.1.6", "user-unknown"},
	"policyviolation": {"policy", "content", "virus"},
}

// TestFault_175_causes compares the class of the cause with what the other
// tool says, over all bounces of the corpus.
func TestFault_175_causes(t *testing.T) {
	dir := corpus(t)
	right, all := 0, 0
	for _, e := range expectations(t, dir) {
		want := classes[e.reason]
		if want == nil {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, "mail", e.file))
		if err != nil {
			t.Fatal(err)
		}
		found := Find(data)
		all++
		if len(found) < e.index {
			t.Logf("%s %d: nothing found", e.file, e.index)
			continue
		}
		got := rowsOf(found[e.index-1])
		if slices.ContainsFunc(found, func(r Reply) bool { return fits(rowsOf(r), want) }) {
			right++
			continue
		}
		t.Logf("%s %d: %s, got %s: %.140s", e.file, e.index, e.reason, got, found[e.index-1])
	}
	t.Logf("%d of %d causes right", right, all)
	if right*60 < all*58 {
		t.Errorf("%d of %d causes right, at least 58 of 60 must be", right, all)
	}
}

func rowsOf(r Reply) string {
	q := replies.Query{Code: r.Code, Enhanced: r.Enhanced, Text: r.Text}
	if ps := replies.Providers(r.RemoteMTA); len(ps) > 0 {
		q.Provider = ps[0]
	}
	var ids []string
	for _, x := range replies.Explain(q) {
		ids = append(ids, x.Row.ID)
	}
	return strings.Join(ids, "|")
}

func fits(got string, want []string) bool {
	for _, w := range want {
		if strings.Contains(got, w) {
			return true
		}
	}
	return false
}

package bounce

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/refusal/replies"
)

// topics are the parts of row IDs that are right for a topic of the labelled
// sets: a row fits if its ID holds one of them. "*" stands for a reply that
// nobody can know.
var topics = map[string][]string{
	"signin":  {"auth-", "login", "smtp.535", "smtp.534", "smtp.454", "smtp.538", "app-password", "sign-in", "smtpauth", "basic-retired"},
	"authreq": {"auth-required", "client-not-authenticated", "sender-login", "smtp.530"},
	"sendas":  {"send-as", "sender-login"},
	"relay":   {"relay", "domain-not-hosted"},
	"unknown": {"user-unknown", "recipient-missing", "recipient-lookup", "remote-user-unknown", "edge-blocking",
		"mailbox-unavailable", "rfc.x.1.1", "domain-not-hosted", "recipient-rejected"},
	"domain":      {"rfc.x.1.2", "domain-not-hosted"},
	"full":        {"mailbox-full", "rfc.x.2.2"},
	"disabled":    {"mailbox-disabled", "rfc.x.2.1"},
	"account":     {"account-suspended"},
	"runavail":    {"recipient-unavailable", "mailbox-disabled", "mailbox-unavailable"},
	"rrate":       {"recipient-rate"},
	"srate":       {"rate", "limit", "concurrent", "connections", "too-many-recipients", "quota", "deferred", "server-busy", "common.rate", "sender-threads"},
	"errors":      {"too-many-errors"},
	"dnsbl":       {"dnsbl", "spamhaus", "blocklist", "ip-reputation"},
	"ipblock":     {"ip-reputation", "blocked", "banned", "ip-", "blocklist", "gmail.rate", "smtp.521", "common.reputation"},
	"domlist":     {"domain-listed", "domain-reputation", "spam-url", "gmail.reputation", "exo.domain-"},
	"spam":        {"spam", "reputation", "content"},
	"content":     {"content", "spam"},
	"virus":       {"virus"},
	"attach":      {"attachment", "content-blocked"},
	"policy":      {"policy", "content"},
	"spoof":       {"spoof"},
	"geo":         {"geo", "network-blocked"},
	"rule":        {"rule-"},
	"grey":        {"greylist", "mimecast.deferred", "try-later"},
	"temp":        {"temporary", "not-available", "proxy-busy", "deferred", "replication", "resources", "try-later", "agent-busy", "server-misconfigured"},
	"disk":        {"resources", "disk", "system-storage", "rfc.x.3.1"},
	"ptr":         {"rfc.x.7.25", "ptr"},
	"helo":        {"helo"},
	"dmarc":       {"dmarc", "alignment", "sender-invalid"},
	"unauth":      {"unauthenticated", "auth-level", "sender-invalid"},
	"spf":         {"rfc.x.7.23", "spf", "sender-invalid"},
	"dkim":        {"rfc.x.7.20", "dkim", "sender-invalid"},
	"senderdom":   {"sender-domain", "rfc.x.7.27", "rfc.x.1.8"},
	"sender":      {"sender-rejected", "sender-domain", "sender-verify", "sender-denied", "rfc.x.1.7"},
	"blocksender": {"blocked-by-recipient", "tenant-block", "mimecast.blocked", "sender-blocked", "customer-blocklist", "envelope-blocked"},
	"rcptblock":   {"recipient-blocked", "banned-recipient", "recipient-rejected"},
	"size":        {"too-large", "size", "rfc.x.3.4", "rfc.x.2.3"},
	"loop":        {"rfc.x.4.6", "loop"},
	"clientdns":   {"client-dns"}, "nullmx": {"null-mx"},
	"utf8":         {"smtputf8"},
	"graph":        {"graph."},
	"dns":          {"rfc.x.1.2", "rfc.x.4.4", "dns", "domain-not-found", "nonexistent-domain", "dmarc-temporary"},
	"timeout":      {"timeout", "connection", "expired", "rfc.x.4.1"},
	"tls":          {"tls", "starttls"},
	"verify":       {"verification"},
	"format":       {"rfc.x.6.", "format", "bare-linefeeds", "not-rfc5322", "header"},
	"syntax":       {"syntax", "rfc.x.1.3", "smtp.501", "rfc.x.1.7"},
	"protocol":     {"protocol", "smtp.503", "sequence", "syntax", "rfc.x.5.1", "exchange.hello-first"},
	"internal":     {"internal", "allowed-senders", "group-restricted", "auth-required"},
	"submitdenied": {"pool-not-accepted"},
	"region":       {"region"},
	"attribution":  {"tenant-attribution"},
	"misconf":      {"misconfigured", "forwarding"},
	"restricted":   {"restricted-user", "threshold", "sending-suspended"}, "success": {"class.2"}, "unverified": {"unverified"}, "suppressed": {"suppressed"}, "resolver": {"resolver"},
	"expired": {"rfc.x.4.7", "expired"}, "moved": {"moved"}, "greyany": {"greylist"},
}

// tally counts the outcomes of a labelled set.
type tally struct{ right, code, unknown, wrong int }

func (n tally) all() int { return n.right + n.code + n.unknown + n.wrong }

func (n tally) String() string {
	return fmt.Sprintf("%d replies: %d right, %d code or class, %d not known, %d wrong", n.all(), n.right, n.code,
		n.unknown, n.wrong)
}

// judge counts one reply, whose topics are separated by "|".
func (n *tally) judge(t *testing.T, reply, want string) {
	found := Find([]byte(reply))
	if ex := replies.ExplainWords(reply); len(found) == 0 && len(ex) > 0 {
		if ofTopic(ex[0].Row.ID, want) {
			n.right++
			return
		}
		n.wrong++
		t.Logf("WRONG WORDS (%s): %s: %s", want, ex[0].Row.ID, reply)
		return
	}
	if len(found) == 0 {
		if slices.Contains(strings.Split(want, "|"), "*") {
			n.right++
			return
		}
		n.unknown++
		t.Logf("NOT FOUND (%s): %s", want, reply)
		return
	}
	ex := explainReply(found[0])
	id := "-"
	if len(ex) > 0 {
		id = ex[0].Row.ID
	}
	known := len(ex) > 0 && ex[0].Known()
	switch {
	case !known && slices.Contains(strings.Split(want, "|"), "*"), known && ofTopic(id, want):
		n.right++
	case !known:
		n.code++
		t.Logf("NOT KNOWN (%s): %s: %s", want, id, reply)
	default:
		n.wrong++
		t.Logf("WRONG (%s): %s: %s", want, id, reply)
	}
}

// ofTopic reports whether a row is of one of the topics, which may be its own ID.
func ofTopic(id, want string) bool {
	for topic := range strings.SplitSeq(want, "|") {
		if id == topic {
			return true
		}
		if slices.ContainsFunc(topics[topic], func(s string) bool { return strings.Contains(id, s) }) {
			return true
		}
	}
	return false
}

func explainReply(r Reply) []replies.Explanation {
	q := replies.Query{Code: r.Code, Enhanced: r.Enhanced, Text: r.Text, Path: r.Path}
	switch {
	case r.SignIn:
		q.Stage = replies.StageAuth
	case r.Submitted:
		q.Stage = replies.StageSubmission
	default:
		q.Stage = replies.Stage(r.Command)
	}
	if ps := replies.Providers(r.RemoteMTA); len(ps) > 0 {
		q.Provider = ps[0]
	}
	return replies.Explain(q)
}

// labelledSet reads a set: [provider,] topic, reply, separated by tabs.
func labelledSet(t *testing.T, name string) [][2]string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all [][2]string
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) < 2 || strings.HasPrefix(line, "#") {
			continue
		}
		all = append(all, [2]string{f[len(f)-2], strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(f[len(f)-1])})
	}
	return all
}

// TestFieldManuals explains the replies of two field manuals.
func TestFieldManuals(t *testing.T) { confusion(t, "testdata/field-manuals.tsv", 0.95, 0) }

// TestUnseen explains the sets of replies. Each was written, and counted once,
// before the rows and phrases were tuned on it.
func TestUnseen(t *testing.T) {
	sets, err := filepath.Glob("testdata/unseen*.tsv")
	if err != nil || len(sets) != 26 {
		t.Fatalf("%d sets, %v", len(sets), err)
	}
	for _, name := range sets {
		confusion(t, name, 0.97, 0.01)
	}
}

func confusion(t *testing.T, name string, least, most float64) {
	t.Helper()
	n := tally{}
	for _, c := range labelledSet(t, name) {
		n.judge(t, c[1], c[0])
	}
	t.Logf("%s: %v", name, n)
	if float64(n.right) < least*float64(n.all()) || float64(n.wrong) > most*float64(n.all()) {
		t.Errorf("%s: %v", name, n)
	}
}

package replies

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var replyForm = regexp.MustCompile(`^(?:(\d{3})[ -])?(?:([245]\.\d{1,3}\.\d{1,3}) )?(.*)$`)

func split(line string) (code int, enhanced, text string) {
	m := replyForm.FindStringSubmatch(line)
	code, _ = strconv.Atoi(m[1])
	return code, m[2], m[3]
}

func ids(es []Explanation) string {
	var s []string
	for _, e := range es {
		s = append(s, e.Row.ID)
	}
	return strings.Join(s, "|")
}

// TestWild explains every reply of testdata/wild.tsv.
func TestWild(t *testing.T) {
	data, err := os.ReadFile("testdata/wild.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		reply, want, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("no tab in %q", line)
		}
		got := Match(split(reply))
		if ids(got) != want {
			t.Errorf("%s\n\tgot  %s\n\twant %s", reply, ids(got), want)
		}
	}
}

// TestOwnPhrases returns each row its own phrases, from its own provider: the row
// explains them, or one of the same provider that knows more.
func TestOwnPhrases(t *testing.T) {
	for _, r := range All() {
		for _, source := range r.Text {
			if !newPhrase(source).literal {
				continue
			}
			text := strings.NewReplacer("*", " 4711 ", "+", " ", "~", "x", "?", "", "!", "").Replace(source)
			q := Query{Text: text, Provider: r.Provider}
			if len(r.Enhanced) > 0 && !strings.ContainsAny(r.Enhanced[0], "x-") {
				q.Enhanced = r.Enhanced[0]
			}
			if len(r.Codes) > 0 {
				q.Code = int(r.Codes[0])
			}
			got := Explain(q)
			if len(got) == 0 || got[0].By != ByText && len(newPhrase(source).parts) > 0 {
				t.Errorf("%s: %q is explained by %s", r.ID, source, ids(got))
			}
		}
	}
}

func TestRows(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9-]+)+$`)
	seen := map[string]bool{}
	owners := []string{"sender's administrator", "recipient's administrator", "user", "network administrator",
		"Microsoft support", "Microsoft 365 administrator", "operator of the remote server"}
	for _, r := range All() {
		if !form.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("ID %q is malformed or doubled", r.ID)
		}
		seen[r.ID] = true
		if r.Meaning == "" || len(r.Causes) == 0 || len(r.Fix) == 0 || r.Source == "" {
			t.Errorf("%s lacks a meaning, cause, fix or source", r.ID)
		}
		if !slices.Contains(owners, r.Owner) {
			t.Errorf("%s: owner %q", r.ID, r.Owner)
		}
		if _, err := time.Parse(time.DateOnly, r.Date); err != nil {
			t.Errorf("%s: date %q", r.ID, r.Date)
		}
		if !slices.Contains([]Confidence{Confirmed, ThirdParty, Unconfirmed}, r.Confidence) {
			t.Errorf("%s: confidence %q", r.ID, r.Confidence)
		}
		if !slices.Contains([]Duration{Permanent, Temporary, Either}, r.Duration) {
			t.Errorf("%s: duration %q", r.ID, r.Duration)
		}
		checkPatterns(t, r)
		checkProse(t, r)
	}
}

// checkProse sees that the texts are sentences.
func checkProse(t *testing.T, r Row) {
	for _, s := range slices.Concat([]string{r.Meaning}, r.Causes, r.Fix) {
		if s != strings.TrimSpace(s) || s == "" || strings.ToUpper(s[:1]) != s[:1] || strings.IndexByte(".:)",
			s[len(s)-1]) < 0 &&
			!strings.Contains(s, "://") && !strings.Contains(s, "mailto:") {
			t.Errorf("%s: not a sentence: %q", r.ID, s)
		}
	}
}

func checkPatterns(t *testing.T, r Row) {
	for _, p := range r.Text {
		if strings.Trim(p, "*") == "" || len(newPhrase(p).parts) == 0 && !strings.Contains(p, "@") {
			t.Errorf("%s: text %q is not lower case with single blanks", r.ID, p)
		}
	}
	for _, p := range r.Enhanced {
		low, _, _ := strings.Cut(p, "-")
		if _, _, ok := splitEnhanced(low); !ok && !r.isClass() {
			t.Errorf("%s: enhanced code %q", r.ID, p)
		}
	}
	if len(r.Text)+len(r.Enhanced)+len(r.Codes) == 0 {
		t.Errorf("%s matches nothing", r.ID)
	}
}

// TestOtherProviderIsNotMicrosoft holds the codes that mean one thing here and
// another there.
func TestOtherProviderIsNotMicrosoft(t *testing.T) {
	for _, c := range []struct{ reply, not string }{
		{"550 5.7.30 Something new. For more information see https://support.google.com/mail/answer/1 - gsmtp",
			"exo."},
		{"550 5.7.26 Something new. https://support.google.com/mail/answer/81126 - gsmtp", "exo."},
		{"550 5.7.509 strange words - gsmtp", "exo."},
		{"550 5.7.1 Something new [DB5EUR01FT088.eop-EUR01.prod.protection.outlook.com]", "gmail."},
		{"550 5.7.26 Something new [DB5EUR01FT088.eop-EUR01.prod.protection.outlook.com]", "gmail."},
	} {
		got := Match(split(c.reply))
		if len(got) == 0 || strings.Contains(ids(got), c.not) {
			t.Errorf("%s: %s", c.reply, ids(got))
		}
	}
}

func TestHostNamesTheProvider(t *testing.T) {
	q := Query{Code: 550, Enhanced: "5.7.509", Text: "new words", Provider: Gmail}
	if got := ids(Explain(q)); got != "class.x.7" {
		t.Errorf("a private code of Microsoft from Gmail: %s", got)
	}
	q.Provider = Providers("contoso-com.mail.protection.outlook.com")[0]
	if got := ids(Explain(q)); got != "exo.dmarc-reject" {
		t.Errorf("from Exchange Online: %s", got)
	}
}

func TestLookup(t *testing.T) {
	for code, want := range map[string][]string{
		"5.7.64":  {"exo.tenant-attribution"},
		"5.7.30":  {"exo.basic-retired", "gmail.dkim", "rfc.x.7.30"},
		"5.7.26":  {"exo.ipv6-unauthenticated", "gmail.unauthenticated", "rfc.x.7.26"},
		"5.7.620": {"exo.banned-ip"},
		"535":     {"exo.auth-credentials", "smtp.535"},
		"5.9.9":   {"class.5"},
		"5.7.98":  {"class.x.7"},
	} {
		rows := Lookup(code)
		for _, id := range want {
			if !slices.ContainsFunc(rows, func(r Row) bool { return r.ID == id }) {
				t.Errorf("%s lacks %s", code, id)
			}
		}
	}
	if len(Lookup("no code")) != 0 {
		t.Error("words are no code")
	}
}

func TestKnown(t *testing.T) {
	if got := Match(550, "5.7.64", "TenantAttribution; Relay Access Denied"); !got[0].Known() ||
		got[0].By != ByText {
		t.Errorf("%+v", got)
	}
	if got := Match(550, "5.7.64", "words that nobody knows"); got[0].By != ByCode {
		t.Errorf("the code alone: %s by %s", ids(got), got[0].By)
	}
	if got := Match(550, "5.99.1", ""); len(got) != 1 || got[0].Known() {
		t.Errorf("an unknown subject is only a class: %s", ids(got))
	}
	if got := Match(0, "", ""); len(got) != 0 {
		t.Errorf("nothing is nothing: %s", ids(got))
	}
}

// TestFault_177 gives the matcher a megabyte of each hostile text. It may take no
// more than a number of plain passes over words, which a busy machine slows as
// much.
func TestFault_177(t *testing.T) {
	Match(550, "5.7.1", "compiles the phrases")
	const most = 100 // passes
	words := strings.Repeat("an ordinary word ", 1<<20/17)
	for _, c := range []string{"a", " ", "<", "7", "access denied, ", "[", "’"} {
		text := strings.Repeat(c, 1<<20/len(c))
		match, pass := time.Hour, time.Hour
		for range 8 {
			match = min(match, taken(func() { Match(550, "5.7.1", text) }))
			if pass = min(pass, taken(func() { strings.Fields(strings.ToLower(words)) })); match < most*pass {
				break
			}
		}
		if match >= most*pass {
			t.Errorf("%q: %v for 1 MB, and %v for a pass", c, match, pass)
		}
	}
}

func taken(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

func FuzzMatch(f *testing.F) {
	f.Add(550, "5.7.64", "TenantAttribution; Relay Access Denied")
	f.Add(0, "5.7.620-", "x*y")
	f.Fuzz(func(t *testing.T, code int, enhanced, text string) {
		got := Match(code, enhanced, text)
		if len(got) > maxTies {
			t.Fatalf("%d explanations", len(got))
		}
		for _, e := range got {
			if e.Row.ID == "" || e.Match == "" {
				t.Fatalf("bad explanation %+v", e)
			}
		}
	})
}

// TestRetryFollowsTheClass explains a text of each row with both classes: the
// row and the reply agree about trying again.
func TestRetryFollowsTheClass(t *testing.T) {
	for _, c := range []struct {
		code int
		want Duration
	}{{450, Temporary}, {550, Permanent}} {
		for _, text := range []string{"Greylisted", "User unknown", "no PTR record", "mailbox full", "virus found",
			"server busy, try again later", "blocked using zen.spamhaus.org", "what nobody knows"} {
			got := Explain(Query{Code: c.code, Text: text})
			if len(got) == 0 || got[0].Row.Duration != c.want {
				t.Errorf("%d %s: %s", c.code, text, ids(got))
				continue
			}
			if wait := strings.HasPrefix(got[0].Row.Fix[0], "Wait"); wait && c.code == 550 {
				t.Errorf("%d %s: %q", c.code, text, got[0].Row.Fix[0])
			}
		}
	}
}

// TestConnectorCommands holds that no command that is printed for a connector makes
// it reject mail from other addresses, or leaves the TLS that a Partner connector
// requires by default to chance.
func TestConnectorCommands(t *testing.T) {
	n := 0
	for _, r := range All() {
		for _, c := range r.Commands {
			if !strings.Contains(c, "-InboundConnector ") || strings.HasPrefix(c, "Get-") {
				continue
			}
			n++
			if strings.Contains(c, "-RestrictDomainsTo") {
				t.Errorf("%s: rejects the mail of others: %s", r.ID, c)
			}
			if strings.HasPrefix(c, "New-") && strings.Contains(c, " Partner ") && !strings.Contains(c, "-RequireTls ") {
				t.Errorf("%s: does not say whether TLS is required: %s", r.ID, c)
			}
		}
	}
	if n == 0 {
		t.Error("no command changes a connector")
	}
}

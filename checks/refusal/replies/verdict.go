package replies

import (
	"regexp"
	"slices"
	"strings"

	"maildiag/checks/kit"
)

// verdicts match what servers note of SPF, DKIM and DMARC in a header (RFC 8601, RFC 7208 9.1)
// or a log: a method, and its result.
var verdicts = []func() *regexp.Regexp{
	kit.Lazily(`(?i)\b(spf|dkim|dmarc|compauth)(?:\(\w+\))?['"]?\s*[=:]\s*['"]?(?:[\w-]+(?:\.[\w-]+)+ )?(` + verdictResults + `)\b`),
	kit.Lazily(`(?i)\breceived-(spf): ?(` + verdictResults + `)\b`),
	kit.Lazily(`(?i)\bopen(dmarc)\[\d+\]: \w+: [\w-]+(?:\.[\w-]+)+ (pass|fail|none)$`),
	kit.Lazily(`(?i)\bopendkim\[\d+\]: \w+: (?:(?:bad|no) signature data|s=\S+ d=\S+ ssl error|key retrieval failed)`),
	kit.Lazily(`\b(?:R_)?(DMARC|SPF|DKIM)_(?:POLICY_)?(SOFTFAIL|FAIL|REJECT|QUARANTINE|NA|INVALID)\b`),                // Rspamd, SpamAssassin
	kit.Lazily(`\b(DMARC) results: [^\n]*_align=no|\bDKIM: d=\S+ [^\n]*\[(?:verification failed|invalid)`),            // Exim
	kit.Lazily(`(?i)\b(spf|dkim|dmarc) (` + verdictResults + `)\W{1,3}(?:spf|dkim|dmarc) (?:` + verdictResults + `)`), // of tests
}

const verdictResults = `pass(?:ed)?|fail(?:ed|ure)?|softfail|hardfail|neutral|none|temperror|permerror|bestguesspass`

var (
	// notTaken matches what says that the message was not taken. A policy (p=reject) and
	// the name of a rule do not.
	notTaken = kit.Lazily(`(?i)(?:^|[^=\w.])(?:reject|bounc|refus|block|den[yi]|discard|undeliver|return(?:ed|ing) |not (?:be )?(?:accept|deliver)|unaccept|could ?n.t|unable|fail(?:ed|ure) to )|\baction=reject`)
	// ofHeader matches the header that only a message has which was taken.
	ofHeader = kit.Lazily(`(?i)\bauthentication-results:|\breceived-spf:`)

	verdictDomain = kit.Lazily(`(?i)(?:\bheader\.from=|\bdmarc_domain=|\bopendmarc\[\d+\]: \w+: (?:spf\(\w+\): )?|\{|\bd=|\bwith domain |\bdomain of (?:transitioning )?(?:\S+@)?)([\w-]+(?:\.[\w-]+)+)`)
	verdictPolicy = kit.Lazily(`(?i)\b(?:p|policy)\s*=\s*(none|quarantine|reject)\b|,\s*(none|quarantine|reject)\}`)
)

// verdict explains a text in which a server notes what it found of a message, and nothing
// says that it was turned away.
func verdict(text string) []Explanation {
	text = text[:min(len(text), maxText)]
	var notes []string
	rest := text
	for _, form := range verdicts {
		for _, m := range form().FindAllStringSubmatch(text, -1) {
			if note := noted(m); !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
		rest = form().ReplaceAllString(rest, " ")
	}
	header := ofHeader().MatchString(text) && !strings.Contains(text, "\n")
	if len(notes) == 0 || notTaken().MatchString(text) && !header {
		return nil
	}
	if other := Explain(Query{Text: rest}); len(other) > 0 && other[0].By == ByText && other[0].known && !other[0].Row.ofAuthentication() {
		return nil
	}
	row, _ := ByID("common.verdict")
	row.note(text, notes)
	return []Explanation{{Row: row, By: ByText, Match: Wording, known: true}}
}

// noted returns a method and its result: "DMARC fail".
func noted(m []string) string {
	parts := slices.DeleteFunc(m[1:], func(s string) bool { return s == "" })
	if len(parts) == 0 || len(parts) == 1 && !strings.EqualFold(parts[0], "dmarc") {
		return "DKIM fail" // a signature that is bad or missing
	}
	if len(parts) == 1 {
		return strings.ToUpper(parts[0]) + " fail"
	}
	return strings.ToUpper(parts[0]) + " " + strings.ToLower(parts[1])
}

// ofAuthentication reports whether a row is about who a message is from.
func (r *Row) ofAuthentication() bool {
	return slices.ContainsFunc([]string{"dmarc", "spf", "dkim", "unauthenticated", "alignment", "spoof", "tls", "auth"}, func(start string) bool {
		return strings.HasPrefix(r.cause(), start)
	})
}

// note adds what the verdict is, and whose domain's. One that passes DMARC needs no other,
// RFC 7489 4.2.
func (r *Row) note(text string, notes []string) {
	passes := func(n string) bool { return strings.Contains(n, "pass") }
	if !slices.ContainsFunc(notes, func(n string) bool { return !passes(n) }) || slices.Contains(notes, "DMARC pass") {
		r.Meaning = "The receiving server notes that the sender's domain passed its checks. Nothing was rejected."
		r.Causes, r.Fix = nil, []string{"Nothing needs to be done."}
		return
	}
	domain := "the sender's domain"
	if m := verdictDomain().FindStringSubmatch(text); m != nil {
		domain = m[1]
	}
	r.Meaning = "The receiving server notes for " + domain + ": " + strings.Join(notes, ", ") + ". This is a verdict, not a refusal: nothing here says that the message was rejected."
	if m := verdictPolicy().FindStringSubmatch(text); m != nil {
		policy := strings.ToLower(m[1] + m[2])
		r.Causes = append([]string{"The policy in the text is p=" + policy + ": " + policies[policy]}, r.Causes...)
	}
}

// policies say what receivers do with a message that fails DMARC. RFC 7489 6.3
var policies = map[string]string{
	"none":       "receivers deliver mail that fails DMARC (monitoring only).",
	"quarantine": "receivers send mail that fails DMARC to junk.",
	"reject":     "receivers may reject mail that fails DMARC. Nothing shows that this one did.",
}

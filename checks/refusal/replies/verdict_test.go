package replies

import (
	"strings"
	"testing"
)

// TestVerdicts holds that what a server notes of SPF, DKIM and DMARC is no refusal, and that its
// policy is that of the text.
func TestVerdicts(t *testing.T) {
	for text, want := range map[string]string{
		"opendmarc[113]: A1B2: SPF(mailfrom): fail / DKIM: fail / DMARC: fail":                                                                      "SPF fail, DKIM fail, DMARC fail",
		"Nov 27 10:00:00 mail opendmarc[113]: A1B2: contoso.example fail":                                                                           "contoso.example: DMARC fail",
		"Authentication-Results: mx.contoso.example; dmarc=fail (p=none) header.from=fabrikam.example":                                              "fabrikam.example: DMARC fail",
		"spf=softfail smtp.mailfrom=s@fabrikam.example; dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=fabrikam.example":                          "SPF softfail, DMARC fail",
		"Authentication-Results: spf=fail smtp.mailfrom=a.example; dkim=none (message not signed); dmarc=fail action=oreject header.from=a.example": "a.example: SPF fail, DKIM none, DMARC fail",
		"rspamd_task_write_log: (default: F (no action): [2.1/15.0] [DMARC_POLICY_SOFTFAIL(0.10){a.example : No valid SPF, No valid DKIM,none}])":   "a.example: DMARC softfail",
		"Received-SPF: fail (mx.contoso.example: domain of s@fabrikam.example does not designate 192.0.2.1 as permitted sender)":                    "fabrikam.example: SPF fail",
		"policyd-spf[123]: prepend Received-SPF: Softfail (mailfrom) identity=mailfrom; client-ip=192.0.2.1":                                        "SPF softfail",
		"opendkim[123]: A1B2: s=sel d=fabrikam.example SSL error:04091068:rsa routines:INT_RSA_VERIFY:bad signature":                                "fabrikam.example: DKIM fail",
		"1r7abc-0001aB-Cd DKIM: d=fabrikam.example s=sel c=relaxed/relaxed b=2048 [verification failed - signature did not verify]":                 "fabrikam.example: DKIM fail",
		"Mail lands in junk, and the header says spf=pass dkim=fail dmarc=fail (p=reject) header.from=fabrikam.example":                             "SPF pass, DKIM fail, DMARC fail",
		"Authentifizierung: SPF: FAIL, DKIM: PASS, DMARC: FAIL":                                                                                     "SPF fail, DKIM pass, DMARC fail",
		"spf=pass; dkim=none (message not signed); dmarc=pass action=none; compauth=pass":                                                           "passed its checks",
	} {
		found := ExplainWords(text)
		if len(found) != 1 || found[0].Row.ID != "common.verdict" || !strings.Contains(found[0].Row.Meaning, want) {
			t.Errorf("%s: %v, want %q", text, ids(found), want)
			continue
		}
		_, policy, named := strings.Cut(strings.ToLower(text), "(p=")
		first := strings.Join(found[0].Row.Causes, " ")
		if says := strings.Contains(first, "policy in the text is p="); says != (named || strings.Contains(text, ",none}")) {
			t.Errorf("%s: says %q", text, first)
		} else if named && !strings.Contains(first, "p="+policy[:4]) {
			t.Errorf("%s: says %q", text, first)
		}
	}
}

// TestNoVerdicts holds that a refusal that quotes a verdict is a refusal, and that another
// fault beside one is the answer.
func TestNoVerdicts(t *testing.T) {
	for _, text := range []string{
		"Message rejected: dmarc=fail (p=reject) header.from=fabrikam.example",
		"opendmarc[113]: A1B2: rejected by DMARC policy for contoso.example",
		"The mail was blocked: DMARC failed",
		"Your message was not delivered: SPF: fail",
		"rspamd_task_write_log: (default: T (reject): [20.1/15.0] [DMARC_POLICY_REJECT(2.0){a.example : No valid SPF,reject}])",
		"milter: action=reject dmarc=fail header.from=fabrikam.example",
		"dmarc=fail header.from=a.example\nconnect to mx.b.example[192.0.2.1]:25: Connection timed out",
	} {
		if found := ExplainWords(text); len(found) > 0 && found[0].Row.ID == "common.verdict" {
			t.Errorf("%s: %s", text, found[0].Row.Meaning)
		}
	}
}

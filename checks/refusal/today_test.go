package refusal

import (
	"testing"

	"maildiag/checks"
	"maildiag/checks/kit/kittest"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// TestToday sees that a cause which the records of today do not have any more
// is not confirmed, and one that they still have is.
func TestToday(t *testing.T) {
	const clouds = "spf.protection.outlook.com. TXT \"v=spf1 ip4:40.92.0.0/15 -all\"\nspf.protection.office365.us. TXT \"v=spf1 ip4:52.127.0.0/16 -all\"\n" +
		"spf.protection.partner.outlook.cn. TXT \"v=spf1 ip4:139.219.0.0/16 -all\"\nservice.example. TXT \"v=spf1 ip4:203.0.113.9 -all\"\ncontoso.com. A 192.0.2.1\n"
	const lists, others = "contoso.com. TXT \"v=spf1 ip4:203.0.113.9 -all\"\n", "contoso.com. TXT \"v=spf1 ip4:203.0.113.7 -all\"\n"
	policy := func(p string) string { return "_dmarc.contoso.com. TXT \"v=DMARC1; " + p + "\"\n" }
	own, foreign := "me@contoso.com", "x@service.example"
	for name, c := range map[string]struct {
		row, zone, sender string
		confirmed, gone   bool
	}{
		"policy as it was":             {"exo.dmarc-reject", others + policy("p=reject"), own, true, false},
		"policy as it was, not ours":   {"gmail.dmarc", others + policy("p=reject"), foreign, true, false},
		"quarantine now":               {"exo.dmarc-reject", others + policy("p=quarantine"), own, true, false},
		"none now":                     {"exo.dmarc-reject", others + policy("p=none"), own, false, true},
		"none now, at Gmail":           {"gmail.dmarc", others + policy("p=none"), foreign, false, true},
		"none now, at Apple":           {"apple.dmarc", others + policy("p=none"), foreign, false, true},
		"no record now":                {"common.dmarc", others, own, false, true},
		"subdomains alone":             {"exo.dmarc-reject", others + policy("p=none; sp=reject"), own, false, true},
		"listed now":                   {"exo.dmarc-reject", lists + policy("p=reject"), own, false, true},
		"listed now, sender not ours":  {"exo.dmarc-reject", lists + policy("p=reject"), foreign, true, false},
		"SPF as it was":                {"gmail.spf-hardfail", others, own, true, false},
		"SPF lists it now":             {"gmail.spf-hardfail", lists, own, false, true},
		"SPF lists it now, Microsoft":  {"exo.spf-violation", lists, own, false, true},
		"reverse DNS as it was":        {"gmail.ptr", "", own, true, false},
		"reverse DNS now":              {"gmail.ptr", "9.113.0.203.in-addr.arpa. PTR mail.contoso.com.\nmail.contoso.com. A 203.0.113.9\n", own, false, true},
		"record missing as it was":     {"gmail.dmarc-missing", others, own, true, false},
		"record there now":             {"gmail.dmarc-missing", others + policy("p=none"), own, false, false},
		"record there now, not ours":   {"gmail.dmarc-missing", others + policy("p=reject"), foreign, false, false},
		"not aligned as it was":        {"gmail.alignment", lists + policy("p=none"), foreign, true, false},
		"not aligned, none is no help": {"gmail.alignment", lists, foreign, true, false},
	} {
		env, _ := kittest.NewEnv(t, "", clouds+c.zone)
		r := Refusal{Row: c.row, IP: "203.0.113.9", Sender: c.sender, From: "contoso.com", Header: true}
		fs := Confirm(t.Context(), env, checks.All(), r)
		row, ok := replies.ByID(c.row)
		if !ok {
			t.Errorf("%s: no row %s", name, c.row)
		}
		if got := Confirmed(&row, fs); got != c.confirmed {
			t.Errorf("%s: confirmed %v: %v", name, got, kittest.Verdicts(fs, true))
		}
		says := len(fs) > 0 && fs[0].Status == report.Pass && (fs[0].Code == "explain.today" || soleTopic(&row, fs) == &fs[0])
		if says != c.gone {
			t.Errorf("%s: says that it is gone: %v: %v", name, says, kittest.Verdicts(fs, true))
		}
		kittest.Sound(t, fs)
	}
}

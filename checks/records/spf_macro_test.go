package records

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// Whether mail from Microsoft 365 passes a record with macros is known only where no
// message decides it: where the include is there, or the term is of another service.
func TestMacrosAreNotKnown(t *testing.T) {
	t.Parallel()
	const world = "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\ncontoso-com.mail.protection.outlook.com A 192.0.2.1\n" +
		"spf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 ip6:2a01:111:f400::/48 -all\n" +
		"_dmarc.contoso.com TXT v=DMARC1; p=reject; rua=mailto:a@contoso.com\n" +
		"_spf.salesforce.com TXT v=spf1 exists:%{i}._spf.mta.salesforce.com -all\n" +
		"all.contoso.com TXT v=spf1 ip4:40.92.0.0/15 ip6:2a01:111:f400::/48 -all\n" +
		"postmaster.ok.contoso.com TXT v=spf1 ip4:40.92.0.0/15 ip6:2a01:111:f400::/48 -all\n" +
		"40.92.0.1.ok.contoso.com A 127.0.0.2\n2.a.0.1.0.1.1.1.f.4.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.ok.contoso.com A 127.0.0.2\n" +
		"*.wild.contoso.com A 127.0.0.2\nx.contoso.com A 203.0.113.9\n" +
		"hosted.example TXT v=spf1 include:%{ir}.%{v}.hosted.example ~all\n"
	const open = "lets every server pass"
	const known, unknown, passes = "does not pass SPF", "not known", ""
	for record, want := range map[string]string{
		"exists:%{l}.x.contoso.com -all":                         unknown,
		"exists:%{L1r-}.x.contoso.com -all":                      unknown,
		"exists:%{s}.x.contoso.com -all":                         unknown,
		"exists:%{i}.x.contoso.com -all":                         unknown,
		"exists:%{ir}.%{v}.x.contoso.com ~all":                   unknown,
		"exists:%{h}.x.contoso.com -all":                         unknown,
		"exists:%{p}.x.contoso.com -all":                         unknown,
		"include:%{l}.ok.contoso.com -all":                       unknown, // it passes for one mailbox
		"include:%{i}.%{h}.x.contoso.com -all":                   unknown,
		"a:%{i}.x.contoso.com -all":                              unknown,
		"mx:%{l}.x.contoso.com -all":                             unknown,
		"redirect=%{l}.x.contoso.com":                            unknown,
		"include:hosted.example -all":                            unknown,
		"ip4:203.0.113.1 include:%{i}.x.contoso.com ?all":        unknown,
		"exists:%{i}.wild.contoso.com -all":                      open,
		"ip4:203.0.113.1 exists:%{l}.%{i}.wild.contoso.com -all": open,
		"exists:%{i}.ok.contoso.com -all":                        passes,
		"include:all.%{d} -all":                                  passes + "one by one",
		"include:all.%{o} -all":                                  passes + "one by one",
		"include:spf.protection.outlook.com exists:%{l}.x -all":  passes,
		"-exists:%{l}.x.contoso.com -all":                        known,
		"?include:%{l}.x.contoso.com -all":                       known,
		"include:%{d}.nobody.example -all":                       known,
		"ptr -all":                                               known,
		"include:_spf.salesforce.com -all":                       known,
		"-all exists:%{l}.x.contoso.com":                         known,
		"exists:%{l}.x.contoso.com include:dead.example include:spf.protection.outlook.com -all": "passes SPF only if",
	} {
		env, _ := mailEnv(t, "contoso.com", world+"contoso.com TXT v=spf1 "+record+"\n")
		fs := slices.Concat(kit.Gather(t.Context(), env, SPF), kit.Gather(t.Context(), env, DMARC))
		for _, f := range fs {
			fails := f.Status == report.Fail
			switch {
			case f.Code == "spf.m365" && (!strings.Contains(f.Summary, want) || fails != (want == known) || (want == passes) != (f.Status == report.Pass)):
				t.Errorf("%s: %v %q, want %q", record, f.Status, f.Summary, want)
			case f.Code == "dmarc.m365" && fails && want != known:
				t.Errorf("%s: %q", record, f.Summary)
			}
		}
		if !slices.ContainsFunc(fs, func(f report.Finding) bool { return f.Code == "spf.m365" }) {
			t.Errorf("%s: no spf.m365 in %v", record, fs)
		}
	}
}

package records

import (
	"net/http"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// Reports are asked for where senders can read a policy that may hold mail back, and not
// before a broken one is mended.
func TestTLSRPTFollowsThePolicy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    report.Status
	}{
		"enforce":   {serve(stsPolicy), report.Warn},
		"testing":   {serve(strings.Replace(stsPolicy, "enforce", "testing", 1)), report.Warn},
		"none":      {serve(strings.Replace(stsPolicy, "enforce", "none", 1)), report.Info},
		"web page":  {serve("<html>Parked</html>"), report.Info},
		"no mode":   {serve(strings.Replace(stsPolicy, "mode: enforce\r\n", "", 1)), report.Info},
		"empty":     {serve(""), report.Info},
		"not found": {http.NotFound, report.Info},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://www.contoso.com/x", http.StatusFound)
		}, report.Info},
		"server out": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, report.Info},
	} {
		env, _, _ := webEnv(t, stsZone, c.handler)
		fs := kit.Gather(t.Context(), env, TLSRPT)
		if len(fs) != 1 || fs[0].Code != "tlsrpt.record" || fs[0].Status != c.want {
			t.Errorf("%s: %v", name, fs)
		}
	}
}

// A record with a misspelled version is repaired, and keeps its addresses.
func TestMisspelledVersionsAreRepaired(t *testing.T) {
	t.Parallel()
	for version, name := range map[string]string{"TLSRTPv1": "_smtp._tls", "TLSRPv1": "_smtp._tls", "STSv2": "_mta-sts", "SSTv1": "_mta-sts", "STSV1x": "_mta-sts"} {
		text := "v=" + version + "; rua=mailto:r@contoso.com"
		check, want := TLSRPT, "v=TLSRPTv1; rua=mailto:r@contoso.com"
		if name == "_mta-sts" {
			text, check, want = "v="+version+"; id=1", MTASTS, "v=STSv1; id="
		}
		env, _, _ := webEnv(t, strings.Replace(stsZone, "v=STSv1; id=", "x", 1)+"\n"+name+".contoso.com. TXT \""+text+"\"\n", serve(stsPolicy))
		found := false
		for _, f := range kit.Gather(t.Context(), env, check) {
			if f.Fix == nil || !strings.HasSuffix(f.Code, ".record") {
				continue
			}
			for _, e := range f.Fix.Edits {
				found = found || e.Old == text && strings.HasPrefix(e.New, want)
			}
		}
		if !found {
			t.Errorf("%s: not repaired", text)
		}
	}
}

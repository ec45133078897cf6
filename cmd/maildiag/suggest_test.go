package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"maildiag/report"
)

// called runs the program with the words of a call.
func called(t *testing.T, call string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), strings.Fields(call), strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// TestTypos holds that a mistyped name leads to the right one, and that nothing
// is asked of the network.
func TestTypos(t *testing.T) {
	for call, meant := range map[string]string{
		"chekc":                            "check",
		"Chcek contoso.com":                "check",
		"plna contoso.com":                 "plan",
		"explian bounce.msg":               "explain",
		"spff contoso.com":                 "spf",
		"dmacr contoso.com":                "dmarc",
		"complete bash":                    "completion",
		"verison":                          "version",
		"demo migratng":                    "migrating",
		"demo fire":                        "firewall",
		"demo smtp-auth":                   "smtp-auth-off",
		"demo --format jsno":               "json",
		"demo --format markdwon":           "markdown",
		"demo --only sfp":                  "spf",
		"demo --skip dmrac":                "dmarc",
		"demo --only mtast":                "mtasts",
		"demo --only mx,autodicover":       "autodiscover",
		"demo --expect m356":               "m365",
		"demo --cloud gcc-hihg":            "gcc-high",
		"demo --color alwyas":              "always",
		"demo --fail-on wran":              "warn",
		"demo --fail-no warn":              "--fail-on",
		"--resovler 192.0.2.1 a.example":   "--resolver",
		"--colour contoso.com":             "--color",
		"checks mx.leftovr":                "mx.leftover",
		"checks dkmi":                      "dkim",
		"plan --to nsupdat contoso.com":    "nsupdate",
		"explain --lang fer --ticket text": "fr",
		"explain --format htlm text":       "html",
	} {
		code, out, errs := called(t, call)
		if code != exitUsage || out != "" {
			t.Errorf("%s: exit code %d, %d bytes of output", call, code, len(out))
		}
		_, hint, _ := strings.Cut(errs, "did you mean ")
		hint = strings.TrimPrefix(hint, "maildiag ")
		if got, _, _ := strings.Cut(hint, "?"); got != meant {
			t.Errorf("%s: suggests %q, want %q:\n%s", call, got, meant, errs)
		}
	}
	if _, _, errs := called(t, "demo --format nagios --warn mx.letfover=fail"); !strings.Contains(errs, "did you mean mx.leftover?") {
		t.Errorf("--warn: %s", errs)
	}
}

// TestNearest holds what is too far away to be a typing error.
func TestNearest(t *testing.T) {
	for _, typed := range []string{"", "x", "xyz", "localhost", "intranet", strings.Repeat("check", 20), "\x1b[31m", "ünïcode"} {
		if got := nearest(typed, []string{"check", "checks", "demo", "spf", "plan", "bulk"}); got != "" {
			t.Errorf("nearest(%q) = %q, want none", typed, got)
		}
	}
}

// TestContradictions holds which flags exclude or need each other.
func TestContradictions(t *testing.T) {
	for call, flags := range map[string]string{
		"-4 -6 a.example":                   "--ipv4 and --ipv6",
		"demo -q -v":                        "--quiet and --verbose",
		"demo --json --format html":         "--json and --format",
		"bulk --json --format csv list":     "--json and --format",
		"--every 10s a.example":             "--every has no effect without --wait",
		"--for 10m a.example":               "--for has no effect without --wait",
		"--from a@a.example a.example":      "--from has no effect without --user",
		"smtp --to a@a.example":             "--to has no effect without --user",
		"spf -4 --ipv6 a.example":           "--ipv4 and --ipv6",
		"demo --skip mx.leftover":           "mx.leftover is a finding; use --accept",
		"demo --skip spf,mx.none":           "mx.none is a finding; use --accept",
		"demo --only mx.leftover":           "mx.leftover is a finding; --only takes checks",
		"--timeout soon a.example":          "--timeout soon: not a duration",
		"--timeout 30 a.example":            "--timeout 30: not a duration",
		"--wait=perhaps a.example":          "--wait perhaps: not true or false",
		"bulk --concurrency many list":      "--concurrency many: not a whole number",
		"bulk --qps fast list":              "--qps fast: not a number",
		"plan --done first a.example":       "--done first: not a whole number",
		"smtp --password-fd 1.5 a.example":  "--password-fd 1.5: not a whole number",
		"demo migrating --accept list.none": "",
		"--stable 0 a.example":              "--stable 0 is not 1 to 10",
		"--stable 11 a.example":             "--stable 11 is not 1 to 10",
		"demo --crit spf=warn":              "--crit has no effect without --format nagios",
		"bulk --host mx list":               "--host has no effect without --format zabbix",
		"smtp --recipients inside":          "--recipients has no effect without --advise",
		"plan --json --to zone a.example":   "--json and --to zone contradict",
	} {
		code, out, errs := called(t, call)
		if code != exitUsage || out != "" || !strings.Contains(errs, flags) {
			t.Errorf("%s: exit code %d, output %q, errors:\n%s", call, code, out, errs)
		}
		if strings.Contains(errs, "strconv") || strings.Contains(errs, "time:") {
			t.Errorf("%s: the words of a parser:\n%s", call, errs)
		}
	}
}

// TestAgreeing holds what must not be called a contradiction.
func TestAgreeing(t *testing.T) {
	t.Setenv("MAILDIAG_FORMAT", "csv")
	t.Setenv("MAILDIAG_QUIET", "true")
	for _, call := range []string{"demo --json --only mx", "demo --json --format json --only mx", "demo -v --only mx", "demo -q=false -v --only mx"} {
		if code, _, errs := called(t, call); code != exitOK {
			t.Errorf("%s: exit code %d:\n%s", call, code, errs)
		}
	}
}

// TestOneJSONDocument holds that the format json is one document, whatever the
// number of domains.
func TestOneJSONDocument(t *testing.T) {
	for call, domains := range map[string]int{
		"demo finished --json --only mx":                               1,
		"demo broken --json --only mx":                                 2,
		"--demo broken --json --only mx":                               2,
		"--demo broken --json --only mx a.example b.example c.example": 3,
	} {
		_, out, errs := called(t, call)
		var all []report.Report
		if domains == 1 {
			out = "[" + out + "]"
		}
		if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != domains {
			t.Errorf("%s: %d reports, want %d: %v %s", call, len(all), domains, err, errs)
		}
	}
}

// TestDemoCommands holds that commands can be tried without a network, both ways.
func TestDemoCommands(t *testing.T) {
	for call, want := range map[string]int{
		"spf --demo finished":                      exitOK,
		"spf --demo broken":                        exitFound,
		"demo broken -- spf":                       exitFound,
		"demo finished -- dmarc":                   exitOK,
		"plan --demo finished":                     exitOK,
		"plan --demo migrating":                    exitFound,
		"demo migrating -- plan --to nsupdate":     exitFound,
		"check --demo parked --only mx":            exitOK,
		"demo finished -- smtp":                    exitOK,
		"explain --demo finished 5.7.139":          exitOK,
		"spf --demo finishd":                       exitUsage,
		"demo finishd -- spf":                      exitUsage,
		"demo finished -- spff":                    exitUsage,
		"demo finished spf":                        exitUsage,
		"--demo finished --replay x":               exitUsage,
		"smtp --demo finished --user u@a.example":  exitUsage,
		"--demo finished --wait":                   exitUsage,
		"spf --demo finished --resolver 192.0.2.1": exitUsage,
	} {
		code, out, errs := called(t, call)
		if code != want || (out == "") != (want == exitUsage) {
			t.Errorf("%s: exit code %d, want %d, %d bytes of output: %s", call, code, want, len(out), errs)
		}
	}
}

// TestFlagGroups holds that every flag of the main command is in a group, and
// that every flag of a group exists.
func TestFlagGroups(t *testing.T) {
	root := new(app).rootCmd()
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	titles, sets := grouped(root)
	if len(titles) != 1+len(flagGroups()) {
		t.Errorf("groups: %q", titles)
	}
	sets["Flags"].VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && f.Name != "version" && !f.Hidden {
			t.Errorf("--%s is in no group", f.Name)
		}
	})
	for _, g := range flagGroups() {
		for _, name := range g.flags {
			if !slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Flag(name) != nil }) {
				t.Errorf("no command has --%s of the group %s", name, g.title)
			}
		}
	}
}

// TestCompletions holds that the values of closed flags are offered, each with
// a description.
func TestCompletions(t *testing.T) {
	for call, values := range map[string][]value{
		"--cloud": clouds(), "--format": reportFormats(), "plan --to": planTargets(), "explain --format": explainFormats(),
		"smtp --cloud": namedClouds(), "spf --demo": worldValues(), "demo": worldValues(), "checks": idValues(), "--only": checkValues(),
		"--expect": expectations(), "--color": colors(), "--fail-on": failOns(), "--mechanism": mechanisms(), "smtp --device": deviceValues(), "smtp --recipients": recipientValues(), "--oauth": oauthFlows(),
		"explain --lang": ticketValues(),
	} {
		var out bytes.Buffer
		args := append([]string{"__complete"}, append(strings.Fields(call), "")...)
		run(t.Context(), args, strings.NewReader(""), &out, io.Discard)
		for _, v := range values {
			if v.about == "" || !strings.Contains(out.String(), v.name+"\t") {
				t.Errorf("%s: %s is not offered", call, v.name)
			}
		}
	}
}

// A command that does not exist is refused wherever it is named.
func TestNoCommand(t *testing.T) {
	for args, hint := range map[string]string{
		"help chek": "did you mean check?", "help xyzzy": "lists the commands", "completion bsh": "did you mean bash?",
		"help completion bsh": "did you mean bash?", "help check": "", "help": "", "completion": "", "help completion bash": "",
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), strings.Fields(args), strings.NewReader(""), &out, &errs)
		if want := hint != ""; want != (code == exitUsage) || want == (out.Len() > 0) || !strings.Contains(errs.String(), hint) {
			t.Errorf("%s: %d %s", args, code, errs.String())
		}
	}
}

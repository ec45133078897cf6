package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// configured writes a configuration and makes it the user's.
func configured(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("AppData", dir)
	t.Setenv("HOME", dir)
	user, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(user, "maildiag", "maildiag.yaml")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// settingsOf returns what config shows, by name.
func settingsOf(t *testing.T, args ...string) (view configView, rows map[string]configRow) {
	t.Helper()
	out, stderr, code := maildiag(t, "", append([]string{"config", "--json"}, args...)...)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if err := json.Unmarshal([]byte(out), &view); err != nil {
		t.Fatal(err)
	}
	rows = map[string]configRow{}
	for _, r := range view.Values {
		rows[r.Name] = r
	}
	return view, rows
}

// Of a flag, the environment, the file and the default, the first that gives a
// value wins, and config says which it is.
func TestConfigPrecedence(t *testing.T) {
	name := configured(t, "# ours\ncloud: gcc-high\nresolver: [192.0.2.53, 192.0.2.54]\nquiet: on\nexpect: m365\naccept: known.txt\n")
	t.Setenv("MAILDIAG_EXPECT", "any")
	t.Setenv("MAILDIAG_VERBOSE", "true")
	view, rows := settingsOf(t)
	if view.File != name {
		t.Errorf("file %q, not %q", view.File, name)
	}
	for flag, want := range map[string]configRow{
		"cloud":    {Value: []string{"gcc-high"}, From: "file", Line: 2},
		"resolver": {Value: []string{"192.0.2.53", "192.0.2.54"}, From: "file", Line: 3},
		"expect":   {Value: []string{"any"}, From: "environment"},
		"verbose":  {Value: []string{"true"}, From: "environment"},
		"quiet":    {Value: []string{"false"}, From: "default"}, // it contradicts what goes before the file
		"accept":   {Value: []string{filepath.Join(filepath.Dir(name), "known.txt")}, From: "file", Line: 6},
		"color":    {Value: []string{"auto"}, From: "default"},
	} {
		if got := rows[flag]; !slices.Equal(got.Value, want.Value) || got.From != want.From || got.Line != want.Line {
			t.Errorf("%s: %+v, not %+v", flag, got, want)
		}
	}
}

// A check obeys the file, unless the command line says something else.
func TestConfigApplies(t *testing.T) {
	configured(t, "format: json\nexpect: any\n")
	if out, _, _ := maildiag(t, "", "--demo", "broken"); !json.Valid([]byte(out)) {
		t.Errorf("not JSON: %.80s", out)
	}
	if out, _, _ := maildiag(t, "", "--demo", "broken", "--format", "markdown"); json.Valid([]byte(out)) {
		t.Error("the command line does not take precedence")
	}
	other := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(other, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, _, _ := maildiag(t, "", "--demo", "broken", "--config", other); json.Valid([]byte(out)) {
		t.Error("--config does not replace the file of the user")
	}
	configured(t, "format: prometheus\n")
	if out, _, code := maildiag(t, "", "explain", "550 5.1.1 user unknown"); code != exitOK || strings.HasPrefix(out, "#") {
		t.Errorf("a format of other commands: exit code %d, %.80s", code, out)
	}
	configured(t, "format: nagios\n")
	if out, _, code := maildiag(t, "", "--no-such-flag"); code != 3 || !strings.HasPrefix(out, "MAILDIAG UNKNOWN") {
		t.Errorf("a wrong call for Nagios: exit code %d, %.80s", code, out)
	}
}

// A file that cannot be used stops the run with one line, which names the place.
func TestConfigRefused(t *testing.T) {
	for text, want := range map[string]string{
		"clud: gcc":                         "line 1",
		"cloud: mars":                       "line 1",
		"\ntimeout: 3 years":                "line 2",
		"cloud: [dod, gcc]":                 "line 1",
		"cloud: {a: b}":                     "line 1",
		"cloud: &a dod\nexpect: *a":         "line 2",
		"cloud:":                            "line 1",
		"- cloud":                           "line 1",
		"quiet: maybe":                      "line 1",
		"cloud: dod\ncloud: gcc":            "line 2",
		"password: secret":                  "line 1",
		"output: /etc/passwd":               "line 1",
		"format: teapot":                    "line 1",
		"x: [":                              "not YAML",
		"cloud: dod\n---\ncloud: gcc":       "document",
		strings.Repeat("#\n", maxConfig):    "larger",
		"gateway: [\"a\\e[31m\"]\nx\x1b: 1": "maildiag.yaml",
	} {
		configured(t, text)
		out, stderr, code := maildiag(t, "", "--demo", "broken")
		if code != exitUsage || out != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") > 2 || strings.Contains(stderr, "\x1b") {
			t.Errorf("%.40q: exit code %d, %q", text, code, stderr)
		}
	}
	// Free values, which only the command itself can judge.
	for text, want := range map[string]string{
		"# ours\nresolver: nope..x":             "line 2: ",
		"resolver: [192.0.2.53, \"tls://a b\"]": "line 1: ",
		"selector: [k1, a b]":                   "line 1: ",
		"\n\ngateway: 192.0.2.1":                "line 3: ",
		"timeout: 0s":                           "line 1: ",
		"cert-days: 7,21":                       "line 1: ",
		"warn: 5s":                              "line 1: ",
		"cloud: dod\naccept: missing.txt":       "line 2: ",
		"ipv4: true\nipv6: yes":                 "line 2: ",
		"verbose: on\nquiet: on":                "in line 2",
	} {
		name := configured(t, text)
		_, stderr, code := maildiag(t, "", "contoso.com")
		if first, hint, _ := strings.Cut(stderr, "\n"); code != exitUsage || !strings.Contains(first, name) || !strings.Contains(first, want) || strings.Contains(hint, "--") {
			t.Errorf("%q: exit code %d, %s", text, code, stderr)
		}
	}
	configured(t, "timeout: 0s")
	if _, stderr, code := maildiag(t, "", "--demo", "finished", "--timeout", "0s"); code != exitUsage || strings.Contains(stderr, " line ") {
		t.Errorf("the command line is at fault, not the file: exit code %d, %s", code, stderr)
	}
	configured(t, "")
	t.Setenv("MAILDIAG_SELECTOR", "a b")
	if _, stderr, code := maildiag(t, "", "contoso.com"); code != exitUsage || !strings.Contains(stderr, "MAILDIAG_SELECTOR: ") {
		t.Errorf("of the environment: exit code %d, %s", code, stderr)
	}
	configured(t, "clud: gcc")
	for _, args := range [][]string{{"version"}, {"--help"}, {"completion", "bash"}} {
		if _, stderr, code := maildiag(t, "", args...); code != exitOK {
			t.Errorf("%v needs no configuration: %s", args, stderr)
		}
	}
}

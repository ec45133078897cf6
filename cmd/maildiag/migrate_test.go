package main

import (
	"bytes"
	"encoding/json"
	"html"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"maildiag/checks/migrate"
	"maildiag/report"
)

// schemaOf compiles one of the schemas that lie beside the renderers.
func schemaOf(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	const base = "https://maildiag.example/schema/"
	for _, f := range []string{"plan-v1", "plan-document-v1", "consistency-v1", "migrate-v1", "advise-v1"} {
		text, err := os.ReadFile("../../report/schema/" + f + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(base+f+".schema.json", doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(base + name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// printed runs a command and returns what it prints, with its exit code.
func printed(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(""), &out, &errs)
	if errs.Len() > 0 {
		t.Errorf("%v: %s", args, errs.String())
	}
	return out.String(), code
}

// Every JSON document of a move fits its schema, and its exit code is the one
// inside.
func TestMigrateSchema(t *testing.T) {
	migrate, consistency := schemaOf(t, "migrate-v1"), schemaOf(t, "consistency-v1")
	worlds := []string{"migrate-before", "migrate-prepared", "migrate-cutover", "migrate-cleanup", "migrate-finished", "onpremises", "cpanel",
		"gateway", "broken", "parked", "resolver"}
	for _, w := range worlds {
		for _, c := range []struct {
			schema *jsonschema.Schema
			args   []string
		}{
			{migrate, []string{"migrate", "--demo", w, "--json"}},
			{migrate, []string{"migrate", "--demo", w, "--json", "--no-name-servers", "--hybrid"}},
			{consistency, []string{"consistency", "--demo", w, "--json"}},
		} {
			text, code := printed(t, c.args...)
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatalf("%v: %v", c.args, err)
			}
			if err := c.schema.Validate(doc); err != nil {
				t.Errorf("%v: %v", c.args, err)
			}
			if got := doc.(map[string]any)["exit_code"].(json.Number).String(); got != string(rune('0'+code)) {
				t.Errorf("%v: exit code %d, in the document %s", c.args, code, got)
			}
		}
	}
}

// The file of a phase says what the decision is.
func TestMigratePhaseFile(t *testing.T) {
	for world, want := range map[string]string{"migrate-before": "NO-GO", "cpanel": "NO-GO"} {
		for _, phase := range []string{"now", "cutover"} {
			for _, format := range []string{"zone", "nsupdate", "ticket", "powershell", "route53"} {
				text, _ := printed(t, "migrate", "--demo", world, "--to", format, "--phase", phase)
				head, _, _ := strings.Cut(text, "Step 1")
				if !strings.Contains(head, want) || strings.Contains(head, "READY") {
					t.Errorf("%s %s %s: %s", world, phase, format, head)
				}
			}
		}
	}
}

// What must wait is a comment in the file of its phase, and so are the notes.
func TestMigratePhaseFileWaits(t *testing.T) {
	for world, watched := range map[string]string{"migrate-before": "", "cpanel": "web host", "gateway": "--gateway", "parked": "sends no mail"} {
		for _, phase := range []string{"now", "cutover", "then", "keep", "later"} {
			if phase == "now" && world != "parked" {
				continue
			}
			text, _ := printed(t, "migrate", "--demo", world, "--stage", "before", "--to", "nsupdate", "--phase", phase)
			live := slices.ContainsFunc(slices.Collect(strings.Lines(text)), func(l string) bool { return !strings.HasPrefix(l, ";") })
			if want := world == "gateway" && phase == "cutover"; live != want { // the only one with GO
				t.Errorf("%s %s: live %v\n%s", world, phase, live, text)
			}
			if !strings.Contains(text, watched) {
				t.Errorf("%s %s: %s", world, phase, text)
			}
		}
	}
}

// Steps are numbered through, wait only for earlier ones, and belong to one
// phase each.
func TestMigrateSteps(t *testing.T) {
	for _, w := range []string{"migrate-before", "migrate-cutover", "onpremises", "cpanel", "migrating", "broken"} {
		text, _ := printed(t, "migrate", "--demo", w, "--json")
		var doc struct {
			Plan struct {
				Steps []struct {
					Step  int
					After []int
				}
			}
			Phases map[string][]int
		}
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		var phased []int
		for _, p := range doc.Phases {
			phased = append(phased, p...)
		}
		slices.Sort(phased)
		for i, s := range doc.Plan.Steps {
			if s.Step != i+1 || i >= len(phased) || phased[i] != s.Step {
				t.Errorf("%s: step %d is number %d; phases %v", w, i+1, s.Step, doc.Phases)
			}
			if slices.ContainsFunc(s.After, func(n int) bool { return n < 1 || n >= s.Step }) {
				t.Errorf("%s: step %d waits for %v", w, s.Step, s.After)
			}
		}
	}
}

// Each form for people has all that a step and its alternatives delete, add and run,
// and what to know before.
func TestMigrateValues(t *testing.T) {
	bare := func(s string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(html.UnescapeString(s), "\\", "")), "")
	}
	for _, w := range []string{"migrate-before", "migrate-cutover", "onpremises", "cpanel", "migrating", "broken"} {
		text, _ := printed(t, "migrate", "--demo", w, "--json")
		var doc struct{ Plan report.Plan }
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, s := range doc.Plan.Steps {
			want = slices.Concat(want, s.Remove, s.Add, s.Commands, []string{s.Caution})
			for _, alt := range s.Alternatives {
				want = slices.Concat(want, alt.Removed(), alt.Added(), alt.Commands, []string{alt.Label})
			}
		}
		for _, format := range []string{"text", "markdown", "html"} {
			page, _ := printed(t, "migrate", "--demo", w, "--format", format)
			for _, v := range want {
				if !strings.Contains(bare(page), bare(v)) {
					t.Errorf("%s as %s lacks %q", w, format, v)
				}
			}
		}
	}
}

// The table of a list says of each step what it is about.
func TestNextStep(t *testing.T) {
	r := &migrate.Report{Phases: []migrate.Phase{migrate.PhaseLater, migrate.PhaseNow}, Plan: report.Plan{Steps: []report.Step{{Action: report.ActionDecide, Text: "Later."},
		{Owner: report.OwnerDNS, Action: report.ActionRun, Text: "Check the spelling. Then look again."}}}}
	if step, owner := nextStep(r); step != "Check the spelling" || owner != report.OwnerDNS {
		t.Errorf("%q %q", step, owner)
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"maildiag/checks/migrate"
)

// assessedWith looks at a demo world as the command does with these flags.
func assessedWith(t *testing.T, args ...string) *migrate.Report {
	t.Helper()
	var f migrateFlags
	fs := pflag.NewFlagSet("migrate", pflag.ContinueOnError)
	f.add(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	if err := f.validate(); err != nil {
		t.Fatal(err)
	}
	names := f.netFlags.names(nil)
	w, err := f.openWith(&f.zone, names)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	envs, err := f.envs(names, w)
	if err != nil {
		t.Fatal(err)
	}
	o, err := f.migrateOptions(w, envs[0].Domain)
	if err != nil {
		t.Fatal(err)
	}
	return f.assess(t.Context(), envs[0], o, w)
}

// said lists all that the report of a move tells people.
func said(r *migrate.Report) (all []string) {
	all = []string{r.Domain, moveWords(r), nameServerWords(r), stageWords(r), goWords(r)}
	for _, why := range r.Reasons {
		all = append(all, reasonWords(why))
	}
	all = append(all, timeWords(r)...)
	for _, row := range inventoryRows(r) {
		all = append(all, row[1])
	}
	for _, n := range slices.Concat(factNotes(r), lastNotes(r)) {
		all = append(all, n.lines...)
	}
	for _, s := range r.Plan.Steps {
		all = slices.Concat(all, []string{s.Owner + ": " + stepWords(s) + afterWords(s), s.Text, s.Caution}, s.Remove, s.Shown(), s.Commands)
		for _, alt := range s.Alternatives {
			all = slices.Concat(all, []string{alt.Words()}, alt.Removed(), alt.Added(), alt.Commands)
		}
	}
	return all
}

// moves are looks at worlds in which different things are to be said.
func moves() (args [][]string) {
	for _, w := range []string{"migrate-before", "migrate-prepared", "migrate-cutover", "migrate-cleanup", "migrate-finished", "onpremises", "cpanel",
		"gateway", "broken", "parked", "migrating"} {
		for _, more := range [][]string{nil, {"--hybrid"}, {"--stage", "before", "--gateway", "pphosted.com"}, {"--no-name-servers", "--stage", "cutover"}} {
			args = append(args, append([]string{"--demo", w}, more...))
		}
	}
	return args
}

// Whatever the report of a move tells, each format for people tells, and the document
// for programs has the decision, what is special about the domain, and all texts.
func TestFormsTellTheSame(t *testing.T) {
	tags, gaps := regexp.MustCompile(`<[^>]*>`), strings.NewReplacer("\\", "", "`", "")
	bare := func(s string) string { return strings.Join(strings.Fields(gaps.Replace(html.UnescapeString(s))), "") }
	special := map[string]int{}
	for _, args := range moves() {
		r := assessedWith(t, args...)
		var md, page, doc strings.Builder
		for _, err := range []error{writeMigrateMarkdown(&md, r), writeMigrateHTML(&page, r), migrateDoc(r).WriteJSON(&doc)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for form, text := range map[string]string{"text": migrateText(r), "markdown": md.String(), "html": tags.ReplaceAllString(page.String(), "")} {
			text = strings.ToLower(bare(text))
			for _, want := range said(r) {
				if !strings.Contains(text, strings.ToLower(bare(want))) {
					t.Errorf("%v as %s lacks %q", args, form, want)
				}
			}
		}
		var got migrate.Document
		if err := json.Unmarshal([]byte(doc.String()), &got); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got.Stage, got.Forced, got.Parked, got.Hybrid, got.ExitCode) != fmt.Sprint(r.Stage, r.Forced, r.Parked, r.Hybrid, r.ExitCode()) ||
			(got.Go == nil) != (r.Go == nil) || r.Go != nil && *got.Go != *r.Go || !slices.Equal(got.Stays, r.Staying()) ||
			!slices.Equal(got.Reasons, r.Reasons) || !slices.Equal(got.Watch, r.Watch) || !slices.Equal(got.Done, r.Done) || len(got.Plan.Steps) != len(r.Plan.Steps) {
			t.Errorf("%v: the document is %s", args, doc.String())
		}
		for i, s := range r.Plan.Steps {
			if got.Plan.Steps[i].Text != s.Text || got.Plan.Steps[i].Caution != s.Caution || !slices.Contains(got.Phases[r.Phases[i]], s.Step) {
				t.Errorf("%v: step %d is %+v", args, s.Step, got.Plan.Steps[i])
			}
		}
		for name, is := range map[string]bool{"parked": r.Parked, "stays": r.Stays, "hybrid": r.Hybrid, "forced": r.Forced, "unknown": r.Unknown} {
			if is {
				special[name]++
			}
		}
	}
	if len(special) < 5 {
		t.Errorf("not all that can be special is among the worlds: %v", special)
	}
}

// Records that the report says to keep are not deleted by what is written for a tool,
// until the user says that it is time to clean up.
func TestKeptRecordsAreHeld(t *testing.T) {
	t.Parallel()
	live := regexp.MustCompile(`(?m)^update (add|delete)`)
	kept := 0
	for _, world := range []string{"migrate-before", "migrate-prepared", "migrate-cutover", "migrate-cleanup", "cpanel", "onpremises"} {
		for _, stage := range []string{"", "cutover", "cleanup"} {
			_, out, _ := runFor(t, "", "migrate", "--demo", world, "--stage", stage, "--phase", "keep", "--to", "nsupdate")
			if strings.Contains(out, "update delete") {
				kept++
			}
			if live.MatchString(out) && stage != "cleanup" {
				t.Errorf("%s, --stage %q:\n%s", world, stage, out)
			}
		}
	}
	if kept < 4 {
		t.Errorf("only %d of the files have a record to keep", kept)
	}
}

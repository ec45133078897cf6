package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// --advise, --mx and --device refuse what contradicts them, and need no network to
// do so.
func TestSMTPModes(t *testing.T) {
	for args, want := range map[string]int{
		"--advise": 0,
		"--advise --able oauth,api --recipients inside --public-ip 203.0.113.7": 0,
		"--advise --able telepathy":                             2,
		"--advise --recipients mars":                            2,
		"--advise --public-ip 203.0.113":                        2,
		"--advise --public-ip fe80::1%eth0":                     2,
		"--advise --json":                                       0,
		"--advise --format html":                                2,
		"--advise --json --output x":                            2,
		"--advise --cloud china":                                2,
		"--advise smtp.office365.com":                           2,
		"--device printer":                                      2,
		"--mx contoso.com smtp.office365.com":                   2,
		"--mx contoso.com --user u@contoso.com":                 2,
		"--mx 192.0.2.1":                                        2,
		"--mx proseware.com --demo smtp-auth-off":               0,
		"--mx nosuch.proseware.com --demo smtp-auth-off":        1,
		"--device tls10 --demo smtp-auth-off":                   1,
		"--device no-sni --demo smtp-auth-off --no-comparison":  0,
		"--device tls10 --demo firewall --timeout 5s --json -4": 1,
	} {
		var out, errs bytes.Buffer
		code := run(context.Background(), append([]string{"smtp"}, strings.Fields(args)...), strings.NewReader(""), &out, &errs)
		if code != want {
			t.Errorf("smtp %s: exit code %d, want %d\n%s%s", args, code, want, out.String(), errs.String())
		}
	}
}

// The decision as data says the same as the text: each way, whether it works, and
// what to enter.
func TestAdviseJSON(t *testing.T) {
	for _, args := range []string{"", "--able old-tls --recipients inside", "--able no-sign-in --public-ip 203.0.113.7", "--able oauth,api,bulk"} {
		runs := func(more string) string {
			var out, errs bytes.Buffer
			if code := run(t.Context(), strings.Fields("smtp --advise "+args+more), strings.NewReader(""), &out, &errs); code != exitOK {
				t.Fatalf("%s%s: exit code %d %s", args, more, code, errs.String())
			}
			return out.String()
		}
		var doc adviceJSON
		if err := json.Unmarshal([]byte(runs(" --json")), &doc); err != nil || doc.Schema != adviceSchema || len(doc.Ways) != 7 {
			t.Fatalf("%s: %v %+v", args, err, doc)
		}
		text := runs("")
		for _, w := range doc.Ways {
			for _, line := range append([]string{w.Title, w.Why, w.December}, append(w.Enter, w.Notes...)...) {
				if !strings.Contains(text, line) {
					t.Errorf("%s: the text has no %q", args, line)
				}
			}
			if w.Works != (w.Why == "") || w.Works != (len(w.Enter) > 0) || strings.Contains(text, w.Title+": does not work") == w.Works {
				t.Errorf("%s: %+v", args, w)
			}
		}
		if want := strings.TrimPrefix(args, "--able "); args != "" && strings.Join(doc.Abilities, ",") != strings.Fields(want)[0] {
			t.Errorf("%s: abilities %v", args, doc.Abilities)
		}
	}
}

// The decision for every device fits its schema, which holds the decision to what
// it means: a way that works says what to enter, another one why not.
func TestAdviseSchema(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, "advise-v1")
	fits := func(text string) error {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(doc)
	}
	for able := range 1 << len(abilities()) {
		f := adviceFlags{}
		for i, a := range abilities() {
			if able&(1<<i) != 0 {
				f.abilities = append(f.abilities, a.name)
			}
		}
		for _, f.recipients = range []string{"inside", "anywhere"} {
			for _, f.publicIP = range []string{"", "203.0.113.7", "2001:db8::7"} {
				for _, cloud := range []string{"worldwide", "gcc"} {
					s, err := f.setting(cloud)
					if err != nil {
						t.Fatal(err)
					}
					var out bytes.Buffer
					if err := writeAdvice(&out, s); err != nil {
						t.Fatal(err)
					}
					if err := fits(out.String()); err != nil {
						t.Errorf("%+v %s: %v", f, cloud, err)
					}
				}
			}
		}
	}
	const head = `{"schema":"maildiag.advise/v1","as_of":"2026-11-26","abilities":[],"external":true,"ways":[{"id":"x","title":"X"`
	for way, ok := range map[string]bool{
		`,"works":true,"enter":["Port: 587"],"december_2026":"Nothing changes."}]}`:           true,
		`,"works":false,"why":"It cannot sign in."}]}`:                                        true,
		`,"works":true,"december_2026":"Nothing changes."}]}`:                                 false,
		`,"works":true,"enter":[],"december_2026":"Nothing changes."}]}`:                      false,
		`,"works":true,"enter":["Port: 587"],"december_2026":"Nothing changes.","why":"x"}]}`: false,
		`,"works":false}]}`: false,
		`,"works":false,"why":"x","enter":["Port: 25"]}]}`: false,
		`,"works":false,"why":"x","more":1}]}`:             false,
		`}]}`:                                              false,
	} {
		if err := fits(head + way); (err == nil) != ok {
			t.Errorf("%s: %v", way, err)
		}
	}
}

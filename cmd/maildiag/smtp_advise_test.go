package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
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

package main

import (
	"bytes"
	"context"
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
		"--advise --json":                                       2,
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

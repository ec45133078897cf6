package main

import (
	"strings"
	"testing"
)

// A secret is what a person wrote into the file, whatever the editor puts around it; a
// file that holds something else is refused before anything is sent.
func TestReadSecret(t *testing.T) {
	wide := func(order, text string) string {
		b := order
		for _, c := range []byte(text) {
			if order == "\xff\xfe" {
				b += string([]byte{c, 0})
			} else {
				b += string([]byte{0, c})
			}
		}
		return b
	}
	for _, mark := range []func(string) string{
		func(s string) string { return s },
		func(s string) string { return "\xef\xbb\xbf" + s },
		func(s string) string { return wide("\xff\xfe", s) },
		func(s string) string { return wide("\xfe\xff", s) },
	} {
		for text, want := range map[string]string{
			"geheim": "geheim", "ge heim \n": "ge heim ", "geheim\r\n": "geheim", "ge\xc3\xbfheim": "ge\xc3\xbfheim", "": "", "\r\n": "", "one\ntwo\n": "", "a\x00b": "",
		} {
			if strings.Contains(text, "\xc3") && mark("a") != "a" {
				continue // the helper widens ASCII only
			}
			secret, err := readSecret(strings.NewReader(mark(text)), "file")
			if (err == nil) != (want != "") || secret.Reveal() != want {
				t.Errorf("%q: %q, %v", mark(text), secret.Reveal(), err)
			}
		}
	}
}

package message

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// arcCase is one message of the ARC test suite.
type arcCase struct {
	CV      string `yaml:"cv"`
	Message string `yaml:"message"`
}

// arcCases reads the suite, in which some names stand twice.
func arcCases(t *testing.T, file string) (names []string, cases []arcCase) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc struct {
			Tests yaml.Node `yaml:"tests"`
		}
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return names, cases
		} else if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(doc.Tests.Content); i += 2 {
			var c arcCase
			if err := doc.Tests.Content[i+1].Decode(&c); err != nil {
				t.Fatal(err)
			}
			names, cases = append(names, doc.Tests.Content[i].Value), append(cases, c)
		}
	}
}

// TestARCSuite reads the messages of the ARC test suite. Without verifying
// seals many broken chains look whole, but no whole one may look broken.
func TestARCSuite(t *testing.T) {
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	names, cases := arcCases(t, filepath.Join(dir, "arc", "arc-draft-validation-tests.yml"))
	broken, found := 0, 0
	for i, c := range cases {
		a := Analyse(t.Context(), []byte(c.Message), Options{Now: today})
		state := ""
		if a.ARC != nil {
			state = a.ARC.State
		}
		switch want := strings.ToLower(c.CV); {
		case want == "pass" && state != "claims pass":
			t.Errorf("%s: a whole chain is called %q: %+v", names[i], state, a.ARC)
		case want == "none" && state == "claims pass":
			t.Errorf("%s: no chain is called whole", names[i])
		case want == "fail":
			broken++
			if state == "fail" {
				found++
			}
		}
	}
	t.Logf("%d messages; of %d broken chains %d are broken in structure", len(cases), broken, found)
	if len(cases) < 150 || found == 0 {
		t.Errorf("%d messages, %d broken", len(cases), found)
	}
}

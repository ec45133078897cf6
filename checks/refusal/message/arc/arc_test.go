package arc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"maildiag/checks/refusal/message/dkim"
	"maildiag/dnsrec"
)

// zone answers TXT lookups from a map. Names it does not hold do not exist,
// those with an empty text fail.
type zone map[string]string

func (z zone) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a := dnsrec.Answer{Query: q, Rcode: "NOERROR"}
	v, ok := z[q.Name]
	switch {
	case !ok:
		a.Rcode = "NXDOMAIN"
	case v == "":
		return a, &dnsrec.Error{Query: q, Kind: dnsrec.KindServFail}
	default:
		a.Values = []string{v}
	}
	return a, nil
}

// suiteCase is one message of the suite, with the names in the DNS.
type suiteCase struct {
	name, message, cv string
	zone              zone
}

// suite reads the ARC test suite, in which some names stand twice.
func suite(t *testing.T) (cases []suiteCase) {
	t.Helper()
	data, err := os.ReadFile("../../../../testdata/conformance/arc-draft-validation-tests.yml")
	if err != nil {
		t.Fatal(err)
	}
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var doc struct {
			Tests yaml.Node         `yaml:"tests"`
			TXT   map[string]string `yaml:"txt-records"`
		}
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return cases
		} else if err != nil {
			t.Fatal(err)
		}
		z := zone{}
		for name, v := range doc.TXT {
			z[dnsrec.Canonical(name)] = strings.ReplaceAll(v, " ", "")
		}
		for i := 0; i+1 < len(doc.Tests.Content); i += 2 {
			var c struct{ CV, Message string }
			if err := doc.Tests.Content[i+1].Decode(&c); err != nil {
				t.Fatal(err)
			}
			cases = append(cases, suiteCase{doc.Tests.Content[i].Value, c.Message, strings.ToLower(c.CV), z})
		}
	}
}

func transmitted(message string) *dkim.Message {
	return dkim.Split([]byte(strings.ReplaceAll(message, "\n", "\r\n")))
}

// TestSuite validates all messages of the ARC test suite.
func TestSuite(t *testing.T) {
	cases, right := suite(t), 0
	for _, c := range cases {
		got := "none"
		chain := Verify(t.Context(), transmitted(c.message), c.zone)
		if chain != nil {
			got = string(chain.State)
		}
		if got != c.cv && (got != "fail" || c.cv != "") {
			t.Errorf("%s: %s, want %s: %+v", c.name, got, c.cv, chain)
			continue
		}
		right++
		if chain != nil && chain.State != Pass && chain.Reason == "" {
			t.Errorf("%s: no reason", c.name)
		}
	}
	t.Logf("%d of %d right", right, len(cases))
	if len(cases) != 175 { // of 171 names
		t.Errorf("%d messages in the suite, want 175", len(cases))
	}
}

// TestUnusableKeys sees that a missing or revoked key is not told as a change of
// the message.
func TestUnusableKeys(t *testing.T) {
	for result, changed := range map[dkim.Result]bool{dkim.Fail: true, dkim.PermError: false, dkim.Policy: false, dkim.Neutral: false} {
		c := &Chain{}
		c.note(&dkim.Failure{Result: result, Reason: "x"}, true, "changed %d %s", "unusable %d %s", 1, "a.example")
		if c.State != Fail || strings.HasPrefix(c.Reason, "changed") != changed {
			t.Errorf("%s: %s %q", result, c.State, c.Reason)
		}
	}
	c := &Chain{}
	c.note(&dkim.Failure{Result: dkim.TempError, Reason: "x"}, true, "changed %d %s", "unusable %d %s", 1, "a.example")
	if c.State != TempError {
		t.Errorf("%+v", c)
	}
}

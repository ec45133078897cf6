package report

import (
	"strings"
	"testing"
)

// A host called like a word of the summary is named all the same.
func TestSubjectThatIsAWord(t *testing.T) {
	out := render(t, "text", Options{Width: 80}, []Event{
		{Start: &Start{Schema: StreamSchema, Domains: 1, FailOn: Fail}},
		{Begin: &Begin{Domain: "contoso.com"}},
		{Finding: &Finding{Check: "mx", Code: "mx.address", Status: Fail, Cause: CauseDomain, Subject: "mail.contoso.com",
			Summary: "does not exist: no mail can be delivered there", Fix: &Fix{Owner: OwnerDNS, Text: "Give it an A record."}}},
		{End: &End{Domain: "contoso.com"}}, {Stop: &Stop{}},
	})
	if !strings.Contains(out, "mail: does not exist") {
		t.Errorf("does not tell which host:\n%s", out)
	}
}

// One change that fixes several findings is one thing to do, and a domain whose
// provider nobody asked about is not said to be elsewhere.
func TestTasks(t *testing.T) {
	fail := func(code, before, after string) Event {
		return Event{Finding: &Finding{Check: "spf", Code: code, Status: Fail, Cause: CauseDomain, Subject: "contoso.com",
			Summary: "is broken", Fix: &Fix{Owner: OwnerDNS, Text: "Fix " + code + ".",
				Edits: []Edit{{Name: "contoso.com.", Type: "TXT", Old: before, New: after}}}}}
	}
	out := render(t, "text", Options{Width: 80}, []Event{
		{Start: &Start{Schema: StreamSchema, Domains: 1, FailOn: Fail}},
		{Begin: &Begin{Domain: "contoso.com", Expect: "any"}},
		fail("spf.include", "a", "b"), fail("spf.voids", "a", "b"), fail("spf.all", "a", "c"),
		{End: &End{Domain: "contoso.com"}}, {Stop: &Stop{}},
	})
	_, todo, _ := strings.Cut(out, "What to do")
	if n := strings.Count(todo, "FAIL"); n != 2 || !strings.Contains(todo, "FAIL spf.include, spf.voids") {
		t.Errorf("%d tasks, want 2, the first of them for two findings:\n%s", n, todo)
	}
	if strings.Contains(out, "not on Microsoft 365") {
		t.Errorf("says where the domain is not, though it was not asked:\n%s", out)
	}
}

package history

import (
	"path/filepath"
	"testing"

	"maildiag/report"
	"maildiag/service/fleet/tags"
)

// A domain has the tags of the last list, and so have its events and its looks,
// also the old ones.
func TestTag(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := open(t, path)
	watch(t, s, "contoso.com", "fabrikam.com")
	for n, status := range []report.Status{report.Pass, report.Fail, report.Fail} {
		add(t, s, look(n, "fra", status))
	}
	for _, all := range []map[string]tags.Tags{
		{"contoso.com": {"tenant": "x", "customer": "Acme Ltd"}},
		{"contoso.com": {"tenant": "y"}, "fabrikam.com": {"tenant": "x"}, "not.watched": {"tenant": "z"}},
		{"fabrikam.com": {"tenant": "x"}, "contoso.com": nil},
		nil,
	} {
		if err := s.Tag(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		watch(t, s, "contoso.com", "fabrikam.com") // keeps them
		want := all["contoso.com"].String()
		list, err := s.Domains(t.Context(), epoch)
		if err != nil || len(list) != 2 || list[0].Tags.String() != want || list[1].Tags.String() != all["fabrikam.com"].String() {
			t.Errorf("%v: %+v, %v", all, list, err)
		}
		events, err := s.Current(t.Context(), 10)
		if err != nil || len(events) != 1 || events[0].Tags.String() != want {
			t.Errorf("%v: %+v, %v", all, events, err)
		}
		from, err := OpenSnapshot(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		looks := 0
		err = from.Looks(t.Context(), func(l *Look) error {
			if looks++; l.Tags.String() != want {
				t.Errorf("%v: %+v", all, l)
			}
			return nil
		})
		if err != nil || looks != 3 {
			t.Error(looks, err)
		}
		from.Close()
	}
}

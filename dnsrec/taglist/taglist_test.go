package taglist

import (
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	tests := []struct {
		in   string
		want []Tag
	}{
		{"", nil},
		{" ; ;; ", nil},
		{"v=DKIM1", []Tag{{"v", "DKIM1", true, 0, 2}}},
		{" v = DKIM1 ;p=", []Tag{{"v", "DKIM1", true, 1, 5}, {"p", "", true, 12, 14}}},
		{"v=a;junk; b=c=d;", []Tag{{"v", "a", true, 0, 2}, {"junk", "", false, 4, 9}, {"b", "c=d", true, 10, 12}}},
		{"=x", []Tag{{"", "x", true, 0, 1}}},
	}
	for _, tt := range tests {
		if got := Split(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("Split(%q) = %+v, want %+v", tt.in, got, tt.want)
		}
	}
}

func TestValidName(t *testing.T) {
	for in, want := range map[string]bool{
		"v": true, "a1_": true, "Adkim": true, "": false, "1a": false, "_a": false, "a b": false, "ä": false, "\x80": false,
	} {
		if got := ValidName(in); got != want {
			t.Errorf("ValidName(%q) = %v, want %v", in, got, want)
		}
	}
}

// FuzzSplit: every tag is found again at the place it claims.
func FuzzSplit(f *testing.F) {
	f.Add("v=DKIM1; p=AAAA;; x")
	f.Add("a=b\r\n ;\tc = d=e")
	f.Fuzz(func(t *testing.T, s string) {
		for _, tag := range Split(s) {
			if !strings.HasPrefix(s[tag.Pos:], tag.Name) {
				t.Errorf("%q: name %q is not at %d", s, tag.Name, tag.Pos)
			}
			if tag.Equals && !strings.HasPrefix(s[tag.ValuePos:], tag.Value) {
				t.Errorf("%q: value %q is not at %d", s, tag.Value, tag.ValuePos)
			}
			if strings.Contains(tag.Name+tag.Value, ";") {
				t.Errorf("%q: a semicolon is left in %+v", s, tag)
			}
		}
	})
}

func TestField(t *testing.T) {
	long := strings.Repeat("n", maxFieldName)
	for text, want := range map[string]struct {
		pos   int
		fault string
	}{
		"id=1": {}, "a.b-c_9=x": {}, "9=~": {}, long + "=1": {},
		"id":         {0, "name=value"},
		"_id=1":      {0, "not a field name"},
		long + "n=1": {0, "not a field name"},
		"id =1":      {2, "spaces are not allowed"},
		"id= 1":      {2, "spaces are not allowed"},
		"id=":        {3, "no value"},
		"id=1 x=2":   {4, "semicolon"},
		"id=a=b":     {4, "semicolon"},
		"id=\u00e9":  {3, "may not stand"},
	} {
		pos, fault := Split(text)[0].Field("")
		if pos != want.pos || (fault == "") != (want.fault == "") || !strings.Contains(fault, want.fault) {
			t.Errorf("%q: %d %q, want %d %q", text, pos, fault, want.pos, want.fault)
		}
	}
	if _, fault := Split("rua=mailto:a@b, https://c/?d=e")[0].Field(" ="); fault != "" {
		t.Errorf("with blanks and equals signs allowed: %s", fault)
	}
}

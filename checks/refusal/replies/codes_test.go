package replies

import "testing"

// TestNoCode holds that only classes of RFC 3463 2 and numbers within the limits of
// codes are looked up.
func TestNoCode(t *testing.T) {
	for _, code := range []string{"9.1.1", "1.2.3", "3.1.1", "0.0.0", "6.7.8", "5", "5.1", "5..1", "5.1.1.1", "5.1.12345", "-5.1.1", "999", "99", "5500", "x.7.1", ""} {
		if rows := Lookup(code); len(rows) > 0 {
			t.Errorf("%q: %s and %d more", code, rows[0].ID, len(rows)-1)
		}
	}
	for _, code := range []string{"4.1.1", "5.7.64", "2.0.0", "550", "421"} {
		if len(Lookup(code)) == 0 {
			t.Errorf("%q: nothing", code)
		}
	}
}

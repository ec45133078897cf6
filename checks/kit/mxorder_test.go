package kit

import "testing"

// The hosts that senders try first share a preference; what says that there is no host
// is none of them.
func TestMostPreferred(t *testing.T) {
	for _, c := range []struct {
		values []string
		want   int
	}{
		{nil, 0}, {[]string{"0 ."}, 0}, {[]string{"10 a.example"}, 1}, {[]string{"0 .", "10 a.example"}, 1},
		{[]string{"10 b.example", "10 a.example"}, 2}, {[]string{"20 c.example", "10 b.example", "10 a.example"}, 2},
		{[]string{"9 a.example", "10 b.example"}, 1}, {[]string{"32767 ms12345678.msv1.invalid", "32767 a.example"}, 1},
	} {
		if got := MostPreferred(ReadMXs(c.values)); len(got) != c.want {
			t.Errorf("%q: %v", c.values, got)
		}
	}
}

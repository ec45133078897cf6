package probe

import (
	"testing"
	"time"
)

// The answer leaves before Prometheus stops waiting, however short that is.
func TestScrapeTime(t *testing.T) {
	const most = 30 * time.Second
	for value, want := range map[string]time.Duration{
		"0.2": 100 * time.Millisecond, "0.5": 250 * time.Millisecond, "1": 500 * time.Millisecond, "1.4": 900 * time.Millisecond,
		"10": 9500 * time.Millisecond, "31": most, "1e9": most, "1e-9": shortest,
	} {
		if got, err := scrapeTime([]string{value}, most); got != want || err != nil {
			t.Errorf("%s: %v (%v), want %v", value, got, err, want)
		}
	}
	for _, values := range [][]string{{"0"}, {"-1"}, {"NaN"}, {"+Inf"}, {"x"}, {""}, {"1", "2"}} {
		if _, err := scrapeTime(values, most); err == nil {
			t.Errorf("%q is a time", values)
		}
	}
	if got, err := scrapeTime(nil, most); got != most || err != nil {
		t.Errorf("without a time: %v, %v", got, err)
	}
}

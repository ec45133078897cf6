package probe

import (
	"strings"
	"testing"
	"time"
)

func TestParseModules(t *testing.T) {
	got, err := parseModules([]byte("modules:\n  records:\n    only: [mx, spf]\n    expect: m365\n    ttl: 7m\n  all: {}\n"))
	if err != nil || len(got) != 2 || got["records"].TTL != 7*time.Minute || got["all"].TTL != defaultTTL || got["records"].Expect != "m365" {
		t.Errorf("%+v, %v", got, err)
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 9), ",") + "]\n"
	}
	for _, text := range []string{"", "modules: {}", "modules: {x: {only: [nothing]}}", "modules: {x: {port: 22}}", "modules: {x: {expect: y}}",
		"modules: {x: {ttl: -1s}}", "modules: {x: {}, x: {}}", "other: 1", "\x00", bomb} {
		if got, err := parseModules([]byte(text)); err == nil {
			t.Errorf("%.40q: %+v", text, got)
		}
	}
}

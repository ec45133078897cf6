package spf

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSenders(t *testing.T) {
	if n := len(Senders()); n < 60 {
		t.Errorf("%d senders, want at least 60", n)
	}
	if _, err := time.Parse(time.DateOnly, SendersAsOf); err != nil {
		t.Error(err)
	}
	names, zones := map[string]bool{}, map[string]string{}
	for _, s := range Senders() {
		if s.Name == "" || s.Kind == "" || len(s.SPF) == 0 || names[s.Name] {
			t.Errorf("incomplete or double: %+v", s)
		}
		names[s.Name] = true
		for _, zone := range s.SPF {
			if zones[zone] != "" || zone != strings.ToLower(zone) || checkDomainSpec(zone) != nil {
				t.Errorf("%s: %s is double, or no include name", s.Name, zone)
			}
			zones[zone] = s.Name
		}
		if slices.ContainsFunc(s.Selectors, func(sel string) bool { return sel == "" || strings.Contains(sel, ".") }) {
			t.Errorf("%s: selectors %q", s.Name, s.Selectors)
		}
	}
	for name, want := range map[string]string{
		"spf.protection.outlook.com": "Microsoft 365", "_SPF.Google.com.": "Google Workspace", "u1.wl2.sendgrid.net": "Twilio SendGrid",
		"eu._netblocks.mimecast.com": "Mimecast", "outlook.com": "Outlook.com", "x.spf00.hubspotemail.net": "HubSpot",
	} {
		if s := SenderOf(name); s == nil || s.Name != want {
			t.Errorf("SenderOf(%s) = %+v, want %s", name, s, want)
		}
	}
	for _, name := range []string{"example.com", "notsendgrid.net", "com", ""} {
		if s := SenderOf(name); s != nil {
			t.Errorf("SenderOf(%s) = %s", name, s.Name)
		}
	}
}

package main

import (
	"testing"
	"time"
)

// What --watch cannot do as asked is refused at the start.
func TestSensibleWatchFlags(t *testing.T) {
	good := func() *watchFlags {
		return &watchFlags{list: "x", form: "json", every: time.Hour, history: time.Hour, site: "local"}
	}
	if err := good().sensible("data", false); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*watchFlags){
		"a form of nothing": func(f *watchFlags) { f.form = "slack" }, "a form without a list": func(f *watchFlags) { f.list, f.form = "", "teams" },
		"a site with a space": func(f *watchFlags) { f.site = "a b" }, "no site": func(f *watchFlags) { f.site = "" },
		"sites without lists": func(f *watchFlags) { f.sites = []string{"fra"} }, "too often": func(f *watchFlags) { f.every = time.Second },
	} {
		f := good()
		if change(f); f.sensible("data", false) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// Limits with which nothing could be answered, and networks that are no network
// of proxies, are refused before anything listens.
func TestSensibleFlags(t *testing.T) {
	good := func() *serveFlags { return &serveFlags{timeout: time.Second, keep: time.Hour, listen: "127.0.0.1:0"} }
	if err := good().sensible(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*serveFlags){
		"timeout": func(f *serveFlags) { f.timeout = 0 }, "negative timeout": func(f *serveFlags) { f.timeout = -1 },
		"keep": func(f *serveFlags) { f.keep = 0 }, "checks": func(f *serveFlags) { f.clientChecks = -1 },
		"URL": func(f *serveFlags) { f.hosts = []string{"http://x/"} }, "port": func(f *serveFlags) { f.hosts = []string{"a.example:80"} },
	} {
		f := good()
		if change(f); f.sensible() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	for text, ok := range map[string]bool{
		"0.0.0.0/0": false, "::/0": false, "128.0.0.0/1": false, "2000::/3": false, "x": false,
		"127.0.0.1": true, "10.0.0.0/8": true, "2001:db8::/32": true, "::1": true,
	} {
		if _, err := prefixes("--behind-proxy", []string{text}); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

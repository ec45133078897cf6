package main

import (
	"maildiag/checks/kit"
	"maildiag/checks/refusal/explain"
	"maildiag/checks/submission"
	"maildiag/report"
	"maildiag/report/planfmt"
)

// value is one of the values of a flag that takes no others.
type value struct{ name, about string }

func valueNames(values []value) (names []string) {
	for _, v := range values {
		names = append(names, v.name)
	}
	return names
}

func expectations() []value {
	return []value{
		{string(kit.ExpectAuto), "Microsoft checks apply if anything points there"},
		{string(kit.ExpectM365), "the migration to Microsoft 365 must be finished"},
		{string(kit.ExpectAny), "any provider"},
	}
}

// clouds returns the values of --cloud for a domain.
func clouds() []value {
	return append([]value{{"auto", "the cloud that the records point to"}}, namedClouds()...)
}

func namedClouds() (out []value) {
	for _, c := range kit.Clouds() {
		out = append(out, value{c.ID, c.Title})
	}
	return out
}

func colors() []value {
	return []value{
		{"auto", "color on a terminal"},
		{"always", "color also in files and pipes"},
		{"never", "no color"},
	}
}

func failOns() []value {
	return []value{{"fail", "exit code 1 for failures"}, {"warn", "exit code 1 for failures and warnings"}}
}

func reportFormats() (out []value) {
	for _, f := range report.Formats() {
		out = append(out, value{f.Name, f.About})
	}
	return out
}

func planTargets() (out []value) {
	for _, f := range planfmt.Formats() {
		out = append(out, value{f.Name, f.About})
	}
	return out
}

func explainFormats() []value {
	return []value{
		{"text", "for people"},
		{"json", "one JSON document"},
		{"ndjson", "one JSON document a line"},
		{"html", "one page"},
	}
}

func mechanisms() []value {
	return []value{
		{"auto", "the best that the server offers"},
		{"login", "AUTH LOGIN with a password"},
		{"plain", "AUTH PLAIN with a password"},
		{"xoauth2", "XOAUTH2 with an access token"},
	}
}

func oauthFlows() []value {
	return []value{{"device", "a person signs in with a code"}, {"client", "an application signs in with its secret"}}
}

func ticketValues() (out []value) {
	for _, l := range explain.Languages() {
		out = append(out, value{l, "language of the sender's part"})
	}
	return out
}

func worldValues() (out []value) {
	for _, w := range demoWorlds() {
		out = append(out, value{w.name, w.about})
	}
	return out
}

// deviceValues are the values of --device.
func deviceValues() (out []value) {
	for _, d := range submission.Devices() {
		out = append(out, value{d.ID, d.Title})
	}
	return out
}

// Package runnertest reads a log as the runners of CI systems do, so that tests
// can show that nothing in it is a command.
package runnertest

import (
	"regexp"
	"strings"
	"unicode"
)

// Payloads returns values that would be commands if they were written as they
// are, for every runner, in the places where each looks for them.
func Payloads() []string {
	commands := []string{
		"::stop-commands::x", "::set-env name=PATH::/tmp", "::add-path::/tmp", "::add-mask::a", "::set-output name=a::b", "::error::x", "::X::",
		"##[add-path]/tmp", "##[set-env name=A]b", "##vso[task.setvariable variable=PATH]x", "##VSO[task.complete result=Failed;]", "##vso[a]b",
		"##teamcity[buildStatus status='FAILURE']", "##teamcity[setParameter name='a' value='b']", "section_start:1560896352:x\r\x1b[0Kx", "section_end:1560896352:x\r\x1b[0K",
	}
	before := []string{"", "\n", "\r\n", "\r", "\n \t", "\n\u00a0\u3000", "\n\ufeff", "\x00\n", "x\n\u200b", "text ", "#", "###", ":", "\u2028", "\x1b[0m\n", strings.Repeat("A", 100)}
	var all []string
	for _, c := range commands {
		for _, b := range before {
			all = append(all, b+c)
		}
	}
	for _, ignored := range []string{"\u00ad", "\u200b", "\u200d", "\ufeff", "\u2060", "\x00", "\x01", "\x7f"} {
		all = append(all, "#"+ignored+"#vso[a]b", "##"+ignored+"vso[a]b", "##vso"+ignored+"[a]b", "##team"+ignored+"city[a]", ":"+ignored+":error::x", "\n:"+ignored+":error::x")
	}
	return all
}

var section = regexp.MustCompile(`section_(start|end):\d+:[^\r]+\r\x1b\[0K`)

// Commands returns what a runner would obey in a log.
func Commands(log string) (found []string) {
	found = section.FindAllString(log, -1) // GitLab: lib/gitlab/ci/ansi2json/converter.rb
	lines := strings.FieldsFunc(log, func(r rune) bool { return r == '\n' || r == '\r' })
	for _, line := range lines {
		line = strings.Map(weighed, line)
		if GitHub(line) || hosted(strings.ToLower(line)) {
			found = append(found, line)
		}
	}
	return found
}

// GitHub reports whether GitHub Actions obeys a line: actions/runner
// ActionCommand.cs, TryParseV2 for "::" and TryParse for "##[".
func GitHub(line string) bool {
	trimmed := strings.TrimLeftFunc(strings.Map(weighed, line), unicode.IsSpace)
	if strings.HasPrefix(trimmed, "::") && strings.Contains(trimmed[2:], "::") {
		return true
	}
	_, after, old := strings.Cut(line, "##[")
	return old && strings.Contains(after, "]")
}

// hosted reports whether Azure Pipelines (Command.cs: IndexOf) or TeamCity obeys.
func hosted(line string) bool {
	return strings.Contains(line, "##vso[") || strings.Contains(line, "##teamcity[")
}

// weighed drops what comparisons in .NET do not see.
func weighed(r rune) rune {
	if unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

package watch

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/service/fleet/history"
)

// Forms are those of the messages: our own, that of incoming webhooks of Slack, and
// that of workflows of Microsoft Teams.
const (
	FormJSON  = "json"
	FormSlack = "slack"
	FormTeams = "teams"
)

// ErrForm is returned for a form that does not exist.
var ErrForm = errors.New("the form must be json, slack or teams")

// shownEvents bounds the lines of a message for people.
const shownEvents = 20

// messageOf returns the function that makes a message of a form; nil: there is none.
func messageOf(form string) func([]history.Event) any {
	switch form {
	case FormJSON:
		return func(events []history.Event) any { return map[string]any{"schema": Schema, "events": events} }
	case FormSlack:
		return func(events []history.Event) any {
			return map[string]any{"text": strings.Join(lines(events, slackEscape), "\n"), "mrkdwn": false, "link_names": false, "unfurl_links": false}
		}
	case FormTeams:
		return teams
	}
	return nil
}

// teams makes a message with an Adaptive Card.
func teams(events []history.Event) any {
	var body []any
	for _, l := range lines(events, teamsEscape) {
		body = append(body, map[string]any{"type": "TextBlock", "wrap": true, "text": l})
	}
	card := map[string]any{"type": "AdaptiveCard", "version": "1.4", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "body": body}
	return map[string]any{"type": "message", "attachments": []any{
		map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}}}
}

// lines says what changed, grouped by domain, a line for each change up to a bound.
func lines(events []history.Event, escape func(string) string) []string {
	byDomain, order := map[string][]history.Event{}, []string{}
	for _, e := range events {
		if byDomain[e.Domain] == nil {
			order = append(order, e.Domain)
		}
		byDomain[e.Domain] = append(byDomain[e.Domain], e)
	}
	list := []string{fmt.Sprintf("maildiag: %s of %s", kit.Plural(len(events), "change", "changes"), kit.Plural(len(order), "domain", "domains"))}
	shown := 0
	for _, d := range order {
		for _, e := range byDomain[d] {
			if shown++; shown <= shownEvents {
				list = append(list, escape(lineOf(&e)))
			}
		}
	}
	if shown > shownEvents {
		list = append(list, fmt.Sprintf("and %d more: see /domains of maildiagd", shown-shownEvents))
	}
	return list
}

// lineOf says what changed. The subject may be what a stranger published.
func lineOf(e *history.Event) string {
	text := fmt.Sprintf("%s: %s: %s", strings.TrimSpace(e.Domain+" "+e.Tags.String()), strings.ReplaceAll(e.Kind, "-", " "), e.Code)
	if e.Subject != "" && e.Subject != e.Domain {
		text += " (" + report.CleanTo(e.Subject, 100) + ")"
	}
	if len(e.Present) > 0 {
		text += ", seen at " + strings.Join(e.Present, ", ")
	}
	if len(e.Absent) > 0 {
		text += ", not seen at " + strings.Join(e.Absent, ", ")
	}
	if e.Exception != nil {
		said := ", was accepted "
		if e.Kind == history.KindAccepted || e.Kind == history.KindDisagreeAccepted {
			said = " "
		}
		text += said + e.Exception.Text() + " (" + report.CleanTo(e.Exception.Reason, 100) + ")"
	}
	return text
}

// mark is a word joiner, which has no width. It keeps receivers from reading markup
// that cannot be escaped.
const mark = "\u2060"

// mention is what calls people, unlike the @ of an address.
var mention = regexp.MustCompile(`(^|[^\pL\pN._+-])@`)

// slackEscape escapes what Slack gives a meaning: its links, mentions and commands
// have angle brackets. Of what others read that take the same form, such as
// Mattermost, it breaks mentions, links and emphasis.
func slackEscape(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "](", "]"+mark+"(", "*", mark+"*", "~", mark+"~", "`", mark+"`").Replace(text)
	return mention.ReplaceAllString(text, "$1@"+mark)
}

// teamsEscape escapes the Markdown of a TextBlock, and the brackets of a mention.
func teamsEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "~", `\~`, "[", `\[`, "]", `\]`, "(", `\(`, ")", `\)`, "`", "\\`", "#", `\#`,
		"&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

package bounce

import (
	"strings"

	"maildiag/checks/kit"
)

// maxGaveUp is how much of the beginning of a report is searched for whether the
// server that wrote it gave up.
const maxGaveUp = 4 << 10

// GaveUp reports whether a mail system says in a text that it stopped trying to
// deliver, which the class of the reply does not show: after days of replies of
// class 4, or where a program keeps no queue. RFC 5321 4.5.4.1
func GaveUp(text string) bool { return fateOf(text).gone }

var gaveUp = kit.Lazily(`(?i)\b(?:I(?:'|’)?(?:ve| have| am)? (?:given|giving) up|(?:has|have|was|been|we|it|server|system) (?:now )?(?:given|gave) up|giving up (?:on|trying|after|now|delivery)` +
	`|not (?:going to |be |being )?(?:try|tried|attempt|attempted|retry|retried) (?:to deliver|delivery|again|it|this|any)|not (?:be )?(?:retry|retried)` +
	`|no (?:further|more) (?:delivery )?(?:attempts?|retries|tries)|(?:removed|deleted|dropped) from (?:the |our |its )?(?:mail )?queue` +
	`|retry (?:timeout|limit) exceeded|(?:too many|maximum|max) (?:retries|delivery attempts)|in the queue too long|status=(?:bounced|expired)|returned to sender|permanent error; I)\b`)

// Deferred reports whether the line of a log says that the mail system keeps the message
// and tries again.
func Deferred(text string) bool { return deferred().MatchString(text[:min(len(text), maxGaveUp)]) }

var deferred = kit.Lazily(`(?i)\bstatus=deferred\b|\bstat=deferred\b|\bdelivery \d+: deferral: |(?:^|\s)== \S+@\S+ .*\bdefer \(`)

// triesAgain matches what the same systems say while they still try.
var triesAgain = kit.Lazily(`(?i)\b(?:deferral|deferred|keep(?:s)? (?:trying|retrying)|still (?:trying|be tried)|will (?:be |now |automatically |also )?(?:retry|retried|try again|tried again|continue|keep)` +
	`|warning message only|not need to resend|before (?:it |we )?(?:gives?|giving) up|(?:until|if|unless) (?:it |we )?giv\w+ up|action: delayed)\b`)

// maxEnd is how much at the end of a reply, and after it, is searched.
const maxEnd = 300

// fate is what the beginning of a text says of the delivery.
type fate struct{ gone, tries bool }

func fateOf(text string) fate {
	text = text[:min(len(text), maxGaveUp)]
	tries := triesAgain().MatchString(text)
	return fate{!tries && gaveUp().MatchString(text), tries}
}

// noteEnd notes that the server that tells of the reply has given up, as the report
// or the line of the log says.
func (f *found) noteEnd(report fate, before, after string) {
	if f.Action != "" || f.Code/100 == 2 || f.Code/100 == 5 || f.Enhanced != "" && f.Enhanced[0] != '4' || f.Told || f.Inner {
		return
	}
	text := f.Text[max(0, len(f.Text)-maxEnd):]
	said := text + " " + after[:min(len(after), maxEnd)]
	if logLine(f.around) {
		line, _, _ := strings.Cut(after, "\n")
		report, said = fate{}, before+" "+text+" "+line
	}
	if report.gone || !report.tries && GaveUp(said) {
		f.Action = "failed"
	}
}

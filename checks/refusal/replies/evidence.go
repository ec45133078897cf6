package replies

import (
	"cmp"
	"slices"
	"strings"
)

// Stage says at which command of the dialogue a reply was given.
type Stage string

// The stages that change what a reply means.
const (
	StageAuth Stage = "AUTH"
	// StageMail is MAIL FROM, where the server knows the sender and no recipient.
	StageMail Stage = "MAIL"
	// StageHelo is HELO or EHLO.
	StageHelo Stage = "HELO"
	// StageSubmission is any command to a submission service, RFC 6409.
	StageSubmission Stage = "submission"
)

// Evidence is what speaks for a row as the cause of a reply. Each kind is
// found by itself; [Evidence.compare] combines them.
type Evidence struct {
	Speaks  bool // the row's provider is known to speak
	Code    Fit  // of the enhanced code
	Private bool // the enhanced code belongs to the row's provider alone
	Reply   bool // the reply code is one of the row's
	Words   int  // letters of the row's wording that were found
	Near    bool // the wording was found with a word changed
	Weak    bool // the wording is one that servers use for many things
	Against bool // other words speak against the row
	Denied  bool // and stand in the clause of its wording
	Most    bool // the wording is at least two thirds of the reply's words
	Decides bool // the wording decides whatever else the reply says
	Stage   bool // the row is about the stage at which the reply was given

	BornOut bool // the words are about what the code of the registry says

	Contested bool // other words of the reply are those of another row
}

// sure reports whether nothing speaks against the wording of a row, and who
// speaks does not either.
func (e Evidence) sure(r *Row) bool {
	if e.Near || e.Against || e.Weak || e.Contested {
		return false
	}
	return candidate{row: r, Evidence: e}.maySpeak()
}

// The numbers of letters that make a wording telling: of any row for a reply
// whose speaker is unknown, and with a code that fits.
const (
	tellingAlone = 22
	tellingReply = 18 // without any code
	tellingCoded = 8
	tellingNear  = 30 // with a word changed, where the code does not fit
	// minMark is the length of a provider's own mark, such as "ers-rbl", that
	// decides where nothing else shows who speaks.
	minMark = 4
)

// level is the strength of the evidence as a whole.
type level int

// The levels, the weakest first.
const (
	levelNone    level = iota
	levelClass         // only the class of the code is known
	levelCode          // the code is the row's; the words are missing or unknown
	levelDefined       // a code or a stage that means one thing whatever the words are
	levelTitle         // words that servers use for anything: "mailbox unavailable"
	levelWeak          // words that many servers use for many things
	levelWords         // words of the row
	levelPrivate       // a code that only the speaker has
	levelBoth          // such a code, and words of the row
)

// weigh returns the level of the evidence for a row; silent reports whether
// the reply has no words.
func (e Evidence) weigh(r *Row, q Query, silent bool) level {
	switch {
	case e.Decides, e.Words > 0 && e.Private && !e.Near && !e.Weak:
		return levelBoth
	case e.Private && r.Provider != Any && !e.borrowed(r, q) && (silent || e.Speaks || e.Words > 0 || q.Code != 0):
		return levelPrivate // not "5.7.139" in a sentence
	case e.Words > 0 && e.title(r) && !e.Most && !r.delays(q):
		return levelNone // "rejected" among words that nobody knows
	case e.Words > 0 && e.believed(r, q):
		if e.title(r) {
			return levelTitle
		}
		if r.Weak || e.Weak || e.Near || e.Against {
			return levelWeak
		}
		return levelWords
	case e.BornOut && r.Provider == Any && len(r.Text) == 0 && e.Code == ExactFit:
		return levelDefined
	case (r.Decides && e.Reply || e.Stage && ofSignIn(q.Code)) && aboutSecurity(q.Enhanced), e.Stage && e.Reply && q.Code < 505:
		return levelDefined
	case e.codeOnly(r, q, silent):
		return levelCode
	}
	return levelNone
}

// borrowed reports whether another server gave a code that only the row's provider
// has a meaning for, in words of its own. Exchange Server runs under any name.
func (e Evidence) borrowed(r *Row, q Query) bool {
	return q.Other && !e.Speaks && e.Words == 0 && r.Provider != Any && r.Provider != ExchangeServer
}

// aboutSecurity reports whether an enhanced code does not contradict a refused
// sign-in: it is missing, of the subject x.7 (RFC 4954 6), or says nothing.
func aboutSecurity(enhanced string) bool {
	return enhanced == "" || strings.HasPrefix(enhanced[1:], ".7.") || strings.HasSuffix(enhanced, ".0.0")
}

// ofSignIn reports whether a reply code refuses a sign-in at the command AUTH, whatever the
// words are: another one may be about TLS, RFC 4954 4 and 6.
func ofSignIn(code int) bool { return code >= 500 && code != 530 && code != 538 }

// title reports whether the wording is one that servers put before or in place
// of any cause, such as the titles of RFC 5321 4.2.2.
func (e Evidence) title(r *Row) bool { return r.Weak && e.Weak }

// delays reports whether the row is about a delay, and the code of the reply says so.
func (r *Row) delays(q Query) bool { return r.Duration == Temporary && q.class() == 4 }

// believed reports whether the words are the row's: a provider's wording is
// believed from the provider, with its code, or if it is long.
func (e Evidence) believed(r *Row, q Query) bool {
	switch {
	case e.Near && r.Provider == Any && e.Code == NoFit && e.Words < tellingNear:
		return false // "not allowed to send from that country" is not "... for that domain"
	case r.Provider == Any, e.Speaks:
		return true
	case e.Near, e.Weak:
		return e.Code > NoFit
	case e.Words >= tellingAlone:
		return true
	case e.Words >= tellingCoded && e.Code > NoFit:
		return true
	}
	return q.Enhanced == "" && q.Code == 0 && e.Words >= tellingReply
}

// codeOnly reports whether the code may be explained by the row although the
// reply has no words of it.
func (e Evidence) codeOnly(r *Row, q Query, silent bool) bool {
	switch {
	case len(r.Text) > 0 && !silent:
		return false // the row's words are known, and they are not these
	case r.Provider != Any && !e.Speaks && !silent, e.borrowed(r, q):
		return false
	case e.Code > NoFit:
		return true
	}
	return q.Enhanced == "" && e.Reply && len(r.Enhanced) == 0
}

// candidate is a row with the evidence for it.
type candidate struct {
	row   *Row
	level level
	at    span // of the words
	lasts bool // weak words say that the cause passes, the class of the code that it stays
	Evidence
}

// contests reports whether the words of the candidate stand elsewhere in the
// reply than those of d, and say something of their own that d does not outweigh.
func (c candidate) contests(d candidate) bool {
	settled := d.level == levelBoth || d.Speaks && d.Code >= RangeFit && d.Words > 0
	return !settled && c.level >= levelWords && !c.at.overlaps(d.at) && c.at != d.at &&
		!c.row.related(d.row) && 2*c.Words >= d.Words && !(c.row.cause() == "timeout" && d.row.ofTLS())
}

// ofTLS reports whether the row is about TLS: the connection that it kept from being made
// failed, too.
func (r *Row) ofTLS() bool { return strings.HasPrefix(r.cause(), "tls") }

// rivaled reports whether another row is as likely the cause: the two are about
// different matters, no sentence of the reply names both, and its code does not
// decide.
func (c candidate) rivaled(d candidate, w *wording) bool {
	settled := c.Words == 0 || c.Speaks && c.Code > NoFit || c.Code >= RangeFit && d.Code < RangeFit
	if settled || c.at == (span{}) || d.at == (span{}) || c.row.akin(d.row) {
		return false
	}
	return w.clauses[c.at.end-1] < w.clauses[d.at.start] || w.clauses[d.at.end-1] < w.clauses[c.at.start]
}

// narrows reports whether the candidate says what d says, and more: "tls-version" is
// one way of "tls".
func (c candidate) narrows(d candidate) bool {
	return c.row.Provider == Any && d.row.Provider == Any && c.level == levelWords && d.level == levelWords &&
		strings.HasPrefix(c.row.cause(), d.row.cause()+"-")
}

// doubted reports whether the row was found by its code only, and the words are
// those of another one.
func (c candidate) doubted() bool {
	return c.level == levelPrivate && c.Words == 0 && len(c.row.Text) > 0 && c.Contested
}

// unexplained reports whether a row was found by few or common words, while others
// name a subject that it says nothing of: "access from your network is restricted, try
// later", "to prevent spam, check your mail before relaying".
func (c candidate) unexplained(w *wording) bool {
	if c.Denied || c.lasts || c.Against && c.at.end-c.at.start == 1 {
		return true
	}
	others := foreignTo(c)
	if len(others) == 0 {
		return false
	}
	own := c.row.vocabulary()
	for i, s := range w.stems {
		if !c.Weak && i >= c.at.start && i < c.at.end || own[s] || w.links[i] && !class("listname")[s] {
			continue
		}
		if slices.ContainsFunc(others, func(name string) bool { return class(name)[s] }) {
			return true
		}
	}
	return false
}

// foreignTo returns the classes of words that leave open whether the candidate is the
// cause: any subject if its words fit many replies, and for a single word those of
// another matter. Rows about signing in are about some of them.
func foreignTo(c candidate) []string {
	switch common := c.level == levelWeak || c.level == levelTitle; {
	case c.Words == 0, strings.HasPrefix(c.row.cause(), "auth"):
		return nil
	case common:
		return subjects
	case c.level == levelWords && c.row.Provider == Any && c.at.end-c.at.start == 1:
		return []string{"relay", "login"}
	}
	return nil
}

// subjects are the classes of words that name what a reply is about.
var subjects = []string{"address", "measure", "content", "tls", "dkim", "spf", "reverse", "relay", "quota", "login", "attachment", "restriction", "listname"}

// compare orders candidates: the better one is greater.
func (c candidate) compare(d candidate) int {
	return cmp.Or(
		cmp.Compare(c.level, d.level),
		compareBool(c.row.generic(c.level), d.row.generic(d.level)),
		compareBool(c.Speaks && c.row.Provider != Any, d.Speaks && d.row.Provider != Any),
		compareBool(c.Code >= RangeFit, d.Code >= RangeFit),
		compareBool(!c.Near, !d.Near),
		compareBool(c.anybody() || c.Code > NoFit, d.anybody() || d.Code > NoFit),
		cmp.Compare(c.Words, d.Words),
		compareBool(c.maySpeak(), d.maySpeak()),
		compareBool(c.row.Provider != Any, d.row.Provider != Any),
		cmp.Compare(c.Code, d.Code),
		compareBool(c.Reply, d.Reply),
	)
}

// anybody reports whether the row is for any server, or for one that is known to
// speak: with the same words, another provider's row claims too much.
func (c candidate) anybody() bool { return c.row.Provider == Any || c.Speaks || c.Private }

// maySpeak reports whether the row's provider is known to speak, or need not be:
// where nobody is known, words and codes that all servers use are nobody's.
func (c candidate) maySpeak() bool {
	return c.row.Provider == Any || c.Speaks || c.Private || c.Words >= tellingAlone
}

// generic reports whether a row that was found by its code alone claims no
// particular wording, so that it goes before those that do.
func (r *Row) generic(l level) bool {
	return l >= levelWeak && l != levelPrivate || len(r.Text) == 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// gather returns the evidence for a row.
func gather(r *Row, q Query, found hit, against bool, letters int, speakers []Provider, isPrivate bool) Evidence {
	speaks := r.Provider != Any && slices.ContainsFunc(speakers, r.Provider.kin)
	return Evidence{
		Speaks:  speaks,
		Code:    r.codeFit(q.Enhanced),
		Private: isPrivate && r.Provider != Any && r.codeFit(q.Enhanced) > NoFit,
		Reply:   q.Code != 0 && slices.Contains(r.Codes, uint16(q.Code)),
		Words:   found.letters,
		Near:    found.near,
		Weak:    found.strength == weakPhrase,
		Against: against,
		Most:    3*found.letters >= 2*letters,
		Decides: found.strength == decisivePhrase && (speaks || r.Provider == Any || found.letters >= minMark),
		Stage:   q.Stage != "" && q.Stage == r.Stage && (speaks || r.Provider == Any),
	}
}

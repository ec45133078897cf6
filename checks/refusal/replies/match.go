package replies

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"maildiag/checks/kit"
)

// How a row was recognized, the surest first.
const (
	ByText  = "text"  // the wording is the row's
	ByCode  = "code"  // the code is the row's, the wording was not recognized or not given
	ByClass = "class" // only the class of the code is known
)

// How sure an explanation is, the surest first.
const (
	Exact   = "exact"   // wording and code are the row's
	Wording = "wording" // the wording is the row's, the code is missing or another
	Code    = "code"    // the code is the row's; the words are missing or unknown
	Class   = "class"   // only the class of the code is known
)

// Explanation is a row that explains a reply.
type Explanation struct {
	Row      Row
	By       string // ByText, ByCode or ByClass
	Match    string // Exact, Wording, Code or Class
	Evidence Evidence

	known     bool
	overruled bool
}

// Overruled reports whether the words name a cause that passes, and the code says
// that the refusal is final, RFC 5321 4.2.1: nobody tries again by itself.
func (m Explanation) Overruled() bool { return m.overruled }

// Known reports whether the cause is known: the words are the row's, or the
// code means one thing only. Otherwise the row says what the code usually
// means.
func (m Explanation) Known() bool { return m.known }

// Query is a reply to be explained. Any field may be unset.
type Query struct {
	Code     int      // reply code: 550
	Enhanced string   // enhanced status code: "5.7.1"
	Text     string   // without the codes; hostile, any length
	Provider Provider // who said it, if known from elsewhere, e.g. the host's name
	Stage    Stage    // the command that was refused, if known
	Other    bool     // a server said it whose name is none of a known provider
	Path     Path     // between whom it was said, if known
	Near     bool     // the server is in a private network, or not named: it may be the sender's own
	Onward   bool     // an address of the server's own was forwarded to the recipient, in another domain
	OAuth    bool     // the text around it shows a sign-in with a token
}

// maxTies bounds the rows that fit equally well.
const maxTies = 4

// Explain returns the rows that explain a reply best; several if they fit
// equally well. It is empty only if the query holds no code and no known text.
func Explain(q Query) []Explanation {
	q.Enhanced = strings.TrimSpace(q.Enhanced)
	if accepted(q) {
		row, _ := ByID("class.2")
		return []Explanation{{Row: row, By: ByCode, Match: Code, known: true}}
	}
	if q.deferredHere() && !strings.ContainsFunc(q.Text, unicode.IsLetter) {
		q.Text = "try again later" // what the filter said is lost
	}
	words := wordsOf(q.Text)
	best := strongest(q, words)
	if len(best) == 0 {
		return ofClass(q)
	}
	var out []Explanation
	for _, c := range best[:min(len(best), maxTies)] {
		out = append(out, c.explanation(q, words, words.silent()))
	}
	switch open := out[0].By == ByText && !out[0].known; {
	case open && q.class() == 0:
		return nil // neither words nor code say anything
	case open:
		return ofCode(q)
	}
	return out
}

// ofCode explains a reply whose words leave its cause open by what its code says of
// any reply: no row may claim the words.
func ofCode(q Query) []Explanation {
	q.Text = "none" // a word of no row
	found := Explain(q)
	found = found[:min(len(found), 1)]
	for i := range found {
		found[i].known = false
	}
	return found
}

func (c candidate) explanation(q Query, words *wording, silent bool) Explanation {
	x := Explanation{Row: c.row.as(q), By: ByCode, Match: Code, Evidence: c.Evidence,
		overruled: (c.row.Duration == Temporary || c.row.Listed && leftMicrosoft(q.Text)) && q.class() == 5,
		known:     c.level >= levelDefined && !c.doubted() && !c.unexplained(words) || silent && c.Code != VagueFit}
	if c.Words > 0 {
		x.By, x.Match = ByText, Wording
		if c.row.says(q) && c.sure(c.row) {
			x.Match = Exact
		}
	}
	return x
}

// as returns the row as the reply gives it: whether to retry is what the class of
// the code says, RFC 5321 4.2.1, whatever others with this cause do.
func (r *Row) as(q Query) Row {
	row := r.of(q)
	row.along(q.Path)
	row.narrow(q)
	row.ofToken(q.OAuth)
	row.onThisMachine(q.Text, q.Path)
	row.ofConsumer(q.Text)
	row.onTheWay(q)
	switch class := q.class(); {
	case row.Stays:
		row.Duration = Permanent
	case class == 4:
		row.Duration = Temporary
	case class == 5 && row.Duration == Temporary:
		row.insteadOfWaiting(sendAgain)
		row.Duration = Permanent
	case class == 5:
		row.Duration = Permanent
	}
	return row
}

// class returns the first digit of the reply code, or else of the enhanced code; 0
// if there is neither.
func (q Query) class() int {
	if q.Code == 0 && q.Enhanced != "" {
		return int(q.Enhanced[0] - '0')
	}
	return q.Code / 100
}

// of returns the row for who speaks in the reply.
func (r *Row) of(q Query) Row {
	row := *r
	switch {
	case r.Elsewhere == nil, microsoftSpeaks(q):
	case microsoftMaySpeak(q):
		row.Owner = r.Elsewhere.Owner // who begins with the password, and the steps say whose server is meant
	default:
		row.take(r.Elsewhere)
	}
	if r.Listed && leftMicrosoft(q.Text) {
		row.Owner, row.Causes, row.Fix, row.Commands, row.Portal = sharedAddress.Owner, sharedAddress.Causes, sharedAddress.Fix, nil, ""
	}
	return row
}

// The first step where the sending server retries, and those where it does not.
const (
	waitRetry = "Wait: the sending server retries."
	sendAgain = "Send the message again later: the code is permanent, so the sending server does not retry by itself."
	gaveUp    = "Send the message again when the cause is gone: the sending server does not retry it."
)

// insteadOfWaiting puts another step in the place of waiting for a retry, or before all
// others.
func (r *Row) insteadOfWaiting(step string) {
	rest := r.Fix
	if r.Waits {
		rest = rest[1:]
	}
	r.Waits, r.Fix = false, append([]string{step}, rest...)
}

// GiveUp takes from the steps of a row that the sending server retries, which it does
// not any more.
func (r *Row) GiveUp() {
	if r.Waits {
		r.insteadOfWaiting(gaveUp)
	}
}

// says reports whether the row's source has the codes of the reply.
func (r *Row) says(q Query) bool {
	if q.Enhanced != "" || len(r.Enhanced) > 0 {
		return r.codeFit(q.Enhanced) > NoFit
	}
	return slices.Contains(r.Codes, uint16(q.Code))
}

// ofClass explains a reply by the first numbers of its code.
func ofClass(q Query) []Explanation {
	best, fit := -1, 0
	rows := catalogue()
	for i := range rows {
		r := &rows[i]
		if !r.isClass() {
			continue
		}
		if n := r.classFit(q); n > fit {
			best, fit = i, n
		}
	}
	if best < 0 {
		return nil
	}
	return []Explanation{{Row: rows[best].as(q), By: ByClass, Match: Class}}
}

// Match is Explain by the three parts of a reply: the reply code (0: none), the
// enhanced status code ("": none) and the text without them.
func Match(code int, enhanced, text string) []Explanation {
	return Explain(Query{Code: code, Enhanced: enhanced, Text: text})
}

// codeForm matches a reply code, RFC 5321 4.2.1, or an enhanced one, RFC 3463 2.
var codeForm = kit.Lazily(`^(?:[2-5]\d\d|[245]\.\d{1,3}\.\d{1,3})$`)

// Lookup returns all rows that an enhanced code alone, such as "5.7.64", or a
// reply code alone, such as "535", may mean, the commonest first. It is what
// to show when no text is known.
func Lookup(code string) []Row {
	if !codeForm().MatchString(code) {
		return nil
	}
	n, _ := strconv.Atoi(code)
	var rows []Row
	for _, r := range catalogue() {
		if r.codeFit(code) > NoFit || n > 0 && n < 1000 && slices.Contains(r.Codes, uint16(n)) && !r.isClass() {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		for _, m := range Explain(Query{Code: n, Enhanced: code}) {
			rows = append(rows, m.Row)
		}
	}
	sort.SliceStable(rows, func(i, j int) bool { return frequency(rows[i].ID) < frequency(rows[j].ID) })
	return rows
}

// frequency returns the place of a row among those that are met most.
func frequency(id string) int {
	if i := slices.Index(frequent(), id); i >= 0 {
		return i
	}
	return len(frequent())
}

// frequent lists the causes that are met most under codes that may mean
// many things, by the number of replies in the labelled sets.
func frequent() []string {
	return []string{"common.auth-failed", "common.relay-denied", "common.dnsbl", "common.spam", "common.ip-reputation",
		"common.dmarc", "common.spf", "common.blocked-by-recipient", "common.policy", "exo.rule-rejected",
		"common.user-unknown", "common.mailbox-full"}
}

// hit is a wording that was found.
type hit struct {
	letters  int
	near     bool
	strength strength
	at       span // empty for words that a screen broke, or with one changed
}

// phraseIndex holds the phrases of the catalog by their first word.
type phraseIndex struct {
	byWord map[string][]rowPhrase
	open   []rowPhrase // those that start with the start of a word
	long   []rowPhrase // those that are looked for letter by letter
}

type rowPhrase struct {
	row int
	phrase
}

// phrases and contradictions return the phrases that speak for the rows of the
// catalog, and against them, compiled once.
var (
	phrases        = sync.OnceValue(func() *phraseIndex { return newIndex(func(r *Row) []string { return r.Text }) })
	contradictions = sync.OnceValue(func() *phraseIndex { return newIndex(func(r *Row) []string { return r.Unless }) })
)

func newIndex(sources func(*Row) []string) *phraseIndex {
	ix := &phraseIndex{byWord: map[string][]rowPhrase{}}
	rows := catalogue()
	for i := range rows {
		for _, source := range sources(&rows[i]) {
			p := rowPhrase{i, newPhrase(source)}
			if len(p.parts) == 0 {
				continue // an address: it shows the speaker only
			}
			ix.add(p)
			if p.letters >= minJoined && p.literal {
				ix.long = append(ix.long, p)
			}
		}
	}
	return ix
}

// add files a phrase under each word that it may start with.
func (ix *phraseIndex) add(p rowPhrase) {
	switch first := p.parts[0].words[0]; {
	case first.open:
		ix.open = append(ix.open, p)
	case first.class != nil:
		for stem := range first.class {
			ix.byWord[stem] = append(ix.byWord[stem], p)
		}
	default:
		ix.byWord[first.stem] = append(ix.byWord[first.stem], p)
	}
}

// find returns the best wording of each row in a text, by the row's index.
func (ix *phraseIndex) find(w *wording) map[int]hit {
	f := finder{w, map[int]hit{}}
	seen := map[string]bool{}
	for _, s := range w.stems {
		if seen[s] {
			continue
		}
		seen[s] = true
		f.inOrder(ix.byWord[s])
	}
	f.inOrder(ix.open)
	f.changed(ix.long)
	return f.found
}

// finder collects the best wording of each row in a text.
type finder struct {
	*wording
	found map[int]hit
}

func (f finder) add(p rowPhrase, near bool, at span) {
	best := f.found[p.row]
	if best.letters == 0 || p.strength > best.strength || p.strength == best.strength && p.letters > best.letters {
		f.found[p.row] = hit{p.letters, near, p.strength, at}
	}
}

func (f finder) inOrder(all []rowPhrase) {
	for _, p := range all {
		if at, ok := p.inOrder(f.wording); ok && (p.letters >= tellingReply || p.strength == decisivePhrase || !f.linked(at)) {
			f.add(p, false, at)
		}
	}
}

// changed adds the phrases that a screen broke, and then those with a word
// changed of rows that have no other.
func (f finder) changed(all []rowPhrase) {
	for _, p := range all {
		if p.broken(f.wording) && !p.isDenied(f.wording) {
			f.add(p, false, span{})
		}
	}
	for _, p := range all {
		if f.found[p.row].letters == 0 && p.near(f.wording) && !p.isDenied(f.wording) {
			f.add(p, true, span{})
		}
	}
}

func (p phrase) isDenied(w *wording) bool {
	_, _, denied := p.find(w)
	return denied
}

package replies

import (
	"slices"
	"strconv"
	"strings"
)

// How a row was recognised, the surest first.
const (
	ByText  = "text"  // the wording is the row's
	ByCode  = "code"  // the code is the row's, the wording was not recognised or not given
	ByClass = "class" // only the class of the code is known
)

// Explanation is a row that explains a reply.
type Explanation struct {
	Row   Row
	By    string
	score int
}

// Known tells whether the reply itself was recognised, not only its class.
func (m Explanation) Known() bool { return m.By != ByClass }

// Query is a reply to be explained. Any field may be unset.
type Query struct {
	Code     int      // reply code: 550
	Enhanced string   // enhanced status code: "5.7.1"
	Text     string   // without the codes; hostile, any length
	Provider Provider // who said it, if known from elsewhere, e.g. the host's name
}

// Weights of the score. Wording beats codes, an exact code beats a range, and
// both beat the reply code; among wordings the longer one is more specific.
const (
	textWeight     = 2000
	exactWeight    = 800
	rangeWeight    = 700
	codeWeight     = 20
	providerWeight = 30
	rowClassWeight = 1

	// telling is how long a recognised wording must be to outweigh an
	// enhanced code that does not fit: servers change codes more readily
	// than words.
	// The wordings that all servers share were chosen to be telling.
	telling    = 24
	tellingAny = 10
	// private is the lowest detail of an enhanced code that only Microsoft
	// gives a meaning to: the registry of RFC 5248 ends at 30, Google at 40.
	private = 50
	// misread is taken off where a row's wording is known and not this one.
	misread = 100
	// unspoken is taken off where a few common words are all that points at a
	// provider, so that the row of all providers goes before.
	unspoken = 10
	// maxText is how much of a text is looked at.
	maxText = 4 << 10
	maxTies = 4
)

// Explain gives the rows that explain a reply best; several if they fit
// equally well. It is empty only if the query holds no code and no known text.
func Explain(q Query) []Explanation {
	text := fold(q.Text)
	q.Enhanced = strings.TrimSpace(q.Enhanced)
	speakers := Providers(q.Text)
	if q.Provider != Any && !slices.Contains(speakers, q.Provider) {
		speakers = append(speakers, q.Provider)
	}
	var best []Explanation
	for _, row := range catalogue {
		m, ok := row.match(q, text, speakers)
		if !ok {
			continue
		}
		if len(best) > 0 && m.score > best[0].score {
			best = best[:0]
		}
		if len(best) == 0 || m.score == best[0].score {
			best = append(best, m)
		}
	}
	return best[:min(len(best), maxTies)]
}

// Match is Explain by the three parts of a reply: the reply code (0: none), the
// enhanced status code ("": none) and the text without them.
func Match(code int, enhanced, text string) []Explanation {
	return Explain(Query{Code: code, Enhanced: enhanced, Text: text})
}

// Lookup gives all rows that an enhanced code alone, such as "5.7.64", or a
// reply code alone, such as "535", may mean, the specific first. It is what to
// show when no text is known.
func Lookup(code string) []Row {
	var rows []Row
	n, _ := strconv.Atoi(code)
	for _, r := range catalogue {
		if r.enhancedFit(code) > 0 || n > 0 && slices.Contains(r.Codes, n) {
			rows = append(rows, r)
		}
	}
	if !slices.ContainsFunc(rows, func(r Row) bool { return !r.isClass() }) {
		for _, m := range Explain(Query{Code: n, Enhanced: code}) {
			rows = append(rows, m.Row)
		}
	}
	return slices.CompactFunc(rows, func(a, b Row) bool { return a.ID == b.ID })
}

func (r Row) isClass() bool { return strings.HasPrefix(r.ID, "class.") }

func (r Row) match(q Query, text string, speakers []Provider) (Explanation, bool) {
	if r.Provider != Any && len(speakers) > 0 && !slices.ContainsFunc(speakers, r.Provider.kin) {
		return Explanation{}, false // the same code from another provider means another thing
	}
	m := Explanation{Row: r, By: ByCode}
	enh := r.enhancedFit(q.Enhanced)
	hit := r.textFit(text)
	coded := q.Code != 0 && slices.Contains(r.Codes, q.Code)
	switch {
	case r.isClass():
		return r.matchClass(q)
	case r.spoken(q, hit, enh, coded):
		m.By, m.score = ByText, textWeight+min(hit, exactWeight/2)
	case len(r.Text) > 0 && text != "" && !r.alone(q.Enhanced, speakers):
		return Explanation{}, false // its wording is known, and it is not this one
	case r.Provider != Any && !r.alone(q.Enhanced, speakers) && text != "":
		return Explanation{}, false
	case enh == 0 && (len(r.Enhanced) > 0 || !coded):
		return Explanation{}, false
	case enh == 0 && (len(r.Text) > 0 || q.Enhanced != ""):
		return Explanation{}, false // a bare reply code explains only bare replies
	}
	m.score += enh
	if m.By != ByText && len(r.Text) > 0 && text != "" {
		m.score -= misread
	}
	if coded {
		m.score += codeWeight
	}
	switch {
	case r.Provider == Any:
	case len(speakers) == 0 && m.By == ByText && hit < telling:
		m.score -= unspoken
	default:
		m.score++ // a provider's own row before the common wording
	}
	if r.Provider != Any && len(speakers) > 0 {
		m.score += providerWeight
	}
	return m, true
}

// spoken tells whether hit characters of recognised wording are enough. With
// a code that fits, any are; against a code that says something else, only a
// telling wording is. A code such as 5.0.0 says nothing and is not against it.
func (r Row) spoken(q Query, hit, enh int, coded bool) bool {
	vague := q.Enhanced == "" || strings.HasSuffix(q.Enhanced, ".0")
	switch {
	case hit == 0:
		return false
	case enh > 0, hit >= telling:
		return true
	case r.Provider == Any:
		return vague || hit >= tellingAny
	}
	return q.Enhanced == "" && (coded || q.Code == 0)
}

// matchClass is the match of last resort: by the first numbers of the code.
func (r Row) matchClass(q Query) (Explanation, bool) {
	fit := 0
	for _, prefix := range r.Enhanced {
		if q.Enhanced != "" && strings.HasPrefix(q.Enhanced+".", prefix) {
			fit = len(prefix)
		}
	}
	if q.Enhanced == "" && q.Code != 0 && slices.Contains(r.Codes, q.Code/100) {
		fit = 1
	}
	return Explanation{Row: r, By: ByClass, score: fit * rowClassWeight}, fit > 0
}

// alone tells whether the enhanced code identifies the row without its text:
// the code is private to Microsoft, or the speaker is known.
func (r Row) alone(enhanced string, speakers []Provider) bool {
	if slices.ContainsFunc(speakers, r.Provider.kin) && len(r.Text) == 0 {
		return true
	}
	_, detail, ok := splitEnhanced(enhanced)
	return ok && detail >= private && r.enhancedFit(enhanced) > 0
}

// kin tells whether a reply of speaker s may be explained by rows of p: the
// two Exchanges share their words, and Outlook.com runs on the same servers.
func (p Provider) kin(s Provider) bool {
	return p == s || p.microsoft() && s.microsoft()
}

func (p Provider) microsoft() bool {
	return p == ExchangeOnline || p == ExchangeServer || p == OutlookConsumer
}

// enhancedFit gives the weight of an enhanced code for the row, 0 for none.
func (r Row) enhancedFit(enhanced string) int {
	prefix, detail, ok := splitEnhanced(enhanced)
	if !ok || r.isClass() {
		return 0
	}
	best := 0
	for _, pattern := range r.Enhanced {
		best = max(best, patternFit(pattern, prefix, detail))
	}
	return best
}

func patternFit(pattern, prefix string, detail int) int {
	span, isRange := 0, false
	if low, high, found := strings.Cut(pattern, "-"); found {
		pattern, isRange = low, true
		span, _ = strconv.Atoi(high)
	}
	p, d, ok := splitEnhanced(pattern)
	switch {
	case !ok, p != prefix && (p[0] != 'x' || p[1:] != prefix[1:]):
		return 0
	case isRange && detail >= d && detail <= span:
		return rangeWeight
	case d == detail:
		return exactWeight
	}
	return 0
}

// splitEnhanced cuts "5.7.64" into "5.7" and 64. The class may be "x".
func splitEnhanced(s string) (prefix string, detail int, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 3 || s[1] != '.' || len(s) > len("5.999.999") {
		return "", 0, false
	}
	detail, err := strconv.Atoi(s[i+1:])
	return s[:i], detail, err == nil
}

// textFit gives the number of recognised characters of the row's best text.
func (r Row) textFit(text string) int {
	best := 0
	for _, pattern := range r.Text {
		best = max(best, wordingFit(pattern, text))
	}
	return best
}

// wordingFit finds the parts of a pattern in order; each is looked for from
// the end of the one before, so the time is linear in the text.
func wordingFit(pattern, text string) int {
	n := 0
	for part := range strings.SplitSeq(pattern, "*") {
		i := strings.Index(text, part)
		if i < 0 {
			return 0
		}
		text = text[i+len(part):]
		n += len(part)
	}
	return n
}

// fold brings a text into the form of the patterns: lower case, one blank
// between words, plain quotes.
func fold(s string) string {
	s = s[:min(len(s), maxText)]
	s = strings.Join(strings.Fields(strings.ToLower(s)), " ")
	return quotes.Replace(s)
}

var quotes = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`)

// speaker is a mark in a reply that only one provider writes.
type speaker struct {
	mark string
	who  Provider
}

var marks = []speaker{
	{".prod.outlook.com", ExchangeOnline}, {".protection.outlook.com", ExchangeOnline},
	{"aka.ms/", ExchangeOnline}, {"sender.office.com", ExchangeOnline},
	{"delist@microsoft.com", ExchangeOnline}, {"delist@messaging.microsoft.com", ExchangeOnline},
	{"tenantinboundattribution", ExchangeOnline}, {"tenantattribution", ExchangeOnline},
	{".outlook.office365.com", ExchangeOnline}, {".mail.protection.partner.outlook.cn", ExchangeOnline},
	{".office365.us", ExchangeOnline}, {"go.microsoft.com/fwlink", ExchangeOnline},
	{"storedrv.", ExchangeOnline}, {"resolver.rst.", ExchangeOnline}, {"resolver.adr.", ExchangeOnline},
	{"postmaster.live.com", OutlookConsumer}, {"mail.live.com", OutlookConsumer},
	{"gsmtp", Gmail}, {"support.google.com", Gmail}, {"gmail requires", Gmail},
	{"yahooinc.com", Yahoo}, {"verizonmedia.com", Yahoo}, {"postmaster.yahoo.com", Yahoo},
	{"yahoo requires", Yahoo}, {"[tss0", Yahoo}, {"postmaster.aol.com", Yahoo},
	{"support.apple.com", Apple}, {".me.com", Apple}, {"icloud.com", Apple}, {"[hm08]", Apple},
	{"mimecast.com", Mimecast}, {"mimecast.org", Mimecast},
	{"support.proofpoint.com", Proofpoint}, {".pphosted.com", Proofpoint}, {"ppe-hosted.com", Proofpoint},
}

// Providers tells who speaks in a reply or what the name of a host belongs
// to; nil if nothing shows it.
func Providers(text string) []Provider {
	text = strings.ToLower(text[:min(len(text), maxText)])
	var found []Provider
	for _, s := range marks {
		if strings.Contains(text, s.mark) && !slices.Contains(found, s.who) {
			found = append(found, s.who)
		}
	}
	return found
}

package spf

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// maxGuess is the longest term that guess looks at.
const maxGuess = 512

// guess fills in what was probably meant by the term.
func (e *SyntaxError) guess() {
	if len(e.Term) > maxGuess {
		return
	}
	if hint, problem := guessEmpty(e.Term); hint != "" || problem != "" {
		e.Hint, e.Drop, e.Problem = hint, hint == "", cmp.Or(problem, e.Problem)
		return
	}
	for _, rule := range guesses {
		if hint, problem := rule(e.Term); hint != "" && good(hint) == hint {
			e.Hint, e.Problem = hint, cmp.Or(problem, e.Problem)
			return
		}
	}
}

// guesses are the rules of what goes wrong, the surest first. A rule gives the
// terms to write instead, and what is wrong in plainer words than the parser's.
var guesses = []func(term string) (hint, problem string){
	guessCharacters,
	guessList,
	guessPunctuation,
	guessGlued,
	guessBare,
	guessDoubled,
	guessAddresses,
	guessName,
	guessFamily,
	guessCIDR,
	guessDigits,
	guessWildcard,
}

// good returns s if all its words are terms, else "".
func good(s string) string {
	words := split(s, 0)
	for _, w := range words {
		if _, f := parseTerm(w.text); f != nil {
			return ""
		}
	}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.text
	}
	return strings.Join(out, " ")
}

// cutSign cuts the qualifier, if there is one.
func cutSign(s string) (sign, rest string) {
	if s != "" && strings.IndexByte("+-~?", s[0]) >= 0 {
		return s[:1], s[1:]
	}
	return "", s
}

// guessEmpty: "+", "include:", "ip4" say nothing; "a:" means "a". With a problem
// and no terms it says that the term should go: it authorizes nobody.
func guessEmpty(s string) (string, string) {
	sign, rest := cutSign(s)
	name := strings.TrimRight(strings.ToLower(rest), ":=")
	switch k := kindOf(name); {
	case name == "":
		return "", "the sign stands alone"
	case len(name) > len("redirect") || strings.ContainsAny(name, ":=/"):
		return "", ""
	case k == A || k == MX || k == All:
		return good(sign + name), ""
	case k == IP4 || k == IP6:
		return "", k.String() + ": has no address behind it"
	case k == Include || k == Exists || k == PTR || k == Redirect || k == Exp:
		return "", k.String() + " has no domain behind it"
	}
	return "", ""
}

// guessCharacters replaces what is not ASCII, and the ASCII quotes.
func guessCharacters(s string) (string, string) {
	var spaced, joined strings.Builder
	for _, r := range s {
		p, ok := plain(r)
		if !ok {
			return "", ""
		}
		spaced.WriteString(p)
		joined.WriteString(strings.TrimSpace(p))
	}
	if spaced.String() == s {
		return "", ""
	}
	for _, t := range []string{spaced.String(), joined.String()} {
		if hint := meant(strings.TrimSpace(t)); hint != "" {
			return hint, ""
		}
	}
	return "", ""
}

// meant returns t if it is good, or what another rule makes of it.
func meant(t string) string {
	if t == "" || good(t) != "" {
		return good(t)
	}
	for _, rule := range []func(string) (string, string){guessPunctuation, guessBare, guessURL, guessGlued, guessFamily, guessName} {
		if hint, _ := rule(t); hint != "" && good(hint) == hint {
			return hint
		}
	}
	return ""
}

// guessList: "ip4:a,b" and "a;b" are lists; the mechanism of the first is that
// of all.
func guessList(s string) (string, string) {
	items := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' })
	if len(items) < 2 || strings.Contains(s, "%{") {
		return "", ""
	}
	prefix := ""
	for i, item := range items {
		head, _, _ := strings.Cut(item, ":")
		if _, bare := cutSign(head); kindOf(bare) == 0 && strings.Contains(head, ".") && head != item {
			item = prefix + item // of the list, with other terms glued to it
		}
		if several, _ := guessGlued(item); several != "" {
			item, items[i] = several, several
		}
		switch {
		case good(item) != "":
			last := item[strings.LastIndexByte(item, ' ')+1:]
			if at := strings.IndexByte(last, ':'); at >= 0 {
				prefix = last[:at+1]
			}
		case good(prefix+item) != "":
			items[i] = prefix + item
		case network(item) != "":
			items[i] = network(item)
		default:
			return "", ""
		}
	}
	return strings.Join(items, " "), "SPF has no lists: each address or name is a term of its own"
}

// guessPunctuation: "ip4:192.0.2.1." and "-all;".
func guessPunctuation(s string) (string, string) {
	trimmed := strings.Trim(s, ".,;:\"'`")
	if trimmed == s || trimmed == "" {
		return "", ""
	}
	return good(trimmed), ""
}

// guessBare: an address or a host name without a mechanism.
func guessBare(s string) (string, string) {
	sign, rest := cutSign(s)
	if net := network(rest); net != "" {
		return sign + net, "the address has no mechanism before it"
	}
	lower := strings.ToLower(rest)
	if strings.ContainsAny(rest, ":=/%@") || !strings.Contains(rest, ".") || checkDomainSpec(rest) != nil {
		return "", ""
	}
	const problem = "the name has no mechanism before it"
	if after, ok := strings.CutPrefix(lower, "include."); ok {
		return good(sign + "include:" + fullInclude(after)), "include is followed by a colon"
	}
	if strings.Contains(lower, "spf") || SenderOf(lower) != nil {
		return good(sign + "include:" + rest), problem
	}
	return good(sign + "a:" + rest), problem
}

// fullInclude returns the include of a known sender whose zone is name, as
// "spf.protection.outlook.com" for "protection.outlook.com"; else name.
func fullInclude(name string) string {
	for i := range senders {
		for _, spf := range senders[i].SPF {
			if strings.HasSuffix(spf, "."+name) {
				return spf
			}
		}
	}
	return name
}

// network returns the ip4 or ip6 term for an address or network; "" if s is none.
func network(s string) string {
	text, _, _ := strings.Cut(s, "/")
	addr, err := netip.ParseAddr(text)
	switch {
	case err != nil || addr.Zone() != "":
		return ""
	case addr.Is4():
		return good("ip4:" + s)
	}
	return good("ip6:" + s)
}

// guessDoubled: "ip4:ip4:192.0.2.1".
func guessDoubled(s string) (string, string) {
	sign, rest := cutSign(s)
	name, after, ok := strings.Cut(rest, ":")
	if !ok || kindOf(name) == 0 {
		return "", ""
	}
	second, _, ok := strings.Cut(after, ":")
	if _, bare := cutSign(second); ok && kindOf(bare) != 0 {
		return good(sign + strings.TrimLeft(after, "+-~?")), "a mechanism stands behind another one"
	}
	return "", ""
}

// starts are what a term begins with; one in the middle of a term means that a
// blank is missing.
var starts = []string{
	"include:", "ip4:", "ip6:", "exists:", "redirect=", "exp=", "ptr:", "mx:", "a:",
	"+all", "-all", "~all", "?all", "v=spf1", "v=dmarc1", "v=dkim1",
}

// guessGlued puts blanks before the starts of terms, and cuts off records of
// other kinds.
func guessGlued(s string) (string, string) {
	lower := asciiLower(s)
	var cuts []int
	for i := 1; i < len(s); i++ {
		if n := startAt(lower, i); n > 0 {
			cuts = append(cuts, i)
			i += n - 1
		}
	}
	pieces, from := []string{}, 0
	for _, c := range append(cuts, len(s)) {
		if piece := strings.Trim(s[from:c], ";,\""); piece != "" && piece != "+" {
			pieces = append(pieces, piece)
		}
		from = c
	}
	problem := "a space is missing between two terms"
	if i := slices.IndexFunc(pieces, version); i >= 0 {
		problem = "a second record is glued to this one"
		if !strings.EqualFold(pieces[i], versionTag) { // of another kind
			pieces = pieces[:i]
		}
		pieces = slices.DeleteFunc(pieces, version)
	}
	pieces = slices.DeleteFunc(pieces, func(p string) bool { return strings.HasSuffix(p, ":") && len(cuts) > 0 })
	if len(pieces) == 0 {
		return "", ""
	}
	if all, junk := cutAll(pieces[0]); all != "" && junk != "" {
		pieces[0] = all
		problem = "other text is glued to all"
	}
	for i, p := range pieces {
		switch host, _ := guessURL(p); {
		case host != "":
			pieces[i] = host
		case len(pieces) > 1 && good(p) == "":
			pieces[i] = meant(p)
		}
	}
	if slices.Contains(pieces, "") {
		return "", ""
	}
	hint := good(strings.Join(allLast(pieces), " "))
	if hint == s || hint == "" {
		return "", ""
	}
	return hint, problem
}

// startAt returns the length of the term start at i of a lower-case term; 0 if
// there is none.
func startAt(lower string, i int) int {
	for _, start := range starts {
		if !strings.HasPrefix(lower[i:], start) {
			continue
		}
		word := alpha(start[0])
		if word && strings.IndexByte("+-~?", lower[i-1]) >= 0 {
			continue // its sign starts the term
		}
		if len(start) <= len("mx:") && alpha(lower[i-1]) {
			continue // "...a:" at the end of a name
		}
		return len(start)
	}
	if strings.IndexByte("+~?", lower[i]) < 0 || i+1 == len(lower) {
		return 0
	}
	for _, start := range starts {
		if strings.HasPrefix(lower[i+1:], start) {
			return 1 + len(start)
		}
	}
	return 0
}

func version(s string) bool { return strings.HasPrefix(asciiLower(s), "v=") }

// cutAll cuts "~all_spf.example.com" behind its all.
func cutAll(s string) (all, rest string) {
	const n = len("-all")
	if len(s) >= n && strings.IndexByte("+-~?", s[0]) >= 0 && strings.EqualFold(s[1:n], "all") {
		return s[:n], s[n:]
	}
	return "", ""
}

// allLast moves all behind the other terms, where it does not hide them.
func allLast(terms []string) []string {
	var rest, alls []string
	for _, t := range terms {
		if _, bare := cutSign(t); strings.EqualFold(bare, "all") {
			alls = append(alls, t)
		} else {
			rest = append(rest, t)
		}
	}
	return append(rest, alls[:min(1, len(alls))]...)
}

// guessAddresses: IPv4 addresses run together, if they can be distinguished in one
// way only.
func guessAddresses(s string) (string, string) {
	sign, rest := cutSign(s)
	const prefix = "ip4:"
	if len(rest) < len(prefix) || !strings.EqualFold(rest[:len(prefix)], prefix) {
		return "", ""
	}
	digits := rest[len(prefix):]
	if strings.Trim(digits, "0123456789.") != "" || strings.Count(digits, ".") < 6 {
		return "", ""
	}
	addrs := runTogether(digits)
	for i, addr := range addrs {
		addrs[i] = sign + prefix + addr
	}
	return good(strings.Join(addrs, " ")), "several addresses are run together"
}

// runTogether cuts digits into addresses if there is exactly one way to.
func runTogether(digits string) []string {
	const shortest, longest = len("0.0.0.0"), len("255.255.255.255")
	ways := make([]int, len(digits)+1) // from each place on, at most 2
	cut := make([]int, len(digits)+1)  // where the next address then ends
	ways[len(digits)] = 1
	for i := len(digits) - shortest; i >= 0; i-- {
		for end := i + shortest; end <= min(len(digits), i+longest) && ways[i] < 2; end++ {
			if ways[end] == 0 {
				continue
			}
			if addr, err := netip.ParseAddr(digits[i:end]); err == nil && addr.Is4() {
				ways[i] += ways[end]
				cut[i] = end
			}
		}
	}
	if ways[0] != 1 {
		return nil
	}
	var addrs []string
	for i := 0; i < len(digits); i = cut[i] {
		addrs = append(addrs, digits[i:cut[i]])
	}
	return addrs
}

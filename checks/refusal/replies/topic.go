package replies

import "slices"

// topic is what words must be about so that they bear out a code of the
// registry: the code says one thing, the words are nobody's known wording, but
// they are about the same and about nothing else.
type topic struct {
	codes []string   // without the class: ".1.1"
	all   [][]string // classes of words; one word of each group must be there
}

// topics lists the codes that servers use for what the registry says, as a rule.
// 5.7.1 and the like are not among them.
var topics = []topic{
	{[]string{".1.1", ".1.6"}, [][]string{{"mailbox", "person"}, {"negation", "unknown", "fault"}}},
	{[]string{".1.2", ".4.4"}, [][]string{{"domain"}, {"negation", "unknown", "fault"}}},
	{[]string{".1.8", ".7.27"}, [][]string{{"domain"}, {"negation", "unknown", "fault"}}},
	{[]string{".1.7", ".1.0"}, [][]string{{"sender"}, {"negation", "unknown", "fault", "wrong"}}},
	{[]string{".2.2"}, [][]string{{"full", "quota", "exceed"}}},
	{[]string{".2.3", ".3.4"}, [][]string{{"size", "large"}}},
	{[]string{".4.6"}, [][]string{{"loop"}}},
	{[]string{".4.7"}, [][]string{{"waiting"}}},
	{[]string{".5.1", ".5.2", ".5.4"}, [][]string{{"command"}}},
	{[]string{".5.3"}, [][]string{{"mailbox"}, {"exceed", "many"}}},
	{[]string{".6.0", ".6.1", ".6.3"}, [][]string{{"header", "format"}}},
	{[]string{".7.20", ".7.21", ".7.22"}, [][]string{{"dkim"}}},
	{[]string{".7.23", ".7.24"}, [][]string{{"spf"}}},
	{[]string{".7.25"}, [][]string{{"reverse"}}},
	{[]string{".7.10", ".7.11"}, [][]string{{"tls"}}},
}

// others are the subjects that contradict any topic that does not name them.
var others = []string{"sender", "address", "content", "restriction", "full", "exceed", "loop"}

// bornOut reports whether the words of a reply are about what its code says.
func (w *wording) bornOut(enhanced string) bool {
	if len(enhanced) < 5 {
		return false
	}
	i := slices.IndexFunc(topics, func(t topic) bool { return slices.Contains(t.codes, enhanced[1:]) })
	if i < 0 {
		return false
	}
	if enhanced[1:] == ".1.1" && w.onlySays("unknown") {
		return true // "<a@b.example>: unknown"
	}
	for _, group := range topics[i].all {
		if !slices.ContainsFunc(group, w.mentions) {
			return false
		}
	}
	return !slices.ContainsFunc(others, func(name string) bool {
		return !slices.ContainsFunc(topics[i].all, func(g []string) bool { return slices.Contains(g, name) }) && w.mentions(name)
	})
}

// onlySays reports whether the text has one word, which is of a class.
func (w *wording) onlySays(name string) bool {
	said := slices.DeleteFunc(slices.Clone(w.stems), func(s string) bool { return fillers()[s] })
	return len(said) == 1 && class(name)[said[0]]
}

// mentions reports whether a word of the text is of a class.
func (w *wording) mentions(name string) bool {
	words := class(name)
	return slices.ContainsFunc(w.stems, func(s string) bool { return words[s] })
}

// vocabulary returns the words of a row's phrases: what the row is about.
func (r *Row) vocabulary() map[string]bool {
	words := map[string]bool{}
	for _, source := range r.Text {
		for _, t := range newPhrase(source).parts {
			for _, w := range t.words {
				words[w.stem] = true
			}
		}
	}
	return words
}

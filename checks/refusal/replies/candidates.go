package replies

import "slices"

// strongest returns the candidates that no other one beats.
func strongest(q Query, words *wording) []candidate {
	a := account{Query: q, words: words, speakers: Providers(q.Text), found: phrases().find(words), against: contradictions().find(words),
		silent: words.silent(), private: private(q.Enhanced), bornOut: words.bornOut(q.Enhanced)}
	if q.Provider != Any && !slices.Contains(a.speakers, q.Provider) {
		a.speakers = append(a.speakers, q.Provider)
	}
	var all []candidate
	rows := catalogue()
	for i := range rows {
		if c := a.candidate(i, &rows[i]); c.level != levelNone {
			all = append(all, c)
		}
	}
	return unbeaten(specific(unwrapped(own(all))), words)
}

// account is what a reply shows of itself, whatever the row.
type account struct {
	Query
	words    *wording
	speakers []Provider
	found    map[int]hit // the wordings of rows, and those that speak against them
	against  map[int]hit
	silent   bool // it has no words
	private  bool // only one provider has its enhanced code
	bornOut  bool
}

// candidate returns row r, which is the i-th, with the evidence for it; its level is
// levelNone if it does not explain the reply.
func (a *account) candidate(i int, r *Row) candidate {
	found, against := a.found[i], a.against[i]
	switch {
	case r.isClass(), a.Stage == StageAuth && r.cause() == "protocol", // a command that is not known is AUTH
		r.excluded(a.Query, a.words, found.at):
		return candidate{}
	case r.Provider != Any && len(a.speakers) > 0 && !slices.ContainsFunc(a.speakers, r.Provider.kin):
		return candidate{} // the same words and codes from another provider mean another thing
	}
	c := candidate{row: r, at: found.at,
		Evidence: gather(r, a.Query, found, against.letters > 0, len(a.words.letters), a.speakers, a.private)}
	c.Denied = c.Against && against.strength != weakPhrase && a.words.sameClause(found.at, against.at)
	c.BornOut = a.bornOut
	c.lasts = c.Weak && r.Duration == Temporary && a.class() == 5 && !ofNetwork(a.Enhanced)
	c.level = c.weigh(r, a.Query, a.silent)
	return c
}

// own leaves out each candidate of a provider that is not known to speak, if a row of
// any server has its words too: "requested action aborted" is nobody's wording.
func own(all []candidate) []candidate {
	return slices.DeleteFunc(slices.Clone(all), func(c candidate) bool {
		return !c.anybody() && c.Code == NoFit && slices.ContainsFunc(all, func(d candidate) bool {
			return d.row.Provider == Any && d.Words >= c.Words && d.at.overlaps(c.at)
		})
	})
}

// unwrapped leaves out each row that was found by its code alone and only wraps what
// another server said, if the words are those of a cause.
func unwrapped(all []candidate) []candidate {
	if !slices.ContainsFunc(all, func(c candidate) bool { return c.level == levelWords && c.Words >= tellingReply }) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(c candidate) bool {
		return c.level == levelPrivate && c.Words == 0 && c.Code == ExactFit && wrapsCode(all, c)
	})
}

// wrapsCode reports whether the code by which a row was found is one under which
// Microsoft passes on replies of others.
func wrapsCode(all []candidate, c candidate) bool {
	return slices.ContainsFunc(all, func(d candidate) bool {
		return d.row.Wraps && slices.ContainsFunc(d.row.Enhanced, func(code string) bool { return slices.Contains(c.row.Enhanced, code) })
	})
}

// specific leaves out each candidate that another one with words of its own narrows
// down: "the certificate has expired" says more than "the certificate is invalid".
// The narrower one counts the words of both.
func specific(all []candidate) []candidate {
	narrowed := make([]bool, len(all))
	for i := range all {
		for k := range all {
			if all[k].narrows(all[i]) {
				all[k].Words, narrowed[i] = max(all[k].Words, all[i].Words), true
			}
			if all[k].level >= levelWords && all[k].row.ofTLS() && all[i].level <= levelWords && all[i].row.cause() == "timeout" {
				narrowed[i] = true // the connection that TLS kept from being made
			}
		}
	}
	var out []candidate
	for i, c := range all {
		if !narrowed[i] {
			out = append(out, c)
		}
	}
	return out
}

// unbeaten returns the candidates that no other one beats. If words elsewhere in
// the text are those of another cause, they are less sure, and the best of the
// causes that another sentence names comes after the one that wins.
func unbeaten(all []candidate, words *wording) []candidate {
	var best, rivals []candidate
	for _, c := range all {
		best = keep(best, c)
	}
	for i := range best {
		for _, c := range all {
			if !c.contests(best[i]) {
				continue
			}
			best[i].Contested = true
			if i == 0 && best[0].rivaled(c, words) {
				rivals = keep(rivals, c)
			}
		}
	}
	if len(best) == 1 && len(rivals) > 0 {
		rivals[0].Contested = true
		best = append(best, rivals[0])
	}
	return best
}

// keep adds a candidate to those that no other one beats.
func keep(best []candidate, c candidate) []candidate {
	if len(best) == 0 {
		return []candidate{c}
	}
	switch order := c.compare(best[0]); {
	case order < 0:
		return best
	case order > 0:
		return []candidate{c}
	}
	return append(best, c)
}

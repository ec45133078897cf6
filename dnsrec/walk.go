package dnsrec

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// walk collects the answer to one query from one or more replies: most
// resolvers send a chain of aliases whole, some only its start.
type walk struct {
	ans   *Answer
	typ   uint16
	timed bool // ans.TTL is set
}

var errChain = errors.New("CNAME chain")

// take uses a reply to the question for a wire name. If the chain of aliases
// goes on behind the reply, it gives the name to ask for next.
func (w *walk) take(m *message, name []byte) (next []byte, done bool, err *Error) {
	w.ans.Rcode = rcodeName(m.rcode)
	w.ans.Authentic = w.ans.Authentic && m.ad
	followed := false
	for {
		target, e := w.collect(m, name)
		if e != nil {
			return nil, false, &Error{Kind: KindMalformed, Err: e}
		}
		if target == nil {
			break
		}
		if err := w.step(presentation(target)); err != nil {
			return nil, false, err
		}
		name, followed = append(name[:0], target...), true
	}
	if len(w.ans.Values) > 0 {
		if m.rcode != dns.RcodeSuccess {
			return nil, false, &Error{Kind: KindMalformed, Rcode: w.ans.Rcode,
				Err: fmt.Errorf("%w: %s with records", errMalformed, w.ans.Rcode)}
		}
		return nil, true, nil
	}
	ttl, proven := m.negativeTTL(name)
	if followed && !proven && m.rcode == dns.RcodeSuccess {
		return name, false, nil // the chain was cut: ask on
	}
	w.lowest(ttl)
	return nil, true, nil
}

// collect takes the records that belong to a wire name, and gives the target
// if they are an alias. All other records are foreign and left alone, no
// matter who sent them.
func (w *walk) collect(m *message, name []byte) (target []byte, err error) {
	for _, r := range m.answer {
		alias := r.typ == dns.TypeCNAME && w.typ != dns.TypeCNAME
		if r.typ != w.typ && !alias {
			continue
		}
		if ours, err := m.owned(r, name); err != nil || !ours {
			if err != nil {
				return nil, err
			}
			continue
		}
		if alias {
			if target == nil && len(w.ans.Values) == 0 {
				if target, _, err = expandName(m.target[:0], m.raw, r.off); err != nil {
					return nil, err
				}
				m.target = target
				w.lowest(seconds(r.ttl))
			}
			continue
		}
		value, lengths, err := m.value(r)
		if err != nil {
			return nil, err
		}
		w.add(value, lengths, len(m.answer))
		w.lowest(seconds(r.ttl))
	}
	if len(w.ans.Values) > 0 {
		sort.Stable((*byValue)(w.ans))
		return nil, nil
	}
	return target, nil
}

// byValue orders the values of an Answer.
type byValue Answer

func (a *byValue) Len() int { return len(a.Values) }

func (a *byValue) Less(i, j int) bool {
	v, o := a.Values[i], a.Values[j]
	if a.Type == TypeMX { // a preference has no leading zeros
		if shorter := strings.IndexByte(v, ' ') - strings.IndexByte(o, ' '); shorter != 0 {
			return shorter < 0
		}
	}
	return v < o
}

func (a *byValue) Swap(i, j int) {
	a.Values[i], a.Values[j] = a.Values[j], a.Values[i]
	if j < len(a.Strings) {
		a.Strings[i], a.Strings[j] = a.Strings[j], a.Strings[i]
	}
}

func (w *walk) add(value string, lengths []int, capacity int) {
	if w.ans.Values == nil {
		w.ans.Values = make([]string, 0, capacity)
	}
	w.ans.Values = append(w.ans.Values, value)
	if w.typ == dns.TypeTXT {
		w.ans.Strings = append(w.ans.Strings, lengths)
	}
}

// step adds an alias to the chain, if that does not loop and is not too long.
func (w *walk) step(target string) *Error {
	looped := target == w.ans.Name || slices.Contains(w.ans.CNAMEs, target)
	w.ans.CNAMEs = append(w.ans.CNAMEs, target)
	var fault error
	switch {
	case looped:
		fault = fmt.Errorf("%w comes back to %s", errChain, target)
	case len(w.ans.CNAMEs) > MaxChain:
		fault = fmt.Errorf("%w is longer than %d", errChain, MaxChain)
	default:
		return nil
	}
	return &Error{Kind: KindChain, Rcode: w.ans.Rcode, CNAMEs: w.ans.CNAMEs, Err: fault}
}

// lowest keeps the lowest TTL of the records used.
func (w *walk) lowest(ttl time.Duration) {
	if !w.timed || ttl < w.ans.TTL {
		w.ans.TTL, w.timed = ttl, true
	}
}

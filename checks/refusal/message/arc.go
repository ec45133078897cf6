package message

import (
	"fmt"
	"strconv"
	"strings"

	"maildiag/checks/refusal/message/eml"
)

// ARC is what the ARC sets of a message say (RFC 8617). Their seals are not
// verified.
type ARC struct {
	State  string   `json:"state"` // "claims pass", "fail"
	Reason string   `json:"reason,omitempty"`
	Sets   []ARCSet `json:"sets,omitempty"`
}

// ARCSet is what one forwarder added.
type ARCSet struct {
	Instance int    `json:"instance"`
	CV       string `json:"cv"`
	Domain   string `json:"domain,omitempty"` // that sealed
	Selector string `json:"selector,omitempty"`
	Results  string `json:"results,omitempty"` // what it found, in its own words
}

// MaxARC is the highest instance. RFC 8617 4.2.1
const MaxARC = 50

// arcSet gathers the three fields of one instance.
type arcSet struct{ aar, ams, seal []string }

// arcOf reads the sets and checks their structure, RFC 8617 5.2 steps 1 to 3.
func arcOf(p *eml.Part) *ARC {
	sets := map[int]*arcSet{}
	a := &ARC{}
	for _, f := range p.Fields {
		name := strings.ToLower(f.Name)
		if !strings.HasPrefix(name, "arc-") {
			continue
		}
		i, value, ok := instance(f.Value)
		if !ok {
			a.fail("an %s field has no instance between 1 and %d", f.Name, MaxARC)
			continue
		}
		s := sets[i]
		if s == nil {
			s = &arcSet{}
			sets[i] = s
		}
		s.add(name, value)
	}
	if len(sets) == 0 && a.State == "" {
		return nil
	}
	a.check(sets)
	return a
}

func (s *arcSet) add(name, value string) {
	switch name {
	case "arc-authentication-results":
		s.aar = append(s.aar, value)
	case "arc-message-signature":
		s.ams = append(s.ams, value)
	case "arc-seal":
		s.seal = append(s.seal, value)
	}
}

// instance reads the tag i= at the start of an ARC field, and gives the rest.
func instance(v string) (int, string, bool) {
	v = v[:min(len(v), maxAuthRes)]
	for part := range strings.SplitSeq(v, ";") {
		k, n, ok := strings.Cut(part, "=")
		if !ok || strings.TrimSpace(k) != "i" {
			continue
		}
		i, err := strconv.Atoi(strings.TrimSpace(n))
		return i, v, err == nil && i >= 1 && i <= MaxARC
	}
	return 0, v, false
}

func (a *ARC) fail(format string, args ...any) {
	if a.State != "fail" {
		a.State, a.Reason = "fail", fmt.Sprintf(format, args...)
	}
}

func (a *ARC) check(sets map[int]*arcSet) {
	for i := 1; i <= MaxARC && len(a.Sets) < len(sets); i++ {
		s := sets[i]
		if s == nil {
			a.fail("set %d is missing", i)
			continue
		}
		if len(s.aar) != 1 || len(s.ams) != 1 || len(s.seal) != 1 {
			a.fail("set %d does not have each of its three fields once", i)
		}
		a.Sets = append(a.Sets, s.view(i))
		a.checkCV(i, a.Sets[len(a.Sets)-1].CV)
	}
	if a.State == "" {
		a.State = "claims pass"
	}
}

// checkCV holds the rule for cv=: "none" in the first set, "pass" in all
// others. RFC 8617 5.1.1
func (a *ARC) checkCV(i int, cv string) {
	switch {
	case cv == "fail":
		a.fail("the forwarder of set %d found the chain broken (cv=fail)", i)
	case i == 1 && cv != "none":
		a.fail("set 1 says cv=%s, it must say none", cv)
	case i > 1 && cv != "pass":
		a.fail("set %d says cv=%s, it must say pass", i, cv)
	}
}

func (s *arcSet) view(i int) ARCSet {
	v := ARCSet{Instance: i}
	if len(s.seal) > 0 {
		tags := tagsOf(s.seal[0])
		v.CV, v.Domain, v.Selector = strings.ToLower(tags["cv"]), tags["d"], tags["s"]
	}
	if len(s.aar) > 0 {
		_, rest, _ := strings.Cut(s.aar[0], ";")
		v.Results = strings.TrimSpace(rest)
	}
	return v
}

// tagsOf reads a list of tags, RFC 6376 3.2. Of doubled tags the first counts.
func tagsOf(v string) map[string]string {
	tags := map[string]string{}
	for part := range strings.SplitSeq(v[:min(len(v), maxAuthRes)], ";") {
		k, val, ok := strings.Cut(part, "=")
		k = strings.TrimSpace(k)
		if _, twice := tags[k]; ok && !twice {
			tags[k] = strings.TrimSpace(val)
		}
	}
	return tags
}

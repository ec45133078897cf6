package message

import (
	"fmt"
	"slices"

	"maildiag/checks/refusal/message/arc"
)

// ARC is the chain of forwarders that kept what they found (RFC 8617).
type ARC struct {
	State  string   `json:"state"` // pass, fail, temperror; unverified where the keys could not be asked for
	Reason string   `json:"reason,omitempty"`
	Sets   []ARCSet `json:"sets,omitempty"`
	Broken string   `json:"broken_by,omitempty"` // who changed the body first, as far as the sets tell
}

// ARCSet is what one forwarder added.
type ARCSet struct {
	Instance int    `json:"instance"`
	CV       string `json:"cv"`
	Domain   string `json:"domain,omitempty"` // that sealed
	Selector string `json:"selector,omitempty"`
	Results  string `json:"results,omitempty"` // what it found, in its own words
	Message  string `json:"message_signature,omitempty"`
	Seal     string `json:"seal,omitempty"`
	Changed  bool   `json:"body_changed,omitempty"` // since it signed
}

func arcOf(c *arc.Chain, empty bool) *ARC {
	if c == nil {
		return nil
	}
	a := &ARC{State: string(c.State), Reason: c.Reason}
	for _, s := range c.Sets {
		a.Sets = append(a.Sets, ARCSet(s))
	}
	if n := len(a.Sets); empty && n > 0 && a.Sets[n-1].Changed {
		a.State, a.Reason = string(arc.Unverified), noBody
		for i := range a.Sets {
			a.Sets[i].Changed = false
		}
	}
	return a
}

// blame finds who changed the body last: between the newest set that does not
// fit it any more and the next one. It tells nothing of changes before.
func (a *Analysis) blame() {
	if a.ARC == nil || a.ARC.State != string(arc.Pass) || len(a.ARC.Sets) == 0 {
		return
	}
	sets := a.ARC.Sets
	i := len(sets) - 1
	for i >= 0 && !sets[i].Changed {
		i--
	}
	switch {
	case i+1 == len(sets):
		a.ARC.Broken = fmt.Sprintf("the body was changed after forwarder %d (%s)", sets[i].Instance, sets[i].Domain)
	case i >= 0:
		a.ARC.Broken = fmt.Sprintf("the body was changed between forwarder %d (%s) and forwarder %d (%s)", sets[i].Instance,
			sets[i].Domain, sets[i+1].Instance, sets[i+1].Domain)
	case slices.ContainsFunc(a.DKIM, func(s Signature) bool { return s.Changed }):
		a.ARC.Broken = fmt.Sprintf("the body was changed by forwarder 1 (%s), or before it", sets[0].Domain)
	}
}

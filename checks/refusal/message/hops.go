package message

import (
	"time"

	"maildiag/checks/refusal/message/received"
)

// MaxHops is how many Received fields are shown.
const MaxHops = 100

// Hop is one Received field: one server took the message from another.
type Hop struct {
	From  string     `json:"from,omitempty"` // how the client introduced itself
	RDNS  string     `json:"rdns,omitempty"` // its name by reverse DNS, as the server saw it
	IP    string     `json:"ip,omitempty"`   // its address, as the server saw it
	By    string     `json:"by,omitempty"`
	With  string     `json:"with,omitempty"`
	For   string     `json:"for,omitempty"`
	Time  *time.Time `json:"time,omitempty"`
	Delay *float64   `json:"delay_s,omitempty"` // since the hop before it; negative if the clocks disagree
	Note  string     `json:"note,omitempty"`
}

func hopOf(r *received.Hop) Hop {
	h := Hop{From: r.HELO, RDNS: r.RDNS, By: r.By, With: r.With, For: r.For, Time: r.Time}
	if r.IP.IsValid() {
		h.IP = r.IP.String()
	}
	if r.Fault != "" {
		h.Note = "the client's address is not taken from this field: " + r.Fault
	}
	return h
}

// delays sets the time that passed between the hops.
func delays(list []Hop) {
	for i := range list {
		if i+1 < len(list) {
			list[i].since(&list[i+1])
		}
	}
}

// since sets the time that passed since the hop before.
func (h *Hop) since(before *Hop) {
	if h.Time == nil || before.Time == nil {
		return
	}
	s := h.Time.Sub(*before.Time).Seconds()
	h.Delay = &s
	if h.Note != "" {
		return
	}
	switch {
	case s < -clockSkew:
		h.Note = "the clocks of the two servers disagree, or the field below is forged"
	case s > longDelay:
		h.Note = "the message waited here"
	}
}

// The delays that are remarked on, in seconds.
const (
	clockSkew = 60
	longDelay = 300
)

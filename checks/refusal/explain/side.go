package explain

import (
	"slices"
	"strings"

	"maildiag/checks/refusal/message"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// side is who must act, as the sender of a message sees it.
type side string

const (
	sideUser      side = "user"      // the sender
	sideOwn       side = "own"       // the administrators of the sender's organization
	sideRecipient side = "recipient" // those of the recipient's
	sideService   side = "service"   // the operator of a mail service
)

// sideOf returns the side of the owner of a row. A row describes a message that
// was sent, so an administrator who is not called the recipient's is the sender's.
func sideOf(owner string) side {
	switch owner {
	case report.OwnerUser, report.OwnerYou:
		return sideUser
	case report.OwnerRecipient, replies.OwnerForwarder: // who was written to has it forwarded
		return sideRecipient
	case report.OwnerMicrosoft, report.OwnerRemote:
		return sideService
	}
	return sideOwn
}

// side returns who must act on a reply that is known; "" where causes tie whose owners
// are of different sides.
func (r *reply) side() side {
	who := sideOf(r.rows[0].Row.Owner)
	if other := r.other(); other != nil && sideOf(other.Owner) != who {
		return ""
	}
	return who
}

// causeSides say whom the text of a cause asks to act.
var causeSides = map[cause]side{
	causeNoRecipient: sideUser, causeTooLarge: sideUser, causeSignIn: sideUser, causeContent: sideUser,
	causeFull: sideRecipient, causeRestricted: sideRecipient,
}

// settled reports whether a cause leaves nobody to act, or nobody known.
func (c cause) settled() bool {
	switch c {
	case causeDelivered, causePassedOn, causeUnclear, causeDelayed, causeExpired, causeNotNow, causeUnknown, causeNoMessage:
		return true
	}
	return false
}

// ofSender reports whether the title of a cause speaks of the sender.
func (c cause) ofSender() bool {
	return slices.Contains([]cause{causeSenderAuth, causeSignIn, causeRestricted, causeOwnPolicy, causeOwnBlocked}, c)
}

// sideOfText returns the side that the text of a cause names.
func (c cause) sideOfText() side {
	if s, ok := causeSides[c]; ok {
		return s
	}
	return sideOwn
}

// ofOwnSide turns a cause whose text speaks of the recipient's side into the
// one that says the same of the sender's own.
func (c cause) ofOwnSide() cause {
	switch c {
	case causeSpam:
		return causeOwnBlocked
	case causeRestricted, causeContent:
		return causeOwnPolicy
	case causeFull, causeNoRecipient, causeSenderAuth:
		return causeOther
	}
	return c
}

// reasonOfRow classes a row by what it is about and who must act.
func reasonOfRow(row *replies.Row, enhanced string, code int) cause {
	c := matterOfRow(row, enhanced, code)
	if c == causeNoRecipient && sideOf(row.Owner) != sideUser {
		return causeOther // the address is not the sender's to correct
	}
	return c
}

// matterOfRow classes a row by what it is about, and whether the own organization says so.
func matterOfRow(row *replies.Row, enhanced string, code int) cause {
	c := topicOfRow(row, enhanced, code)
	if row.Owner == report.OwnerM365 {
		c = c.ofOwnSide()
	}
	if c == causeUnknown {
		return causeOther
	}
	return c
}

// topicOfRow classes a row by the words in its ID, or else by its first code; one that says
// only what a code means by the code of the reply. A cause that is known stays the same
// whatever code a server gives it.
func topicOfRow(row *replies.Row, enhanced string, code int) cause {
	family, name, _ := strings.Cut(row.ID, ".")
	if family == "entra" {
		return causeSignIn
	}
	if family != "rfc" && family != "smtp" && family != "class" {
		for _, w := range causeWords {
			if strings.Contains("."+name+".", w.word) {
				return w.cause
			}
		}
		enhanced, code = "", 0
		if len(row.Enhanced) > 0 {
			enhanced = row.Enhanced[0]
		}
	}
	if c := causeOfCode(enhanced); c != causeUnknown {
		return c
	}
	if c, ok := replyCauses[code]; ok {
		return c
	}
	return causeUnknown
}

// headerNotice is what is told of a message that arrived.
type headerNotice string

const (
	noticeConfirmed headerNotice = "header-confirmed"
	noticeLikely    headerNotice = "header-likely" // confirmed if it arrived by mail, and was not saved by anybody
	noticeDoubtful  headerNotice = "header-doubtful"
	noticeUnclear   headerNotice = "header-unclear"
)

func noticeOf(a *message.Answer) headerNotice {
	speaks := (a.Verdict == message.Authentic || a.Verdict == message.Internal) && a.Limits == ""
	switch {
	case speaks && a.Condition == "":
		return noticeConfirmed
	case speaks && a.IfDelivered():
		return noticeLikely
	case a.Verdict == message.FailsDMARC, a.Verdict == message.AmbiguousWho, a.Verdict == message.Unproven:
		return noticeDoubtful
	}
	return noticeUnclear
}

// Package outlook reads messages that Microsoft Outlook saved as .msg files and
// renders them as Internet messages.
//
// A .msg file is a compound file ([MS-CFB]) whose streams hold MAPI properties
// ([MS-OXMSG]): the text in one, the transport header in another, each recipient
// and attachment in a storage of its own. Of a non-delivery report Outlook keeps
// no delivery-status part (RFC 3464); Exchange has spread its fields over the
// properties of the recipients ([MS-OXCMAIL] 2.2.3.7.1), and the package puts
// them together again.
//
// The result is good for reading replies and header fields. It is not the
// message as it was transmitted, so signatures over it cannot be verified.
package outlook

import (
	"bytes"
	"strings"
)

// The limits. What lies beyond them is left out, and a note says so.
const (
	MaxOutput     = 20 << 20
	maxDepth      = 10   // attached messages within each other
	maxRecipients = 1000 // that are rendered
	maxAttached   = 1000
	maxHeaders    = 256 << 10
)

// Message is a .msg file as an Internet message.
type Message struct {
	Data  []byte   // RFC 5322, with LF line ends
	Notes []string // what was left out
}

// Is reports whether data starts as a compound file does.
func Is(data []byte) bool { return bytes.HasPrefix(data, []byte(signature)) }

// Convert renders a .msg file. A compound file that is not a message, such as a
// document of old Office versions, is an error.
func Convert(data []byte) (*Message, error) {
	c, err := openCompound(data)
	if err != nil {
		return nil, err
	}
	o := c.open(&c.entries[0], topHeader, 0)
	if o.streams[propertyStream] == nil {
		return nil, errFormat
	}
	w := &writer{left: MaxOutput}
	w.message(o, 0)
	if o.err != nil {
		w.note("part of the Outlook file is not readable: " + o.err.Error())
	}
	return &Message{Data: w.out.Bytes(), Notes: w.notes}, nil
}

// class is what Outlook takes a message for.
func (o *object) class() string { return strings.ToUpper(o.text(propClass)) }

// action is the Action field (RFC 3464 2.3.3) that a report's class stands for,
// "" if the message is not a delivery report. [MS-OXCMAIL] 2.2.3.7.1
func (o *object) action() string {
	class := o.class()
	if !strings.HasPrefix(class, "REPORT.") {
		return ""
	}
	switch class[strings.LastIndexByte(class, '.')+1:] {
	case "NDR":
		return "failed"
	case "DELAYED":
		return "delayed"
	case "DR":
		return "delivered"
	case "RELAYED":
		return "relayed"
	case "EXPANDED":
		return "expanded"
	}
	return ""
}

// parts lists the storages in o whose names start with prefix.
func (o *object) parts(prefix string) []*object {
	var list []*object
	for _, e := range o.folders {
		if strings.HasPrefix(strings.ToLower(e.name), prefix) {
			list = append(list, o.file.open(e, otherHeader, o.page))
		}
	}
	return list
}

// embedded opens the message within an attachment, nil if it holds none.
func (o *object) embedded() *object {
	for _, e := range o.folders {
		if strings.EqualFold(e.name, "__substg1.0_3701000D") {
			if m := o.file.open(e, embeddedHeader, o.page); m.streams[propertyStream] != nil {
				return m
			}
		}
	}
	return nil
}

package outlook

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"maildiag/checks/refusal/message/eml/charset"
)

// The properties that are read ([MS-OXPROPS]).
const (
	propClass          = 0x001a
	propSubject        = 0x0037
	propSubmitTime     = 0x0039
	propHeaders        = 0x007d // PidTagTransportMessageHeaders
	propSenderName     = 0x0c1a
	propSupplementary  = 0x0c1b // PidTagSupplementaryInfo
	propSenderAddress  = 0x0c1f
	propStatusCode     = 0x0c20 // PidTagNonDeliveryReportStatusCode
	propRemoteMTA      = 0x0c21 // PidTagRemoteMessageTransferAgent
	propDisplayTo      = 0x0e04
	propDeliveryTime   = 0x0e06
	propBody           = 0x1000
	propReportText     = 0x1001
	propRTF            = 0x1009
	propHTML           = 0x1013
	propMessageID      = 0x1035
	propDisplayName    = 0x3001
	propAddress        = 0x3003
	propAttachData     = 0x3701
	propAttachName     = 0x3704
	propAttachMethod   = 0x3705
	propAttachLongName = 0x3707
	propAttachType     = 0x370e
	propSMTPAddress    = 0x39fe
	propCodepage       = 0x3fde // PidTagInternetCodepage
	propStringCodepage = 0x3ffd // PidTagMessageCodepage
	propSenderSMTP     = 0x5d01
	propReportingMTA   = 0x6820
)

// The types of properties. [MS-OXCDATA] 2.11.1
const (
	typeUnicode = 0x001f
	typeString8 = 0x001e
	typeBinary  = 0x0102
)

// The names of the parts of a .msg file. [MS-OXMSG] 2
const (
	propertyStream  = "__properties_version1.0"
	recipientPrefix = "__recip_version1.0_"
	attachPrefix    = "__attach_version1.0_"
)

// The bytes before the first entry of a property stream. [MS-OXMSG] 2.4.1
const (
	topHeader      = 32
	embeddedHeader = 24
	otherHeader    = 8 // of a recipient or an attachment
)

// object is a message, a recipient or an attachment: a storage that holds
// properties.
type object struct {
	file    *compound
	streams map[string]*entry
	folders []*entry
	fixed   map[uint16]uint64 // the values of properties of fixed size
	page    int               // code page of 8-bit strings; 0: not known
	err     error             // the first fault of a stream
}

// open reads the properties of a storage. Its property stream has a header of
// that many bytes.
func (c *compound) open(e *entry, header, page int) *object {
	o := &object{file: c, streams: map[string]*entry{}, fixed: map[uint16]uint64{}, page: page}
	for _, k := range c.children(e) {
		if k.kind == typeStream {
			o.streams[strings.ToLower(k.name)] = k
			continue
		}
		o.folders = append(o.folders, k)
	}
	b := o.stream(propertyStream)
	for b = b[min(header, len(b)):]; len(b) >= 16; b = b[16:] { // [MS-OXMSG] 2.4.2
		o.fixed[binary.LittleEndian.Uint16(b[2:])] = binary.LittleEndian.Uint64(b[8:])
	}
	for _, id := range []uint16{propStringCodepage, propCodepage} {
		if p := o.long(id); p > 0 {
			o.page = p
			break
		}
	}
	return o
}

func (o *object) stream(name string) []byte {
	e, ok := o.streams[name]
	if !ok {
		return nil
	}
	b, err := o.file.read(e)
	if err != nil && o.err == nil {
		o.err = err
	}
	return b
}

// streamName is the name of the stream of a property. [MS-OXMSG] 2.1.3
func streamName(id, typ uint16) string { return fmt.Sprintf("__substg1.0_%04x%04x", id, typ) }

func (o *object) long(id uint16) int { return int(int32(uint32(o.fixed[id]))) }

func (o *object) binary(id uint16) []byte { return o.stream(streamName(id, typeBinary)) }

// epoch is the start of FILETIME, in seconds before 1970. [MS-DTYP] 2.3.3
const epoch = 11644473600

func (o *object) time(id uint16) (time.Time, bool) {
	v := o.fixed[id]
	if v == 0 || v>>63 != 0 {
		return time.Time{}, false
	}
	t := time.Unix(int64(v/1e7)-epoch, 0).UTC()
	return t, t.Year() > 1970 && t.Year() < 10000
}

// text returns a string property, "" if there is none.
func (o *object) text(id uint16) string {
	if b := o.stream(streamName(id, typeUnicode)); len(b) > 0 {
		return unicodeText(b)
	}
	return strings.TrimRight(charset.Page(o.stream(streamName(id, typeString8)), o.page), "\x00")
}

// unicodeText decodes UTF-16LE. Outlook stores the text of some reports as
// 8-bit text in a Unicode property; it would come out as Chinese.
func unicodeText(b []byte) string {
	if narrow(b) {
		return string(b)
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(b[i:]))
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}

// minNarrow is the length of the shortest text that counts.
const minNarrow = 32

// narrow reports whether b can only be 8-bit text: long, ASCII throughout, and
// with line ends or blanks, whose UTF-16 would be no characters of one script.
func narrow(b []byte) bool {
	if len(b) < minNarrow {
		return false
	}
	blanks := 0
	for _, c := range b {
		switch {
		case c == ' ', c == '\n':
			blanks++
		case c == '\r', c == '\t', c > ' ' && c < 0x7f:
		default:
			return false
		}
	}
	return blanks*20 > len(b)
}

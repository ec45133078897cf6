// Package outlooktest writes .msg files for tests, in the way Outlook does: a
// compound file ([MS-CFB] version 3) of MAPI properties ([MS-OXMSG]).
package outlooktest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// Props are properties by their tag: the ID in the high half, the type in the
// low half, as in 0x0037001F. Strings, bytes and numbers are taken.
type Props map[uint32]any

// Message is what is to be written.
type Message struct {
	Props      Props
	Recipients []Props
	Files      []Props    // attachments by value
	Attached   []*Message // attached messages
}

// node is a storage (nil data) or a stream.
type node struct {
	name string
	data []byte
	kids []*node
}

// Build writes a .msg file.
func Build(m *Message) []byte {
	root := m.node("Root Entry", 32)
	return write(root)
}

func (m *Message) node(name string, header int) *node {
	n := &node{name: name, kids: streams(m.Props, header)}
	for i, r := range m.Recipients {
		n.kids = append(n.kids, &node{name: fmt.Sprintf("__recip_version1.0_#%08X", i), kids: streams(r, 8)})
	}
	i := 0
	attach := func(kids []*node) {
		n.kids = append(n.kids, &node{name: fmt.Sprintf("__attach_version1.0_#%08X", i), kids: kids})
		i++
	}
	for _, f := range m.Files {
		attach(streams(f, 8))
	}
	for _, a := range m.Attached {
		kids := streams(Props{0x37050003: 5}, 8)
		attach(append(kids, a.node("__substg1.0_3701000D", 24)))
	}
	return n
}

// streams writes the property stream and the streams of a storage.
func streams(props Props, header int) []*node {
	table := make([]byte, header)
	var list []*node
	tags := make([]uint32, 0, len(props))
	for tag := range props {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	for _, tag := range tags {
		row := make([]byte, 16)
		binary.LittleEndian.PutUint32(row, tag)
		switch v := props[tag].(type) {
		case int:
			binary.LittleEndian.PutUint64(row[8:], uint64(v))
		case string:
			b := []byte(v)
			if tag&0xffff == 0x001f {
				b = UTF16(v)
			}
			list = append(list, &node{name: fmt.Sprintf("__substg1.0_%08X", tag), data: b})
		case []byte:
			list = append(list, &node{name: fmt.Sprintf("__substg1.0_%08X", tag), data: v})
		}
		table = append(table, row...)
	}
	return append(list, &node{name: "__properties_version1.0", data: table})
}

// UTF16 encodes a string as Outlook does.
func UTF16(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// The marks in the tables of sectors. [MS-CFB] 2.1
const (
	sector    = 512
	endChain  = 0xfffffffe
	fatSector = 0xfffffffd
	none      = 0xffffffff
)

// file is a compound file that is being written.
type file struct {
	body    []byte
	fat     []uint32
	mini    []byte
	miniFAT []uint32
	dir     []byte
}

func write(root *node) []byte {
	f := &file{}
	f.entry(root, 5)
	f.children(0, root)
	start := f.store(f.mini) // the root entry is that of the mini stream
	binary.LittleEndian.PutUint32(f.dir[116:], start)
	binary.LittleEndian.PutUint64(f.dir[120:], uint64(len(f.mini)))
	dir := f.store(f.dir)
	mini := f.store(words(f.miniFAT))
	return append(f.header(dir, mini), f.body...)
}

// header writes the FAT at the end, and what names it.
func (f *file) header(dir, mini uint32) []byte {
	h := make([]byte, sector)
	copy(h, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	put16, put32 := binary.LittleEndian.PutUint16, binary.LittleEndian.PutUint32
	put16(h[24:], 0x3e)
	put16(h[26:], 3)
	put16(h[28:], 0xfffe)
	put16(h[30:], 9)
	put16(h[32:], 6)
	put32(h[48:], dir)
	put32(h[56:], 4096)
	put32(h[60:], mini)
	put32(h[64:], uint32((len(f.miniFAT)*4+sector-1)/sector))
	put32(h[68:], endChain)
	n := len(f.fat)/127 + 1 // sectors of the FAT, which lists itself too
	put32(h[44:], uint32(n))
	for i := range 109 {
		put32(h[76+4*i:], none)
	}
	for i := range n {
		put32(h[76+4*i:], uint32(len(f.fat)))
		f.fat = append(f.fat, fatSector)
	}
	for len(f.fat)%128 != 0 {
		f.fat = append(f.fat, none)
	}
	f.body = append(f.body, words(f.fat)...)
	return h
}

// store appends a chain of sectors and returns the first.
func (f *file) store(b []byte) uint32 {
	if len(b) == 0 {
		return endChain
	}
	first := uint32(len(f.fat))
	for i := 0; i < len(b); i += sector {
		f.body = append(f.body, b[i:min(i+sector, len(b))]...)
		f.fat = append(f.fat, uint32(len(f.fat)+1))
	}
	f.fat[len(f.fat)-1] = endChain
	f.body = append(f.body, make([]byte, len(f.fat)*sector-len(f.body))...)
	return first
}

// storeMini appends a chain of sectors of 64 bytes to the mini stream.
func (f *file) storeMini(b []byte) uint32 {
	if len(b) == 0 {
		return endChain
	}
	first := uint32(len(f.miniFAT))
	for range (len(b) + 63) / 64 {
		f.miniFAT = append(f.miniFAT, uint32(len(f.miniFAT)+1))
	}
	f.miniFAT[len(f.miniFAT)-1] = endChain
	f.mini = append(f.mini, b...)
	f.mini = append(f.mini, make([]byte, len(f.miniFAT)*64-len(f.mini))...)
	return first
}

// children writes the entries of a storage. Each is the right sibling of the
// one before it, which is a tree, if not a balanced one.
func (f *file) children(parent int, n *node) {
	at := parent*128 + 76
	for _, k := range n.kids {
		i := f.entry(k, 2)
		binary.LittleEndian.PutUint32(f.dir[at:], uint32(i))
		at = i*128 + 72
		if k.kids != nil {
			f.dir[i*128+66] = 1
			f.children(i, k)
			continue
		}
		start := uint32(0)
		if len(k.data) < 4096 {
			start = f.storeMini(k.data)
		} else {
			start = f.store(k.data)
		}
		binary.LittleEndian.PutUint32(f.dir[i*128+116:], start)
		binary.LittleEndian.PutUint64(f.dir[i*128+120:], uint64(len(k.data)))
	}
}

func (f *file) entry(n *node, kind byte) int {
	e := make([]byte, 128)
	name := UTF16(n.name)
	copy(e, name)
	binary.LittleEndian.PutUint16(e[64:], uint16(len(name)+2))
	e[66] = kind
	for _, at := range []int{68, 72, 76} {
		binary.LittleEndian.PutUint32(e[at:], none)
	}
	f.dir = append(f.dir, e...)
	return len(f.dir)/128 - 1
}

func words(list []uint32) []byte {
	var b []byte
	for _, v := range list {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// NDR is a non-delivery report as Outlook saves it: the fields of the
// delivery-status part are properties of the recipient.
func NDR(recipient, host, diagnostic string) *Message {
	status := "5.0.0"
	for word := range strings.FieldsSeq(diagnostic) {
		if strings.Count(word, ".") == 2 {
			status = word
			break
		}
	}
	return &Message{
		Props: Props{
			0x001a001f: "REPORT.IPM.Note.NDR", 0x0037001f: "Undeliverable: Offer",
			0x0c1a001f: "Microsoft Outlook", 0x6820001f: "dns;mail.contoso.com",
			0x1000001f: "Delivery has failed to these recipients or groups:\r\n\r\n" + recipient + "\r\n",
		},
		Recipients: []Props{{
			0x3001001f: recipient, 0x39fe001f: recipient, 0x0c200003: 571,
			0x0c1b001f: "<" + host + " #" + status + " smtp;" + diagnostic + ">",
		}},
	}
}

package outlook

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
)

// The parts of a compound file ([MS-CFB] 2).
const (
	headerSize  = 512
	entrySize   = 128  // [MS-CFB] 2.6.1
	miniSize    = 64   // [MS-CFB] 2.2, mini sector shift
	miniCutoff  = 4096 // [MS-CFB] 2.2, smaller streams are in the mini stream
	maxSector   = 0xfffffffa
	noStream    = 0xffffffff
	inHeader    = 109 // FAT sectors that the header itself names
	typeStorage = 1
	typeStream  = 2
	typeRoot    = 5
)

// signature starts every compound file. [MS-CFB] 2.2
const signature = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// maxRead bounds the bytes that are read from all streams together. Chains of
// a hostile file may overlap, so the size of the file is no bound.
const maxRead = 40 << 20

var (
	errFormat = errors.New("not a readable compound file")
	errLarge  = errors.New("the streams of the file are larger than the limit")
)

// compound is a compound file: a file system of storages and streams within a
// file. The reader is our own because it must be bounded: one that keeps the
// path of every entry needs gigabytes for a file of 2 MB whose storages are
// nested 15,000 deep.
type compound struct {
	data    []byte
	sector  int
	fat     []uint32
	miniFAT []uint32
	mini    []byte // the mini stream
	entries []entry
	seen    []bool // entries that belong to a storage already
	left    int    // bytes that may still be read
}

// entry is an entry of the directory.
type entry struct {
	name        string
	kind        byte
	left, right uint32
	child       uint32
	start       uint32
	size        uint64
}

func openCompound(data []byte) (*compound, error) {
	if len(data) < headerSize || !bytes.HasPrefix(data, []byte(signature)) {
		return nil, errFormat
	}
	shift := binary.LittleEndian.Uint16(data[30:])
	if shift != 9 && shift != 12 { // [MS-CFB] 2.2
		return nil, errFormat
	}
	c := &compound{data: data, sector: 1 << shift, left: maxRead}
	c.fat = c.table(c.fatSectors())
	c.miniFAT = c.table(c.chain(binary.LittleEndian.Uint32(data[60:])))
	if err := c.directory(binary.LittleEndian.Uint32(data[48:])); err != nil {
		return nil, err
	}
	root := &c.entries[0]
	mini, err := c.sectors(root.start, root.size)
	c.mini = mini
	return c, err
}

// at returns the bytes of a sector, fewer at the end of the file.
func (c *compound) at(sector uint32) []byte {
	off := (int64(sector) + 1) * int64(c.sector)
	if off >= int64(len(c.data)) {
		return nil
	}
	return c.data[off:min(off+int64(c.sector), int64(len(c.data)))]
}

// fatSectors lists the sectors of the FAT: those in the header, then those in
// the DIFAT chain ([MS-CFB] 2.5). No sector counts twice.
func (c *compound) fatSectors() []uint32 {
	most := len(c.data)/c.sector + 1
	seen := map[uint32]bool{}
	var list []uint32
	add := func(b []byte) {
		for ; len(b) >= 4; b = b[4:] {
			s := binary.LittleEndian.Uint32(b)
			if s < maxSector && !seen[s] && c.at(s) != nil && len(list) < most {
				seen[s] = true
				list = append(list, s)
			}
		}
	}
	add(c.data[headerSize-4*inHeader : headerSize])
	next := binary.LittleEndian.Uint32(c.data[68:])
	visited := map[uint32]bool{}
	for next < maxSector && !visited[next] {
		visited[next] = true
		b := c.at(next)
		if len(b) < c.sector {
			break
		}
		add(b[:c.sector-4])
		next = binary.LittleEndian.Uint32(b[c.sector-4:])
	}
	return list
}

// table joins sectors to a table of sector numbers.
func (c *compound) table(sectors []uint32) []uint32 {
	list := make([]uint32, 0, len(sectors)*c.sector/4)
	for _, s := range sectors {
		b := c.at(s)
		for ; len(b) >= 4; b = b[4:] {
			list = append(list, binary.LittleEndian.Uint32(b))
		}
	}
	return list
}

// chain lists the sectors from start on. A chain that is longer than the file
// has a loop and ends there.
func (c *compound) chain(start uint32) []uint32 {
	most := len(c.data)/c.sector + 1
	var list []uint32
	for s := start; int64(s) < int64(len(c.fat)) && c.at(s) != nil && len(list) < most; s = c.fat[s] {
		list = append(list, s)
	}
	return list
}

func (c *compound) directory(start uint32) error {
	for _, s := range c.chain(start) {
		b := c.at(s)
		for ; len(b) >= entrySize; b = b[entrySize:] {
			c.entries = append(c.entries, readEntry(b, c.sector))
		}
	}
	if len(c.entries) == 0 || c.entries[0].kind != typeRoot {
		return errFormat
	}
	c.seen = make([]bool, len(c.entries))
	return nil
}

// readEntry reads an entry of the directory. [MS-CFB] 2.6.1
func readEntry(b []byte, sector int) entry {
	u32 := binary.LittleEndian.Uint32
	e := entry{
		kind: b[66], left: u32(b[68:]), right: u32(b[72:]), child: u32(b[76:]), start: u32(b[116:]),
		size: binary.LittleEndian.Uint64(b[120:]),
	}
	if sector == headerSize { // version 3: the high half may hold anything
		e.size = uint64(u32(b[120:]))
	}
	n := min(int(binary.LittleEndian.Uint16(b[64:])), 64)/2 - 1 // without the final NUL
	var name []uint16
	for i := range max(n, 0) {
		name = append(name, binary.LittleEndian.Uint16(b[2*i:]))
	}
	e.name = string(utf16.Decode(name))
	return e
}

// children lists what is in a storage. An entry belongs to one storage only,
// so loops end and the work is linear in the size of the file.
func (c *compound) children(e *entry) []*entry {
	var list []*entry
	todo := []uint32{e.child}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if i == noStream || int64(i) >= int64(len(c.entries)) || c.seen[i] {
			continue
		}
		c.seen[i] = true
		k := &c.entries[i]
		if k.kind == typeStorage || k.kind == typeStream {
			list = append(list, k)
		}
		todo = append(todo, k.right, k.left)
	}
	return list
}

// read returns the bytes of a stream, as many as the file holds.
func (c *compound) read(e *entry) ([]byte, error) {
	if e.size >= miniCutoff {
		return c.sectors(e.start, e.size)
	}
	var out []byte
	s := e.start
	for uint64(len(out)) < e.size && int64(s) < int64(len(c.miniFAT)) {
		off := int64(s) * miniSize
		if off >= int64(len(c.mini)) {
			break
		}
		out = append(out, c.mini[off:min(off+miniSize, int64(len(c.mini)))]...)
		s = c.miniFAT[s]
	}
	return c.charge(out, e.size)
}

// sectors returns the bytes of a chain of whole sectors.
func (c *compound) sectors(start uint32, size uint64) ([]byte, error) {
	chain := c.chain(start)
	size = min(size, uint64(len(chain))*uint64(c.sector))
	if size > uint64(c.left) {
		return nil, errLarge
	}
	out := make([]byte, 0, int(size)+c.sector)
	for _, s := range chain {
		if uint64(len(out)) >= size {
			break
		}
		out = append(out, c.at(s)...)
	}
	return c.charge(out, size)
}

// charge counts what was read.
func (c *compound) charge(b []byte, size uint64) ([]byte, error) {
	b = b[:min(uint64(len(b)), size)]
	c.left -= len(b)
	if c.left < 0 {
		return nil, errLarge
	}
	return b, nil
}

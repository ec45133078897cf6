package container

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"mime"
	"strings"

	"maildiag/checks/refusal/message/eml"
)

// The limits of archives.
const (
	maxMembers = 1000  // that are read
	maxEntries = 20000 // in the directory of an archive
	maxRatio   = 200   // bytes out for one byte in
	freeRatio  = 1 << 20
	maxMbox    = 100 // messages of a mailbox
)

// zip adds the members of a zip archive. Their names are only shown: nothing
// is written anywhere.
func (o *opener) zip(it *Item) {
	it.Kind = Archive
	// The reader keeps every entry, whatever their stated number is.
	if bytes.Count(it.Data, []byte("PK\x01\x02")) > maxEntries {
		o.note("%s has more than %d files and was not read", it.Name, maxEntries)
		return
	}
	z, err := zip.NewReader(bytes.NewReader(it.Data), int64(len(it.Data)))
	if err != nil {
		o.note("%s is not a readable zip archive: %v", it.Name, err)
		return
	}
	read := 0
	for _, f := range z.File {
		if !f.Mode().IsRegular() {
			continue
		}
		if read++; read > maxMembers {
			o.note("files after the first %d of %s were not read", maxMembers, it.Name)
			return
		}
		o.member(it, f)
	}
}

func (o *opener) member(it *Item, f *zip.File) {
	r, err := f.Open()
	if err == nil {
		defer r.Close()
		var data []byte
		if data, err = o.unpack(r, int64(min(f.CompressedSize64, uint64(len(it.Data))))); data != nil {
			o.add(it, memberName(f.Name), data)
			return
		}
	}
	switch {
	case err != nil && f.Flags&1 != 0: // APPNOTE 4.4.4
		o.note("%s is encrypted and was not read", memberName(f.Name))
	case err != nil:
		o.note("%s cannot be unpacked: %v", memberName(f.Name), err)
	}
}

// gzip replaces a compressed report by what it holds.
func (o *opener) gzip(it *Item) {
	it.Kind = Archive
	r, err := gzip.NewReader(bytes.NewReader(it.Data))
	if err != nil {
		o.note("%s is not a readable gzip file: %v", it.Name, err)
		return
	}
	data, err := o.unpack(r, int64(len(it.Data)))
	if err != nil {
		o.note("%s cannot be unpacked: %v", it.Name, err)
	}
	if data == nil {
		return
	}
	name := strings.TrimSuffix(it.Name, ".gz")
	if r.Name != "" {
		name = baseName(r.Name)
	}
	o.add(it, name, data)
}

// unpack reads what comes out of packed bytes, nil if it is beyond the limits.
func (o *opener) unpack(r io.Reader, packed int64) ([]byte, error) {
	byRatio, byTotal := max(packed*maxRatio, freeRatio), int64(o.left)
	most := min(byRatio, byTotal)
	var b bytes.Buffer
	b.Grow(int(min(most, packed)) + bytes.MinRead)
	_, err := b.ReadFrom(io.LimitReader(r, most+1))
	data := b.Bytes()
	o.left -= min(len(data), o.left)
	switch {
	case int64(len(data)) <= most:
		return data, err
	case byRatio < byTotal:
		o.note("a file that unpacks to more than %d times its size was not read", maxRatio)
	default:
		o.note("the input beyond %d MiB (unpacked) was not read", MaxOutput>>20)
	}
	return nil, nil
}

// baseName returns the last element of a path, with either slash.
func baseName(s string) string { return endOf(s[strings.LastIndexAny(s, `/\`)+1:]) }

// memberName returns the name of a member with its folders, for an archive may
// hold two files of one name; without them if they lead out of the archive.
func memberName(s string) string {
	if !fs.ValidPath(s) || strings.ContainsAny(s, `\:`) {
		return baseName(s)
	}
	return endOf(s)
}

// endOf returns the end of a name that is too long to show.
func endOf(s string) string { return strings.ToValidUTF8(s[max(0, len(s)-maxName):], "") }

// mailbox cuts a file in mbox format (RFC 4155) into its messages; another
// input is one.
func mailbox(data []byte) [][]byte {
	if !eml.IsMbox(data) {
		return [][]byte{data}
	}
	var all [][]byte
	mark := []byte("\nFrom ")
	start := 0
	for at := 1; len(all) < maxMbox-1; {
		i := bytes.Index(data[at:], mark)
		if i < 0 {
			break
		}
		at += i + 1
		if eml.IsMbox(data[at:]) && eml.IsMessage(data[at:]) {
			all = append(all, data[start:at])
			start = at
		}
	}
	return append(all, data[start:])
}

func dispositionName(field string) string {
	const most = 4 << 10
	_, params, err := mime.ParseMediaType(strings.TrimRight(field[:min(len(field), most)], "; \t"))
	if err != nil {
		return ""
	}
	return params["filename"]
}

package eml

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"

	"maildiag/checks/refusal/message/eml/charset"
)

func (p *Part) encoding() string {
	return strings.ToLower(strings.TrimSpace(p.Get("Content-Transfer-Encoding")))
}

func (p *Part) encoded() bool {
	e := p.encoding()
	return e == "base64" || e == "quoted-printable"
}

// Text returns the body of a part decoded and in UTF-8 as far as its charset is
// one that Go knows without tables; other bytes stay as they are. At most
// MaxDecoded bytes are given.
func (p *Part) Text() string { return p.TextUpTo(MaxDecoded) }

// TextUpTo is Text for those who need its first n bytes at most.
func (p *Part) TextUpTo(n int) string {
	r := &reader{decoded: min(n, MaxDecoded)}
	return decoded(r.decode(p), p.Params["charset"])
}

// Content returns the first n bytes of the body of a part with its transfer
// encoding undone.
func (p *Part) Content(n int) []byte {
	r := &reader{decoded: min(n, MaxDecoded)}
	return r.decode(p)
}

// decode undoes the transfer encoding. Faulty base64 or quoted-printable is
// given as far as it goes.
func (r *reader) decode(p *Part) []byte {
	var src io.Reader = bytes.NewReader(p.Body)
	switch p.encoding() {
	case "base64":
		src = base64.NewDecoder(base64.StdEncoding, &alphabet{src: src})
	case "quoted-printable":
		src = quotedprintable.NewReader(src)
	default:
		return p.Body[:min(len(p.Body), r.decoded)]
	}
	out, err := io.ReadAll(io.LimitReader(src, int64(r.decoded)))
	r.decoded -= len(out)
	if r.decoded <= 0 {
		r.note("more than %d MiB of encoded content was not checked", MaxDecoded>>20)
	}
	if err != nil && len(out) == 0 {
		return p.Body[:min(len(p.Body), MaxDecoded)]
	}
	return out
}

// alphabet lets through only what base64 is made of.
type alphabet struct{ src io.Reader }

func (a *alphabet) Read(b []byte) (int, error) {
	n, err := a.src.Read(b)
	k := 0
	for _, c := range b[:n] {
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' ||
			c == '=' {
			b[k] = c
			k++
		}
	}
	return k, err
}

func decoded(b []byte, name string) string {
	if strings.HasPrefix(strings.ToLower(name), "utf-16") {
		if s, ok := UTF16(b); ok {
			return s
		}
	}
	return charset.Text(b, name)
}

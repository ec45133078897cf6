package message

import (
	"bytes"

	"maildiag/checks/refusal/message/eml"
)

// Clean brings a message into the form in which it was transmitted: without a
// byte order mark and mbox line before it, with CRLF at the end of each line,
// and with the empty line that ends the header. Saving a message often takes
// these away, and signatures are about the transmitted form.
func Clean(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.TrimLeft(data, "\r\n")
	if eml.IsMbox(data) {
		_, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
	}
	out := make([]byte, 0, len(data)+len(data)/32+4)
	for i, c := range data {
		if c == '\n' && (i == 0 || data[i-1] != '\r') {
			out = append(out, '\r')
		}
		out = append(out, c)
	}
	if !bytes.Contains(out, []byte("\r\n\r\n")) {
		out = append(bytes.TrimRight(out, "\r\n"), "\r\n\r\n"...)
	}
	return out
}

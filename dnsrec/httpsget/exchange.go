package httpsget

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// maxInterim bounds the 1xx responses before the final one.
const maxInterim = 5

// keptHeaders are the header fields that a report may show.
var keptHeaders = []string{"Content-Length", "Content-Encoding", "Server", "Date", "Retry-After"}

// exchange sends the request over conn, which runs on raw, and reads the
// response into r.
func exchange(conn io.ReadWriter, raw *wire, u *url.URL, limit int, r *Response) *Error {
	req := &http.Request{Method: http.MethodGet, URL: u, Host: strings.TrimSuffix(u.Host, "."), Close: true,
		Header: http.Header{"User-Agent": {"maildiag"}, "Accept-Encoding": {"identity"}}}
	if err := req.Write(conn); err != nil {
		return classify(PhaseHeader, err)
	}
	in := &budget{r: conn, left: headerLimit}
	res, err := readHeader(bufio.NewReader(in), req)
	if err != nil {
		return headerFault(err, in.ended)
	}
	defer res.Body.Close()
	note(res, r)
	in.left = limit + framingLimit
	if fault := readBody(res, limit, r); fault != nil {
		return fault
	}
	if raw.ended && res.ContentLength < 0 && len(res.TransferEncoding) == 0 {
		return &Error{Kind: KindCut, Phase: PhaseBody} // nothing but TLS tells the end of this body
	}
	return nil
}

// readHeader reads up to the header of the final response.
func readHeader(br *bufio.Reader, req *http.Request) (*http.Response, error) {
	for range maxInterim {
		res, err := http.ReadResponse(br, req)
		if err != nil || res.StatusCode >= 200 {
			return res, err
		}
	}
	return nil, errors.New("too many interim responses")
}

// headerFault classifies what is wrong with a header: what is not a fault of the
// connection is not HTTP.
func headerFault(err error, ended bool) *Error {
	fault := classify(PhaseHeader, err)
	switch {
	case ended:
		fault.Kind = KindCut
	case fault.Kind == KindNetwork, fault.Kind == KindTooLarge:
		fault.Kind = KindBadHTTP
	}
	return fault
}

func note(res *http.Response, r *Response) {
	r.Status = res.StatusCode
	r.ContentType = clip(res.Header.Get("Content-Type"))
	r.Location = clip(res.Header.Get("Location"))
	for _, name := range keptHeaders {
		if v := res.Header.Get(name); v != "" {
			if r.Header == nil {
				r.Header = map[string]string{}
			}
			r.Header[name] = clip(v)
		}
	}
}

// readBody reads the body of a response of status 200; that of others is of no
// use and left.
func readBody(res *http.Response, limit int, r *Response) *Error {
	if res.StatusCode != http.StatusOK {
		return nil
	}
	if enc := strings.ToLower(res.Header.Get("Content-Encoding")); enc != "" && enc != "identity" {
		return &Error{Kind: KindEncoded, Phase: PhaseBody, Text: "Content-Encoding: " + clip(enc)}
	}
	if res.ContentLength > int64(limit) {
		return &Error{Kind: KindTooLarge, Phase: PhaseBody}
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, int64(limit)+1))
	r.Body = body[:min(len(body), limit)]
	switch {
	case len(body) > limit:
		return &Error{Kind: KindTooLarge, Phase: PhaseBody}
	case err != nil:
		fault := classify(PhaseBody, err)
		if fault.Kind == KindNetwork { // chunks that are none
			fault.Kind = KindBadHTTP
		}
		return fault
	}
	return nil
}

// Winsock's own numbers; syscall's names stand for others there.
const (
	wsaAborted syscall.Errno = 10053
	wsaReset   syscall.Errno = 10054
	wsaRefused syscall.Errno = 10061
)

// classify finds the kind of a fault of the connection; KindNetwork if it is
// none that is known.
func classify(phase Phase, err error) *Error {
	fault := &Error{Kind: KindNetwork, Phase: phase, Text: clip(err.Error())}
	var timeout net.Error
	var errno syscall.Errno
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, errBudget):
		fault.Kind = KindTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, context.Canceled), errors.As(err, &timeout) && timeout.Timeout():
		fault.Kind = KindTimeout
	case errors.As(err, &errno):
		fault.Kind = errnoKind(errno)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		fault.Kind = KindCut
	case strings.HasSuffix(err.Error(), noProtocol):
		fault.Kind = KindALPN
	case errors.As(err, &record), phase == PhaseTLS:
		fault.Kind = KindTLS
	}
	return fault
}

// noProtocol ends the text of the alert no_application_protocol (RFC 7301 3.2),
// whose type crypto/tls keeps to itself.
const noProtocol = "no application protocol"

func errnoKind(e syscall.Errno) Kind {
	switch e {
	case syscall.ECONNREFUSED, wsaRefused:
		return KindRefused
	case syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, wsaReset, wsaAborted:
		return KindReset
	case syscall.ETIMEDOUT:
		return KindTimeout
	}
	return KindNetwork
}

// maxText bounds a single text taken over from the server, in bytes.
const maxText = 512

// clip bounds s and makes it valid UTF-8, so that it survives JSON.
func clip(s string) string {
	s = s[:min(len(s), maxText)]
	return strings.ToValidUTF8(s, "\uFFFD")
}

package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/mail"
	"net/url"
	"strings"

	"maildiag/checks/refusal/replies"
	"maildiag/service/run"
	"maildiag/service/upload"
)

// kind is what somebody typed or pasted.
type kind int

const (
	kindNothing kind = iota
	kindDomain
	kindNear // no domain, but the name of one is in it
	kindText // to be explained
)

// classify finds out what a text is; name is the domain that it names.
func classify(text string) (k kind, name string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return kindNothing, ""
	}
	if _, known := replies.ByID(strings.ToLower(text)); known || len(text) > 300 {
		return kindText, ""
	}
	name = text
	if a, err := mail.ParseAddress(text); err == nil {
		name = a.Address[strings.LastIndexByte(a.Address, '@')+1:]
	} else if u, err := url.Parse(text); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		name = u.Hostname()
	}
	if ascii, _, err := run.Target(name); err == nil {
		return kindDomain, ascii
	}
	if near := run.Near(text); near != nil {
		return kindNear, near.(*run.NearError).Domain
	}
	return kindText, ""
}

// The bounds of a form.
const (
	maxParts  = 8
	maxPasted = 4 << 20
	maxField  = 200 // bytes of the short fields
)

// form is what the box sends.
type form struct {
	csrf, tab, fresh string
	text             string // pasted
}

// errForm is returned for what no page of ours sends.
var errForm = errors.New("the form cannot be read; go back to the start and try again")

// errPasted is returned for a text that is too long to be pasted.
var errPasted = errors.New("the text is too long to be pasted; give it as a file")

// readForm reads the fields and calls file with the file, if there is one. The
// fields stand before it.
func readForm(w http.ResponseWriter, r *http.Request, file func(f *form, name string, body io.Reader) error) (*form, error) {
	r.Body = http.MaxBytesReader(w, r.Body, upload.Max+1<<20)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, errForm
	}
	f := new(form)
	for range maxParts {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return f, nil
		case err != nil:
			return nil, formError(err)
		}
		if part.FormName() == "file" {
			if part.FileName() == "" {
				continue
			}
			return f, file(f, part.FileName(), part)
		}
		if err := f.field(part); err != nil {
			return nil, formError(err)
		}
	}
	return nil, errForm
}

// formError keeps the errors that have a meaning of their own.
func formError(err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) || errors.Is(err, errPasted) {
		return err
	}
	return errForm
}

// field reads a field that is not the file.
func (f *form) field(part *multipart.Part) error {
	to, most := map[string]*string{"csrf": &f.csrf, "tab": &f.tab, "fresh": &f.fresh, "q": &f.text}[part.FormName()], maxField
	if to == nil {
		return errForm
	}
	if to == &f.text {
		most = maxPasted
	}
	text, err := io.ReadAll(io.LimitReader(part, int64(most)+1))
	switch {
	case err != nil:
		return err
	case len(text) > most && to == &f.text:
		return errPasted
	case len(text) > most:
		return errForm
	}
	*to = string(text)
	return nil
}

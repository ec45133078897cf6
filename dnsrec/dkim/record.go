package dkim

import (
	"encoding/base64"
	"fmt"
	"strings"

	"maildiag/dnsrec/taglist"
)

// Version is the only value of v= (RFC 6376 3.6.1).
const Version = "DKIM1"

// The key types of k=.
const (
	TypeRSA     = "rsa"     // RFC 6376 3.6.1, the default
	TypeEd25519 = "ed25519" // RFC 8463 4.2
)

// Record is one key record. The fields hold what is published; a tag that is
// absent leaves its field empty.
type Record struct {
	Version     string        // v=: "DKIM1", or empty where the tag is absent, which is allowed
	KeyType     string        // k=: empty means rsa; see Type
	Hashes      []string      // h=: acceptable hashes; empty means all
	Services    []string      // s=: service types; empty means "*"
	Flags       []string      // t=: "y" testing, "s" strict
	Notes       string        // n=: for humans
	Granularity string        // g= of RFC 4871, withdrawn by RFC 6376
	Extra       []taglist.Tag // tags not known to this package, without positions
	Data        []byte        // p=: decoded; empty means revoked
	Key         Key           // what Data holds
}

// Type is the key's type: KeyType, or rsa where the tag is absent.
func (r *Record) Type() string {
	if r.KeyType == "" {
		return TypeRSA
	}
	return r.KeyType
}

// Revoked reports whether the key of a record without fault was withdrawn: p= is
// there, and empty.
func (r *Record) Revoked() bool { return len(r.Data) == 0 } // RFC 6376 3.6.1

// Testing reports whether the owner asks receivers to treat a failing signature
// like none at all (t=y).
func (r *Record) Testing() bool { return has(r.Flags, "y") }

// ForEmail reports whether the key may be used for e-mail (s=).
func (r *Record) ForEmail() bool {
	return len(r.Services) == 0 || has(r.Services, "*") || has(r.Services, "email")
}

// SHA256 reports whether signatures with SHA-256 are acceptable (h=). All other
// hashes that were ever defined are forbidden (RFC 8301 3.1).
func (r *Record) SHA256() bool { return len(r.Hashes) == 0 || has(r.Hashes, "sha256") }

func has(list []string, want string) bool {
	for _, item := range list {
		if strings.EqualFold(item, want) {
			return true
		}
	}
	return false
}

// String returns the record ready to publish, as one string without quotes.
// Parse reads it back to an equal Record.
func (r *Record) String() string {
	var b strings.Builder
	put := func(name, value string) {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(name + "=" + value)
	}
	opt := func(name, value string) {
		if value != "" {
			put(name, value)
		}
	}
	opt("v", r.Version)
	opt("k", r.KeyType)
	opt("h", strings.Join(r.Hashes, ":"))
	opt("s", strings.Join(r.Services, ":"))
	opt("t", strings.Join(r.Flags, ":"))
	opt("n", r.Notes)
	opt("g", r.Granularity)
	for _, t := range r.Extra {
		put(t.Name, t.Value)
	}
	put("p", base64.StdEncoding.EncodeToString(r.Data))
	return b.String()
}

// Problem is one fault of a record, at a place.
type Problem struct {
	Kind  Kind
	Tag   string // the tag it is about, if one
	Pos   int    // byte offset in the text
	Text  string // what is wrong, for a person
	Want  string // the whole record as it should be, where that can be told
	Fatal bool   // receivers cannot use the record
}

func (p *Problem) Error() string {
	return fmt.Sprintf("dkim: at character %d: %s", p.Pos+1, p.Text)
}

// Kind names the sort of a Problem.
type Kind string

// The kinds of Problem.
const (
	KindVersion     Kind = "version"      // v= is not DKIM1, or not first
	KindSyntax      Kind = "syntax"       // a piece that is no tag
	KindDuplicate   Kind = "duplicate"    // a tag twice
	KindMissingKey  Kind = "missing-key"  // no p=
	KindBase64      Kind = "base64"       // p= cannot be decoded
	KindTruncated   Kind = "truncated"    // the key is cut
	KindSwapped     Kind = "swapped"      // the strings of the key are in the wrong order
	KindKey         Kind = "key"          // decoded, but no key of its type
	KindKeyType     Kind = "key-type"     // k= that nobody knows
	KindKeyForm     Kind = "key-form"     // a key, but not in the form all verifiers take
	KindHash        Kind = "hash"         // h= excludes SHA-256
	KindService     Kind = "service"      // s= excludes e-mail
	KindGranularity Kind = "granularity"  // g= left from RFC 4871
	KindBlank       Kind = "blank"        // white space inside p=
	KindUnknown     Kind = "unknown-tag"  // a tag that is ignored
	KindFlag        Kind = "unknown-flag" // a t= flag that is ignored
)

// Parse reads the text of one TXT record. ours reports whether it is meant as a
// key record at all. If it is and receivers cannot use it, err is a *Problem,
// the first fatal one, and rec holds what could be read.
func Parse(txt string) (rec *Record, ours bool, err error) {
	rec, problems := Examine(txt)
	for i := range problems {
		if problems[i].Fatal {
			return rec, rec != nil, &problems[i]
		}
	}
	return rec, rec != nil, nil
}

package dkim

import (
	"cmp"
	"encoding/base64"
	"sort"
	"strings"
	"unicode/utf8"

	"maildiag/dnsrec/taglist"
)

// decode reads p= into the record, and if it cannot, finds out what was done
// to the key on its way into the DNS.
func (p *parser) decode(t taglist.Tag) {
	data, bad := decodeBase64(t.Value)
	if bad < 0 {
		key, fault := parseKey(p.rec.Type(), data)
		p.rec.Data, p.rec.Key = data, key
		if fault == nil {
			p.harmless(t, key)
			return
		}
		p.say(fault.kind, t, t.ValuePos, true, "%s", fault.text)
	} else {
		p.base64Problem(t, bad)
	}
	p.diagnose(t)
}

// harmless notes what works but is not as it should be.
func (p *parser) harmless(t taglist.Tag, k Key) {
	if i := strings.IndexAny(t.Value, taglist.WSP); i >= 0 { // RFC 6376 3.6.1 allows it
		p.say(KindBlank, t, t.ValuePos+i, false, "white space inside the key; it is allowed, and some "+
			"verifiers stumble over it")
	}
	if k.Exponent > 1<<31-1 { // beyond what Go, Windows and others calculate with
		p.say(KindKey, t, t.ValuePos, false, "the exponent of the RSA key, %d, is larger than many "+
			"verifiers accept; 65537 is usual", k.Exponent)
	}
	if k.Form == FormPKCS1 {
		p.say(KindKeyForm, t, t.ValuePos, false,
			"the key is a bare RSAPublicKey; all others publish a SubjectPublicKeyInfo (it begins with "+
				"MI...), and some verifiers take nothing else")
	}
}

// base64Problem says where p= stops being base64.
func (p *parser) base64Problem(t taglist.Tag, bad int) {
	if bad == len(t.Value) {
		p.say(KindBase64, t, t.ValuePos+len(t.Value), true,
			"the key ends in the middle of a group of 4 base64 characters; it is cut, or its last = signs "+
				"are missing")
		return
	}
	_, size := utf8.DecodeRuneInString(t.Value[bad:])
	p.say(KindBase64, t, t.ValuePos+bad, true, "%s is not part of base64", quote(t.Value[bad:bad+size]))
}

// diagnose tries the ways in which keys are known to be damaged; if undoing
// one returns a good key, that was it.
func (p *parser) diagnose(t taglist.Tag) {
	last := &p.problems[len(p.problems)-1]
	for _, d := range damages {
		data, bad := decodeBase64(d.undo(t.Value))
		if bad >= 0 || len(data) == 0 {
			continue
		}
		typ := cmp.Or(d.keyType, p.rec.Type())
		key, fault := parseKey(typ, data)
		if fault != nil || key.Form == FormPKCS1 {
			continue
		}
		fixed := *p.rec
		fixed.Version, fixed.Data = Version, data
		if d.keyType != "" {
			fixed.KeyType = typ
		}
		last.Text, last.Want, last.Kind = d.text, fixed.String(), cmp.Or(d.kind, last.Kind)
		return
	}
}

// damage is one way in which a key is broken between its maker and the DNS.
type damage struct {
	text    string
	kind    Kind
	keyType string // the type it turns out to be, if it is not what k= says
	undo    func(value string) string
}

var damages = []damage{
	{"the key was published with its quotation marks or backslashes; write it without",
		KindBase64, "", func(v string) string { return drop(v, "\"'\\"+taglist.WSP) }},
	{"the PEM lines (-----BEGIN ... KEY-----) were pasted too; only what is between them belongs here",
		KindBase64, "", stripPEM},
	{"the key is in URL-safe base64; write + for - and / for _",
		KindBase64, "", func(v string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(v) }},
	{"the = signs that end the key are missing",
		KindBase64, "", pad},
	{"the two strings of the key are in the wrong order: its end comes first",
		KindSwapped, "", unswap},
	{"the plus signs of the key were turned into spaces",
		KindBase64, "", func(v string) string { return strings.ReplaceAll(v, " ", "+") }},
	{"the Ed25519 key is wrapped in a SubjectPublicKeyInfo; only its last 32 bytes belong here",
		KindKey, "", unwrapEd25519},
	{"this is an Ed25519 key, but k=ed25519 is missing",
		KindKey, TypeEd25519, unwrapEd25519},
	{"this is an Ed25519 key, but k=ed25519 is missing",
		KindKey, TypeEd25519, func(v string) string { return v }},
	{"this is an RSA key, but k= says otherwise",
		KindKeyType, TypeRSA, func(v string) string { return v }},
}

// drop removes the bytes of cutset from s.
func drop(s, cutset string) string {
	if !strings.ContainsAny(s, cutset) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(cutset, r) {
			return -1
		}
		return r
	}, s)
}

func stripPEM(v string) string {
	_, body, begun := strings.Cut(v, "-----BEGIN")
	_, body, named := strings.Cut(body, "KEY-----")
	body, _, _ = strings.Cut(body, "-----END")
	if !begun || !named {
		return ""
	}
	return drop(body, "\"'\\"+taglist.WSP)
}

func pad(v string) string {
	v = strings.TrimRight(drop(v, taglist.WSP), "=")
	return v + strings.Repeat("=", (4-len(v)%4)%4)
}

// unswap turns the text so that it begins where the header of an RSA key is:
// the markers are the algorithm's name in base64, at their distance from the
// beginning (for lengths of one and of two bytes).
func unswap(v string) string {
	v = drop(v, taglist.WSP)
	i := strings.Index(v, "ANBgkqhkiG9w0BAQEF") - 6
	if i <= 0 {
		i = strings.Index(v, "MA0GCSqGSIb3DQEBAQUA") - 4
	}
	if i <= 0 {
		return ""
	}
	return v[i:] + v[:i]
}

func unwrapEd25519(v string) string {
	data, bad := decodeBase64(drop(v, taglist.WSP))
	if bad >= 0 {
		return ""
	}
	spki, err := parseSPKI(data)
	if err != nil || !spki.Algorithm.OID.Equal(oidEd25519) {
		return ""
	}
	return base64.StdEncoding.EncodeToString(spki.Key.Bytes)
}

// decodeBase64 decodes text, in which white space may stand anywhere; bad is
// the offset of the first byte that does not belong, len(text) if the end is
// missing, -1 if all is well.
func decodeBase64(text string) (data []byte, bad int) {
	data, err := base64.StdEncoding.DecodeString(drop(text, taglist.WSP))
	if err == nil {
		return data, -1
	}
	body := strings.TrimRight(text, "="+taglist.WSP)
	for i := range len(body) {
		if c := body[i]; !isBase64(c) && strings.IndexByte(taglist.WSP, c) < 0 {
			return nil, i
		}
	}
	return nil, len(text)
}

func isBase64(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}

func sortByPos(ps []Problem) {
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].Pos < ps[j].Pos })
}

package dkim

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// der wraps contents in a DER value.
func der(tag byte, contents ...[]byte) []byte {
	body := bytes.Join(contents, nil)
	n := len(body)
	switch {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, body...)
	}
	return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
}

// integer makes a positive DER INTEGER of big-endian bytes.
func integer(b ...byte) []byte {
	if len(b) > 0 && b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return der(2, b)
}

// modulus makes an odd number of exactly so many bits.
func modulus(bits int) []byte {
	b := make([]byte, (bits+7)/8)
	r := rand.New(rand.NewPCG(1, uint64(bits)))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	top := byte(1) << ((bits - 1) % 8)
	b[0] = b[0]&(top-1) | top
	b[len(b)-1] |= 1
	return b
}

func spkiOf(oid asn1.ObjectIdentifier, key []byte) []byte {
	o, _ := asn1.Marshal(oid)
	return der(0x30, der(0x30, o, []byte{5, 0}), der(3, append([]byte{0}, key...)))
}

func rsaKey(bits int) []byte {
	return spkiOf(oidRSA, der(0x30, integer(modulus(bits)...), integer(1, 0, 1)))
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func TestFault_060_KeySizes(t *testing.T) {
	tests := []struct {
		bits int
		want Size
	}{
		{512, SizeForbidden}, {768, SizeForbidden}, {1023, SizeForbidden}, {1024, SizeShort},
		{2048, SizeGood}, {4096, SizeGood}, {8192, SizeLarge}, {16384, SizeAbsurd},
	}
	for _, tt := range tests {
		rec, ours, err := Parse("v=DKIM1; k=rsa; p=" + b64(rsaKey(tt.bits)))
		if !ours || err != nil {
			t.Fatalf("%d bits: ours %v, %v", tt.bits, ours, err)
		}
		if rec.Key.Bits != tt.bits || rec.Key.Size() != tt.want || rec.Key.Exponent != 65537 {
			t.Errorf("%d bits: got %+v, size %d, want size %d", tt.bits, rec.Key, rec.Key.Size(), tt.want)
		}
	}
}

func TestFault_061_HugeKeyCostsNothing(t *testing.T) {
	key := spkiOfLarge(262144, []byte{0x7f, 0xff, 0xff, 0xff})
	txt := "v=DKIM1; p=" + b64(key)
	best := time.Hour
	for range 10 { // the best of ten: other work on the machine is not ours
		began := time.Now()
		rec, _, err := Parse(txt)
		best = min(best, time.Since(began))
		if err != nil || rec.Key.Bits != 262144 || rec.Key.Size() != SizeAbsurd || rec.Key.Exponent != 1<<31-1 {
			t.Fatalf("got %+v, %v", rec.Key, err)
		}
	}
	t.Logf("%d base64 characters parsed in %v", len(txt), best)
	if best > 50*time.Millisecond {
		t.Errorf("parsing takes %v", best)
	}
}

func spkiOfLarge(bits int, e []byte) []byte {
	o, _ := asn1.Marshal(oidRSA)
	return der(0x30, der(0x30, o, []byte{5, 0}), der(3, append([]byte{0}, der(0x30, integer(modulus(bits)...), integer(e...))...)))
}

func TestFault_062_BrokenKeys(t *testing.T) {
	n := integer(modulus(2048)...)
	rsa := func(n, e []byte) string { return "v=DKIM1; k=rsa; p=" + b64(spkiOf(oidRSA, der(0x30, n, e))) }
	good := b64(rsaKey(2048))
	negative := append([]byte{0xff}, modulus(2040)...)
	tests := []struct {
		name, txt, kind, text string
	}{
		{"e=1", rsa(n, integer(1)), "key", "exponent"},
		{"e=0", rsa(n, integer(0)), "key", "exponent"},
		{"e even", rsa(n, integer(1, 0, 0)), "key", "exponent"},
		{"e of 72 bits", rsa(n, integer(1, 0, 0, 0, 0, 0, 0, 0, 1)), "key", "exponent"},
		{"negative modulus", rsa(der(2, negative), integer(1, 0, 1)), "key", "negative"},
		{"even modulus", rsa(integer(append(modulus(2040), 0)...), integer(1, 0, 1)), "key", "even"},
		{"EC key", "v=DKIM1; p=" + b64(spkiOf(asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, []byte{4, 1, 2})), "key", "elliptic"},
		{"DSA key", "v=DKIM1; p=" + b64(spkiOf(asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}, []byte{2, 1, 2})), "key", "DSA"},
		{"Ed25519 of 31 bytes", "v=DKIM1; k=ed25519; p=" + b64(make([]byte, 31)), "key", "has 31"},
		{"Ed25519 of 33 bytes", "v=DKIM1; k=ed25519; p=" + b64(make([]byte, 33)), "key", "has 33"},
		{"cut base64", "v=DKIM1; p=" + good[:201], "base64", "group of 4"},
		{"cut key", "v=DKIM1; p=" + good[:200], "truncated", "announces 294 bytes, 150 are there"},
		{"not base64", "v=DKIM1; p=<your key here>", "base64", `"<"`},
		{"no DER", "v=DKIM1; p=aGVsbG8gd29ybGQh", "key", "a public key"},
		{"unknown type", "v=DKIM1; k=rsa4096; p=" + b64([]byte("x")), "key-type", "rsa4096"},
	}
	for _, tt := range tests {
		_, ours, err := Parse(tt.txt)
		p, _ := err.(*Problem)
		if !ours || p == nil {
			t.Errorf("%s: ours %v, %v", tt.name, ours, err)
			continue
		}
		if string(p.Kind) != tt.kind || !strings.Contains(p.Text, tt.text) {
			t.Errorf("%s: %s: %s; want %s: ...%s...", tt.name, p.Kind, p.Text, tt.kind, tt.text)
		}
	}
	rec, problems := Examine("v=DKIM1; p=" + good[:100] + " \t" + good[100:])
	if len(problems) != 1 || problems[0].Kind != KindBlank || problems[0].Fatal || rec.Key.Bits != 2048 {
		t.Errorf("blanks are allowed by RFC 6376 3.6.1: %+v", problems)
	}
}

// TestDamage undoes what is done to keys on their way into the DNS.
func TestDamage(t *testing.T) {
	good := b64(rsaKey(2048))
	small, large := b64(rsaKey(1024)), b64(rsaKey(4096))
	ed := b64(bytes.Repeat([]byte{7}, 32))
	edSPKI := b64(der(0x30, der(0x30, []byte{6, 3, 43, 101, 112}), der(3, append([]byte{0}, bytes.Repeat([]byte{7}, 32)...))))
	plus := strings.ReplaceAll(good, "+", " ")
	tests := []struct{ name, txt, text, want string }{
		{"quotes inside", `v=DKIM1; p=` + good[:90] + `" "` + good[90:], "quotation marks", good},
		{"backslashes", `v=DKIM1\; p=` + good + `\`, "capitals", ""},
		{"backslash at the end", `v=DKIM1; p=` + good + `\`, "backslashes", good},
		{"quotes before the tag", `v=DKIM1;t=s;""p=` + good[:90] + `""` + good[90:], "hide the key", good},
		{"PEM", "v=DKIM1; p=-----BEGIN PUBLIC KEY-----\r\n" + good[:64] + "\r\n" + good[64:] + "\r\n-----END PUBLIC KEY-----", "PEM", good},
		{"PEM on one line", "v=DKIM1; p=-----BEGIN PUBLIC KEY-----" + good + "-----END PUBLIC KEY-----", "PEM", good},
		{"url-safe", "v=DKIM1; p=" + strings.NewReplacer("+", "-", "/", "_").Replace(good), "URL-safe", good},
		{"padding", "v=DKIM1; p=" + strings.TrimRight(large, "="), "= signs", large},
		{"swapped", "v=DKIM1; p=" + good[241:] + good[:241], "wrong order", good},
		{"swapped 1024", "v=DKIM1; k=rsa; p=" + strings.TrimRight(small[150:], "=") + small[:150], "wrong order", ""},
		{"plus became blank", "v=DKIM1; p=" + plus, "plus signs", good},
		{"Ed25519 in SPKI", "v=DKIM1; k=ed25519; p=" + edSPKI, "wrapped", ed},
		{"Ed25519 without k", "v=DKIM1; p=" + edSPKI, "k=ed25519 is missing", ed},
		{"RSA as ed25519", "v=DKIM1; k=ed25519; p=" + good, "k= says otherwise", good},
		{"cut for good", "v=DKIM1; p=" + good[:255], "group of 4", ""},
	}
	for _, tt := range tests {
		_, _, err := Parse(tt.txt)
		p, _ := err.(*Problem)
		if p == nil {
			t.Errorf("%s: no error", tt.name)
			continue
		}
		if tt.want == "" {
			if p.Want != "" && !strings.Contains(p.Text, tt.text) {
				t.Errorf("%s: %s → %s", tt.name, p.Text, p.Want)
			}
			continue
		}
		if !strings.Contains(p.Text, tt.text) || !strings.HasSuffix(p.Want, "p="+tt.want) {
			t.Errorf("%s: %s → %q, want ...%s... → ...p=%s", tt.name, p.Text, p.Want, tt.text, tt.want)
		}
		if _, _, err := Parse(p.Want); err != nil {
			t.Errorf("%s: the advice does not parse: %v", tt.name, err)
		}
	}
}

func TestFault_063_Tags(t *testing.T) {
	key := b64(rsaKey(2048))
	tests := []struct {
		txt   string
		ours  bool
		kinds string // of all problems; fatal ones in capitals
		check func(*Record) bool
	}{
		{"v=DKIM1; p=", true, "", func(r *Record) bool { return r.Revoked() }},
		{"p=" + key, true, "", func(r *Record) bool { return !r.Revoked() && r.Version == "" }},
		{"v=DKIM1; k=rsa; k=rsa; p=" + key, true, "DUPLICATE", nil},
		{"v=DKIM1; p=; p=" + key, true, "DUPLICATE", nil},
		{"v=DKIM1; xyz=1; p=" + key, true, "unknown-tag", func(r *Record) bool { return r.Extra[0].Name == "xyz" }},
		{"p=" + key + "; v=DKIM1", true, "version", nil},
		{"v=dkim1; p=" + key, true, "VERSION", nil},
		{"v=DKIM2; p=" + key, true, "VERSION", nil},
		{"v=DKIM1 k=rsa; p=" + key, true, "VERSION", nil},
		{"v=DKIM1; h=sha1; p=" + key, true, "HASH", nil},
		{"v=DKIM1; h=sha1 : sha256; p=" + key, true, "", func(r *Record) bool { return r.SHA256() }},
		{"v=DKIM1; t=y; p=" + key, true, "", func(r *Record) bool { return r.Testing() }},
		{"v=DKIM1; t=s:y:x; p=" + key, true, "unknown-flag", func(r *Record) bool { return r.Testing() && has(r.Flags, "s") }},
		{"v=DKIM1; s=other; p=" + key, true, "SERVICE", nil},
		{"v=DKIM1; s=other:email; p=" + key, true, "", func(r *Record) bool { return r.ForEmail() }},
		{"v=DKIM1; g=; p=" + key, true, "granularity", nil},
		{"v=DKIM1; g=*; p=" + key, true, "granularity", nil},
		{"v=DKIM1; k=rsa", true, "MISSING-KEY", nil},
		{"v=DKIM1; what is this; p=" + key, true, "syntax", nil},
		{"v=DKIM1; n=a note; p=" + key + ";;", true, "", func(r *Record) bool { return r.Notes == "a note" }},
		{"v=spf1 -all", false, "", nil},
		{"v=DMARC1; p=none", false, "", nil},
		{"v=spf1; p=x", false, "", nil},
		{"MS=ms12345678", false, "", nil},
		{"", false, "", nil},
	}
	for _, tt := range tests {
		rec, problems := Examine(tt.txt)
		if (rec != nil) != tt.ours {
			t.Errorf("%.60q: ours %v, want %v", tt.txt, rec != nil, tt.ours)
			continue
		}
		if got := kinds(problems); got != tt.kinds {
			t.Errorf("%.60q: problems %q, want %q", tt.txt, got, tt.kinds)
		}
		if tt.check != nil && rec != nil && !tt.check(rec) {
			t.Errorf("%.60q: %+v", tt.txt, rec)
		}
	}
}

func kinds(ps []Problem) string {
	var out []string
	for _, p := range ps {
		k := string(p.Kind)
		if p.Fatal {
			k = strings.ToUpper(k)
		}
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

func TestPositions(t *testing.T) {
	for txt, want := range map[string]int{
		"v=DKIM1; p=AAAA*AAA":      15,
		"v=DKIM1; p=AA AA\t*AAA":   17,
		"v=DKIM1; k=rsa; k=rsa;p=": 16,
		"v=dkim1; p=":              2,
	} {
		_, _, err := Parse(txt)
		p, _ := err.(*Problem)
		if p == nil || p.Pos != want {
			t.Errorf("%q: %+v, want position %d", txt, p, want)
		}
	}
}

// FuzzParse: what parses is written so that it parses to the same again, and
// positions lie in the text.
func FuzzParse(f *testing.F) {
	for _, bits := range []int{512, 1024} {
		f.Add("v=DKIM1; k=rsa; t=s:y; h=sha1:sha256; p=" + b64(rsaKey(bits)))
	}
	f.Add("v=DKIM1; k=ed25519; n=x; g=; foo=bar; p=" + b64(make([]byte, 32)))
	f.Add("p=")
	f.Add(`v=DKIM1; p="-----BEGIN PUBLIC KEY-----` + b64(rsaKey(512)))
	f.Fuzz(func(t *testing.T, txt string) {
		rec, problems := Examine(txt)
		fatal := false
		for _, p := range problems {
			fatal = fatal || p.Fatal
			if p.Pos < 0 || p.Pos > len(txt) {
				t.Errorf("%q: %s at %d", txt, p.Kind, p.Pos)
			}
			if p.Want != "" {
				if _, ours, err := Parse(p.Want); !ours || err != nil && err.(*Problem).Kind == p.Kind {
					t.Errorf("%q: the advice %q: ours %v, %v", txt, p.Want, ours, err)
				}
			}
		}
		if rec == nil || fatal {
			return
		}
		again, ours, err := Parse(rec.String())
		if !ours || err != nil || !reflect.DeepEqual(rec, again) {
			t.Errorf("%q\n→ %q\n%+v\n%+v (%v, %v)", txt, rec.String(), rec, again, ours, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	txt := fmt.Sprintf("v=DKIM1; k=rsa; p=%s;", b64(rsaKey(2048)))
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = Parse(txt)
	}
}

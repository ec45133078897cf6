package dkim

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	other "github.com/emersion/go-msgauth/dkim"
)

var update = flag.Bool("update", false, "write the goldens anew")

// corpus opens a file of the real data, or skips the test.
func corpus(t *testing.T, name string) *os.File {
	t.Helper()
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestRealRecords parses the DKIM records of 245 real zones; what is not a
// good RSA key of 2048 bits or a revoked one stands in a golden file.
func TestRealRecords(t *testing.T) {
	f := corpus(t, "dns/real-txt-records.tsv")
	var odd strings.Builder
	counts := map[string]int{}
	for in := bufio.NewScanner(f); in.Scan(); {
		col := strings.Split(in.Text(), "\t")
		if col[0] != "dkim" {
			continue
		}
		counts["records"]++
		rec, problems := Examine(col[2])
		kind := "not ours"
		if rec != nil {
			kind = fmt.Sprintf("%s %d", rec.Type(), rec.Key.Bits)
		}
		if rec != nil && (Text{Record: rec, Problems: problems}).Revoked() {
			kind = "revoked"
		}
		counts[kind]++
		if kind != "rsa 2048" && kind != "revoked" || len(problems) > 0 {
			fmt.Fprintf(&odd, "%s\t%s\n", col[1], kind)
			for _, p := range problems {
				fmt.Fprintf(&odd, "\tcharacter %d: %s\n", p.Pos+1, p.Text)
			}
		}
	}
	t.Log(counts)
	if counts["records"] < 200 || counts["not ours"] > 7 { // four aliases published as TXT, three ADSP records
		t.Errorf("%v", counts)
	}
	const name = "testdata/real_records.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(odd.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if odd.String() != string(want) {
		t.Errorf("%s differs; got\n%s", name, odd.String())
	}
}

// TestAgainstMsgauth signs with go-msgauth and lets it verify with a record
// that we wrote: what we call good it accepts, what we call fatal it refuses.
func TestAgainstMsgauth(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	good := (&Record{Version: Version, KeyType: TypeRSA, Data: spki}).String()
	edGood := (&Record{Version: Version, KeyType: TypeEd25519, Data: edPublic}).String()
	tests := []struct {
		name, txt string
		key       crypto.Signer
	}{
		{"RSA", good, rsaKey},
		{"Ed25519", edGood, edKey},
		{"no v", strings.TrimPrefix(good, "v=DKIM1; "), rsaKey},
		{"PKCS #1", "v=DKIM1; p=" + b64(x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey)), rsaKey},
		{"blanks", strings.Replace(good, "MIIB", "MI IB", 1), rsaKey},
		{"strict", strings.Replace(good, "p=", "t=s; p=", 1), rsaKey},
		{"revoked", "v=DKIM1; p=", rsaKey},
		{"cut", good[:200], rsaKey},
		{"quotes", strings.Replace(good, "MIIB", `MI" "IB`, 1), rsaKey},
		{"another type", strings.Replace(good, "k=rsa", "k=ed25519", 1), rsaKey},
		{"for something else", strings.Replace(good, "p=", "s=other; p=", 1), rsaKey},
		{"SHA-1 only", strings.Replace(good, "p=", "h=sha1; p=", 1), rsaKey},
		{"version", strings.Replace(good, "DKIM1", "DKIM2", 1), rsaKey},
		{"tag twice", strings.Replace(good, "p=", "k=rsa; p=", 1), rsaKey},
		{"lower case version", strings.Replace(good, "DKIM1", "dkim1", 1), rsaKey},
	}
	for _, tt := range tests {
		rec, ours, err := Parse(tt.txt)
		usable := ours && err == nil && !rec.Revoked()
		verified := verify(t, sign(t, tt.key), tt.txt)
		if usable != (verified == nil) {
			t.Errorf("%s: ours %v (%v), theirs %v", tt.name, usable, err, verified)
		}
	}
}

func sign(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	var out bytes.Buffer
	mail := strings.NewReader("From: a@contoso.com\r\nSubject: x\r\n\r\nHello.\r\n")
	if err := other.Sign(&out, mail, &other.SignOptions{Domain: "contoso.com", Selector: "s", Signer: key}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func verify(t *testing.T, mail []byte, txt string) error {
	t.Helper()
	vs, err := other.VerifyWithOptions(bytes.NewReader(mail), &other.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if name != Name("s", "contoso.com") {
				t.Errorf("asked for %s", name)
			}
			return []string{txt}, nil
		}})
	if err != nil || len(vs) != 1 {
		t.Fatalf("%d signatures, %v", len(vs), err)
	}
	return vs[0].Err
}

package bus

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// examples is a folder with the files that the examples of docs/fleet/nats name.
type examples struct {
	t     *testing.T
	dir   string
	words []string // of the examples, each with what the test has in its place
}

func newExamples(t *testing.T) *examples {
	x := &examples{t: t, dir: t.TempDir()}
	x.words = []string{"/etc/maildiagd/nats", x.dir, "/var/lib/nats", filepath.Join(x.dir, "store"), "0.0.0.0:4222", "0.0.0.0:-1", "127.0.0.1:4222", "127.0.0.1:-1",
		"UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", x.seed("fra.seed"),
		"UC237NEXVFKJHMFJT4CN3H5RMOOTXFEZWVMAA3YEVFXFY4BQFGQ6FW7N", x.seed("branch.seed")}
	ca, clients := x.authority("ca.crt"), x.authority("clients-ca.crt")
	ca("server", x509.ExtKeyUsageServerAuth)
	clients("fra", x509.ExtKeyUsageClientAuth)
	x.authority("others-ca.crt")("stranger", x509.ExtKeyUsageClientAuth)
	return x
}

func (x *examples) file(name string) string { return filepath.Join(x.dir, name) }

func (x *examples) write(name string, text []byte) {
	x.t.Helper()
	if err := os.WriteFile(x.file(name), text, 0o600); err != nil {
		x.t.Fatal(err)
	}
}

// seed makes an nkey and returns its public key.
func (x *examples) seed(name string) string {
	x.t.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		x.t.Fatal(err)
	}
	seed, err := key.Seed()
	if err != nil {
		x.t.Fatal(err)
	}
	x.write(name, seed)
	x.write(strings.TrimSuffix(name, ".seed")+"-nkey.conf", append([]byte("nkey: "), seed...))
	public, err := key.PublicKey()
	if err != nil {
		x.t.Fatal(err)
	}
	return public
}

// authority makes one, and returns how it signs a certificate with its key.
func (x *examples) authority(name string) func(who string, use x509.ExtKeyUsage) {
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	key := x.sign(name, root, root, nil)
	return func(who string, use x509.ExtKeyUsage) {
		leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: who}, DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour),
			ExtKeyUsage: []x509.ExtKeyUsage{use}}
		own := x.sign(who+".crt", leaf, root, key)
		der, err := x509.MarshalPKCS8PrivateKey(own)
		if err != nil {
			x.t.Fatal(err)
		}
		x.write(who+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
}

// sign writes a certificate and returns its key; by is nil for one that signs itself.
func (x *examples) sign(name string, c, parent *x509.Certificate, by *ecdsa.PrivateKey) *ecdsa.PrivateKey {
	x.t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		x.t.Fatal(err)
	}
	if by == nil {
		by = own
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, own.Public(), by)
	if err != nil {
		x.t.Fatal(err)
	}
	x.write(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return own
}

// conf returns the path of an example, as it is but for its paths, ports and keys.
func (x *examples) conf(name string, more ...string) string {
	x.t.Helper()
	text, err := os.ReadFile("../../../docs/fleet/nats/" + name)
	if err != nil {
		x.t.Fatal(err)
	}
	replaced := strings.NewReplacer(append(more, x.words...)...).Replace(string(text))
	x.write(name, []byte(replaced))
	return x.file(name)
}

// start starts a server of NATS.
func (x *examples) start(conf string) *server.Server {
	x.t.Helper()
	opts, err := server.ProcessConfigFile(conf)
	if err != nil {
		x.t.Fatal(err)
	}
	opts.NoSigs = true
	s, err := server.NewServer(opts)
	if err != nil {
		x.t.Fatal(err)
	}
	s.Start()
	x.t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(openTime) {
		x.t.Fatal("it does not start")
	}
	return s
}

func port(t *testing.T, addr net.Addr) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// freePort returns an address at which nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	n, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	return n.Addr().String()
}

// The examples with logins work in this process, and let nobody else in.
func TestExampleLogins(t *testing.T) {
	for name, good := range map[string]func(*examples) Login{
		"nkeys.conf":        func(x *examples) Login { return Login{Creds: x.file("fra.seed")} },
		"certificates.conf": func(x *examples) Login { return Login{Cert: x.file("fra.crt"), Key: x.file("fra.key")} },
	} {
		t.Run(name, func(t *testing.T) {
			x := newExamples(t)
			b := open(t, Config{Dir: t.TempDir(), Server: x.conf(name)})
			once(t, b)
			url := "tls://localhost:" + port(t, b.server.Addr())
			login := good(x)
			login.CA = x.file("ca.crt")
			far := open(t, Config{URL: url, Login: login})
			if r, err := far.Run(t.Context(), "run1"); err != nil || !r.Sealed {
				t.Errorf("%+v, %v", r, err)
			}
			for what, bad := range map[string]Login{
				"nothing": {}, "another key": {Creds: x.file("branch.seed")}, "another authority": {Cert: x.file("stranger.crt"), Key: x.file("stranger.key")},
			} {
				bad.CA = x.file("ca.crt")
				if name == "certificates.conf" && what == "another key" {
					continue
				}
				if b, err := Open(t.Context(), Config{URL: url, Login: bad, Log: slog.New(slog.DiscardHandler)}); err == nil {
					b.Close()
					t.Errorf("%s is let in", what)
				} else if !errors.Is(err, ErrSignIn) && !errors.Is(err, ErrClientCert) {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}

// Workers at a branch reach the queue of the hub through a NATS server of their own.
func TestExampleLeaf(t *testing.T) {
	x := newExamples(t)
	leaves := freePort(t)
	hub := x.start(x.conf("hub.conf", "0.0.0.0:7422", leaves))
	atHub := open(t, Config{URL: "tls://localhost:" + port(t, hub.Addr()), Login: Login{Creds: x.file("fra.seed"), CA: x.file("ca.crt")}})
	once(t, atHub)
	branch := x.start(x.conf("branch.conf", "nats.contoso.com:7422", strings.Replace(leaves, "127.0.0.1", "localhost", 1)))
	var atBranch *Bus
	var err error
	for range 500 { // until the branch knows the hub
		if atBranch, err = Open(t.Context(), Config{URL: "nats://" + branch.Addr().String(), Log: slog.New(slog.DiscardHandler)}); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer atBranch.Close()
	if r, err := atBranch.Run(t.Context(), "run1"); err != nil || !r.Sealed {
		t.Fatalf("%+v, %v", r, err)
	}
	items, err := atBranch.Items(t.Context(), BulkQueue(1))
	if err != nil {
		t.Fatal(err)
	}
	it, err := items.Next(t.Context(), callTime)
	if err != nil || it == nil {
		t.Fatal(it, err)
	}
	if err := it.Done(t.Context()); err != nil {
		t.Error(err)
	}
	if n, err := atHub.Waiting(t.Context()); n != 2 || err != nil {
		t.Errorf("%d items wait at the hub, %v", n, err)
	}
}

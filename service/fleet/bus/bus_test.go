package bus

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nkeys"
)

func open(t *testing.T, c Config) *Bus {
	t.Helper()
	c.Log = slog.New(slog.DiscardHandler)
	b, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// config writes a configuration file of a server that listens.
func config(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// What is sent twice is there once: runs, items, parts. It is the same in this
// process and by a URL, with any kind of login.
func TestOnce(t *testing.T) {
	for name, conf := range map[string]string{
		"in this process": "",
		"open":            "listen: 127.0.0.1:-1",
		"one user":        "listen: 127.0.0.1:-1\nauthorization {user: fra, password: secret}",
		"a token":         "listen: 127.0.0.1:-1\nauthorization {token: secret}",
		"users":           "listen: 127.0.0.1:-1\nauthorization {users: [{user: fra, password: secret}]}",
	} {
		t.Run(name, func(t *testing.T) {
			c := Config{Dir: t.TempDir()}
			if conf != "" {
				c.Server = config(t, conf)
			}
			b := open(t, c)
			once(t, b)
			if conf == "" {
				if b.Addr() != "" {
					t.Error("it listens at", b.Addr())
				}
				return
			}
			login := map[string]string{"open": "", "a token": "secret@"}[name]
			if name == "one user" || name == "users" {
				login = "fra:secret@"
			}
			far := open(t, Config{URL: "nats://" + login + b.Addr()})
			if r, err := far.Run(t.Context(), "run1"); err != nil || !r.Sealed {
				t.Errorf("%+v, %v", r, err)
			}
			if login == "" {
				return
			}
			if stranger, err := Open(t.Context(), Config{URL: "nats://" + b.Addr(), Log: slog.New(slog.DiscardHandler)}); err == nil {
				stranger.Close()
				t.Error("it lets strangers in")
			}
		})
	}
}

func once(t *testing.T, b *Bus) {
	ctx := t.Context()
	run := Run{ID: "run1", Version: 1, Options: json.RawMessage(`{"expect":"auto"}`)}
	for range 2 {
		if err := b.PutRun(ctx, run); err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			if err := b.PutItem(ctx, BulkQueue(1), "run1", n, fmt.Append(nil, n)); err != nil {
				t.Fatal(err)
			}
			if err := b.PutPart(ctx, Part{Run: "run1", Item: n, Number: 7, Site: "fra", Data: fmt.Append(nil, n)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Seal(ctx, "run1", 1500, 3, 60); err != nil {
			t.Fatal(err)
		}
	}
	run.Options = json.RawMessage(`{"expect":"any"}`)
	if err := b.PutRun(ctx, run); !errors.Is(err, ErrConflict) {
		t.Errorf("other options: %v", err)
	}
	if err := b.Seal(ctx, "run1", 1499, 3, 60); !errors.Is(err, ErrConflict) {
		t.Errorf("another number: %v", err)
	}
	for n, other := range map[int]string{0: "other", 2: ""} {
		if err := b.PutItem(ctx, BulkQueue(1), "run1", n, []byte(other)); !errors.Is(err, ErrOtherList) {
			t.Errorf("another item %d: %v", n, err)
		}
	}
	if p, err := b.Progress(ctx, &Run{ID: "run1", Sealed: true, Items: 3, Parts: 60}, 7); err != nil || p != (Progress{Parts: 3, Recent: 3, Last: true}) {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := b.Progress(ctx, &Run{ID: "run1", Sealed: true, Items: 3, Parts: 60}, 8); err != nil || p.Last {
		t.Errorf("%+v, %v", p, err)
	}
	if n, err := b.Waiting(ctx); n != 3 || err != nil {
		t.Errorf("%d items wait, %v", n, err)
	}
	if n, err := b.CountParts(ctx, "run1"); n != 3 || err != nil {
		t.Errorf("%d parts, %v", n, err)
	}
	if have, err := b.PartsOf(ctx, "run1", 2); len(have) != 1 || !have[7] || err != nil {
		t.Errorf("%v, %v", have, err)
	}
	seen := 0
	err := b.EachPart(ctx, "run1", func(p Part) error {
		if string(p.Data) != fmt.Sprint(p.Item) || p.Number != 7 || p.Site != "fra" || p.Run != "run1" {
			t.Errorf("%+v", p)
		}
		seen++
		return nil
	})
	if seen != 3 || err != nil {
		t.Errorf("%d parts, %v", seen, err)
	}
}

// A worker signs in with an nkey over TLS, and not without.
func TestKeyAndTLS(t *testing.T) {
	dir := t.TempDir()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := key.Seed()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	certPEM, keyPEM := certificate(t)
	cert, private := write("tls.crt", certPEM), write("tls.key", keyPEM)
	b := open(t, Config{Dir: dir, Server: config(t, fmt.Sprintf("listen: 0.0.0.0:-1\ntls {cert_file: %q, key_file: %q}\nauthorization {users: [{nkey: %s}]}", cert, private, public))})
	once(t, b)
	_, port, err := net.SplitHostPort(b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	url := "tls://localhost:" + port
	far := open(t, Config{URL: url, Login: Login{Creds: write("seed", seed), CA: cert}})
	if r, err := far.Run(t.Context(), "run1"); err != nil || !r.Sealed {
		t.Errorf("%+v, %v", r, err)
	}
	for name, login := range map[string]Login{"no key": {CA: cert}, "no authority": {Creds: filepath.Join(dir, "seed")}, "no file": {Creds: filepath.Join(dir, "none"), CA: cert}} {
		if b, err := Open(t.Context(), Config{URL: url, Login: login, Log: slog.New(slog.DiscardHandler)}); err == nil {
			b.Close()
			t.Errorf("%s: it lets strangers in", name)
		}
	}
}

// certificate makes a certificate for localhost that signs itself.
func certificate(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// An item is that of one worker, until it is given back or done; and of no worker
// of another version.
func TestItems(t *testing.T) {
	b, ctx := open(t, Config{Dir: t.TempDir()}), t.Context()
	if err := b.PutItem(ctx, BulkQueue(1), "run1", 0, []byte("x")); err != nil {
		t.Fatal(err)
	}
	other, err := b.Items(ctx, BulkQueue(2))
	if err != nil {
		t.Fatal(err)
	}
	mine, err := b.Items(ctx, BulkQueue(1))
	if err != nil {
		t.Fatal(err)
	}
	none := func(i *Items) {
		t.Helper()
		if it, err := i.Next(ctx, 50*time.Millisecond); it != nil || err != nil {
			t.Errorf("%v, %v", it, err)
		}
	}
	none(other)
	for try := 1; try <= 7; try++ {
		it, err := mine.Next(ctx, callTime)
		if err != nil || it == nil || it.Try != try || string(it.Data) != "x" {
			t.Fatalf("%d: %+v, %v", try, it, err)
		}
		if err := it.Busy(); err != nil {
			t.Error(err)
		}
		none(mine)
		if try < 7 {
			err = it.Later(time.Millisecond)
		} else {
			err = it.Done(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	none(mine)
}

// A full queue says so, and has room when an item is done.
func TestFull(t *testing.T) {
	b, ctx := open(t, Config{Dir: t.TempDir(), MaxItems: 2}), t.Context()
	put := func(n int) error { return b.PutItem(ctx, BulkQueue(1), "run1", n, []byte("x")) }
	if err := errors.Join(put(0), put(1)); err != nil {
		t.Fatal(err)
	}
	if err := put(2); !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	items, err := b.Items(ctx, BulkQueue(1))
	if err != nil {
		t.Fatal(err)
	}
	it, err := items.Next(ctx, callTime)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(it.Done(ctx), put(2)); err != nil {
		t.Error(err)
	}
}

// What is stored survives the end of the process.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	b := open(t, Config{Dir: dir})
	once(t, b)
	if second, err := Open(t.Context(), Config{Dir: dir, Log: slog.New(slog.DiscardHandler)}); err == nil {
		second.Close()
		t.Error("two servers use the same files")
	}
	b.Close()
	b = open(t, Config{Dir: dir})
	once(t, b)
}

// Sites are drained and taken in again, and workers are listed while they live.
func TestSites(t *testing.T) {
	b, ctx := open(t, Config{Dir: t.TempDir()}), t.Context()
	if err := errors.Join(b.Drain(ctx, "fra", true), b.Drain(ctx, "ams", true), b.Drain(ctx, "ams", false)); err != nil {
		t.Fatal(err)
	}
	if sites, err := b.Drains(ctx); len(sites) != 1 || sites[0] != "fra" || err != nil {
		t.Errorf("%v, %v", sites, err)
	}
	for site, want := range map[string]bool{"fra": true, "ams": false, "lon": false} {
		if got, err := b.Drained(ctx, site); got != want || err != nil {
			t.Errorf("%s: %t, %v", site, got, err)
		}
	}
	if err := errors.Join(b.Alive(ctx, Worker{ID: "a", Site: "fra"}), b.Alive(ctx, Worker{ID: "b", Site: "ams"}), b.Gone(ctx, "a")); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Workers(ctx); len(list) != 1 || list[0].Site != "ams" || err != nil {
		t.Errorf("%v, %v", list, err)
	}
}

// Names that would be more than one part of a subject, or a wildcard, are refused.
func TestNames(t *testing.T) {
	b, ctx := open(t, Config{Dir: t.TempDir()}), t.Context()
	for _, name := range []string{"", "*", ">", "a.b", "a b", "a\r\nPUB x", "ä", string(make([]byte, 65))} {
		if b.PutRun(ctx, Run{ID: name}) == nil || b.PutItem(ctx, BulkQueue(1), name, 0, nil) == nil || b.PutPart(ctx, Part{Run: name, Site: "x"}) == nil ||
			b.PutPart(ctx, Part{Run: "x", Site: name}) == nil || b.Drain(ctx, name, true) == nil {
			t.Errorf("%q is taken", name)
		}
		if _, err := b.Run(ctx, name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := b.CountParts(ctx, name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A server listens beyond this machine only with TLS and a login.
func TestExposed(t *testing.T) {
	for _, text := range []string{"", "listen: 0.0.0.0:-1", "listen: \"[::]:-1\"", "host: 192.0.2.1", "port: 4222",
		"listen: 0.0.0.0:-1\nauthorization {token: secret}"} {
		b, err := Open(t.Context(), Config{Dir: t.TempDir(), Server: config(t, text), Log: slog.New(slog.DiscardHandler)})
		if !errors.Is(err, ErrExposed) {
			t.Errorf("%s: %v", text, err)
		}
		if err == nil {
			b.Close()
		}
	}
}

// A door beside that for clients is refused, wherever it is: it would need no login
// of the first.
func TestListeners(t *testing.T) {
	for _, text := range []string{
		"websocket { listen: \"127.0.0.1:-1\", no_tls: true }", "websocket { listen: \"0.0.0.0:7443\", no_tls: true }", "http: 0.0.0.0:8999", "http_port: 8222",
		"https_port: 8223", "monitor_port: 8222", "leafnodes { listen: \"0.0.0.0:7422\" }", "mqtt { listen: \"0.0.0.0:1883\" }", "prof_port: 6060",
		"cluster { listen: \"0.0.0.0:6222\" }", "gateway { name: a, listen: \"0.0.0.0:7222\" }", "authorization { users: [{user: a, password: b}] }\nno_auth_user: a",
	} {
		b, err := Open(t.Context(), Config{Dir: t.TempDir(), Server: config(t, "listen: 127.0.0.1:-1\n"+text), Log: slog.New(slog.DiscardHandler)})
		if !errors.Is(err, ErrListeners) {
			t.Errorf("%s: %v", text, err)
		}
		if err == nil {
			b.Close()
		}
	}
}

// A list is ended with the items that it has.
func TestSealIsWhole(t *testing.T) {
	b, ctx := open(t, Config{Dir: t.TempDir()}), t.Context()
	if err := b.PutRun(ctx, Run{ID: "run1", Version: 1, Options: json.RawMessage(`{}`)}); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		if err := b.PutItem(ctx, BulkQueue(1), "run1", n, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, items := range []int{1, 3} {
		if err := b.Seal(ctx, "run1", items*500, items, items*20); !errors.Is(err, ErrOtherList) {
			t.Errorf("%d items: %v", items, err)
		}
	}
	if err := b.Seal(ctx, "run1", 1000, 2, 40); err != nil {
		t.Error(err)
	}
}

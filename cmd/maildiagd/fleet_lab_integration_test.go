//go:build integration

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/worker"
)

// natsProcess is a server of NATS as a process that can be killed.
func natsProcess(ctx context.Context, conf string) int {
	opts, err := server.ProcessConfigFile(conf)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	opts.NoSigs = true
	s, err := server.NewServer(opts)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s.ConfigureLogger()
	s.Start()
	<-ctx.Done()
	s.Shutdown()
	return 0
}

// cluster is some servers of NATS.
type cluster struct {
	nodes map[string]*process // by name
	url   string
}

// newCluster starts servers of NATS, each of which may be killed.
func newCluster(l *lab, n int) *cluster {
	l.t.Helper()
	c := &cluster{nodes: map[string]*process{}}
	var routes, urls []string
	for range n {
		routes = append(routes, "nats://"+freePort(l.t))
		urls = append(urls, "nats://"+freePort(l.t))
	}
	dir := l.t.TempDir()
	for i := range n {
		name := fmt.Sprintf("n%d", i)
		text := fmt.Sprintf("server_name: %s\nlisten: %q\njetstream {store_dir: %q, max_file_store: 64G, max_memory_store: 64M}\n",
			name, strings.TrimPrefix(urls[i], "nats://"), filepath.Join(dir, name))
		if n > 1 {
			text += fmt.Sprintf("cluster {name: lab, listen: %q, routes: [%s]}\n", strings.TrimPrefix(routes[i], "nats://"), strings.Join(routes, ", "))
		}
		conf := filepath.Join(dir, name+".conf")
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			l.t.Fatal(err)
		}
		c.nodes[name] = spawn(l.t, "nats-server", conf)
	}
	c.url = strings.Join(urls, ",")
	l.url = c.url
	return c
}

// stream returns what the servers say about a stream.
func (c *cluster) stream(l *lab, name string) *jetstream.StreamInfo {
	l.t.Helper()
	conn, err := nats.Connect(c.url)
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		l.t.Fatal(err)
	}
	s, err := js.Stream(l.t.Context(), name)
	if err != nil {
		l.t.Fatal(err)
	}
	return s.CachedInfo()
}

// outside starts the server with these servers of NATS.
func (l *lab) outside(c *cluster) *lab {
	l.t.Helper()
	l.until("the cluster has a leader", func() bool {
		b, err := bus.Open(l.t.Context(), bus.Config{URL: c.url, Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			b.Close()
		}
		return err == nil
	})
	l.prepare(bus.Config{URL: c.url})
	l.args = append(l.args, "--nats", c.url)
	l.serve()
	return l
}

// relay is a way to an address that can be cut, so that nothing comes through and
// nobody is told.
type relay struct {
	net.Listener
	mu  sync.Mutex
	cut bool
	ok  *sync.Cond
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	n, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: n}
	r.ok = sync.NewCond(&r.mu)
	t.Cleanup(func() {
		n.Close()
		r.set(false)
	})
	go func() {
		for {
			in, err := n.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			go r.copy(in, out)
			go r.copy(out, in)
		}
	}()
	return r
}

func (r *relay) set(cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = cut
	r.ok.Broadcast()
}

func (r *relay) copy(to, from net.Conn) {
	defer to.Close()
	data := make([]byte, 32<<10)
	for {
		n, err := from.Read(data)
		r.mu.Lock()
		for r.cut {
			r.ok.Wait()
		}
		r.mu.Unlock()
		if _, err2 := to.Write(data[:n]); err != nil || err2 != nil {
			return
		}
	}
}

// inProcess starts a worker in this process, as f changes it.
func inProcess(ctx context.Context, url, resolver, site string, f func(*worker.Worker)) error {
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	flags := worldFlags{resolvers: []string{resolver}}
	world, err := flags.open(ctx)
	if err != nil {
		return err
	}
	defer world.close()
	b, err := bus.Open(ctx, bus.Config{URL: url, Log: log})
	if err != nil {
		return err
	}
	defer b.Close()
	w := newWorker(b, world, site, 16, new(siteFlags), log)
	f(w)
	return w.Run(ctx)
}

// alive reports whether the process has not ended.
func (p *process) alive() bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
	return err == nil && !strings.Contains(string(text), ") Z ")
}

// domains returns the verdicts of the history.
func (l *lab) domains() map[string]string {
	l.t.Helper()
	res, err := http.Get("http://" + l.web + "/domains?format=json")
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	var page struct {
		Domains []struct{ Domain, Verdict string }
	}
	if err := json.Unmarshal(text, &page); err != nil {
		l.t.Fatal(err)
	}
	got := map[string]string{}
	for _, d := range page.Domains {
		if d.Verdict != "" {
			got[d.Domain] = d.Verdict
		}
	}
	return got
}

//go:build unix

// Package postgrestest runs a PostgreSQL server of its own for tests.
package postgrestest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Server is a server that can be killed and started again.
type Server struct {
	URL string

	t     *testing.T
	bin   string
	dir   string
	port  int
	cred  *syscall.Credential // who runs it; nil: this user
	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has ended
}

// New starts a server. The test is skipped where PostgreSQL is not installed.
func New(t *testing.T) *Server {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		t.Skip("PostgreSQL is not installed")
	}
	dir, err := os.MkdirTemp("", "postgrestest")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, bin: found[len(found)-1], dir: dir}
	t.Cleanup(func() {
		s.Kill()
		_ = os.RemoveAll(dir)
	})
	if os.Getuid() == 0 { // which PostgreSQL refuses
		s.unprivileged()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	s.URL = fmt.Sprintf("postgres://tester@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	if out, err := s.command("initdb", "-D", filepath.Join(dir, "data"), "-U", "tester", "-A", "trust", "-N", "--no-instructions").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	s.Start()
	return s
}

// unprivileged makes the server that of the user postgres.
func (s *Server) unprivileged() {
	u, err := user.Lookup("postgres")
	if err != nil {
		s.t.Skip("there is no user postgres")
	}
	uid, _ := strconv.Atoi(u.Uid) // a number on Unix
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(s.dir, uid, gid); err != nil {
		s.t.Fatal(err)
	}
	s.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred, Setpgid: true}
	return c
}

// Start starts the server, after [Server.Kill].
func (s *Server) Start() {
	s.t.Helper()
	for range 600 {
		if s.cmd == nil {
			s.cmd = s.command("postgres", "-D", filepath.Join(s.dir, "data"), "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-k", s.dir)
			if err := s.cmd.Start(); err != nil {
				s.t.Fatal(err)
			}
			s.ended = make(chan struct{})
			go func(cmd *exec.Cmd, ended chan struct{}) {
				_ = cmd.Wait()
				close(ended)
			}(s.cmd, s.ended)
		}
		if s.command("pg_isready", "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.port)).Run() == nil {
			return
		}
		select {
		case <-s.ended:
			s.cmd = nil // what was killed was still there
		case <-time.After(50 * time.Millisecond):
		}
	}
	s.t.Fatal("PostgreSQL does not start")
}

// Kill kills the server and all that belongs to it, as a power failure does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.ended
	s.cmd = nil
}

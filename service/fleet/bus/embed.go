package bus

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// ErrExposed is returned for a server that others could use without TLS and a login.
var ErrExposed = errors.New("a NATS server that listens beyond this machine needs tls and authorization")

// ErrListeners is returned for a server with more than one door: only that for
// clients is looked after here.
var ErrListeners = errors.New("a NATS server in this process listens for clients only: without websocket, mqtt, leafnodes, gateway, cluster, " +
	"http, https, profiling and no_auth_user; run one of its own for these, and give its URL")

// embed starts the server in this process and returns how to connect to it.
func embed(c *Config) (*server.Server, []nats.Option, error) {
	opts := &server.Options{DontListen: true}
	if c.Server != "" {
		var err error
		if opts, err = server.ProcessConfigFile(c.Server); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrConfig, err)
		}
		if err := exposed(opts); err != nil {
			return nil, nil, err
		}
	}
	opts.ServerName = cmp.Or(opts.ServerName, "maildiagd")
	opts.JetStream, opts.DisableJetStreamBanner, opts.NoSigs = true, true, true
	opts.StoreDir = cmp.Or(opts.StoreDir, filepath.Join(c.Dir, "nats"))
	opts.JetStreamMaxStore = cmp.Or(opts.JetStreamMaxStore, storeMost)
	opts.JetStreamMaxMemory = cmp.Or(opts.JetStreamMaxMemory, 16<<20)
	login, err := insider(opts)
	if err != nil {
		return nil, nil, err
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, nil, err
	}
	log := &logger{log: c.Log}
	s.SetLoggerV2(log, false, false, false)
	s.Start()
	if !s.ReadyForConnections(openTime) {
		s.Shutdown()
		return nil, nil, fmt.Errorf("the NATS server does not start: %w", log.last())
	}
	return s, append(login, nats.InProcessServer(s)), nil
}

// exposed refuses a configuration that lets strangers in.
func exposed(o *server.Options) error {
	others := []int{o.Websocket.Port, o.MQTT.Port, o.LeafNode.Port, o.Gateway.Port, o.Cluster.Port, o.HTTPPort, o.HTTPSPort, o.ProfPort}
	if slices.ContainsFunc(others, func(port int) bool { return port != 0 }) || o.NoAuthUser != "" || len(o.LeafNode.Remotes) > 0 {
		return ErrListeners
	}
	if a := net.ParseIP(o.Host); a != nil && a.IsLoopback() || o.Host == "localhost" {
		return nil
	}
	certificates := o.TLSConfig != nil && o.TLSConfig.ClientAuth == tls.RequireAndVerifyClientCert
	login := certificates || o.Users != nil || o.Nkeys != nil || o.Username != "" || o.Authorization != "" || o.TrustedOperators != nil || o.TLSVerify
	if o.TLSConfig == nil || !login || o.AllowNonTLS {
		return ErrExposed
	}
	return nil
}

// insider lets this process in where the server asks for a login: with a key that
// exists for as long as the process.
func insider(o *server.Options) ([]nats.Option, error) {
	switch {
	case o.TrustedOperators != nil:
		return nil, errors.New("a NATS server with operators must be one of its own: use its URL")
	case o.Username != "":
		return []nats.Option{nats.UserInfo(o.Username, o.Password)}, nil
	case o.Authorization != "":
		return []nats.Option{nats.Token(o.Authorization)}, nil
	case o.Users == nil && o.Nkeys == nil:
		return nil, nil
	}
	key, err := nkeys.CreateUser()
	if err != nil {
		return nil, err
	}
	public, err := key.PublicKey()
	if err != nil {
		return nil, err
	}
	o.Nkeys = append(o.Nkeys, &server.NkeyUser{Nkey: public})
	return []nats.Option{nats.Nkey(public, key.Sign)}, nil
}

// logger hands what the server reports to the log of the program.
type logger struct {
	log   *slog.Logger
	fatal error
}

func (l *logger) last() error {
	return cmp.Or(l.fatal, errors.New("no reason is known"))
}

func (l *logger) Noticef(string, ...any) {}
func (l *logger) Debugf(string, ...any)  {}
func (l *logger) Tracef(string, ...any)  {}
func (l *logger) Warnf(format string, v ...any) {
	l.log.Warn("NATS server", "text", fmt.Sprintf(format, v...))
}
func (l *logger) Errorf(format string, v ...any) {
	l.log.Error("NATS server", "text", fmt.Sprintf(format, v...))
}
func (l *logger) Fatalf(format string, v ...any) {
	l.log.Error("NATS server", "text", fmt.Sprintf(format, v...))
}

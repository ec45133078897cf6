package httpd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"
	"golang.org/x/net/netutil"
)

// The bounds of connections.
const (
	maxConns     = 4096
	maxHeader    = 16 << 10
	headerTime   = 5 * time.Second
	requestTime  = 60 * time.Second // with its body
	responseTime = 90 * time.Second // streams set their own at each piece
	idleTime     = 60 * time.Second
)

// NewServer returns a server with all its bounds set.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: responseTime,
		IdleTimeout: idleTime, MaxHeaderBytes: maxHeader, DisableGeneralOptionsHandler: true,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// ErrExposed is returned for a listener that others can reach without TLS and a
// login.
var ErrExposed = errors.New("maildiagd must not listen on an address that others can reach without TLS and a login")

// Check refuses to listen where others could use the service without TLS and a
// login. configFile is that of --web.config.file.
func Check(listen netip.AddrPort, configFile string, proxied bool) error {
	if configFile != "" {
		if err := web.Validate(configFile); err != nil {
			return fmt.Errorf("--web.config.file: %w", err)
		}
	}
	if listen.Addr().IsLoopback() || proxied {
		return nil
	}
	if configFile == "" {
		return ErrExposed
	}
	text, err := os.ReadFile(configFile)
	if err != nil {
		return err
	}
	var c web.Config
	if err := yaml.Unmarshal(text, &c); err != nil {
		return fmt.Errorf("--web.config.file: %w", err)
	}
	tls := c.TLSConfig.TLSCertPath != "" || c.TLSConfig.TLSCert != ""
	login := len(c.Users) > 0 || c.TLSConfig.ClientAuth == "RequireAndVerifyClientCert"
	if !tls || !login {
		return fmt.Errorf("%w: %s has no %s", ErrExposed, configFile, missing(tls, login))
	}
	return nil
}

func missing(tls, login bool) string {
	switch {
	case tls:
		return "basic_auth_users and no client certificates"
	case login:
		return "tls_server_config"
	}
	return "tls_server_config and no basic_auth_users"
}

// Serve serves until the server is shut down.
func Serve(l net.Listener, s *http.Server, configFile string, logins *Logins, log *slog.Logger) error {
	l = netutil.LimitListener(l, maxConns)
	if configFile == "" {
		return s.Serve(l)
	}
	s.BaseContext = func(net.Listener) context.Context { // called when the handler that checks passwords is in place, before any request
		s.Handler = logins.Wrap(s.Handler)
		return context.Background()
	}
	systemd := false
	return web.Serve(l, s, &web.FlagConfig{WebConfigFile: &configFile, WebSystemdSocket: &systemd}, log)
}

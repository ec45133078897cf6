package dnsrec

import (
	"strconv"
	"strings"
	"time"
)

// Bounds on what /etc/resolv.conf may ask for. The first is that of other
// resolvers (MAXNS); the others keep one domain within its 20 seconds.
const (
	maxConf        = 64 << 10 // bytes read
	maxConfServers = 3
	maxConfTimeout = 10 // seconds
	maxConfTries   = 5
)

// parseResolvConf reads the text of resolv.conf(5). The search list is not
// for us: all our names are absolute, and a name that a search list makes
// would be another one. What cannot be read is passed over, as others do; with
// no server at all, the one on this machine is meant.
func parseResolvConf(text string) Options {
	var opts Options
	text = text[:min(len(text), maxConf)]
	for line := range strings.Lines(text) {
		if i := strings.IndexAny(line, "#;"); i >= 0 {
			line = line[:i]
		}
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		case "nameserver":
			addServer(&opts, fields[1])
		case "options":
			for _, o := range fields[1:] {
				setOption(&opts, o)
			}
		}
	}
	if len(opts.Servers) == 0 {
		addServer(&opts, "127.0.0.1")
	}
	return opts
}

func addServer(opts *Options, addr string) {
	ap, err := parseAddrPort(addr, portDNS)
	if err != nil || ap.Port() != portDNS || len(opts.Servers) >= maxConfServers {
		return
	}
	if ap.Addr().IsUnspecified() { // means this machine, as in "nameserver 0.0.0.0"
		addr = "127.0.0.1"
		ap, _ = parseAddrPort(addr, portDNS)
	}
	opts.Servers = append(opts.Servers, Server{proto: protoUDP, addr: ap})
}

func setOption(opts *Options, option string) {
	name, value, _ := strings.Cut(option, ":")
	n, err := strconv.Atoi(value)
	if err != nil {
		return
	}
	switch name {
	case "timeout":
		opts.Timeout = time.Duration(min(max(n, 1), maxConfTimeout)) * time.Second
	case "attempts":
		opts.Tries = min(max(n, 1), maxConfTries)
	}
}

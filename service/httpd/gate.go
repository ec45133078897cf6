// Package httpd is the server around the pages and the API: who may ask, how
// often, what browsers may do with the answers, the log and the metrics.
package httpd

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"maildiag/service/api"
	"maildiag/service/limit"
)

// Gate decides which requests get in.
type Gate struct {
	Names   []string       // host names under which clients reach the server, lower case; addresses of the listener need not be listed
	Listen  netip.AddrPort // of the listener
	Proxies []netip.Prefix // reverse proxies, the only ones that may connect; nil: anybody may
}

// policy is what a browser may do with any page of ours: load our style and our
// script, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// harden sets the header fields of every answer. There is no CORS: other sites
// get nothing.
func harden(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, browsers say Origin: null of our own forms
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("X-Robots-Tag", "noindex")
}

// Wrap lets through what is for us.
func (g *Gate) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		harden(w.Header())
		if p := g.refusal(r); p != nil {
			p.Write(w)
			return
		}
		if len(r.TransferEncoding) > 0 { // RFC 9112 6.1: a proxy may take what follows for another request
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// maxBody is more than any path takes; those that take less say so themselves.
const maxBody = 32 << 20

// refusal returns why a request is not let in; nil: it is.
func (g *Gate) refusal(r *http.Request) *api.Problem {
	switch {
	case g.Proxies != nil && !within(remote(r), g.Proxies):
		return api.Refused(http.StatusForbidden, "Only the reverse proxy may connect.")
	case !g.ours(r.Host):
		return api.Refused(http.StatusMisdirectedRequest,
			"This server does not answer for this host name. Start maildiagd with --host NAME for each name that clients use.")
	case !sameOrigin(r):
		return api.Refused(http.StatusForbidden, "The request comes from another site.")
	case len(r.URL.RawQuery) > 8<<10 || len(r.URL.Path) > 1<<10:
		return api.Refused(http.StatusRequestURITooLong, "The address is too long.")
	case r.ContentLength > maxBody:
		return api.Refused(http.StatusRequestEntityTooLarge, "The body is too large.")
	case !plain(r.Header.Values("Content-Encoding")):
		return api.Refused(http.StatusUnsupportedMediaType, "The body must not be compressed.")
	}
	return nil
}

// plain reports whether a body with these codings is what it looks like.
func plain(codings []string) bool {
	return !slices.ContainsFunc(codings, func(c string) bool { return c != "" && !strings.EqualFold(c, "identity") })
}

// ours reports whether a Host field names this server. A page of another site
// whose name was made to point here (DNS rebinding) shows in it.
func (g *Gate) ours(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if slices.Contains(g.Names, name) {
		return true
	}
	addr, err := netip.ParseAddr(name)
	switch {
	case g.Listen.Addr().IsLoopback():
		return name == "localhost" || err == nil && addr.IsLoopback()
	case err != nil:
		return false
	}
	return g.Listen.Addr().IsUnspecified() || addr.Unmap() == g.Listen.Addr().Unmap()
}

// sameOrigin reports whether a request comes from our own page or from no page.
// Browsers say where a request comes from in Origin and Sec-Fetch-Site; links
// from elsewhere may lead to a page, and to nothing else.
func sameOrigin(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	// The pages start no work. Alerts and messages have links to them.
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return slices.Contains([]string{"", "r", "domains", "changes", "sites"}, first) && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

func within(addr netip.Addr, blocks []netip.Prefix) bool {
	return slices.ContainsFunc(blocks, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// remote returns the address at the other end of the connection.
func remote(r *http.Request) netip.Addr {
	to, _ := netip.ParseAddrPort(r.RemoteAddr) // the server wrote it
	return to.Addr().Unmap().WithZone("")
}

// client returns the address of the client: what the last proxy that is trusted
// saw. What clients write into the field themselves stands before that.
func (g *Gate) client(r *http.Request) netip.Addr {
	addr := remote(r)
	if g.Proxies == nil {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !within(addr, g.Proxies) {
			break
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		addr = next.Unmap().WithZone("")
	}
	return addr
}

// Spend returns a function that takes a token of the client of a request, and
// returns how long it must wait if there is none. No buckets: no limit.
func (g *Gate) Spend(b *limit.Buckets) func(*http.Request) time.Duration {
	return func(r *http.Request) time.Duration {
		if b == nil {
			return 0
		}
		wait, ok := b.Take(limit.Site(g.client(r)).String(), time.Now())
		if ok {
			return 0
		}
		return wait
	}
}

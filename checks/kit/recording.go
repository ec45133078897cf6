package kit

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/smtpprobe"
)

// RecordingSchema names the form of a record of what the world answered: a header
// line, then one line of JSON for each answer.
const RecordingSchema = "maildiag.tape/v1"

// RecordingHeader is the first line of a recording.
type RecordingHeader struct {
	Schema   string    `json:"schema"`
	Version  string    `json:"version"`
	Recorded time.Time `json:"recorded"`
	Resolver string    `json:"resolver"`
	TrustAD  bool      `json:"trust_ad"`
}

// recordedLine is one answer; exactly one of the four is set.
type recordedLine struct {
	DNS        *recordedDNS       `json:"dns,omitempty"`
	NameServer *recordedReply     `json:"nameserver,omitempty"`
	SMTP       *recordedSMTP      `json:"smtp,omitempty"`
	HTTPS      *httpsget.Response `json:"https,omitempty"`
}

type recordedSMTP struct {
	Key     string             `json:"key"`
	Session *smtpprobe.Session `json:"session"`
}

type recordedDNS struct {
	Name      string         `json:"name"`
	Type      dnsrec.Type    `json:"type"`
	Rcode     string         `json:"rcode,omitempty"`
	CNAMEs    []string       `json:"cnames,omitempty"`
	Values    []octets       `json:"values,omitempty"`
	Strings   [][]int        `json:"strings,omitempty"`
	TTL       time.Duration  `json:"ttl,omitempty"` // ns
	Authentic bool           `json:"ad,omitempty"`
	Server    string         `json:"server,omitempty"`
	RTT       time.Duration  `json:"rtt,omitempty"` // ns
	Error     *recordedError `json:"error,omitempty"`
}

type recordedError struct {
	Kind     dnsrec.Kind       `json:"kind"`
	Rcode    string            `json:"rcode,omitempty"`
	Extended []dnsrec.Extended `json:"extended,omitempty"`
	CNAMEs   []string          `json:"cnames,omitempty"`
	Text     string            `json:"text,omitempty"`
	Versions []recordedDNS     `json:"versions,omitempty"`
}

// octets is a string of any bytes: text as it is, all else as
// {"base64": "..."}, since JSON cannot hold it.
type octets string

func (o octets) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(o)) {
		return json.Marshal(string(o))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(o))})
}

func (o *octets) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(o))
	}
	var m struct {
		Base64 []byte `json:"base64"`
	}
	err := json.Unmarshal(b, &m)
	*o = octets(m.Base64)
	return err
}

// Recording writes down what a world answers.
type Recording struct {
	inner World
	mu    sync.Mutex
	w     *bufio.Writer
	known map[string]bool // DNS questions that were written
	err   error
}

// Record starts a recording on w of what inner answers.
func Record(w io.Writer, inner World, h RecordingHeader) (*Recording, error) {
	h.Schema = RecordingSchema
	r := &Recording{inner: inner, w: bufio.NewWriter(w), known: map[string]bool{}}
	r.write(h)
	return r, r.Close()
}

// Close writes out what is left. It does not close the writer.
func (r *Recording) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.w.Flush(); r.err == nil {
		r.err = err
	}
	return r.err
}

func (r *Recording) write(v any) {
	line, err := json.Marshal(v)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		_, err = r.w.Write(append(line, '\n'))
	}
	if r.err == nil {
		r.err = err
	}
}

// World returns a world that asks the inner one and keeps its answers.
func (r *Recording) World() World {
	w := World{
		DNS: ResolverFunc(r.lookup),
		SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
			s := r.inner.SMTP(ctx, cfg)
			r.write(recordedLine{SMTP: &recordedSMTP{cfg.Key(), s}})
			return s
		},
		HTTPS: func(ctx context.Context, url string) *httpsget.Response {
			resp := r.inner.HTTPS(ctx, url)
			r.write(recordedLine{HTTPS: resp})
			return resp
		},
	}
	if r.inner.Ask != nil {
		w.Ask = r.ask
	}
	return w
}

func (r *Recording) lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a, err := r.inner.DNS.Lookup(ctx, q)
	if k := dnsrec.KindOf(err); k == dnsrec.KindCanceled || k == dnsrec.KindBudget { // ours, not the world's
		return a, err
	}
	r.mu.Lock()
	again := r.known[q.String()]
	r.known[q.String()] = true
	r.mu.Unlock()
	if !again {
		r.write(recordedLine{DNS: writeDNS(q, a, err)})
	}
	return a, err
}

func writeDNS(q dnsrec.Query, a dnsrec.Answer, err error) *recordedDNS {
	d := &recordedDNS{Name: q.Name, Type: q.Type, Rcode: a.Rcode, CNAMEs: a.CNAMEs, Strings: a.Strings,
		TTL: a.TTL, Authentic: a.Authentic, Server: a.Server, RTT: a.RTT}
	for _, v := range a.Values {
		d.Values = append(d.Values, octets(v))
	}
	var e *dnsrec.Error
	switch {
	case errors.As(err, &e):
		d.Error = &recordedError{Kind: e.Kind, Rcode: e.Rcode, Extended: e.Extended, CNAMEs: e.CNAMEs}
		d.Server = e.Server
		for _, v := range e.Versions {
			d.Error.Versions = append(d.Error.Versions, *writeDNS(q, v, nil))
		}
		if e.Err != nil {
			d.Error.Text = e.Err.Error()
		}
	case err != nil:
		d.Error = &recordedError{Kind: dnsrec.KindOf(err), Text: err.Error()}
	}
	return d
}

func (d *recordedDNS) read() (dnsrec.Answer, error) {
	q := dnsrec.Query{Name: d.Name, Type: d.Type}
	a := dnsrec.Answer{Query: q, Rcode: d.Rcode, CNAMEs: d.CNAMEs, Strings: d.Strings,
		TTL: d.TTL, Authentic: d.Authentic, Server: d.Server, RTT: d.RTT}
	for _, v := range d.Values {
		a.Values = append(a.Values, string(v))
	}
	if d.Error == nil {
		return a, nil
	}
	e := &dnsrec.Error{Query: q, Kind: d.Error.Kind, Server: d.Server, Rcode: d.Error.Rcode,
		Extended: d.Error.Extended, CNAMEs: d.Error.CNAMEs}
	for _, v := range d.Error.Versions {
		version, _ := v.read()
		e.Versions = append(e.Versions, version)
	}
	if d.Error.Text != "" {
		e.Err = errors.New(d.Error.Text)
	}
	return a, e
}

const maxRecordedLine = 4 << 20 // bytes; a 64 KiB TXT set or SMTP reply, encoded, fits well

// played is a recording read back.
type played struct {
	dns   map[string]*recordedDNS
	said  map[serverQuestion]*recordedReply // by name servers; empty: they were not asked
	https map[string]*httpsget.Response

	mu   sync.Mutex
	smtp map[string][]*smtpprobe.Session // in the order of the record
}

// Replay reads a recording and gives the world it holds. Questions that it does not
// hold are answered by dnsrec.KindNotKnown and its likes.
func Replay(r io.Reader) (World, RecordingHeader, error) {
	var h RecordingHeader
	p := &played{dns: map[string]*recordedDNS{}, said: map[serverQuestion]*recordedReply{}, https: map[string]*httpsget.Response{}, smtp: map[string][]*smtpprobe.Session{}}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxRecordedLine)
	if !sc.Scan() {
		return World{}, h, cmp.Or(sc.Err(), errors.New("the file is empty"))
	}
	if err := json.Unmarshal(sc.Bytes(), &h); err != nil || h.Schema != RecordingSchema {
		return World{}, h, fmt.Errorf("its first line does not name schema %q", RecordingSchema)
	}
	for n := 2; sc.Scan(); n++ {
		var l recordedLine
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			return World{}, h, fmt.Errorf("line %d: %w", n, err)
		}
		p.add(l)
	}
	return p.world(), h, sc.Err()
}

func (p *played) add(l recordedLine) {
	switch {
	case l.DNS != nil:
		p.dns[dnsrec.Query{Name: l.DNS.Name, Type: l.DNS.Type}.String()] = l.DNS
	case l.NameServer != nil:
		p.said[l.NameServer.key()] = l.NameServer
	case l.SMTP != nil:
		p.smtp[l.SMTP.Key] = append(p.smtp[l.SMTP.Key], l.SMTP.Session)
	case l.HTTPS != nil:
		p.https[l.HTTPS.URL] = l.HTTPS
	}
}

func (p *played) world() World {
	w := World{
		DNS: ResolverFunc(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
			if d := p.dns[q.String()]; d != nil {
				return d.read()
			}
			return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindNotKnown}
		}),
		SMTP: func(_ context.Context, cfg smtpprobe.Config) *smtpprobe.Session { return p.session(cfg) },
		HTTPS: func(_ context.Context, url string) *httpsget.Response {
			if r := p.https[url]; r != nil {
				return r
			}
			return &httpsget.Response{URL: url, Err: &httpsget.Error{Kind: httpsget.KindDNS, Phase: httpsget.PhaseDNS,
				DNS: &httpsget.DNSError{Name: url, Type: dnsrec.TypeA, Kind: dnsrec.KindNotKnown}}}
		},
	}
	if len(p.said) > 0 {
		w.Ask = p.ask
	}
	return w
}

// session returns the next recorded session for cfg; the last one stays.
func (p *played) session(cfg smtpprobe.Config) *smtpprobe.Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.smtp[cfg.Key()]
	if len(list) == 0 {
		return &smtpprobe.Session{Host: cfg.Host, Address: cfg.Address, Port: cfg.Port, Mode: cfg.Mode,
			Steps: []smtpprobe.Step{{Phase: smtpprobe.PhaseConnect,
				Err: &smtpprobe.Error{Class: smtpprobe.ClassOther, Text: "the recording does not contain this connection"}}}}
	}
	if len(list) > 1 {
		p.smtp[cfg.Key()] = list[1:]
	}
	return list[0]
}

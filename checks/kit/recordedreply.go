package kit

import (
	"context"
	"net/netip"
	"time"

	"maildiag/dnsrec"
)

// recordedReply is what one name server said to a question, or why it said nothing.
type recordedReply struct {
	Asked         netip.Addr       `json:"asked"`
	Name          string           `json:"name"`
	Type          dnsrec.Type      `json:"type"`
	Rcode         string           `json:"rcode,omitempty"`
	Authoritative bool             `json:"aa,omitempty"`
	Answer        []recordedRecord `json:"answer,omitempty"`
	Authority     []recordedRecord `json:"authority,omitempty"`
	Additional    []recordedRecord `json:"additional,omitempty"`
	Server        string           `json:"server,omitempty"`
	RTT           time.Duration    `json:"rtt,omitempty"` // ns
	Error         *recordedError   `json:"error,omitempty"`
}

type recordedRecord struct {
	Name  string        `json:"name"`
	Type  dnsrec.Type   `json:"type"`
	TTL   time.Duration `json:"ttl,omitempty"` // ns
	Value octets        `json:"value"`
}

// serverQuestion is a question at one name server.
type serverQuestion struct {
	server netip.Addr
	query  dnsrec.Query
}

func (r *recordedReply) key() serverQuestion {
	return serverQuestion{r.Asked, dnsrec.Query{Name: r.Name, Type: r.Type}}
}

// ask asks a name server of the inner world, and keeps what it says.
func (r *Recording) ask(ctx context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
	reply, err := r.inner.Ask(ctx, server, q)
	if dnsrec.KindOf(err) == dnsrec.KindCanceled { // ours, not the world's
		return reply, err
	}
	d := &recordedReply{Asked: server, Name: q.Name, Type: q.Type, Rcode: reply.Rcode, Authoritative: reply.Authoritative, Server: reply.Server, RTT: reply.RTT,
		Answer: writeRecords(reply.Answer), Authority: writeRecords(reply.Authority), Additional: writeRecords(reply.Additional)}
	if err != nil {
		d.Error = writeDNS(q, dnsrec.Answer{}, err).Error
	}
	r.write(recordedLine{NameServer: d})
	return reply, err
}

func writeRecords(list []dnsrec.Record) (out []recordedRecord) {
	for _, r := range list {
		out = append(out, recordedRecord{r.Name, r.Type, r.TTL, octets(r.Value)})
	}
	return out
}

// ask answers as the name server did.
func (p *played) ask(_ context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
	r := p.said[serverQuestion{server, q}]
	if r == nil {
		return dnsrec.Reply{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindNotKnown, Server: server.String()}
	}
	reply := dnsrec.Reply{Query: q, Server: r.Server, Rcode: r.Rcode, Authoritative: r.Authoritative, RTT: r.RTT,
		Answer: readRecords(r.Answer), Authority: readRecords(r.Authority), Additional: readRecords(r.Additional)}
	if r.Error == nil {
		return reply, nil
	}
	_, err := (&recordedDNS{Name: q.Name, Type: q.Type, Server: server.String(), Error: r.Error}).read()
	return reply, err
}

func readRecords(list []recordedRecord) (out []dnsrec.Record) {
	for _, r := range list {
		out = append(out, dnsrec.Record{Name: r.Name, Type: r.Type, TTL: r.TTL, Value: string(r.Value)})
	}
	return out
}

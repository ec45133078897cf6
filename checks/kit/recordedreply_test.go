package kit_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
)

// What name servers say, and that they say nothing, is replayed as it was; a
// recording without them cannot ask any.
func TestRecordsNameServers(t *testing.T) {
	one, two := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::2")
	q := dnsrec.Q("contoso.com", dnsrec.TypeTXT)
	said := dnsrec.Reply{Query: q, Server: "192.0.2.1:53/udp", Rcode: "NOERROR", Authoritative: true, RTT: time.Millisecond,
		Answer:    []dnsrec.Record{{Name: "contoso.com", Type: dnsrec.TypeTXT, TTL: time.Hour, Value: "bytes \xff\x00"}},
		Authority: []dnsrec.Record{{Name: "contoso.com", Type: dnsrec.TypeNS, TTL: time.Minute, Value: "ns.contoso.com"}}}
	world := kit.World{Ask: func(_ context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
		if server == two {
			return dnsrec.Reply{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindTimeout, Server: server.String(), Err: errors.New("i/o timeout")}
		}
		return said, nil
	}}
	replayed := func(ask bool) kit.World {
		var tape bytes.Buffer
		r, err := kit.Record(&tape, world, kit.RecordingHeader{})
		if err != nil {
			t.Fatal(err)
		}
		if w := r.World(); ask {
			w.Ask(t.Context(), one, q)
			w.Ask(t.Context(), two, q)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		past, _, err := kit.Replay(&tape)
		if err != nil {
			t.Fatal(err)
		}
		return past
	}
	past := replayed(true)
	if got, err := past.Ask(t.Context(), one, q); err != nil || !reflect.DeepEqual(got, said) {
		t.Errorf("%v %+v", err, got)
	}
	if _, err := past.Ask(t.Context(), two, q); dnsrec.KindOf(err) != dnsrec.KindTimeout {
		t.Errorf("silent server: %v", err)
	}
	if _, err := past.Ask(t.Context(), one, dnsrec.Q("contoso.com", dnsrec.TypeMX)); dnsrec.KindOf(err) != dnsrec.KindNotKnown {
		t.Errorf("not asked: %v", err)
	}
	if replayed(false).Ask != nil {
		t.Error("a recording without name servers asks them")
	}
}

package smtpprobe_test

import (
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// oneWay is how long a byte travels on the played link.
const oneWay = 20 * time.Millisecond

// far returns the client's end of a connection over a link with a delay. The
// handshake of TCP takes a round trip, and the server hears of it half a round
// trip later.
func far(h smtptest.Handler) net.Conn {
	client, clientFar := net.Pipe()
	server, serverFar := net.Pipe()
	go delay(serverFar, clientFar)
	go delay(clientFar, serverFar)
	go func() {
		time.Sleep(3 * oneWay)
		smtptest.Serve(server, h, nil)
	}()
	time.Sleep(2 * oneWay)
	return client
}

// delay carries bytes to dst, each oneWay after it was written at src.
func delay(dst, src net.Conn) {
	type parcel struct {
		data []byte
		at   time.Time
	}
	parcels := make(chan parcel, 1000)
	go func() {
		defer dst.Close()
		for p := range parcels {
			time.Sleep(time.Until(p.at))
			if _, err := dst.Write(p.data); err != nil {
				_, _ = io.Copy(io.Discard, src)
				return
			}
		}
	}()
	defer close(parcels)
	for {
		buf := make([]byte, 32<<10)
		n, err := src.Read(buf)
		if n > 0 {
			parcels <- parcel{buf[:n], time.Now().Add(oneWay)}
		}
		if err != nil {
			return
		}
	}
}

// TestRoundTrips holds the number of round trips to the verdict of a login.
func TestRoundTrips(t *testing.T) {
	l, now := newLab(t), time.Now()
	for mech, most := range map[smtpprobe.Mechanism]float64{smtpprobe.MechPlain: 7, smtpprobe.MechLogin: 8,
		smtpprobe.MechXOAuth2: 7} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(now)) // the played clock starts in 2000, before the certificates
			p := l.exchange(good())
			p.EHLOTLS = []string{"AUTH PLAIN LOGIN XOAUTH2"}
			cfg := l.withAuth(mech)
			cfg.Limits = smtpprobe.Limits{}
			s := smtpprobe.Probe(t.Context(), dialerFunc(func() net.Conn { return far(p) }), cfg)
			if !s.Auth.Success {
				t.Fatalf("%s", s.Transcript())
			}
			auth := s.Find(smtpprobe.PhaseAuth)
			trips := float64(auth.Start+auth.Took) / float64(2*oneWay)
			t.Logf("%s: %.2f round trips to the verdict, %.2f in all", mech, trips,
				float64(s.Elapsed)/float64(2*oneWay))
			if trips > most+0.3 || float64(s.Elapsed)/float64(2*oneWay) > most+0.3 {
				t.Errorf("%s: %.2f round trips, %v in all", mech, trips, s.Elapsed)
			}
			time.Sleep(time.Minute)
		})
	}
}

// BenchmarkProbe is a whole conversation over loopback with TLS 1.3 and LOGIN;
// p50-ms is its median.
func BenchmarkProbe(b *testing.B) {
	ca, err := smtptest.NewCA("DigiCert Test")
	if err != nil {
		b.Fatal(err)
	}
	cert, err := ca.Issue(good())
	if err != nil {
		b.Fatal(err)
	}
	srv := smtptest.New(b, smtptest.ExchangeOnline(smtptest.Config(cert), map[string]string{user: password}))
	took := make([]time.Duration, 0, b.N)
	for b.Loop() {
		s := smtpprobe.Probe(b.Context(), srv, smtpprobe.Config{Host: host, Address: "127.0.0.1", Port: 587,
			Roots: ca.Roots(),
			Auth: &smtpprobe.Auth{User: user, Secret: smtpprobe.NewSecret(password),
				Mechanism: smtpprobe.MechLogin}})
		if !s.Auth.Success {
			b.Fatal(s.Transcript())
		}
		took = append(took, s.Elapsed)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}

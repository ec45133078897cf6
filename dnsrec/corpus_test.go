package dnsrec_test

import (
	"archive/tar"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// corpus returns the path of a file of the real data, or skips the test.
func corpus(t *testing.T, path string) string {
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	return filepath.Join(dir, path)
}

// packets reads DNS messages that others collected to break servers with.
func packets(t *testing.T) (all [][]byte) {
	f, err := os.Open(corpus(t, "fuzz/dns-packets.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(gz); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg && strings.HasSuffix(h.Name, ".pkt") {
			p, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
	}
}

// dress makes a packet look like a reply to the query: its ID, its question,
// and the packet's own flags and records.
func dress(query, packet []byte) []byte {
	if len(packet) < 12 {
		return packet
	}
	out := append([]byte(nil), packet[:12]...)
	copy(out, query[:2])
	out[2] = out[2]&^0x78 | 0x80
	questions := binary.BigEndian.Uint16(packet[4:])
	binary.BigEndian.PutUint16(out[4:], 1)
	out = append(out, query[12:headerEnd(query)]...)
	rest := packet[12:]
	for range questions {
		for len(rest) > 0 && rest[0] != 0 && rest[0] < 64 && int(rest[0]) < len(rest) {
			rest = rest[1+rest[0]:]
		}
		rest = rest[min(5, len(rest)):]
	}
	return append(out, rest...)
}

// Every packet as the reply to a question, as it is and dressed up: no panic,
// and an answer or an error of a kind that fits.
func TestFault_032_CollectedPackets(t *testing.T) {
	t.Parallel()
	all := packets(t)
	if len(all) < 900 {
		t.Fatalf("only %d packets", len(all))
	}
	for _, dressed := range []bool{false, true} {
		srv := dnstest.New(t, "")
		srv.Fault("", "", dnstest.Fault{Edit: func(query, _ []byte) [][]byte {
			var i int
			fmt.Sscanf(string(query[13:headerEnd(query)]), "p%d", &i)
			p := append([]byte(nil), all[i]...)
			if dressed {
				return [][]byte{dress(query, p)}
			}
			copy(p, query[:2])
			return [][]byte{p}
		}})
		c := client(t, dnsrec.Options{Timeout: 200 * time.Millisecond}, srv.Addr)
		kinds := map[dnsrec.Kind]int{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for worker := range 100 {
			wg.Go(func() {
				for i := worker; i < len(all); i += 100 {
					_, err := ask(c, fmt.Sprintf("p%d.test", i), []dnsrec.Type{"MX", "TXT", "A"}[i%3])
					mu.Lock()
					kinds[dnsrec.KindOf(err)]++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		t.Logf("dressed %v: %v", dressed, kinds)
		for k := range kinds {
			if !slices.Contains([]dnsrec.Kind{"", dnsrec.KindMalformed, dnsrec.KindTimeout, dnsrec.KindTruncated,
				dnsrec.KindRefused, dnsrec.KindReferral, dnsrec.KindServFail, dnsrec.KindChain}, k) {
				t.Errorf("dressed %v: %d errors of kind %s", dressed, kinds[k], k)
			}
		}
		if dressed && kinds[""] == 0 || !dressed && kinds[dnsrec.KindMalformed] < len(all)/2 {
			t.Errorf("dressed %v: %v", dressed, kinds)
		}
	}
}

package checks

import (
	"cmp"
	"fmt"
	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// examined is what a whole run says of one domain.
type examined struct {
	body     *kittest.Body
	findings []report.Finding
}

func (e examined) status(code string) report.Status {
	for _, f := range e.findings {
		if f.Code == code {
			return f.Status
		}
	}
	return report.Unset
}

// examineAll runs all checks but those that talk to servers other than DNS.
func examineAll(t *testing.T, client *dnsrec.Client, domains []string, expect kit.Expectation) map[string][]report.Finding {
	rows, _ := kit.Select(All(), nil, []string{"submission"})
	cache := dnsrec.NewCache(client, dnsrec.CacheOptions{})
	out := map[string][]report.Finding{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	work := make(chan string)
	for range 4 * runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for d := range work {
				var fs []report.Finding
				env := &kit.Env{Domain: d, Expect: expect, Cloud: "auto", Now: kittest.TestDay, World: kit.World{DNS: cache}}
				env.HTTPS = kittest.NoHTTPS
				err := Run(t.Context(), env, rows, kittest.SinkFunc(func(e report.Event) error {
					if e.Finding != nil {
						fs = append(fs, *e.Finding)
					}
					return nil
				}))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				out[d] = fs
				mu.Unlock()
			}
		})
	}
	for _, d := range domains {
		work <- d
	}
	close(work)
	wg.Wait()
	return out
}

func corpusClient(t *testing.T, zone string) *dnsrec.Client {
	t.Helper()
	srv := dnstest.New(t, zone+"microsoft.com A 192.0.2.1\n", dnstest.Unlogged()) // without it, a domain that has nothing is not believed
	s, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}, Timeout: 5 * time.Second})
	t.Cleanup(client.Close)
	return client
}

// plainMX is a plain reading of the MX hosts, written without the table.
func plainMX(d *kittest.Body) string {
	ours, others, null := 0, 0, 0
	for _, h := range d.MX {
		h = strings.ToLower(strings.TrimSuffix(h, "."))
		switch {
		case h == "":
			null++
		case strings.Contains(h+".", ".msv1.invalid."):
		case strings.HasSuffix(h, ".mail.protection.outlook.com"), strings.HasSuffix(h, ".mx.microsoft"),
			strings.HasSuffix(h, ".mail.protection.office365.us"), strings.HasSuffix(h, ".mail.protection.partner.outlook.cn"):
			ours++
		default:
			others++
		}
	}
	switch {
	case null > 0 && ours+others > 0:
		return "null beside"
	case null > 0:
		return "null"
	case ours > 0 && others > 0:
		return "mixed"
	case ours > 0:
		return "microsoft"
	case others > 0:
		return "elsewhere"
	}
	return "none"
}

// mxOf is what the findings say, in the same words.
func mxOf(e examined) string {
	has := func(code string) bool { return e.status(code) != report.Unset }
	switch {
	case has("mx.null") && (has("mx.m365") || has("mx.provider") || has("mx.gateway")):
		return "null beside"
	case has("mx.null"):
		return "null"
	case e.status("mx.m365") == report.Pass && (has("mx.leftover") || has("mx.bypass") || has("mx.retired") || has("mx.suffix") || has("mx.literal")):
		return "mixed"
	case e.status("mx.m365") == report.Pass:
		return "microsoft"
	case has("mx.none"):
		return "none"
	}
	return "elsewhere"
}

// TestCorpusPublicBodies examines 12,319 real domains through the real client
// and compares with a plain reading of the data.
func TestCorpusPublicBodies(t *testing.T) {
	bodies := kittest.ReadBodies(t)
	var zone strings.Builder
	kittest.IncludeZone(t, &zone)
	var names []string
	byName := map[string]*kittest.Body{}
	for i := range bodies {
		bodies[i].Zone(&zone)
		names = append(names, bodies[i].Domain)
		byName[names[i]] = &bodies[i]
	}
	if len(names) < 12319 {
		t.Fatalf("only %d domains in the data", len(names))
	}
	began := time.Now()
	got := examineAll(t, corpusClient(t, zone.String()), names, kit.ExpectAuto)
	counts := map[string]int{}
	for name, fs := range got {
		e := examined{byName[name], fs}
		for _, f := range fs {
			counts[f.Code+" "+f.Status.String()]++
			if f.Status == report.Unknown && !f.Optional {
				t.Errorf("%s: %s is unknown, which the data does not explain: %s", name, f.Code, f.Summary)
			}
			if f.Status == report.Fail && f.Fix == nil {
				t.Errorf("%s: %s fails without a fix", name, f.Code)
			}
		}
		if want, is := plainMX(e.body), mxOf(e); want != is {
			t.Errorf("%s: MX is %q, a plain reading of %v says %q", name, is, e.body.MX, want)
		}
	}
	t.Logf("%d domains in %v", len(got), time.Since(began).Round(time.Millisecond))
	if look := os.Getenv("MAILDIAG_LOOK"); look != "" { // a code to look at by eye
		for name, fs := range got {
			for _, f := range fs {
				if f.Code+" "+f.Status.String() == look {
					t.Logf("%s: %s: %s", name, f.Subject, f.Summary)
				}
			}
		}
	}
	logCounts(t, counts)
}

func logCounts(t *testing.T, counts map[string]int) {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Compare(a, b) })
	for _, k := range keys {
		t.Logf("%6d %s", counts[k], k)
	}
}

// octoRecord is a record set of an octoDNS zone file.
type octoRecord struct {
	Type   string
	TTL    int
	Value  yaml.Node
	Values yaml.Node // a list, or one
}

// octoZone turns one zone file into zone-file text.
func octoZone(t *testing.T, path string, b *strings.Builder) (domain string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	domain = strings.TrimSuffix(filepath.Base(path), ".yaml")
	names := map[string]yaml.Node{}
	if err := yaml.Unmarshal(raw, &names); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for name, node := range names {
		owner := domain + "."
		if name != "" {
			owner = name + "." + owner
		}
		var sets []octoRecord
		if node.Kind == yaml.SequenceNode {
			err = node.Decode(&sets)
		} else {
			sets = make([]octoRecord, 1)
			err = node.Decode(&sets[0])
		}
		if err != nil {
			t.Fatalf("%s: %s: %v", path, name, err)
		}
		for _, s := range sets {
			values := []*yaml.Node{&s.Value, &s.Values}
			if s.Values.Kind == yaml.SequenceNode {
				values = s.Values.Content
			}
			for _, v := range values {
				writeOcto(b, owner, s.Type, v)
			}
		}
	}
	return domain
}

func writeOcto(b *strings.Builder, owner, typ string, v *yaml.Node) {
	if v.Kind == 0 {
		return
	}
	switch typ {
	case "MX":
		var mx struct {
			Exchange   string
			Preference int
		}
		if v.Decode(&mx) == nil {
			fmt.Fprintf(b, "%s MX %d %s\n", owner, mx.Preference, mx.Exchange)
		}
	case "TXT":
		fmt.Fprintf(b, "%s TXT %s\n", owner, kittest.QuoteTXT(strings.ReplaceAll(v.Value, `\;`, ";")))
	case "A", "AAAA", "CNAME":
		fmt.Fprintf(b, "%s %s %s\n", owner, typ, v.Value)
	}
}

// TestCorpusZones examines every zone of the Ministry of Justice that is not a
// reverse one.
func TestCorpusZones(t *testing.T) {
	dir := kittest.Corpus(t, "dns/moj-zones")
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) < 245 {
		t.Fatalf("%d zone files, want 245 (%v)", len(files), err)
	}
	var zone strings.Builder
	kittest.IncludeZone(t, &zone)
	var names []string
	for _, f := range files {
		d := octoZone(t, f, &zone)
		if !strings.HasSuffix(d, ".arpa") {
			names = append(names, d)
		}
	}
	counts := map[string]int{}
	for name, fs := range examineAll(t, corpusClient(t, zone.String()), names, kit.ExpectAuto) {
		for _, f := range fs {
			counts[f.Code+" "+f.Status.String()]++
			if f.Status == report.Unknown && !f.Optional {
				t.Errorf("%s: %s is unknown, which the data does not explain: %s", name, f.Code, f.Summary)
			}
		}
	}
	t.Logf("%d zones", len(names))
	logCounts(t, counts)
}

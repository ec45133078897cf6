//go:build integration

package planfmt

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// The scripts are run as they are, with curl and jq (Debian packages of the
// same names), against servers of our own in place of the services. Terraform
// and Node are asked too where they are installed; Debian has no terraform.

// cloudflare is the part of the API that the script uses.
type cloudflare struct {
	records []map[string]any
	batches int
	auth    []string
}

func (c *cloudflare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.auth = append(c.auth, r.Header.Get("Authorization"))
	answer := func(v any) { json.NewEncoder(w).Encode(map[string]any{"success": true, "result": v}) }
	switch r.Method + " " + r.URL.Path {
	case "GET /zones":
		answer([]any{map[string]any{"id": "z1", "name": r.URL.Query().Get("name")}})
	case "GET /zones/z1/dns_records":
		answer(c.records)
	case "POST /zones/z1/dns_records/batch":
		c.batches++
		var b struct {
			Deletes []struct{ ID string }
			Posts   []map[string]any
		}
		if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, d := range b.Deletes {
			c.records = slices.DeleteFunc(c.records, func(r map[string]any) bool { return r["id"] == d.ID })
		}
		for _, p := range b.Posts {
			c.add(p)
		}
		answer(b)
	default:
		http.NotFound(w, r)
	}
}

func (c *cloudflare) add(record map[string]any) {
	record["id"] = fmt.Sprintf("id%d", len(c.records)+100*c.batches)
	c.records = append(c.records, record)
}

// texts returns the records of a name in the words of a zone file.
func (c *cloudflare) texts(t *testing.T, name, typ string) []string {
	t.Helper()
	var found []string
	for _, r := range c.records {
		if r["name"] == name && r["type"] == typ {
			found = append(found, cloudflareRR(t, asCloudflare(t, r)))
		}
	}
	slices.Sort(found)
	return found
}

func asCloudflare(t *testing.T, record any) (r cloudflareRecord) {
	t.Helper()
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// newCloudflare has the records for which the plan was made.
func newCloudflare(t *testing.T, d *doc) *cloudflare {
	t.Helper()
	c := &cloudflare{}
	for _, s := range d.steps {
		if !s.live() {
			continue
		}
		for _, r := range cloudflareRecords(s, s.before()) {
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var m map[string]any
			if err := json.Unmarshal(text, &m); err != nil {
				t.Fatal(err)
			}
			c.add(m)
		}
	}
	return c
}

func runScript(t *testing.T, text string, env []string, args ...string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.sh")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	sh := exec.Command("sh", append([]string{file}, args...)...)
	sh.Env = append(os.Environ(), env...)
	out, err := sh.CombinedOutput()
	return string(out), err
}

func TestCloudflareScript(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 6))
	for i, p := range []report.Plan{samplePlan(), hostilePlan(r), hostilePlan(r), hostilePlan(r)} {
		d, err := newDoc(p, sampleMeta(), plainName)
		if err != nil {
			t.Fatal(err)
		}
		c := newCloudflare(t, d)
		server := httptest.NewServer(c)
		defer server.Close()
		text := written(t, "cloudflare", p, sampleMeta())
		env := []string{"CLOUDFLARE_API_TOKEN=tok'en", "CLOUDFLARE_API=" + server.URL}
		if out, err := runScript(t, text, env); err != nil || c.batches != 0 {
			t.Fatalf("plan %d, to look at: %v, %d batches\n%s", i, err, c.batches, out)
		}
		if out, err := runScript(t, text, env, "apply"); err != nil || c.batches != 1 {
			t.Fatalf("plan %d: %v, %d batches\n%s", i, err, c.batches, out)
		}
		for _, s := range d.steps {
			if !s.live() {
				continue
			}
			var want []string
			for _, v := range s.published() {
				want = append(want, readRR(t, record(s, v)))
			}
			slices.Sort(want)
			if got := c.texts(t, s.host(), s.Type); !slices.Equal(got, want) {
				t.Errorf("plan %d, %s:\n%q\nwant\n%q", i, s.heading(), got, want)
			}
		}
		if out, err := runScript(t, text, env, "apply"); err == nil || !strings.Contains(out, "has changed") || c.batches != 1 {
			t.Errorf("plan %d can be applied twice: %v, %d batches\n%s", i, err, c.batches, out)
		}
		if slices.ContainsFunc(c.auth, func(s string) bool { return s != "Bearer tok'en" }) {
			t.Errorf("authorization %q", c.auth)
		}
	}
}

// Old records of Cloudflare have texts without quotes, and names in other case.
func TestCloudflareOldForms(t *testing.T) {
	p := samplePlan()
	p.Steps = p.Steps[:2]
	d, err := newDoc(p, sampleMeta(), plainName)
	if err != nil {
		t.Fatal(err)
	}
	c := newCloudflare(t, d)
	for _, r := range c.records {
		if r["type"] == "TXT" {
			r["content"] = strings.ReplaceAll(strings.Trim(r["content"].(string), `"`), `\"`, `"`)
		} else {
			r["content"] = strings.ToUpper(r["content"].(string))
		}
	}
	server := httptest.NewServer(c)
	defer server.Close()
	out, err := runScript(t, written(t, "cloudflare", p, sampleMeta()),
		[]string{"CLOUDFLARE_API_TOKEN=t", "CLOUDFLARE_API=" + server.URL}, "apply")
	if err != nil || len(c.records) != 4 {
		t.Errorf("%v, %d records\n%s", err, len(c.records), out)
	}
}

// az stands for the Azure CLI: it keeps each record set in a file.
const az = `#!/bin/sh
[ "$1" = rest ] || exit 9
shift
method= url= body= etag=
while [ $# -gt 0 ]; do
  case $1 in
    --method) method=$2; shift ;;
    --url) url=$2; shift ;;
    --body) body=$2; shift ;;
    If-Match=*) etag=${1#If-Match=} ;;
    If-None-Match=\*) [ ! -e "$STATE/$(echo "$url" | tr '/?' '__')" ] || { echo exists >&2; exit 3; } ;;
  esac
  shift
done
file=$STATE/$(echo "$url" | tr '/?' '__')
case $method in
  get) jq '. + {etag: "tag-1"}' "$file" ;;
  put) [ -z "$etag" ] && [ -e "$file" ] && exit 4; printf '%s' "$body" | jq . > "$file" ;;
  delete) [ "$etag" = tag-1 ] || exit 4; rm "$file" ;;
esac
`

func TestAzureScript(t *testing.T) {
	p := samplePlan()
	d, err := newDoc(p, sampleMeta(), unicodeText)
	if err != nil {
		t.Fatal(err)
	}
	bin, state := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "az"), []byte(az), 0o755); err != nil {
		t.Fatal(err)
	}
	file := func(s *step) string {
		url := fmt.Sprintf("/subscriptions/{subscriptionId}/resourceGroups/rg/providers/Microsoft.Network/dnsZones/contoso.com/%s/%s?api-version=2018-05-01", s.Type, s.relative())
		return filepath.Join(state, strings.NewReplacer("/", "_", "?", "_").Replace(url))
	}
	for _, s := range d.steps {
		if s.live() && len(s.before()) > 0 {
			text, err := asciiJSON(azureSetOf(s, s.before()), "")
			if err != nil {
				t.Fatal(err)
			}
			text = []byte(strings.Replace(string(text), `"properties":{`, `"properties":{"metadata":{"by":"me"},`, 1))
			if err := os.WriteFile(file(s), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	env := []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "STATE=" + state, "RESOURCE_GROUP=rg"}
	script := written(t, "azure", p, sampleMeta())
	if out, err := runScript(t, script, env); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, s := range d.steps {
		if !s.live() {
			continue
		}
		var got azureSet
		text, err := os.ReadFile(file(s))
		if len(s.published()) == 0 {
			if err == nil {
				t.Errorf("%s: it is still there", s.heading())
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if kept := strings.Contains(string(text), `"by": "me"`); kept != (len(s.before()) > 0) {
			t.Errorf("%s: metadata kept: %v in %s", s.heading(), kept, text)
		}
		want, _ := asciiJSON(azureSetOf(s, s.published()), "")
		if have, _ := asciiJSON(got, ""); string(have) != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", s.heading(), have, want)
		}
	}
	if out, err := runScript(t, script, env); err == nil || !strings.Contains(out, "has changed") {
		t.Errorf("the plan can be applied twice: %v\n%s", err, out)
	}
}

// optional returns the path of a program that Debian does not have.
func optional(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(err)
	}
	return path
}

func TestTerraformReads(t *testing.T) {
	terraform := optional(t, "terraform")
	c := exec.Command(terraform, "fmt", "-check", "-diff", "-no-color", "-")
	c.Stdin = strings.NewReader(written(t, "terraform", samplePlan(), sampleMeta()))
	if out, err := c.CombinedOutput(); err != nil && strings.Contains(string(out), "@@") {
		t.Errorf("%v\n%s", err, out)
	}
	r := rand.New(rand.NewPCG(12, 7))
	for range 10 {
		text := escapeText(hostile(r)+hostile(r)+"${a}%{b}$$${c}", escapeDecimal)
		c := exec.Command(terraform, "console")
		c.Dir = t.TempDir()
		c.Stdin = strings.NewReader("base64encode(" + quoteHCL(text) + ") == " + fmt.Sprintf("%q", encode64(text)) + "\n")
		if out, err := c.Output(); err != nil || strings.TrimSpace(string(out)) != "true" {
			t.Errorf("%v: %s for %q", err, out, text)
		}
	}
}

// dnscontrolAsJS is enough of DNSControl to print its records.
const dnscontrolAsJS = `
const END = {}, TTL = n => ({ttl: n}), found = [];
const record = type => (...args) => [type, ...args.filter(a => typeof a !== "object")];
const TXT = record("TXT"), MX = record("MX"), CNAME = record("CNAME"), A = record("A"), AAAA = record("AAAA"), SRV = record("SRV");
function D_EXTEND(zone, ...records) { for (const r of records) if (r !== END) found.push([zone, ...r]); }
`

func TestNodeReadsDNSControl(t *testing.T) {
	node := optional(t, "node")
	r := rand.New(rand.NewPCG(12, 8))
	plans := []report.Plan{samplePlan()}
	for range 10 {
		plans = append(plans, hostilePlan(r))
	}
	for _, p := range plans {
		text := written(t, "dnscontrol", p, sampleMeta())
		c := exec.Command(node, "-")
		c.Stdin = strings.NewReader(dnscontrolAsJS + text + "\nconsole.log(JSON.stringify(found));\n")
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		var records [][]any
		if err := json.Unmarshal(out, &records); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range records {
			words := []string{fmt.Sprint(r[2]) + "." + fmt.Sprint(r[0]) + ".", fmt.Sprint(r[1])}
			for _, v := range r[3:] {
				words = append(words, fmt.Sprint(v))
			}
			got = append(got, strings.TrimPrefix(strings.Join(words, " "), "@."))
		}
		if want := readDNSControl(t, text); !slices.Equal(got, want) {
			t.Errorf("node reads\n%q\nwant\n%q", got, want)
		}
	}
}

func encode64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

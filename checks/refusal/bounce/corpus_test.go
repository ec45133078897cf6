package bounce

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"maildiag/checks/refusal/message/eml"
	"maildiag/checks/refusal/replies"
)

// expected is one row of expected.csv.
type expected struct {
	file     string
	index    int
	enhanced string
	code     int
	reason   string
}

func corpus(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	return filepath.Join(dir, "bounces")
}

func expectations(t *testing.T, dir string) []expected {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "expected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []expected
	for _, r := range rows[1:] {
		i, _ := strconv.Atoi(r[1])
		code, _ := strconv.Atoi(r[3])
		all = append(all, expected{r[0], i, r[2], code, r[4]})
	}
	return all
}

// pseudo reports whether an expected code is one that the other tool made up for a
// bounce without one: x.0.9nn, or x.0.0 for a reply without.
func pseudo(e string) bool {
	return e == "" || strings.HasPrefix(e[1:], ".0.9")
}

// least is the share of recipients that must come out as expected.
const least = 0.95

// TestBounces compares the replies of 356 real bounces with what another tool
// makes of them. Every difference stands in testdata/differences.tsv with its
// reason.
func TestBounces(t *testing.T) {
	dir := corpus(t)
	all := expectations(t, dir)
	if len(all) < 380 {
		t.Fatalf("%d recipients in expected.csv", len(all))
	}
	diff := compareAll(t, filepath.Join(dir, "mail"), all)
	good := len(all) - len(diff)
	t.Logf("%d of %d recipients as expected", good, len(all))
	if float64(good) < least*float64(len(all)) {
		t.Errorf("only %d of %d recipients as expected", good, len(all))
	}
	reasons := differences(t)
	for k, got := range diff {
		if reasons[k] == "" {
			t.Errorf("not in testdata/differences.tsv: %s\t%s", k, got)
		}
	}
	for k := range reasons {
		if diff[k] == "" {
			t.Errorf("testdata/differences.tsv: %s is no longer different", k)
		}
	}
}

// TestShippedBounces does the same for those in testdata, without the corpus.
func TestShippedBounces(t *testing.T) {
	dir := "../../../testdata/bounces"
	reasons := differences(t)
	for k, got := range compareAll(t, dir, expectations(t, dir)) {
		if reasons[k] == "" {
			t.Errorf("%s: %s", k, got)
		}
	}
}

// differences reads the list of known differences: file, index, reason.
func differences(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/differences.tsv")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 3 {
			continue
		}
		known[f[0]+"\t"+f[1]] = f[2]
	}
	return known
}

// compareAll returns what differs, by file and index of the recipient.
func compareAll(t *testing.T, dir string, all []expected) map[string]string {
	t.Helper()
	diff := map[string]string{}
	results := map[string]*Result{}
	for _, e := range all {
		r := results[e.file]
		if r == nil {
			data, err := os.ReadFile(filepath.Join(dir, e.file))
			if err != nil {
				t.Fatal(err)
			}
			r = Read(data)
			results[e.file] = r
		}
		if why := differs(r, e); why != "" {
			diff[fmt.Sprintf("%s\t%d", e.file, e.index)] = fmt.Sprintf("%s %d %s, got %s", e.enhanced, e.code,
				e.reason, why)
		}
	}
	return diff
}

// TestDividedMailbox reads 37 bounces of many servers, and bounces of bounces
// among them: each is told to be one, and each names a recipient.
func TestDividedMailbox(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus(t), "not-bounces", "*.eml"))
	if len(files) != 37 {
		t.Fatalf("%d files", len(files))
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r := Read(data)
		if r.Kind != KindBounce || len(r.Replies) == 0 || r.Replies[0].Recipient == "" {
			t.Errorf("%s: kind %s, %+v", filepath.Base(name), r.Kind, r.Replies)
		}
	}
}

// TestOldBounces reads 114 bounces of older servers; what is said in words
// only is found as words.
func TestOldBounces(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus(t), "flufl", "*.txt"))
	if len(files) < 100 {
		t.Fatalf("%d files", len(files))
	}
	found := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if r := Read(data); len(r.Replies) > 0 && r.Replies[0].Recipient != "" {
			found++
		} else {
			t.Logf("%s: kind %s, %+v", filepath.Base(name), r.Kind, r.Replies)
		}
	}
	t.Logf("%d of %d name a recipient", found, len(files))
	if found*100 < len(files)*85 {
		t.Errorf("only %d of %d name a recipient", found, len(files))
	}
}

// TestNoBounces reads signed messages that are no bounces, and sees that they
// are not taken for any.
func TestNoBounces(t *testing.T) {
	root := filepath.Dir(corpus(t))
	files, _ := filepath.Glob(filepath.Join(root, "dkim/mail-dkim/corpus/*.txt"))
	more, _ := filepath.Glob(filepath.Join(root, "dkim/*/*/*.eml"))
	files = append(files, more...)
	n := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !eml.IsMessage(data) {
			continue
		}
		n++
		if r := Read(data); r.Kind == KindBounce || len(r.Replies) > 0 {
			t.Errorf("%s: kind %s, %+v", filepath.Base(name), r.Kind, r.Replies)
		}
	}
	if n < 30 {
		t.Fatalf("only %d messages", n)
	}
}

// TestDistinctReplies explains the x.7.x replies of the corpus, some of which
// are cut off. Those whose words are not known stand in the golden.
func TestDistinctReplies(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(corpus(t), "distinct-x7x-replies.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var unknown []string
	all := 0
	for line := range strings.Lines(string(data)) {
		reply, _, _ := strings.Cut(line, "\t")
		all++
		found := Find([]byte(reply))
		if len(found) == 0 {
			t.Errorf("nothing found in %q", reply)
			continue
		}
		if ex := replies.Match(found[0].Code, found[0].Enhanced, found[0].Text); len(ex) == 0 || !ex[0].Known() {
			unknown = append(unknown, reply)
		}
	}
	t.Logf("%d of %d replies are known", all-len(unknown), all)
	golden(t, "testdata/general.txt", strings.Join(unknown, "\n")+"\n")
}

var update = flag.Bool("update", false, "write the goldens anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; got:\n%s", name, got)
	}
}

func differs(r *Result, e expected) string {
	switch e.reason {
	case "feedback":
		if r.Kind != KindFeedback {
			return "kind " + string(r.Kind)
		}
		return ""
	case "vacation":
		if r.Kind != KindReply {
			return "kind " + string(r.Kind)
		}
		return ""
	}
	if len(r.Replies) < e.index {
		return fmt.Sprintf("%d replies, kind %s", len(r.Replies), r.Kind)
	}
	// The other tool gives the recipients in another order sometimes: look at
	// all, the one at the same place first.
	first := agrees(r.Replies[e.index-1], e)
	for _, got := range r.Replies {
		if first != "" && agrees(got, e) == "" {
			return ""
		}
	}
	return first
}

func agrees(got Reply, e expected) string {
	want := e.enhanced
	if pseudo(want) {
		want = ""
	}
	same := got.Enhanced == want || want == "" && strings.HasSuffix(got.Enhanced, ".0.0") ||
		got.Enhanced == "" && strings.HasSuffix(want, ".0.0")
	if same && got.Code == e.code {
		return ""
	}
	return fmt.Sprintf("%s %d %q", got.Enhanced, got.Code, got.Text[:min(len(got.Text), 100)])
}

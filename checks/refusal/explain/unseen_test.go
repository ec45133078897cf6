package explain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/refusal/replies"
)

// tally counts the answers to a labelled set.
type tally struct{ right, class, unknown, wrong int }

func (n tally) all() int { return n.right + n.class + n.unknown + n.wrong }

func (n tally) String() string {
	return fmt.Sprintf("%d replies: %d right, %d class only, %d not known, %d wrong", n.all(), n.right, n.class, n.unknown, n.wrong)
}

// labelled is a reply with what it was read to be.
type labelled struct {
	sides []string // who may have to act: U, O, R, S; nil: any
	want  string   // topics, separated by "|"
	text  string
}

// labelledSet reads a set: [who,] topics, reply, separated by tabs.
func labelledSet(t *testing.T, name string) (all []labelled) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		f := strings.SplitN(strings.TrimRight(line, "\n"), "\t", 3)
		if len(f) < 2 || strings.HasPrefix(line, "#") {
			continue
		}
		l := labelled{want: f[len(f)-2], text: strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(f[len(f)-1])}
		if len(f) == 3 && strings.Trim(f[0], "UORS|") == "" {
			l.sides = strings.Split(f[0], "|")
		}
		all = append(all, l)
	}
	return all
}

// topics reads the parts of row IDs that are right for a topic.
func topics(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile("../bounce/testdata/topics.tsv")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(data)) {
		if topic, parts, ok := strings.Cut(line, "\t"); ok && line[0] != '#' {
			all[topic] = strings.Fields(parts)
		}
	}
	return all
}

// ofTopic reports whether a row is of one of the topics, which may be its own ID.
func ofTopic(topics map[string][]string, id, want string) bool {
	for topic := range strings.SplitSeq(want, "|") {
		if id == topic || slices.ContainsFunc(topics[topic], func(s string) bool { return strings.Contains(id, s) }) {
			return true
		}
	}
	return false
}

var letterOfSide = map[side]string{sideUser: "U", sideOwn: "O", sideRecipient: "R", sideService: "S"}

// judge counts the answer to one reply.
func (n *tally) judge(t *testing.T, topics map[string][]string, l labelled) {
	x, err := Explain(context.Background(), "", []byte(l.text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(x.rows) > 0 {
		x.replies = []reply{{rows: []replies.Explanation{{Row: x.rows[0]}}}} // a bare code
	}
	open := slices.Contains(strings.Split(l.want, "|"), "*")
	if len(x.replies) == 0 || len(x.replies[0].rows) == 0 {
		if open {
			n.right++
			return
		}
		n.unknown++
		t.Logf("NOT FOUND (%s): %s", l.want, l.text)
		return
	}
	r := decisive(x, 0)
	row, other := &r.rows[0].Row, r.other()
	fits := ofTopic(topics, row.ID, l.want)
	owners := []string{letterOfSide[sideOf(row.Owner)]}
	id := row.ID
	if other != nil {
		fits = fits || ofTopic(topics, other.ID, l.want)
		owners = append(owners, letterOfSide[sideOf(other.Owner)])
		id += " or " + other.ID
	}
	isSide := func(s string) bool { return l.sides == nil || slices.Contains(l.sides, s) }
	switch {
	case !r.known() && open, r.known() && fits && slices.ContainsFunc(owners, isSide):
		n.right++
	case !r.known():
		n.class++
		t.Logf("CLASS (%s): %s: %s", l.want, id, l.text)
	default:
		n.wrong++
		t.Logf("WRONG (%s %s): %s, %v: %s", l.sides, l.want, id, owners, l.text)
	}
}

// TestFieldManuals explains the replies of two field manuals.
func TestFieldManuals(t *testing.T) { confusion(t, "../bounce/testdata/field-manuals.tsv", 0.95, 0) }

// TestUnseen explains the sets of replies. Each was written, and counted once,
// before the rows and phrases were tuned on it.
func TestUnseen(t *testing.T) {
	sets, err := filepath.Glob("../bounce/testdata/unseen*.tsv")
	if err != nil || len(sets) != 36 {
		t.Fatalf("%d sets, %v", len(sets), err)
	}
	for _, name := range sets {
		confusion(t, name, 0.97, 0.01)
	}
}

func confusion(t *testing.T, name string, least, most float64) {
	t.Helper()
	n := tally{}
	rows := topics(t)
	for _, l := range labelledSet(t, name) {
		n.judge(t, rows, l)
	}
	t.Logf("%s: %v", filepath.Base(name), n)
	if float64(n.right) < least*float64(n.all()) || float64(n.wrong) > most*float64(n.all()) {
		t.Errorf("%s: %v", name, n)
	}
}

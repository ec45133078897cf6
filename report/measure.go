package report

import (
	"encoding/json"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// measure is one number of a domain, for systems that keep numbers over time.
// Check and key are names of ours or are left out: no byte of the network is
// in them.
type measure struct {
	check, key string // [a-z0-9_]+
	value      float64
}

// measures returns the numbers and booleans in the Data of all findings, each
// (check, key) once, sorted. If several findings have it, such as the sizes of
// two keys, the one that is worse counts: of what is left or strong the
// smallest, of what is used the largest. Units become seconds.
func measures(r *Report) []measure {
	found := map[[2]string]float64{}
	for i := range r.Findings {
		f := &r.Findings[i]
		check, ok := plainName(f.Check)
		for k, v := range f.Data {
			key, keyOK := plainName(k)
			n, isNumber := numeric(v)
			if key == "not_after" {
				key, n, isNumber = moment(v)
			}
			if !ok || !keyOK || !isNumber {
				continue
			}
			key, n = inSeconds(key, n)
			at := [2]string{check, key}
			if old, twice := found[at]; twice {
				n = worseOf(key, old, n)
			}
			found[at] = n
		}
	}
	var out []measure
	for at, n := range found {
		out = append(out, measure{at[0], at[1], n})
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].check+"\x00"+out[i].key < out[j].check+"\x00"+out[j].key
	})
	return out[:min(len(out), maxMeasures)]
}

// maxMeasures bounds what one domain adds to a database of numbers.
const maxMeasures = 100

// plainName returns a name of ours as a part of a metric's name.
func plainName(s string) (string, bool) {
	if s == "" || len(s) > 40 {
		return "", false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.' {
			return "", false
		}
	}
	return strings.NewReplacer("-", "_", ".", "_").Replace(s), true
}

// measureHelp says what a number is, by its key.
var measureHelp = map[string]string{
	"left_seconds":                "Time until the certificate (or what else the check names) ends; negative after it.",
	"not_after_timestamp_seconds": "When the certificate ends, as Unix time.",
	"ipv4_seconds":                "Time to connect over IPv4.",
	"ipv6_seconds":                "Time to connect over IPv6.",
	"verified":                    "1 if the certificate verifies against the trusted authorities.",
	"lookups":                     "DNS lookups that the SPF record needs (RFC 7208 4.6.4).",
	"voids":                       "SPF lookups that find nothing (RFC 7208 4.6.4).",
	"limit":                       "How many lookups SPF allows.",
	"senders":                     "Known services that the SPF record lets send.",
	"preference":                  "The highest MX preference that a finding names.",
	"ttl":                         "Time to live of the MX records, in seconds.",
	"records":                     "Records that the finding is about.",
	"asked":                       "DKIM selectors of other senders that were tried.",
	"found":                       "DKIM selectors of other senders that exist.",
	"max_age":                     "How long senders keep the MTA-STS policy, in seconds.",
	"bytes":                       "Size of the record.",
	"txt_bytes":                   "Size of all TXT records of the name.",
	"connections":                 "Connections that were made.",
	"certificates":                "Certificates in the chain.",
	"faults":                      "Syntax faults in the record.",
}

// help returns what the number is, in a sentence.
func (m *measure) help() string {
	if h, ok := measureHelp[m.key]; ok {
		return h
	}
	return "The number " + m.key + " in the findings of the check " + m.check + "."
}

func numeric(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case json.Number:
		n, err := v.Float64()
		return n, err == nil && !math.IsInf(n, 0)
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// moment reads the end of a certificate as a Unix time.
func moment(v any) (key string, n float64, ok bool) {
	text, _ := v.(string)
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return "not_after_timestamp_seconds", float64(t.Unix()), true
		}
	}
	return "", 0, false
}

// inSeconds turns other units of time into seconds.
func inSeconds(key string, n float64) (string, float64) {
	const day = 24 * 60 * 60
	switch {
	case strings.HasSuffix(key, "_ms"):
		return strings.TrimSuffix(key, "_ms") + "_seconds", n / 1000
	case strings.HasSuffix(key, "_days"):
		return strings.TrimSuffix(key, "_days") + "_seconds", n * day
	case key == "days":
		return "seconds", n * day
	case key == "days_left":
		return "left_seconds", n * day
	}
	return key, n
}

func worseOf(key string, a, b float64) float64 {
	for _, small := range []string{"left_seconds", "timestamp_seconds", "bits", "ttl_seconds", "seconds"} {
		if strings.HasSuffix(key, small) {
			return min(a, b)
		}
	}
	return max(a, b)
}

// number writes a value without an exponent where it can.
func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// rowOf is the outcome of one check of a domain.
type rowOf struct {
	check  string
	title  string
	status Status   // the worst finding's
	worst  *Finding // nil: the check gave none
	passed *Finding // the first that passed
}

// words says in a line how the check came out. A check without a problem says
// what passed; what it only remarks, such as a record that is optional, does not
// describe its state.
func (o *rowOf) words(domain string) string {
	switch {
	case o.worst == nil:
		return "no result"
	case isProblem(o.status), o.worst.Accepted:
		return o.worst.Code + ": " + saying(o.worst, domain)
	case o.passed != nil:
		return o.passed.Code + ": " + saying(o.passed, domain)
	case o.worst.Blocked:
		return "not done: " + saying(o.worst, domain)
	case o.status == Skip:
		return "does not apply: " + saying(o.worst, domain)
	}
	return "ok, nothing is required (" + o.worst.Code + ")"
}

// undone reports whether the check came to no result that counts.
func (o *rowOf) undone() bool {
	return o.worst == nil || o.worst.Blocked || o.status == Unknown && !o.worst.Optional
}

// nagiosCode returns the state of a check, with the numbers of Nagios.
func (o *rowOf) nagiosCode() int {
	if o.undone() {
		return NagiosUnknown
	}
	return NagiosCode(o.worst, nil)
}

// rowsOf returns the outcome of each check that was to run, in the order of the
// table; a check without a finding is Unknown.
func rowsOf(r *Report) []rowOf {
	var rows []rowOf
	at := map[string]int{}
	row := func(id string) *rowOf {
		i, ok := at[id]
		if !ok {
			i = len(rows)
			at[id] = i
			rows = append(rows, rowOf{check: id, title: r.Start.title(id), status: Unknown})
		}
		return &rows[i]
	}
	for _, c := range r.Start.Checks {
		row(c.ID)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		o := row(f.Check)
		if f.Status == Pass && o.passed == nil {
			o.passed = f
		}
		if o.worst == nil || badness(f) > badness(o.worst) {
			o.status, o.worst = f.Status, f
		}
	}
	return rows
}

// badness orders findings as the verdict does: fail, unknown, warn; an optional
// unknown and what is accepted beside info.
func badness(f *Finding) int {
	if f.Status == Unknown && f.Optional || f.Accepted {
		return 2
	}
	return slices.Index([]Status{Skip, Pass, Info, Warn, Unknown, Fail}, f.Status)
}

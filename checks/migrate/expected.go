package migrate

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
)

// Expected is a record that the tenant expects, by the admin center or by Microsoft
// Graph.
type Expected struct {
	Name  string      `json:"name"`
	Type  dnsrec.Type `json:"type"`
	Value string      `json:"value"` // as in [dnsrec.Answer]
	State string      `json:"state"` // "published", "missing", "different" or "unknown"

	published kit.Answer // at the name
}

const maxExpected = 1 << 20 // bytes of a file of expected records

// ReadExpected reads the records that a domain should have: the JSON of
// Get-MgDomainServiceConfigurationRecord or of Graph, a CSV file with a header as
// the admin center exports it, or lines of "name type value".
func ReadExpected(r io.Reader, domain string) ([]Expected, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxExpected+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxExpected:
		return nil, errors.New("the file is larger than 1 MB")
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	var list []Expected
	switch first, _, _ := bytes.Cut(text, []byte("\n")); {
	case len(text) > 0 && (text[0] == '[' || text[0] == '{'):
		list, err = expectedJSON(text, domain)
	case bytes.ContainsAny(first, ",;\t") && bytes.Contains(bytes.ToLower(first), []byte("type")):
		list, err = expectedCSV(text, domain)
	default:
		list, err = expectedLines(text, domain)
	}
	if err == nil && len(list) == 0 {
		err = errors.New("the file has no records of " + domain)
	}
	return list, err
}

// expectation makes an expected record of what a file says.
func expectation(domain, name, typ string, value ...string) (Expected, error) {
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	switch {
	case name == "" || name == "@":
		name = domain
	case !dnsrec.Within(name, domain):
		name += "." + domain
	}
	e := Expected{Name: name, Type: dnsrec.Type(strings.ToUpper(typ)), State: "unknown"}
	words := strings.Fields(strings.Join(value, " "))
	want := map[dnsrec.Type]int{dnsrec.TypeMX: 2, dnsrec.TypeCNAME: 1, dnsrec.TypeSRV: 4}[e.Type]
	switch {
	case e.Type == dnsrec.TypeTXT:
		e.Value = strings.Trim(strings.Join(value, " "), `" `)
		return e, nil
	case want == 0:
		return e, fmt.Errorf("records of type %q are not expected", typ)
	case len(words) != want:
		return e, fmt.Errorf("%s %s: %q has %d parts, not %d", name, e.Type, strings.Join(words, " "), len(words), want)
	}
	words[want-1] = dnsrec.Canonical(words[want-1])
	e.Value = strings.Join(words, " ")
	return e, nil
}

// expectedLines reads lines of "name type value"; "#" and ";" begin comments.
func expectedLines(text []byte, domain string) (list []Expected, err error) {
	for n, line := range strings.Split(string(text), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") || strings.HasPrefix(f[0], ";") {
			continue
		}
		if len(f) < 3 {
			return nil, fmt.Errorf("line %d is not NAME TYPE VALUE", n+1)
		}
		e, err := expectation(domain, f[0], f[1], f[2:]...)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		list = append(list, e)
	}
	return list, nil
}

// columns are the words by which the columns of a CSV file are recognized.
var columns = map[string][]string{
	"type": {"type"}, "name": {"host name", "hostname", "host", "name", "label"}, "value": {"points to", "value", "address", "target"},
	"priority": {"priority", "preference"}, "weight": {"weight"}, "port": {"port"}, "service": {"service"}, "protocol": {"protocol"},
}

// expectedCSV reads a CSV file with a header.
func expectedCSV(text []byte, domain string) (list []Expected, err error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	first, _, _ := bytes.Cut(text, []byte("\n"))
	for _, c := range ";\t" {
		if bytes.ContainsRune(first, c) && !bytes.Contains(first, []byte(",")) {
			r.Comma = c
		}
	}
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	at := header(rows[0])
	for n, row := range rows[1:] {
		get := func(column string) string {
			if i, ok := at[column]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		if get("type") == "" {
			continue
		}
		e, err := expectation(domain, named(get("name"), get("service"), get("protocol")), get("type"),
			parts(get("type"), get("priority"), get("weight"), get("port"), get("value"))...)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", n+2, err)
		}
		list = append(list, e)
	}
	return list, nil
}

// header finds the columns of a CSV file.
func header(row []string) map[string]int {
	at := map[string]int{}
	for column, words := range columns {
		for _, w := range words {
			i := slices.IndexFunc(row, func(h string) bool { return strings.Contains(strings.ToLower(h), w) })
			if _, found := at[column]; !found && i >= 0 {
				at[column] = i
			}
		}
	}
	return at
}

// named puts the labels of a service before a name.
func named(name, service, protocol string) string {
	if service == "" || protocol == "" || strings.HasPrefix(name, "_") {
		return name
	}
	prefix := "_" + strings.TrimPrefix(service, "_") + "._" + strings.TrimPrefix(protocol, "_")
	if name == "" || name == "@" {
		return prefix
	}
	return prefix + "." + name
}

// parts puts the parts of a value in order.
func parts(typ, priority, weight, port, value string) []string {
	switch {
	case len(strings.Fields(value)) > 1: // whole already
	case strings.EqualFold(typ, "MX"):
		return []string{cmp.Or(priority, "0"), value}
	case strings.EqualFold(typ, "SRV"):
		return []string{cmp.Or(priority, "0"), cmp.Or(weight, "0"), port, value}
	}
	return []string{value}
}

// graphRecord is a domainDnsRecord of Microsoft Graph. PowerShell writes some of its
// properties into AdditionalProperties.
type graphRecord struct {
	Label, RecordType                  string
	MailExchange, CanonicalName, Text  string
	NameTarget, Service, Protocol      string
	Preference, Priority, Weight, Port json.Number
	AdditionalProperties               *graphRecord
}

// expectedJSON reads what Graph and its PowerShell module write.
func expectedJSON(text []byte, domain string) (list []Expected, err error) {
	var records []graphRecord
	var wrapped struct{ Value []graphRecord }
	var one graphRecord
	switch {
	case json.Unmarshal(text, &records) == nil:
	case json.Unmarshal(text, &wrapped) == nil && len(wrapped.Value) > 0:
		records = wrapped.Value
	default:
		if err := json.Unmarshal(text, &one); err != nil {
			return nil, err
		}
		records = []graphRecord{one}
	}
	for _, r := range records {
		more := r
		if r.AdditionalProperties != nil {
			more = *r.AdditionalProperties
		}
		value := cmp.Or(r.MailExchange, more.MailExchange, r.CanonicalName, more.CanonicalName, r.NameTarget, more.NameTarget, r.Text, more.Text)
		if value == "" {
			continue
		}
		priority := cmp.Or(r.Preference, more.Preference, r.Priority, more.Priority).String()
		e, err := expectation(domain, named(r.Label, cmp.Or(r.Service, more.Service), cmp.Or(r.Protocol, more.Protocol)), r.RecordType,
			parts(r.RecordType, priority, cmp.Or(r.Weight, more.Weight).String(), cmp.Or(r.Port, more.Port).String(), value)...)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// expectedMX returns the host of the MX record that is expected.
func expectedMX(list []Expected, domain string) string {
	for _, e := range list {
		if e.Type == dnsrec.TypeMX && e.Name == domain {
			return kit.ReadMX(e.Value).Host
		}
	}
	return ""
}

// compareExpected notes which of the expected records are published. It is a plain
// function over what is known.
func compareExpected(k *kit.Known, list []Expected) []Expected {
	out := slices.Clone(list)
	for i := range out {
		e := &out[i]
		t := e.Type
		if t == dnsrec.TypeCNAME {
			t = dnsrec.TypeA
		}
		if a, ok := k.Need(e.Name, t); ok {
			e.State, e.published = e.stateBy(a), a
		}
	}
	return out
}

// stateBy compares an expected record with what is published.
func (e Expected) stateBy(a kit.Answer) string {
	switch {
	case e.Type == dnsrec.TypeCNAME && slices.Contains(a.CNAMEs, e.Value):
		return "published"
	case a.Err != nil:
		return "unknown"
	case e.Type == dnsrec.TypeCNAME && len(a.CNAMEs)+len(a.Values) > 0:
		return "different"
	case e.Type == dnsrec.TypeTXT && spf.Ours(e.Value):
		return spfState(e.Value, a.Values)
	case slices.Contains(a.Values, e.Value):
		return "published"
	case e.Type != dnsrec.TypeTXT && len(a.Values) > 0:
		return "different"
	}
	return "missing"
}

// spfState compares an expected SPF record by its includes: a domain may have other
// senders as well.
func spfState(want string, values []string) string {
	i := slices.IndexFunc(values, spf.Ours)
	if i < 0 {
		return "missing"
	}
	have := strings.Fields(strings.ToLower(values[i]))
	for t := range strings.FieldsSeq(strings.ToLower(want)) {
		if strings.HasPrefix(t, "include:") && !slices.Contains(have, t) && !slices.Contains(have, "+"+t) {
			return "different"
		}
	}
	return "published"
}

// words says the state of an expected record.
func (e Expected) words() string {
	switch e.State {
	case "different":
		return "published with another value"
	case "missing":
		return "not published"
	case "unknown":
		return "not known"
	}
	return "published"
}

// String returns the record with its state.
func (e Expected) String() string {
	return e.Name + " " + string(e.Type) + " " + e.Value + ": " + e.words()
}

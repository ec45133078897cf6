package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// newZabbix writes the input of zabbix_sender -i -: values of trapper items,
// and at the end two low-level discovery rules that make the items.
//
//	maildiag.verdict[DOMAIN]          0 ready, 1 with warnings, 2 not ready, 3 could not check
//	maildiag.status[DOMAIN,CHECK]     0 well, 1 warn, 2 fail, 3 unknown
//	maildiag.text[DOMAIN,CHECK]       the worst finding in words
//	maildiag.value[DOMAIN,CHECK,KEY]  a number
//	maildiag.discovery, maildiag.discovery.values: {#DOMAIN}, {#CHECK}, {#TITLE}; {#KEY}
//
// Source: Zabbix manual, "zabbix_sender" and "Low-level discovery".
func newZabbix(w io.Writer, o Options) Sink {
	z := &zabbix{w: w, spool: spool{dir: o.Dir}}
	z.rows, z.numbers = z.spool.section(), z.spool.section()
	return &collector{each: z.domain, close: z.stop, brief: true}
}

type zabbix struct {
	w             io.Writer
	spool         spool
	rows, numbers *section // of the discovery: objects, each after a comma
}

func (z *zabbix) domain(r *Report) error {
	var b strings.Builder
	domain := CleanTo(r.Begin.Domain, maxDomain)
	fmt.Fprintf(&b, "%s %d\n", zabbixKey("maildiag.verdict", domain), verdictState(r.Verdict()))
	fmt.Fprintf(&b, "%s %.3f\n", zabbixKey("maildiag.seconds", domain), r.End.Elapsed.Seconds())
	for _, row := range rowsOf(r) {
		state, text := NagiosUnknown, row.words(r.Begin.Domain)
		if row.worst != nil {
			state = NagiosCode(row.worst, nil)
		}
		check := CleanTo(row.check, 60)
		fmt.Fprintf(&b, "%s %d\n", zabbixKey("maildiag.status", domain, check), state)
		fmt.Fprintf(&b, "%s %s\n", zabbixKey("maildiag.text", domain, check), zabbixQuote(CleanTo(text, 500)))
		discover(z.rows, "CHECK", check, "DOMAIN", domain, "TITLE", CleanTo(row.title, 120))
	}
	for _, m := range measures(r) {
		fmt.Fprintf(&b, "%s %s\n", zabbixKey("maildiag.value", domain, m.check, m.key), number(m.value))
		discover(z.numbers, "CHECK", m.check, "DOMAIN", domain, "KEY", m.key)
	}
	if _, err := io.WriteString(z.w, b.String()); err != nil {
		return err
	}
	return z.spool.settle()
}

// discover adds an object of discovery macros to a rule, as it stands in quotes.
func discover(rule *section, macros ...string) {
	e := encoder{b: []byte(",{")}
	for i := 0; i < len(macros); i += 2 {
		e.str("{#"+macros[i]+"}", macros[i+1])
	}
	e.close()
	rule.WriteString(zabbixEscape.Replace(string(e.b)))
}

func (z *zabbix) stop(*Stop) error {
	defer z.spool.close()
	w := bufio.NewWriterSize(z.w, 64<<10)
	for _, rule := range []struct {
		key     string
		objects *section
	}{{"maildiag.discovery", z.rows}, {"maildiag.discovery.values", z.numbers}} {
		objects := bufio.NewReader(rule.objects.reader())
		_, _ = objects.Discard(1) // the comma, if there is one
		fmt.Fprintf(w, "- %s \"[", rule.key)
		if _, err := w.ReadFrom(objects); err != nil {
			return err
		}
		w.WriteString("]\"\n")
	}
	return w.Flush()
}

// zabbixKey writes the host, which the sender's configuration names, and an
// item key, with parameters quoted if they need it.
func zabbixKey(name string, params ...string) string {
	for i, p := range params {
		if strings.ContainsAny(p, `,]" `) || strings.HasPrefix(p, "[") {
			params[i] = `"` + strings.ReplaceAll(p, `"`, `\"`) + `"`
		}
	}
	key := name + "[" + strings.Join(params, ",") + "]"
	if strings.ContainsAny(key, ` "`) {
		key = zabbixQuote(key)
	}
	return "- " + key
}

// zabbixQuote writes a value with spaces as zabbix_sender reads it.
func zabbixQuote(s string) string { return `"` + zabbixEscape.Replace(s) + `"` }

var zabbixEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

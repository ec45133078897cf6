package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// newZabbix writes the input of zabbix_sender -i -: two low-level discovery rules,
// which make the items, then the values of these trapper items. So nothing is
// written before the end of a run.
//
//	maildiag.discovery, maildiag.discovery.values: {#DOMAIN}, {#CHECK}, {#TITLE}; {#KEY}
//	maildiag.verdict[DOMAIN]          0 ready, 1 with warnings, 2 not ready, 3 could not check
//	maildiag.status[DOMAIN,CHECK]     0 well, 1 warn, 2 fail, 3 unknown
//	maildiag.text[DOMAIN,CHECK]       the worst finding in words
//	maildiag.value[DOMAIN,CHECK,KEY]  a number
//
// Source: Zabbix manual, "zabbix_sender" and "Low-level discovery".
func newZabbix(w io.Writer, o Options) Sink {
	z := &zabbix{w: w, host: "-", spool: spool{dir: o.Dir}}
	if o.Host != "" {
		z.host = zabbixQuote(o.Host)
	}
	z.rows, z.numbers, z.values = z.spool.section(), z.spool.section(), z.spool.section()
	return &collector{each: z.domain, close: z.stop, brief: true}
}

type zabbix struct {
	w             io.Writer
	host          string // whom the values are of; "-": whom the sender's configuration names
	spool         spool
	rows, numbers *section // of the discovery: objects, each after a comma
	values        *section
}

func (z *zabbix) domain(r *Report) error {
	domain := CleanTo(r.Begin.Domain, maxDomain)
	z.value(fmt.Sprint(verdictState(r.Verdict())), "maildiag.verdict", domain)
	z.value(fmt.Sprintf("%.3f", r.End.Elapsed.Seconds()), "maildiag.seconds", domain)
	for _, row := range rowsOf(r) {
		text := row.words(r.Begin.Domain)
		check := CleanTo(row.check, 60)
		z.value(fmt.Sprint(row.nagiosCode()), "maildiag.status", domain, check)
		z.value(zabbixQuote(CleanTo(text, 500)), "maildiag.text", domain, check)
		discover(z.rows, "CHECK", check, "DOMAIN", domain, "TITLE", CleanTo(row.title, 120))
	}
	for _, m := range measures(r) {
		z.value(number(m.value), "maildiag.value", domain, m.check, m.key)
		discover(z.numbers, "CHECK", m.check, "DOMAIN", domain, "KEY", m.key)
	}
	return z.spool.settle()
}

// value adds a line with the value of an item, as it stands there.
func (z *zabbix) value(text, item string, params ...string) {
	for _, part := range []string{z.host, " ", zabbixKey(item, params...), " ", text, "\n"} {
		z.values.WriteString(part)
	}
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
		fmt.Fprintf(w, "%s %s \"[", z.host, rule.key)
		if _, err := w.ReadFrom(objects); err != nil {
			return err
		}
		w.WriteString("]\"\n")
	}
	if _, err := w.ReadFrom(z.values.reader()); err != nil {
		return err
	}
	return w.Flush()
}

// zabbixKey writes an item key, with parameters quoted if they need it.
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
	return key
}

// zabbixQuote writes a value with spaces as zabbix_sender reads it.
func zabbixQuote(s string) string { return `"` + zabbixEscape.Replace(s) + `"` }

var zabbixEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

package report

import (
	"encoding/json"
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
func newZabbix(w io.Writer, _ Options) Sink {
	z := &zabbix{w: w}
	return &collector{each: z.domain, close: z.stop}
}

type zabbix struct {
	w             io.Writer
	rows, numbers []map[string]string // of the discovery
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
		z.rows = append(z.rows, map[string]string{"{#DOMAIN}": domain, "{#CHECK}": check, "{#TITLE}": CleanTo(row.title, 120)})
	}
	for _, m := range measures(r) {
		fmt.Fprintf(&b, "%s %s\n", zabbixKey("maildiag.value", domain, m.check, m.key), number(m.value))
		z.numbers = append(z.numbers, map[string]string{"{#DOMAIN}": domain, "{#CHECK}": m.check, "{#KEY}": m.key})
	}
	_, err := io.WriteString(z.w, b.String())
	return err
}

func (z *zabbix) stop(*Stop) error {
	var b strings.Builder
	for _, rule := range []struct {
		key  string
		rows []map[string]string
	}{{"maildiag.discovery", z.rows}, {"maildiag.discovery.values", z.numbers}} {
		if rule.rows == nil {
			rule.rows = []map[string]string{}
		}
		text, err := json.Marshal(rule.rows)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "- %s %s\n", rule.key, zabbixQuote(string(text)))
	}
	_, err := io.WriteString(z.w, b.String())
	return err
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
func zabbixQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

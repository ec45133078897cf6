package planfmt

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/miekg/dns"
)

// The readers of the formats. Each returns what its tool would publish for a
// plan, in the form "name TYPE value", with the bytes of TXT as they are. What
// a tool would not take is a fault of the test's caller.

type reader func(t *testing.T, text string) []string

func readers() map[string]reader {
	return map[string]reader{
		"zone": readZone, "nsupdate": readNsupdate, "cloudflare": readCloudflare, "route53": readRoute53,
		"azure": readAzure, "dnscontrol": readDNSControl, "terraform": readTerraform, "powershell": readPowerShell,
	}
}

// described returns a record with the bytes of its text.
func described(t *testing.T, rr dns.RR) string {
	t.Helper()
	h := rr.Header()
	head := strings.ToLower(h.Name) + " " + dns.TypeToString[h.Rrtype] + " "
	if h.Rrtype != dns.TypeTXT {
		return head + strings.Join(strings.Fields(strings.TrimPrefix(rr.String(), h.String())), " ")
	}
	wire := make([]byte, 70000)
	end, err := dns.PackRR(rr, wire, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	data := wire[dns.Len(&dns.ANY{Hdr: *h}):end]
	for len(data) > 0 {
		n := 1 + int(data[0])
		head += string(data[1:n])
		data = data[n:]
	}
	return head
}

func readRR(t *testing.T, line string) string {
	t.Helper()
	rr, err := dns.NewRR(line)
	if err != nil || rr == nil {
		t.Fatalf("%v in %q", err, line)
	}
	return described(t, rr)
}

func readZone(t *testing.T, text string) []string {
	t.Helper()
	var found []string
	z := dns.NewZoneParser(strings.NewReader(text), ".", "plan.zone")
	for rr, ok := z.Next(); ok; rr, ok = z.Next() {
		found = append(found, described(t, rr))
	}
	if err := z.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func readNsupdate(t *testing.T, text string) []string {
	t.Helper()
	if strings.Contains(text, "\n\n") {
		t.Fatal("an empty line sends half the update")
	}
	added := map[string]bool{}
	var found []string
	for _, line := range codeLines(text, ";") {
		switch words := strings.SplitN(line, " ", 3); words[0] {
		case "prereq":
			if words[1] == "yxrrset" {
				added[readRR(t, words[2])] = true // until it is deleted
			}
		case "update":
			if words[1] == "add" {
				added[readRR(t, words[2])] = true
			} else {
				delete(added, readRR(t, words[2]))
			}
		case "zone", "send":
		default:
			t.Fatalf("nsupdate does not know %q", line)
		}
	}
	for r := range added {
		found = append(found, r)
	}
	return found
}

// codeLines returns the lines that are neither empty nor comments.
func codeLines(text, sign string) []string {
	var lines []string
	for l := range strings.SplitSeq(text, "\n") {
		if l != "" && !strings.HasPrefix(l, sign) {
			lines = append(lines, l)
		}
	}
	return lines
}

func readCloudflare(t *testing.T, text string) []string {
	t.Helper()
	var found []string
	_, text, ok := strings.Cut(text, "\nchange '")
	if !ok {
		return nil
	}
	for doc := range strings.SplitSeq(text, "\nchange '") {
		_, doc, ok := strings.Cut(doc, "' \"$@\" <<'END'\n")
		doc, rest, end := strings.Cut(doc, "\nEND\n")
		if !ok || !end || len(codeLines(rest, "#")) > 0 {
			t.Fatalf("not one document: %q", doc)
		}
		d := json.NewDecoder(strings.NewReader(strings.Join(codeLines(doc, "#"), "\n")))
		d.DisallowUnknownFields()
		for d.More() {
			var c cloudflareChange
			if err := d.Decode(&c); err != nil {
				t.Fatal(err)
			}
			gone := map[string]bool{}
			for _, r := range c.Remove {
				gone[cloudflareRR(t, r)] = true
			}
			for _, r := range append(c.Before, c.Add...) {
				if line := cloudflareRR(t, r); !gone[line] {
					found = append(found, line)
				}
			}
		}
	}
	return found
}

func cloudflareRR(t *testing.T, r cloudflareRecord) string {
	t.Helper()
	value := r.Content
	switch r.Type {
	case "MX":
		value = strconv.Itoa(*r.Priority) + " " + strings.TrimSuffix(value, ".") + "."
	case "SRV":
		value = strings.Join([]string{strconv.Itoa(r.Data.Priority), strconv.Itoa(r.Data.Weight), strconv.Itoa(r.Data.Port), r.Data.Target + "."}, " ")
	case "CNAME":
		value += "."
	}
	return readRR(t, r.Name+". "+r.Type+" "+value)
}

func readRoute53(t *testing.T, text string) []string {
	t.Helper()
	octal := regexp.MustCompile(`\\([0-7]{3}|.)`)
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	var b route53Batch
	if err := d.Decode(&b); err != nil || d.More() {
		t.Fatalf("not one batch: %v", err)
	}
	var found []string
	for _, c := range b.Changes {
		for _, r := range c.ResourceRecordSet.ResourceRecords {
			if c.Action != "DELETE" {
				value := octal.ReplaceAllStringFunc(r.Value, func(s string) string {
					if s == `\"` {
						return s
					}
					n, err := strconv.ParseUint(s[1:], 8, 8)
					if err != nil {
						t.Fatalf("%s is not an escape of Route 53", s)
					}
					return escapeDecimal(byte(n))
				})
				found = append(found, readRR(t, c.ResourceRecordSet.Name+" "+c.ResourceRecordSet.Type+" "+value))
			}
		}
	}
	return found
}

// readAzure lets a shell read the script, with functions that print their
// arguments in place of those that call az.
func readAzure(t *testing.T, text string) []string {
	t.Helper()
	code, ok := strings.CutPrefix(text[strings.Index(text, "\nset -eu\n")+1:], strings.TrimPrefix(azureSetup, "\n"))
	if !ok {
		t.Fatal("the functions are not where they should be")
	}
	const stub = `replace() { printf '%s\0%s\0' "$1" "$3"; }; create() { printf '%s\0%s\0' "$1" "$2"; }; delete() { :; }` + "\n"
	sh := exec.Command("sh", "-eu")
	sh.Stdin = strings.NewReader(stub + code)
	out, err := sh.Output()
	if err != nil {
		t.Fatalf("%v in\n%s", err, code)
	}
	words := strings.Split(string(out), "\x00")
	var found []string
	for i := 0; i+1 < len(words); i += 2 {
		found = append(found, azureRecords(t, words[i], words[i+1])...)
	}
	return found
}

func azureRecords(t *testing.T, id, body string) []string {
	t.Helper()
	var set azureSet
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&set); err != nil || d.More() {
		t.Fatalf("%v in %s", err, body)
	}
	path := strings.Split(id, "/")
	head := strings.TrimPrefix(path[2]+".", "@.") + path[0] + ". "
	var found []string
	p := set.Properties
	for _, v := range p.TXT {
		found = append(found, head+"TXT "+strings.Join(v.Value, ""))
	}
	for _, v := range p.MX {
		found = append(found, readRR(t, head+"MX "+strconv.Itoa(v.Preference)+" "+v.Exchange))
	}
	for _, v := range p.A {
		found = append(found, head+"A "+v.Address)
	}
	if p.CNAME != nil {
		found = append(found, head+"CNAME "+p.CNAME.Name+".")
	}
	return found
}

// jsString is a string of ECMAScript as we write it: RFC 8259 with a limit to
// ASCII.
const jsString = `"(?:[^"\\\x00-\x1f]|\\.)*"`

func readDNSControl(t *testing.T, text string) []string {
	t.Helper()
	open := regexp.MustCompile(`^D_EXTEND\((` + jsString + `),$`)
	record := regexp.MustCompile(`^  (TXT|MX|CNAME|A|AAAA|SRV)\((` + jsString + `)((?:, \d+)*), (` + jsString + `)(?:, TTL\(\d+\))?\),$`)
	zone := ""
	var found []string
	for _, line := range codeLines(text, "//") {
		if m := open.FindStringSubmatch(line); m != nil {
			zone = unquoteJS(t, m[1])
			continue
		}
		if line == "  END);" || strings.HasPrefix(line, "  // delete: ") {
			continue
		}
		m := record.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("not a record: %q", line)
		}
		name := strings.TrimPrefix(unquoteJS(t, m[2])+".", "@.") + zone + "."
		value := strings.TrimSpace(strings.ReplaceAll(m[3], ",", "") + " " + unquoteJS(t, m[4]))
		if m[1] == "TXT" {
			value = unquoteJS(t, m[4])
		}
		found = append(found, name+" "+m[1]+" "+value)
	}
	return found
}

func unquoteJS(t *testing.T, s string) string {
	t.Helper()
	var v string
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}

// readTerraform knows the part of HCL that we write.
func readTerraform(t *testing.T, text string) []string {
	t.Helper()
	const str = `("(?:[^"\\\x00-\x1f]|\\.)*")`
	attribute := regexp.MustCompile(`^ *(zone|name|cname|exchange|preference) += (?:` + str + `|(\d+))$`)
	element := regexp.MustCompile(`^    ` + str + `,$`)
	var a map[string]string
	var found []string
	kind := ""
	for _, line := range codeLines(text, "#") {
		if rest, ok := strings.CutPrefix(line, `resource "dns_`); ok {
			kind, a = strings.ToUpper(rest[:strings.IndexByte(rest, '_')]), map[string]string{}
		}
		if m := attribute.FindStringSubmatch(line); m != nil {
			a[m[1]] = unquoteHCL(t, m[2]) + m[3]
		}
		head := a["name"] + "." + a["zone"]
		head = strings.TrimPrefix(head, ".") + " " + kind + " "
		switch m := element.FindStringSubmatch(line); {
		case m != nil && kind == "TXT":
			found = append(found, readRR(t, head+`"`+unquoteHCL(t, m[1])+`"`)) // as the provider does
		case m != nil:
			found = append(found, readRR(t, head+unquoteHCL(t, m[1])))
		case a["exchange"] != "" && line == "  }":
			found = append(found, readRR(t, head+a["preference"]+" "+a["exchange"]))
		case a["cname"] != "" && line == "}":
			found = append(found, readRR(t, head+a["cname"]))
		}
	}
	return found
}

// unquoteHCL reads a quoted template without sequences in it.
func unquoteHCL(t *testing.T, s string) string {
	t.Helper()
	if s == "" {
		return ""
	}
	var b strings.Builder
	for s = s[1 : len(s)-1]; s != ""; {
		switch {
		case strings.HasPrefix(s, "$${"), strings.HasPrefix(s, "%%{"):
			b.WriteString(s[1:3])
			s = s[3:]
		case strings.HasPrefix(s, "${"), strings.HasPrefix(s, "%{"):
			t.Fatalf("a template starts at %q", s)
		case s[0] == '\\':
			b.WriteByte(s[1])
			s = s[2:]
		default:
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	return b.String()
}

// readPowerShell knows the part of PowerShell that we write. Every kind of
// single quote ends a string.
func readPowerShell(t *testing.T, text string) []string {
	t.Helper()
	_, code, ok := strings.Cut(text, strings.TrimPrefix(powershellSetup, "\n"))
	if !ok {
		t.Fatal("the functions are not where they should be")
	}
	published := map[string]bool{}
	for _, line := range codeLines(code, "#") {
		words := powershellWords(t, line)
		switch words[0] {
		case "Assert-RecordSet":
			for _, v := range words[4:] {
				published[fqdn(words[2], words[1])+" "+words[3]+" "+v] = true
			}
		case "Remove-Value":
			delete(published, fqdn(words[2], words[1])+" "+words[3]+" "+words[4])
		case "Add-DnsServerResourceRecord":
			published[powershellRecord(t, words)] = true
		case "Get-DkimSigningConfig", "Set-DkimSigningConfig":
		default:
			t.Fatalf("an unknown command in %q", line)
		}
	}
	var found []string
	for r := range published {
		found = append(found, r)
	}
	return found
}

func fqdn(name, zone string) string { return strings.TrimPrefix(name+".", "@.") + zone + "." }

func powershellRecord(t *testing.T, words []string) string {
	t.Helper()
	arg := func(name string) string {
		for i, w := range words[:len(words)-1] {
			if w == name {
				return words[i+1]
			}
		}
		t.Fatalf("no %s in %q", name, words)
		return ""
	}
	head := fqdn(arg("-Name"), arg("-ZoneName")) + " "
	if at := slices.Index(words, "-DescriptiveText"); at > 0 {
		return head + "TXT " + strings.Join(words[at+1:], "")
	}
	switch kind := words[len(words)-3]; {
	case kind == "-CName":
		return head + "CNAME " + arg("-HostNameAlias")
	case kind == "-A":
		return head + "A " + arg("-IPv4Address")
	}
	return head + "MX " + arg("-Preference") + " " + arg("-MailExchange")
}

// powershellWords returns the words of a line, with the value of each string
// expression as one word. A list is its elements.
func powershellWords(t *testing.T, line string) []string {
	t.Helper()
	var words []string
	glue := false // the next string continues the last
	for line != "" {
		switch {
		case strings.HasPrefix(line, "' + "), strings.HasPrefix(line, " + "):
			glue, line = true, strings.TrimPrefix(line, " + ")
		case line[0] == '\'':
			s, rest := powershellString(t, line[1:])
			if glue {
				words[len(words)-1] += s
			} else {
				words = append(words, s)
			}
			glue, line = false, rest
		case strings.HasPrefix(line, "[char]::ConvertFromUtf32(0x"):
			hex, rest, _ := strings.Cut(line[len("[char]::ConvertFromUtf32(0x"):], ")")
			n, err := strconv.ParseInt(hex, 16, 32)
			if err != nil || !glue {
				t.Fatalf("%v at %q", err, line)
			}
			words[len(words)-1] += string(rune(n))
			glue, line = false, rest
		case strings.HasPrefix(line, "-join \"`r`n\""):
			line = line[len("-join \"`r`n\""):]
		case strings.IndexByte(" ,()@", line[0]) >= 0:
			line = line[1:]
		default:
			end := strings.IndexAny(line+" ", " ,()'")
			words, line = append(words, line[:end]), line[end:]
		}
	}
	return words
}

// powershellString reads up to the end of a single-quoted string.
func powershellString(t *testing.T, s string) (value, rest string) {
	t.Helper()
	const quotes = "'\u2018\u2019\u201a\u201b"
	var b strings.Builder
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		if !strings.ContainsRune(quotes, r) {
			b.WriteRune(r)
			continue
		}
		next, n := utf8.DecodeRuneInString(s)
		if n == 0 || !strings.ContainsRune(quotes, next) {
			return b.String(), s
		}
		b.WriteRune(next)
		s = s[n:]
	}
	t.Fatal("a string without an end")
	return "", ""
}

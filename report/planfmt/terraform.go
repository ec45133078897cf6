package planfmt

import (
	"fmt"
	"io"
	"strings"
)

// writeTerraform writes resources of the provider hashicorp/dns, which changes
// the DNS by dynamic update (RFC 2136) and so serves any server that takes it.
// A resource is a whole record set.
func writeTerraform(w io.Writer, d *doc) error {
	return script{
		sign: "#",
		intro: []string{
			"For the provider hashicorp/dns (dynamic updates). If you already have a resource for a record set, edit that one.",
			"Before you apply, terraform plan must show the old values given here, and nothing else, as changed.",
		},
		code: terraformCode,
	}.write(w, d)
}

// terraformFits requires, beside a plain name, a change that one run can make: a record
// set goes in a run of its own.
func terraformFits(s *step) string {
	if len(s.Sets) > 0 && len(s.Sets[0].Remove) > 0 && s.Sets[0].Name == s.Name {
		return "Terraform does not delete one record set and add another at its name in one run"
	}
	return plainName(s)
}

func terraformCode(s *step) []string {
	kind := terraformKind(s.Type)
	label := terraformLabel(s)
	var lines []string
	for _, v := range s.remove {
		lines = append(lines, "# old value: "+v.rdata(s.Type))
	}
	values := s.published()
	if len(values) == 0 {
		lines = append(lines, "# Terraform removes only what it manages: apply once as it is here,",
			"# then delete these two blocks and apply again.")
		values = s.before()
	}
	if len(s.before()) > 0 {
		lines = append(lines, "import {", "  to = "+kind+"."+label, "  id = "+quoteHCL(s.name), "}")
	}
	lines = append(lines, fmt.Sprintf("resource %q %q {", kind, label))
	lines = append(lines, terraformPlace(s, values)...)
	return append(append(lines, terraformValues(s.Type, values)...), "}")
}

// terraformPlace returns the attributes that every kind has, and the target of
// a CNAME among them so that all are aligned as "terraform fmt" does.
func terraformPlace(s *step, values []value) []string {
	names, texts := []string{"zone"}, []string{quoteHCL(s.zone)}
	if name := s.relative(); name != "@" {
		names, texts = append(names, "name"), append(texts, quoteHCL(name))
	}
	if s.Type == "CNAME" {
		names, texts = append(names, "cname"), append(texts, quoteHCL(values[0].name))
	}
	known := s.TTL > 0 || len(s.before()) == 0
	if known {
		names, texts = append(names, "ttl"), append(texts, fmt.Sprint(s.ttl()))
	}
	width := 0
	for _, n := range names {
		width = max(width, len(n))
	}
	var lines []string
	for i, n := range names {
		lines = append(lines, fmt.Sprintf("  %-*s = %s", width, n, texts[i]))
	}
	if !known { // the provider recreates a record set whose TTL changes
		lines = append(lines, "  lifecycle {", "    ignore_changes = [ttl]", "  }")
	}
	return lines
}

func terraformKind(typ string) string {
	if typ == "CNAME" {
		return "dns_cname_record"
	}
	return "dns_" + strings.ToLower(typ) + "_record_set"
}

// terraformLabel returns the name of the resource: the record's name with
// what an identifier cannot hold as underscores, and the number of the step.
func terraformLabel(s *step) string {
	label := strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, strings.ToLower(s.host()))
	return fmt.Sprintf("step%d_%s", s.Step.Step, label)
}

func terraformValues(typ string, values []value) []string {
	var lines []string
	switch typ {
	case "MX":
		for _, v := range values {
			lines = append(lines, "  mx {", fmt.Sprintf("    preference = %d", v.numbers[0]), "    exchange   = "+quoteHCL(v.name), "  }")
		}
		return lines
	case "SRV":
		for _, v := range values {
			lines = append(lines, "  srv {", fmt.Sprintf("    priority = %d", v.numbers[0]), fmt.Sprintf("    weight   = %d", v.numbers[1]),
				fmt.Sprintf("    port     = %d", v.numbers[2]), "    target   = "+quoteHCL(v.name), "  }")
		}
		return lines
	case "CNAME":
		return nil
	case "TXT":
		lines = []string{"  txt = ["}
	default:
		lines = []string{"  addresses = ["}
	}
	for _, v := range values {
		// The provider sets the text between quotes and reads it as a zone file.
		lines = append(lines, "    "+quoteHCL(escapeText(v.text, escapeDecimal)+v.addr)+",")
	}
	return append(lines, "  ]")
}

// quoteHCL returns ASCII text as a string of HCL, in which ${ and %{ start
// templates.
func quoteHCL(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{").Replace(s)
	return `"` + s + `"`
}

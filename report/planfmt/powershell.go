package planfmt

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"maildiag/report"
)

// maxPowerShellText is how many bytes Add-DnsServerResourceRecord takes for
// one string of a TXT record.
const maxPowerShellText = 254

// writePowerShell writes the record steps for Windows DNS Server, and the run
// steps as the commands that they are.
func writePowerShell(w io.Writer, d *doc) error {
	return script{
		sign: "#",
		intro: []string{
			"Run the steps of the " + report.OwnerDNS + " on the DNS server (module DnsServer), and those of the",
			report.OwnerM365 + " in Exchange Online PowerShell (Connect-ExchangeOnline): one by one, in this order.",
			"A record set that differs from what maildiag saw stops the script before it is changed.",
		},
		setup: strings.Split(powershellSetup, "\n"),
		code:  powershellCode,
		run:   powershellRun,
	}.write(w, d)
}

const powershellSetup = `
$ErrorActionPreference = 'Stop'

function Get-RecordSet([string]$Zone, [string]$Name, [string]$Type) {
    Get-DnsServerResourceRecord -ZoneName $Zone -RRType $Type | Where-Object { $_.HostName -eq $Name }
}
function Get-Value($Record) {
    $d = $Record.RecordData
    switch ($Record.RecordType) {
        'TXT'   { $d.DescriptiveText -replace '\r?\n', '' }
        'MX'    { '{0} {1}' -f $d.Preference, $d.MailExchange.ToLowerInvariant() }
        'SRV'   { '{0} {1} {2} {3}' -f $d.Priority, $d.Weight, $d.Port, $d.DomainName.ToLowerInvariant() }
        'CNAME' { $d.HostNameAlias.ToLowerInvariant() }
        'A'     { $d.IPv4Address.ToString() }
        'AAAA'  { $d.IPv6Address.ToString() }
    }
}
function Assert-RecordSet([string]$Zone, [string]$Name, [string]$Type, [string[]]$Expected) {
    $now = @(Get-RecordSet $Zone $Name $Type | ForEach-Object { Get-Value $_ })
    if (($now | Sort-Object -CaseSensitive) -join [char]0 -cne (($Expected | Sort-Object -CaseSensitive) -join [char]0)) {
        throw "$Name $Type in $Zone has changed; nothing is done"
    }
}
function Remove-Value([string]$Zone, [string]$Name, [string]$Type, [string]$Value) {
    Get-RecordSet $Zone $Name $Type | Where-Object { (Get-Value $_) -ceq $Value } |
        ForEach-Object { Remove-DnsServerResourceRecord -ZoneName $Zone -InputObject $_ -Force }
}`

// powershellCode adds before it removes, so that a failure in between leaves
// the old records; only a CNAME cannot stand next to another.
func powershellCode(s *step) []string {
	place := quotePowerShell(strings.TrimSuffix(s.zone, ".")) + " " + quotePowerShell(s.relative()) + " " + s.Type
	var expected, add, remove []string
	for _, v := range s.before() {
		expected = append(expected, powershellValue(v))
	}
	for _, v := range s.add {
		add = append(add, powershellAdd(s, v))
	}
	for _, v := range s.remove {
		remove = append(remove, "Remove-Value "+place+" "+powershellValue(v))
	}
	lines := []string{"Assert-RecordSet " + place + " @(" + strings.Join(expected, ", ") + ")"}
	if s.Type == "CNAME" {
		add, remove = remove, add
	}
	return append(append(lines, add...), remove...)
}

// powershellValue returns a value as Get-Value does.
func powershellValue(v value) string {
	if v.name != "" {
		return quotePowerShell(strings.ToLower(v.numbersAnd(v.name)))
	}
	return quotePowerShell(v.text + v.addr)
}

func powershellAdd(s *step, v value) string {
	command := fmt.Sprintf("Add-DnsServerResourceRecord -ZoneName %s -Name %s ",
		quotePowerShell(strings.TrimSuffix(s.zone, ".")), quotePowerShell(s.relative()))
	if s.TTL > 0 { // otherwise the default of the zone
		command += fmt.Sprintf("-TimeToLive (New-TimeSpan -Seconds %d) ", s.TTL)
	}
	switch s.Type {
	case "TXT":
		return command + "-Txt -DescriptiveText " + powershellText(v.text)
	case "MX":
		return command + fmt.Sprintf("-MX -Preference %d -MailExchange %s", v.numbers[0], quotePowerShell(v.name))
	case "SRV":
		return command + fmt.Sprintf("-Srv -Priority %d -Weight %d -Port %d -DomainName %s",
			v.numbers[0], v.numbers[1], v.numbers[2], quotePowerShell(v.name))
	case "CNAME":
		return command + "-CName -HostNameAlias " + quotePowerShell(v.name)
	case "A":
		return command + "-A -IPv4Address " + quotePowerShell(v.addr)
	}
	return command + "-AAAA -IPv6Address " + quotePowerShell(v.addr)
}

// powershellText returns the text of a TXT record as Windows DNS Server takes
// it: strings on lines of their own.
func powershellText(text string) string {
	parts := splitText(text, maxPowerShellText)
	for i, part := range parts {
		parts[i] = quotePowerShell(part)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(@(" + strings.Join(parts, ", ") + ") -join \"`r`n\")"
}

// powershellRun returns the commands of a run step. Only a Microsoft 365
// administrator's are PowerShell for sure.
func powershellRun(s *step) []string {
	if s.Owner != report.OwnerM365 {
		return nil
	}
	lines := commands("", s.Commands)
	for i, l := range lines {
		lines[i] = report.Clean(l)
	}
	return lines
}

// quotePowerShell returns s as an expression of PowerShell. Within single
// quotes only the quote has a meaning. What is not plain ASCII is written as a
// character code: PowerShell takes typographic quotes for quotes, and Windows
// PowerShell reads a script without a byte order mark in the code page of the
// machine.
func quotePowerShell(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	odd := false
	for _, r := range s {
		switch {
		case r == '\'':
			b.WriteString("''")
		case r >= ' ' && r < 0x7f && (r != '[' || !strings.Contains(s, "##")): // report.Guard writes an escape that is none here
			b.WriteRune(r)
		default:
			odd = true
			b.WriteString("' + [char]::ConvertFromUtf32(0x" + strconv.FormatInt(int64(r), 16) + ") + '")
		}
	}
	b.WriteByte('\'')
	if odd {
		return "(" + b.String() + ")"
	}
	return b.String()
}

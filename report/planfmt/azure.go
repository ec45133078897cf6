package planfmt

import (
	"fmt"
	"io"
	"strings"
)

// azureSet is a record set as the REST API of Azure DNS names it.
type azureSet struct {
	Properties azureProperties `json:"properties"`
}

type azureProperties struct {
	TTL   int           `json:"TTL,omitempty"`
	TXT   []azureTXT    `json:"TXTRecords,omitempty"`
	MX    []azureMX     `json:"MXRecords,omitempty"`
	SRV   []azureSRV    `json:"SRVRecords,omitempty"`
	A     []azureA      `json:"ARecords,omitempty"`
	AAAA  []azureAAAA   `json:"AAAARecords,omitempty"`
	CNAME *azureAliasOf `json:"CNAMERecord,omitempty"`
}

type (
	azureTXT struct {
		Value []string `json:"value"`
	}
	azureMX struct {
		Preference int    `json:"preference"`
		Exchange   string `json:"exchange"`
	}
	azureSRV struct {
		Priority int    `json:"priority"`
		Weight   int    `json:"weight"`
		Port     int    `json:"port"`
		Target   string `json:"target"`
	}
	azureA struct {
		Address string `json:"ipv4Address"`
	}
	azureAAAA struct {
		Address string `json:"ipv6Address"`
	}
	azureAliasOf struct {
		Name string `json:"cname"`
	}
)

// writeAzure writes a shell script. It replaces record sets as a whole through
// the REST API: "az network dns record-set add-record" would leave a moment
// with two SPF records or none.
func writeAzure(w io.Writer, d *doc) error {
	return script{
		sign: "#",
		intro: []string{
			"Needs az, signed in with the subscription of the zone, and jq. Run with:",
			"  RESOURCE_GROUP=name sh FILE",
			"A record set that differs from what maildiag saw is not changed, and the script stops there.",
		},
		setup: strings.Split(azureSetup, "\n"),
		code:  azureCode,
	}.write(w, d)
}

const azureSetup = `
set -eu
: "${RESOURCE_GROUP:?set it to the resource group of the DNS zone}"

url() { # ZONE/TYPE/NAME
  echo "/subscriptions/{subscriptionId}/resourceGroups/$RESOURCE_GROUP/providers/Microsoft.Network/dnsZones/$1?api-version=2018-05-01"
}
same() { # NOW EXPECTED: reports whether two record sets have the same values
  jq -n -e --argjson now "$1" --argjson want "$2" '
    def host: ascii_downcase | rtrimstr(".");
    def values: .properties | [
      (.TXTRecords // [] | .[] | .value | join("")),
      (.MXRecords // [] | .[] | [.preference, (.exchange | host)]),
      (.SRVRecords // [] | .[] | [.priority, .weight, .port, (.target | host)]),
      (.ARecords // [] | .[] | .ipv4Address),
      (.AAAARecords // [] | .[] | .ipv6Address | ascii_downcase),
      (.CNAMERecord // empty | .cname | host)] | sort;
    ($now | values) == ($want | values)' >/dev/null
}
expect() { # ZONE/TYPE/NAME EXPECTED: sets now and tag, and stops if the record set is another
  now=$(az rest --method get --url "$(url "$1")" --output json)
  same "$now" "$2" || { echo "$1 has changed; nothing is done" >&2; exit 1; }
  tag=$(printf '%s' "$now" | jq -er .etag)
}
create() { # ZONE/TYPE/NAME NEW
  az rest --method put --url "$(url "$1")" --headers 'If-None-Match=*' 'Content-Type=application/json' --body "$2"
}
replace() { # ZONE/TYPE/NAME OLD NEW: keeps the metadata, and the TTL if there is no new one
  expect "$1" "$2"
  new=$(printf '%s' "$now" | jq -c --argjson new "$3" '
    {properties: ((.properties | {metadata, TTL} | with_entries(select(.value != null))) + $new.properties)}')
  az rest --method put --url "$(url "$1")" --headers "If-Match=$tag" 'Content-Type=application/json' --body "$new"
}
delete() { # ZONE/TYPE/NAME OLD
  expect "$1" "$2"
  az rest --method delete --url "$(url "$1")" --headers "If-Match=$tag"
}`

// azureCode returns the command for one record set.
func azureCode(s *step) []string {
	command, sets := "replace", [][]value{s.before(), s.published()}
	switch {
	case len(s.before()) == 0:
		command, sets = "create", sets[1:]
	case len(s.published()) == 0:
		command, sets = "delete", sets[:1]
	}
	id := fmt.Sprintf("%s/%s/%s", strings.TrimSuffix(s.zone, "."), s.Type, s.relative())
	lines := []string{command + " " + quoteShell(id)}
	for _, values := range sets {
		text, err := asciiJSON(azureSetOf(s, values), "")
		if err != nil {
			return []string{"# " + err.Error()}
		}
		lines[len(lines)-1] += ` \`
		lines = append(lines, "  "+quoteShell(string(text)))
	}
	return lines
}

func azureSetOf(s *step, values []value) azureSet {
	p := azureProperties{TTL: s.TTL}
	if len(s.before()) == 0 {
		p.TTL = s.ttl()
	}
	for _, v := range values {
		switch s.Type {
		case "TXT":
			p.TXT = append(p.TXT, azureTXT{splitText(v.text, maxString)})
		case "MX":
			p.MX = append(p.MX, azureMX{v.numbers[0], v.name})
		case "SRV":
			p.SRV = append(p.SRV, azureSRV{v.numbers[0], v.numbers[1], v.numbers[2], v.name})
		case "A":
			p.A = append(p.A, azureA{v.addr})
		case "AAAA":
			p.AAAA = append(p.AAAA, azureAAAA{v.addr})
		case "CNAME":
			p.CNAME = &azureAliasOf{strings.TrimSuffix(v.name, ".")}
		}
	}
	return azureSet{p}
}

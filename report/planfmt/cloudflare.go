package planfmt

import (
	"io"
	"strings"
)

// cloudflareChange is what the script is given for one record set.
type cloudflareChange struct {
	Step   int                `json:"step"`
	Name   string             `json:"name"`
	Type   string             `json:"type"`
	Before []cloudflareRecord `json:"before"`
	Remove []cloudflareRecord `json:"remove"`
	Add    []cloudflareRecord `json:"add"`
}

// cloudflareRecord is a record as the API of Cloudflare names it.
type cloudflareRecord struct {
	Type     string         `json:"type"`
	Name     string         `json:"name"`
	Content  string         `json:"content,omitempty"`
	Priority *int           `json:"priority,omitempty"`
	Data     *cloudflareSRV `json:"data,omitempty"`
	TTL      int            `json:"ttl"`
}

type cloudflareSRV struct {
	Priority int    `json:"priority"`
	Weight   int    `json:"weight"`
	Port     int    `json:"port"`
	Target   string `json:"target"`
}

// automaticTTL lets Cloudflare choose the TTL.
const automaticTTL = 1

// writeCloudflare writes a shell script. Cloudflare deletes records by an ID
// that only its API tells, so a file to import is not enough: the script looks
// the records up, compares them, and sends one batch, which is applied as a
// whole or not at all.
func writeCloudflare(w io.Writer, d *doc) error {
	return script{
		sign: "#",
		intro: []string{
			"Needs curl, jq, and an API token with the permission to edit the DNS of the zone. Run with:",
			"  CLOUDFLARE_API_TOKEN=... sh FILE          to see the changes that would be sent",
			"  CLOUDFLARE_API_TOKEN=... sh FILE apply    to make them",
			"If a record set differs from what maildiag saw, nothing is changed.",
		},
		setup: strings.Split(cloudflareSetup, "\n"),
		open: func(g *group) []string {
			return []string{"change " + quoteShell(strings.TrimSuffix(g.zone(), ".")) + ` "$@" <<'END'`}
		},
		code:  cloudflareCode,
		close: func(*group) []string { return []string{"END"} },
	}.write(w, d)
}

// cloudflareSetup takes one JSON document a change on its standard input; in
// there, lines that start with # are comments.
const cloudflareSetup = `
set -eu
: "${CLOUDFLARE_API_TOKEN:?set it to an API token}"
api=${CLOUDFLARE_API:-https://api.cloudflare.com/client/v4}

call() { # PATH CURL-ARGUMENT...: the token is not shown in the list of processes
  path=$1
  shift
  printf 'header = "Authorization: Bearer %s"\n' "$CLOUDFLARE_API_TOKEN" |
    curl --silent --show-error --fail-with-body --config - --header 'Content-Type: application/json' "$@" "$api$path"
}
change() { # ZONE [apply]: makes the changes on standard input
  plan=$(grep -v '^#' | jq -s .)
  zone=$(call "/zones?name=$1" | jq -er '.result[0].id')
  now=$(call "/zones/$zone/dns_records?per_page=50000")
  batch=$(printf '%s\n%s' "$plan" "$now" | jq -e -s '
    def host: ascii_downcase | rtrimstr(".");
    def text: if startswith("\"") then [scan("\"((?:[^\"\\\\]|\\\\.)*)\"")[0]] | join("") else gsub("(?<c>[\"\\\\])"; "\\\(.c)") end;
    def key: if .type == "TXT" then .content | text
      elif .type == "MX" then "\(.priority) \(.content | host)"
      elif .type == "SRV" then "\(.data.priority) \(.data.weight) \(.data.port) \(.data.target | host)"
      else .content | host end;
    .[1].result as $now | [.[0][]
      | . as $c
      | [$now[] | select(.type == $c.type and (.name | host) == ($c.name | host))] as $have
      | if ([$have[] | key] | sort) == ([$c.before[] | key] | sort) then . else
          error("step \($c.step): \($c.name) \($c.type) has changed; nothing is done") end
      | [$c.remove[] | key] as $gone
      | {deletes: [$have[] | select(key | IN($gone[])) | {id}], posts: $c.add}]
    | {deletes: (map(.deletes) | add), posts: (map(.posts) | add)}')
  if [ "${2:-}" = apply ]; then
    call "/zones/$zone/dns_records/batch" --data-raw "$batch"
  else
    printf '%s\n' "$batch"
  fi
}`

func cloudflareCode(s *step) []string {
	change := cloudflareChange{
		Step: s.Step.Step, Name: s.host(), Type: s.Type,
		Before: cloudflareRecords(s, s.before()), Remove: cloudflareRecords(s, s.remove), Add: cloudflareRecords(s, s.add),
	}
	text, err := asciiJSON(change, "  ")
	if err != nil {
		return []string{"# " + err.Error()}
	}
	return strings.Split(string(text), "\n")
}

func cloudflareRecords(s *step, values []value) []cloudflareRecord {
	list := []cloudflareRecord{}
	for _, v := range values {
		host := strings.TrimSuffix(v.name, ".")
		if v.name == "." {
			host = "." // null MX. RFC 7505 3
		}
		r := cloudflareRecord{Type: s.Type, Name: s.host(), TTL: max(s.TTL, automaticTTL)}
		switch s.Type {
		case "TXT":
			r.Content = quoteStrings(v.strings, escapeDecimal)
		case "MX":
			r.Content, r.Priority = host, &v.numbers[0]
		case "SRV":
			r.Data = &cloudflareSRV{v.numbers[0], v.numbers[1], v.numbers[2], host}
		default:
			r.Content = host + v.addr
		}
		list = append(list, r)
	}
	return list
}

package bounce

import (
	"strings"
	"time"

	"maildiag/checks/kit"
)

// maxTrailers bounds the trailers of one reply.
const maxTrailers = 5

// onlyTrailer reports whether a line is nothing but a trailer.
func onlyTrailer(line string) bool {
	rest, t := cutTrailer(line)
	return t != nil && rest == ""
}

// cutTrailer cuts "[HOST time id]" off the end of a reply of Microsoft.
func cutTrailer(text string) (string, *Trailer) {
	open := strings.LastIndexByte(text, '[')
	if open < 0 {
		return text, nil
	}
	inside, _, _ := strings.Cut(text[open+1:], "]")
	words := strings.Fields(inside)
	if len(words) == 0 || len(words) > 3 {
		return text, nil
	}
	t := trailerOf(words)
	if t == nil {
		return text, nil
	}
	return strings.TrimSpace(text[:open]), t
}

func trailerOf(words []string) *Trailer {
	host := strings.TrimPrefix(strings.TrimPrefix(words[0], "Hostname="), "hostname=")
	low := strings.ToLower(host)
	if kit.CloudOfServer(low) == nil {
		return nil
	}
	t := &Trailer{Host: host, Region: region(low), FrontEnd: frontEnd(low)}
	for _, w := range words[1:] {
		if at, err := time.Parse("2006-01-02T15:04:05.999Z", w); err == nil {
			t.Time = at
		} else {
			t.ID = w
		}
	}
	return t
}

// region takes the region out of a host's name: "am0eur01ft001.eop-eur01.prod"
// is in EUR01, "bn0pr04ca0011.namprd04.prod" in NAMPRD04.
func region(host string) string {
	labels := strings.Split(host, ".")
	if len(labels) < 3 {
		return ""
	}
	l := strings.TrimPrefix(labels[1], "eop-")
	if l == "mail" || l == "outlook" || l == "prod" {
		return ""
	}
	return strings.ToUpper(l)
}

// frontEnd reports the hosts that answer on port 25 for the MX, by their name:
// "...FT088.eop-EUR01..." and the newer "CH3PEPF00000016...".
func frontEnd(host string) bool {
	label, rest, _ := strings.Cut(host, ".")
	return strings.HasPrefix(rest, "eop-") || strings.HasPrefix(rest, "mail.protection.") ||
		strings.Contains(label, "pepf")
}

package replies

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
)

// webLink matches a link, with or without its scheme. Its first group is the host.
var webLink = kit.Lazily(`(?i)(?:\b(?:https?|ftp)://((?:\[[\da-f:.]+\])?[^\s/<>"'()?#]*)|\b((?:[a-z\d-]+\.)+[a-z]{2,}))(?:[/?#][^\s<>"'()]*)?`)

// brokenLink matches a link that a screen broke within the first label of its host.
var brokenLink = kit.Lazily(`(?i)(\bhttps?://[a-z\d-]*)\s+([a-z\d-]*\.[a-z\d.-]+/)`)

// withoutLinks cuts links out of a text: a page may be named after anything. One that
// a known provider wrote stays, since it shows who speaks and may name the reply; of
// one to NetEase's help or a public block list its host stays.
func withoutLinks(s string) string {
	if !strings.Contains(s, "/") {
		return s
	}
	s = brokenLink().ReplaceAllString(s, "$1$2")
	return webLink().ReplaceAllStringFunc(s, func(link string) string {
		if !isLink(link) {
			return link // a host without a page
		}
		switch host := hostOf(link); {
		case slices.Contains(Providers(host+"/"), NetEase), holds(strings.Split(host, "."), "publiclist"), strings.Contains(host, "openspf"):
			return " " + host + " " // NetEase names one help page for all replies
		case len(Providers(link)) > 0:
			return strings.ReplaceAll(link, "%", "-") // an encoded space does not end it
		}
		return " "
	})
}

// isLink reports whether a word is a link to a page.
func isLink(word string) bool {
	host, _, page := strings.Cut(word, "/")
	named := strings.Contains(host, ".") && !strings.ContainsAny(host, "@=[<") && letterAt(host, len(host)-1)
	return strings.Contains(word, "://") || page && named // not a network: 192.0.2.0/24
}

// hostOf returns the host that a link names, in lower case.
func hostOf(link string) string {
	if _, rest, ok := strings.Cut(link, "://"); ok {
		link = rest
	}
	if i := strings.IndexAny(link, "/?#"); i >= 0 {
		link = link[:i]
	}
	return strings.ToLower(link)
}

func letterAt(s string, i int) bool { return s[i] >= 'A' && s[i] <= 'Z' || s[i] >= 'a' && s[i] <= 'z' }

package replies

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// minSpoken is the number of letters from which on a single word is what a
// program shows, such as ECONNREFUSED, and not a topic such as "spam".
const minSpoken = 8

// spoken reports whether a text without any code may be what a server, a device
// or a program shows, and not what a person asks or says about mail.
func spoken(text string) bool {
	if Foreign(text) != "" || Question(text) || otherPort(text) {
		return false
	}
	w := wordsOf(text)
	switch {
	case len(w.stems) == 0:
		return false
	case len(w.stems) == 1:
		return utf8.RuneCountInString(w.letters) >= minSpoken || strings.ContainsAny(w.letters, "0123456789")
	}
	said := fields(text)
	if len(said) <= 2 && !holds(said, "state") {
		return false // "spam filter" is a topic, "mailbox full" is a state
	}
	if holds(said, "mine") || holds(said, "tale") || holds(said, "elsewhere") {
		return false // qmail says I, but nobody's server says my
	}
	return !holds(said, "ours") || holds(said, "yours")
}

// logged is the mark of a delivery that failed or waits in a log of Exim or Sendmail.
var logged = regexp.MustCompile(`(?m)(?:^|\s)(?:==|\*\*) \S+@\S+|\bstat=Deferred|\bH=\S+ \[`)

// ofMail reports whether a word of a text is about mail, or a program's name says so.
func ofMail(text string) bool {
	said := fields(text)
	return holds(said, "mail") || slices.ContainsFunc(said, func(w string) bool {
		return strings.Contains(w, "smtp") || strings.Contains(w, "mail") || strings.HasPrefix(w, "scan")
	})
}

var ports = regexp.MustCompile(`(?i)\bport\b\W{0,3}(\d{1,5})\b`)

// otherPort reports whether a text names ports, and none of them is one of mail.
func otherPort(text string) bool {
	named := ports.FindAllStringSubmatch(text[:min(len(text), maxText)], -1)
	return len(named) > 0 && !slices.ContainsFunc(named, func(m []string) bool {
		return slices.Contains([]string{"24", "25", "26", "465", "587", "2525"}, m[1])
	})
}

// holds reports whether one of the words is of a class, letter for letter.
func holds(words []string, class string) bool {
	class = " " + strings.Join(strings.Fields(vocabulary[class]), " ") + " "
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(class, " "+w+" ") })
}

var asks = regexp.MustCompile(`(?i)^\W*(why|what|what's|how|where|who|which|does|did|is|are|(?:can|should|do) (?:i|you|we)|warum|wieso|wie|pourquoi|comment|` +
	`por qu[eé]|c[oó]mo|perch[eé]|waarom|hoe)\b`)

// maxQuestion bounds what is one.
const maxQuestion = 1000

// Question reports whether a text of one line asks something.
func Question(text string) bool {
	if len(text) > maxQuestion {
		return false
	}
	text = strings.TrimSpace(text)
	if strings.Contains(text, "\n") {
		return false
	}
	return strings.HasSuffix(text, "?") || asks.MatchString(text)
}

// protocol is another protocol than SMTP, by the lines that only it has.
type protocol struct {
	name  string
	lines *regexp.Regexp
}

// Replies of FTP (RFC 959 4.2) share the codes of SMTP; their words are about
// files, directories and logins.
var protocols = []protocol{
	{"IMAP", regexp.MustCompile(`(?m)^\W*(?:(?:[A-Za-z]+\d+|\d{4,}) (?:NO|BAD) \S|\* (?:BYE|NO|BAD|OK|PREAUTH) )`)},
	{"IMAP", regexp.MustCompile(`(?i)\bimap(?:-login|d)?(?:\[\d+\])?: `)},
	{"POP3", regexp.MustCompile(`(?mi)^\W*-err\b|\bpop3(?:-login|d)?(?:\[\d+\])?: `)},
	{"HTTP", regexp.MustCompile(`(?mi)\bHTTP/[123](?:\.\d)? [1-5]\d\d\b|^\W*(?:GET|POST|PUT|HEAD) /\S*|\bupstream timed out\b` +
		`|^\W*50[0234] (?:service (?:temporarily )?unavailable|bad gateway|gateway time-?out|internal server error)\W*(?:\((?:nginx|apache|iis)|$)`)},
	{"HTTP", regexp.MustCompile(`(?i)\bHTTP Basic\b|\b40[137] (?:unauthorized|forbidden|proxy authentication)|\bfatal: .*\bhttps?://|^\W*remote: `)},
	{"IMAP or POP3", regexp.MustCompile(`(?i)\b(?:fetchmail|getmail|offlineimap|mbsync|isync|imaplib|poplib)\b|\b(?:imaps?|pop3s?)://`)},
	{"NNTP", regexp.MustCompile(`^\W*(?:381|48[0-3])[ -]\S`)}, // RFC 4643 2; SMTP has no such codes
	{"Kerberos", regexp.MustCompile(`(?i)\b(?:kinit|krb5\w*|gss_?api|kerberos|KDC_ERR_\w+)\b`)},
	{"RADIUS", regexp.MustCompile(`(?i)\b(?:rlm_\w+|radiusd?|access-reject)\b`)},
	{"Redis", regexp.MustCompile(`\b(?:NOAUTH|WRONGPASS)\b`)},
	{"SMB", regexp.MustCompile(`\bNT_STATUS_\w+|(?i)\bsmbclient\b`)},
	{"SIP", regexp.MustCompile(`\bSIP/2\.0 [1-6]\d\d\b`)},
	{"a system sign-in", regexp.MustCompile(`(?i)\bpam_\w+\((?:sshd|su|sudo|login|gdm|cron)|\bsudo: |\bsu: authentication failure\b`)},
	{"a package registry", regexp.MustCompile(`(?i)\bnpm (?:err!|error) |\bdocker (?:login|pull|push)\b`)},
	{"SSH", regexp.MustCompile(`(?i)^\W*(?:ssh|scp|sftp|rsync): |\bsshd?\[\d+\]:|\bssh2\b|\bpermission denied \(publickey`)},
	{"MySQL", regexp.MustCompile(`(?i)\(using password: (?:yes|no)\)|\berror \d{4} \([0-9a-z]{5}\)|^\W*mysqld?\b`)},
	{"Oracle", regexp.MustCompile(`(?i)\bora-\d{5}\b|\bTNS[:-]`)},
	{"SQL", regexp.MustCompile(`\bSQLSTATE\b|\bFATAL: +\S+ authentication failed|\bFATAL:  |^\W*(?:psql|mongo\w*): `)},
	{"LDAP", regexp.MustCompile(`(?i)\bldap_(?:bind|search)\b|\bldaps?://|\bAcceptSecurityContext error\b`)},
	{"FTP", regexp.MustCompile(`(?mi)^\W*ftp> |\bon ftp\b|\bs?ftp (?:server|user|login|session)\b|\bUSER and PASS\b|\b530[ -](?:login (?:incorrect|authentication failed)|user (?:\S+ )?cannot log in|not logged in|please login with user)` +
		`|\b55[03][ -](?:failed to (?:change|open|create)|permission denied|could not create file|no such file|.*\b(?:directory|file name not allowed|file not found|file unavailable)\b)` +
		`|\b(?:425|426)[ -].*(?:data connection|transfer)|\b226[ -](?:transfer|closing data)`)},
}

// Foreign returns the protocol other than SMTP that a text is of, "" if it may be
// SMTP.
func Foreign(text string) string {
	text = text[:min(len(text), maxText)]
	for _, p := range protocols {
		if p.lines.MatchString(text) {
			return p.name
		}
	}
	return ""
}

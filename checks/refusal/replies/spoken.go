package replies

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"maildiag/checks/kit"
)

// maxWeakWords is the length of a text without any code up to which words that
// servers use for many things are believed.
const maxWeakWords = 200

// serverSaid is what .NET writes before the words of a reply, without its code.
const serverSaid = "The server response was: "

// saidIn returns what a server said, as .NET quotes it before a stack trace, or else
// the text.
func saidIn(text string) string {
	_, said, ok := strings.Cut(text, serverSaid)
	if !ok || !AboutMail(text) {
		return text
	}
	said, _, _ = strings.Cut(said, "\n")
	said, _, _ = strings.Cut(said, " at ")
	return said
}

// ExplainWords explains a text that holds no code at all, such as what a device
// or a program shows. It is empty unless the words themselves are known, or a number
// that only one of them shows.
func ExplainWords(text string) []Explanation {
	if found := verdict(text); found != nil {
		return found
	}
	path := PathOf(text)
	found := Explain(Query{Text: saidIn(text), Path: path, Near: true})
	if len(found) > 0 && found[0].By == ByText && saidIn(text) != text {
		return found
	}
	found = Explain(Query{Text: text, Path: path, Near: true})
	if len(found) == 0 || found[0].By != ByText || found[0].Evidence.Near || found[0].Evidence.Contested || Foreign(text) != "" {
		return nil
	}
	if !found[0].shownIn(text) {
		return nil
	}
	if path == PathSubmission && found[0].Row.ID == "common.timeout" {
		return found // what a mail library shows, however long its trace is
	}
	weak := found[0].Row.Weak && path != PathSubmission || found[0].Evidence.Weak
	if weak && (len(text) > maxWeakWords || !holds(fields(text), "mailing") && !AboutMail(text)) && !logged().MatchString(text) {
		return nil
	}
	return found
}

// shownIn reports whether a text without any code is what a program or a device shows
// about mail. A number beside a maker's name is, if a word says that it is an error.
func (m Explanation) shownIn(text string) bool {
	said := fields(text)
	shown := m.Evidence.Decides && (holds(said, "shown") || identifier().MatchString(text))
	if strings.HasPrefix(m.Row.ID, "common.own-") && !AboutMail(text) {
		return false // any server has files, tables and filters
	}
	if m.Evidence.Decides && holds(said, "maker") && !AboutMail(text) {
		return shown
	}
	return shown || spoken(text) && m.Row.toldOfMail(text)
}

// identifier matches the number of an error that only Microsoft's sign-in or mail
// programs show.
var identifier = kit.Lazily(`(?i)\b(?:AADSTS\d{4,7}|0x800ccc[0-9a-f]{2}|0x800421[0-9a-f]{2})\b`)

// minSpoken is the number of letters from which on a single word is what a
// program shows, such as ECONNREFUSED, and not a topic such as "spam".
const minSpoken = 8

// record matches a published record, which alone says that nothing failed.
var record = kit.Lazily(`(?i)\bv=(?:spf1|dmarc1|dkim1|stsv1|tlsrptv1)\b`)

// spoken reports whether a text without any code may be what a server, a device
// or a program shows, and not what a person asks or says about mail.
func spoken(text string) bool {
	if Foreign(text) != "" || Question(text) || otherPort(text) || Counts(text) {
		return false
	}
	w := wordsOf(text)
	switch {
	case len(w.stems) == 0, record().MatchString(text) && !w.mentions("fault"):
		return false
	case len(w.stems) == 1:
		return utf8.RuneCountInString(w.letters) >= minSpoken || strings.ContainsAny(w.letters, "0123456789")
	}
	said := fields(text)
	if len(said) <= 2 && !holds(said, "state") {
		return false // "spam filter" is a topic, "mailbox full" is a state
	}
	return !personal(said) && (!holds(said, "ours") || holds(said, "yours"))
}

// personal reports whether words are those of a person: qmail says I, but nobody's
// server says my.
func personal(said []string) bool {
	return holds(said, "mine") || holds(said, "tale") || holds(said[:min(len(said), 1)], "greeting") || holds(said, "elsewhere")
}

// Personal reports whether a person says or asks a text, and no program.
func Personal(text string) bool {
	said := fields(text)
	return personal(said) || holds(said, "ours") || Question(text)
}

// logged is the mark of a delivery that failed or waits in a log of Exim or Sendmail.
var logged = kit.Lazily(`(?m)(?:^|\s)(?:==|\*\*) \S+@\S+|\bstat=Deferred|\baddress\(es\) failed|\bH=\S+ \[|^\s*host [\w.-]+ \[[0-9a-fA-F.:]+\]`)

// everywhere lists the beginnings of the causes that programs of all kinds name in
// the same words: each has users, limits and a disk. What connections and TLS say
// without a word of mail is believed, unless the text names another program.
func everywhere() []string {
	return []string{"disk", "temporary", "mailbox", "recipient", "user", "account", "blocked", "policy", "rate", "too-many", "protocol",
		"virus", "sending", "verification", "auth-token", "credits", "sandbox", "client-ip", "ses", "api-key"}
}

// maxTitle is the number of words up to which a known wording is all there is.
const maxTitle = 2

// toldOfMail reports whether a text without any code that has the words of the row
// is about mail, and not about what another program does.
func (r *Row) toldOfMail(text string) bool {
	common := slices.ContainsFunc(everywhere(), func(start string) bool { return strings.HasPrefix(r.cause(), start) })
	said := fields(text)
	switch {
	case (Pitch(text) || common && strings.Contains(text, "? ")) && !logged().MatchString(text):
		return false
	case r.Stage == StageAuth && !ofMail(text):
		return false // every program has a sign-in that fails
	case r.Provider != Any, len(said) <= maxTitle:
		return true
	case !AboutMail(text) && r.Provider == Any && (holds(said, "programs") || byAnother(text) || namesOther(text) && !logged().MatchString(text)):
		return false
	case r.cause() == "spam":
		return AboutMail(text) || holds(said, "state") || holds(said, "yours")
	}
	return !common || AboutMail(text)
}

// Pitch reports whether a text wants its reader to click, to buy or to confirm an
// account, as advertisements and phishing do, or warns before anything failed.
func Pitch(text string) bool {
	said := fields(text)
	return holds(said, "pitch") && !slices.Contains(said, "starttls") || holds(said, "almost") || lure().MatchString(text)
}

var lure = kit.Lazily(`(?i)\b(?:verify|validate|confirm|update|upgrade) your\b|\bupgrade (?:now|today|here)\b`)

// speaks matches the name of who says a text, before its first colon.
var speaks = kit.Lazily(`^\W*([A-Za-z][\w.+ -]*?)(?:\[\d+\])?:\s`)

// neutral matches such a name that says nothing about the program: the kind of
// message, and the errors of languages and TLS libraries that mail programs show.
var neutral = kit.Lazily(`(?i)^(?:java|javax|sun|system|ssl|socket|_ssl|urllib3?|net|tls|mail)\.[\w.]+$|^\w*(?:error|exception)\b[\w -]*$` +
	`|^(?:aadsts\d+|warning|fatal|failed|failure|status|message|reason|details?|caused by|nested exception is|ssl|tls|openssl|gnutls|schannel|starttls|errno|code|` +
	`fehler|erreur|errore|scan\w*|send\w*|php[\w ]*|getaddrinfo|ricoh|xerox|canon|kyocera|konica|brother|epson|ios|iphone|ipad|android|thunderbird|apple mail|sharp|lexmark|hp|oki|samsung|synology|qnap|test\w*|unable|could|can|cannot|connect\w*)\b[\w -]*$`)

// tunnel matches what VPNs say, which use TLS and keys of their own.
var tunnel = kit.Lazily(`(?i)\bkey negotiation\b|\bike(?:v[12])?\b|\bipsec\b|\bisakmp\b|\bwireguard\b|\btls-(?:auth|crypt)\b`)

// byAnother reports whether a text begins with the name of a program, or is one of a VPN.
func byAnother(text string) bool {
	name := speaks().FindStringSubmatch(text[:min(len(text), maxText)])
	return name != nil && !neutral().MatchString(name[1]) || tunnel().MatchString(text[:min(len(text), maxText)])
}

// AboutMail reports whether a text shows that it is about mail: by a word of mail,
// an address, a port, or the name of a mail server or program. Words that all
// programs use, such as server, user and connection, show nothing.
func AboutMail(text string) bool {
	text = text[:min(len(text), maxText)]
	return mailMark().MatchString(text) || len(Providers(text)) > 0 || wordsOf(text).mentions("ofmail")
}

// mailMark matches mail in a name, an address, a port of SMTP, the name of an MX
// host, and mail or recipient in the scripts of East Asia.
var mailMark = kit.Lazily(`(?i)mail|smtp|mandrill|sendgrid|\bresend\b|brevo|postmark|sparkpost|\b1\w{5}-\w{6,11}-\w{2,4} |\btls error on connection (?:from|to) |\bexpected response code\b|\berror writing message\b|\brefused to talk to me: |\bok id=\w{6}-|\(in reply to |\brejected (?:after DATA|RCPT)\b|\bEENVELOPE\b|\bauth (?:plain|login|xoauth2|cram-md5)\b|\bcommand: '(?:conn|auth|mail|rcpt|data|ehlo)|\bdeliver|\b(?:client host|helo command|(?:recipient|sender) address) rejected\b|[\w.+-]@[\w-]+\.\w|(?:\bport[ :=]{0,3}|:)(?:25|465|587|2525)\b|\bmx[\w-]*\.[a-z]|\bmx records?\b|メール|受信者|\bcourriel|\bcourrier (?:[ée]lectronique|de)|\bcorreo electr|\bposta elettronica|\be-?post|po[sš]tovn[ií] schr|skrzynk|posta kutusu|\bbrevl[aå]d|почт|письм|\b(?:dit|uw|het) bericht\b|电子邮件|メッセージ|邮|郵|收件人|信箱`)

// Counts reports whether a text counts something in numbers that look like codes:
// invoices, versions, sections.
func Counts(text string) bool { return numbered().MatchString(text[:min(len(text), maxText)]) }

var numbered = kit.Lazily(`(?i)\b(?:number|no\.|nr\.?|version|release|build|section|chapter|paragraph|item|invoice|order|part|article|step)` +
	`:? #?[245]\.\d\.\d{1,3}\b`)

// ofMail reports whether a word of a text is about mail, or a program's name says so.
func ofMail(text string) bool {
	said := fields(text)
	return holds(said, "mail") || slices.ContainsFunc(said, func(w string) bool {
		return strings.Contains(w, "smtp") || strings.Contains(w, "mail") || strings.HasPrefix(w, "scan")
	})
}

var ports = kit.Lazily(`(?i)(?:\bport\b\W{0,3}|\.[a-z]{2,}:|\blocalhost:|\d\.\d{1,3}:|\]:)(\d{2,5})\b`)

// sourceLine matches a line of a program in a stack trace: "net.js:628:25".
var sourceLine = kit.Lazily(`\.(?:[cm]?js|ts|py|java|kt|cs|go|rb|php|rs|dart|swift|p[lm]|h|cc?|cpp)(?::\d+)+`)

// rejected matches what Exim logs of a client, whose port may be any.
var rejected = kit.Lazily(`\brejected (?:after DATA|RCPT)\b`)

// otherPort reports whether a text names ports, and none of them is one of mail.
func otherPort(text string) bool {
	text = sourceLine().ReplaceAllString(text[:min(len(text), maxText)], " ")
	named := ports().FindAllStringSubmatch(text, -1)
	return len(named) > 0 && !rejected().MatchString(text) && !slices.ContainsFunc(named, func(m []string) bool {
		return slices.Contains([]string{"24", "25", "26", "465", "587", "2525", "10024", "10025", "10026"}, m[1])
	})
}

// holds reports whether one of the words is of a class, letter for letter.
func holds(words []string, class string) bool {
	class = " " + strings.Join(strings.Fields(vocabulary[class]), " ") + " "
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(class, " "+w+" ") })
}

var asks = kit.Lazily(`(?i)^\W*(why|what|what's|how|where|who|which|does|did|is|are|(?:can|should|do) (?:i|you|we)|warum|wieso|wie|pourquoi|comment|` +
	`por qu[eé]|c[oó]mo|perch[eé]|waarom|hoe)\b`)

// thrown matches the name of an error, as programs write it before their guess at the
// cause: "AuthenticationFailedException: failed to connect, no password specified?".
var thrown = kit.Lazily(`(?:^|\s)[\w.$]+(?:Exception|Error): `)

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
	return strings.HasSuffix(text, "?") && !thrown().MatchString(text) || asks().MatchString(text)
}

// protocol is another protocol than SMTP, by the lines that only it has.
type protocol struct {
	name  string
	lines func() *regexp.Regexp
}

// Replies of FTP (RFC 959 4.2) share the codes of SMTP; their words are about
// files, directories and logins.
var protocols = []protocol{
	{"IMAP", kit.Lazily(`(?m)^\W*(?:(?:[A-Za-z]+\d+|\d{4,}) (?:NO|BAD) \S|\* (?:BYE|NO|BAD|OK|PREAUTH) )`)},
	{"IMAP", kit.Lazily(`(?i)\bimap(?:-login|d)?(?:\[\d+\])?: `)},
	{"POP3", kit.Lazily(`(?mi)^\W*-err\b|\bpop3(?:-login|d)?(?:\[\d+\])?: `)},
	{"IMAP or POP3", kit.Lazily(`\bNO (?:\[AUTHENTICATIONFAILED\]|(?:LOGIN|AUTHENTICATE) failed)|\[AUTHENTICATIONFAILED\]|(?i)\b(?:imaps?|pop3?s?)[\w-]*\.[\w.-]+\w:(?:143|993|110|995)\b`)},
	{"HTTP", kit.Lazily(`(?mi)\bHTTP/[123](?:\.\d)? [1-5]\d\d\b|^\W*(?:GET|POST|PUT|HEAD) /\S*|\bupstream timed out\b` +
		`|^\W*50[0234] (?:service (?:temporarily )?unavailable|bad gateway|gateway time-?out|internal server error)\W*(?:\((?:nginx|apache|iis)|$)`)},
	{"HTTP", kit.Lazily(`(?i)\bHTTP Basic\b|\b40[137] (?:unauthorized|forbidden|proxy authentication)|\bfatal: .*\bhttps?://|^\W*remote: `)},
	{"HTTP", kit.Lazily(`(?i)\b500\b\W{0,3}(?:\w+=)?\W{0,3}internal server error`)}, // SMTP's 500 is a command that is not known
	{"IMAP or POP3", kit.Lazily(`(?i)\bsun\.mail\.(?:imap|pop3)|\bmail\.Store\b|\bNet\.(?:Imap|Pop3)\b|\bImap(?:Client|Store|Flow)\b|\b(?:fetchmail|getmail|offlineimap|mbsync|isync|imaplib|poplib)\b|\b(?:imaps?|pop3s?)://`)},
	{"NNTP", kit.Lazily(`^\W*(?:381|48[0-3])[ -]\S`)}, // RFC 4643 2; SMTP has no such codes
	{"XMPP", kit.Lazily(`(?i)\bxmlns(?::\w+)?=\W{1,2}(?:urn:ietf:params:xml:ns:xmpp-|jabber:|urn:xmpp:)|\burn:ietf:params:xml:ns:xmpp-|\bxmpps?://|\b(?:ejabberd|prosody)\b`)},
	{"Kerberos", kit.Lazily(`(?i)\b(?:kinit|krb5\w*|gss_?api|kerberos|KDC_ERR_\w+)\b`)},
	{"RADIUS", kit.Lazily(`(?i)\b(?:rlm_\w+|radiusd?|access-reject)\b`)},
	{"Redis", kit.Lazily(`\b(?:NOAUTH|WRONGPASS)\b`)},
	{"SMB", kit.Lazily(`\bNT_STATUS_\w+|(?i)\bsmbclient\b`)},
	{"SIP", kit.Lazily(`\bSIP/2\.0 [1-6]\d\d\b`)},
	{"a system sign-in", kit.Lazily(`(?i)\bpam_\w+\((?:sshd|su|sudo|login|gdm|cron)|\bsudo: |\bsu: authentication failure\b`)},
	{"a package registry", kit.Lazily(`(?i)\bnpm (?:err!|error) |\bdocker (?:login|pull|push)\b`)},
	{"SSH", kit.Lazily(`(?i)^\W*(?:ssh|scp|sftp|rsync): |\bsshd?\[\d+\]:|\bssh2\b|\bpermission denied \(publickey|\b(?:kex|ssh)_exchange_identification\b`)},
	{"MySQL", kit.Lazily(`(?i)\(using password: (?:yes|no)\)|\berror \d{4} \([0-9a-z]{5}\)|^\W*mysqld?\b`)},
	{"Oracle", kit.Lazily(`(?i)\bora-\d{5}\b|\bTNS[:-]`)},
	{"SQL", kit.Lazily(`\bSQLSTATE\b|\bFATAL: +\S+ authentication failed|\bFATAL:  |^\W*(?:psql|mongo\w*): `)},
	{"LDAP", kit.Lazily(`(?i)\bldap_(?:bind|search)\b|\bldaps?://|\bAcceptSecurityContext error\b`)},
	{"a message broker", kit.Lazily(`(?i)\b(?:kafka|rabbitmq|amqps?|mqtts?|activemq|mosquitto)\b`)},
	{"HTTP", kit.Lazily(`\bNet\.Http\b|\bHttpRequestException\b|\bjava\.net\.http\b|\bokhttp3?\b|\bAxiosError\b|\brequests\.exceptions\b|\bnet/http\b|\bNET::ERR_|\bDNS_PROBE_|\bERR_(?:CONNECTION|NAME|CERT|TIMED|INTERNET|ADDRESS|EMPTY|SSL_PROTOCOL)\w*|(?i)\bnginx\b`)},
	{"HTTP", kit.Lazily(`(?i)\bexpected response code "?20[0-4]\b|\bcurl: \(22\)|\b[45]\d\d (?:client|server) error: .* for url|\bhttp ?error 4\d\d\b|\berror 429: |\bstatus code:? 429\b`)},
	{"FTP", kit.Lazily(`(?i)\b(?:disk|quota|space|file)\b.*\b(?:upload (?:it )?(?:later|again)|uploaded?\b.*\b(?:file|web|ftp))|\bpure-?ftpd?\b|\b(?:vs|pro)ftpd\b|\bftplib\b`)},
	{"FTP", kit.Lazily(`(?i)\brequested file action\b|\b551[ -].*\bpage type unknown\b`)}, // SMTP's says "mail action"
	{"another program", kit.Lazily(`(?i)\b(?:kubelet|kubectl|kernel:|windows update|wsus)|^\W*(?:dig|nslookup|telnet|apt|dnf|yum|pip|git):`)},
	{"FTP", kit.Lazily(`(?mi)^\W*ftp(?:> |: )|\b421[ -]service not available, remote server has closed connection|\bon ftp\b|\bs?ftp (?:server|user|login|session)\b|\bUSER and PASS\b|\b530[ -](?:login (?:incorrect|authentication failed)|user (?:\S+ )?cannot log in|not logged in|please login with user)` +
		`|\b55[03][ -](?:failed to (?:change|open|create)|(?:could ?not|can ?not|can't|unable to) (?:access|open|read|write|get|delete|rename) (?:the )?(?:file|folder)\b|permission denied|could not create file|no such file|.*\b(?:directory|file name not allowed|file not found|file unavailable)\b)` +
		`|\b(?:425|426)[ -].*(?:data connection|transfer)|\b226[ -](?:transfer|closing data)`)},
}

// overHTTP matches what Microsoft's sign-in and Graph say to programs that send mail: over
// HTTP, and explained here.
var overHTTP = kit.Lazily(`\bAADSTS\d{4,7}\b|(?i)\bgraph\.microsoft\.com\b[^\n]*\bsendMail\b|\bgmail\.googleapis\.com\b|\bgmail/v1/users/`)

// ofRecipient matches what no server of files speaks of.
var ofRecipient = kit.Lazily(`(?i)\b(?:address|recipient|mailbox)\b`)

// Foreign returns the protocol other than SMTP that a text is of, "" if it may be
// SMTP.
func Foreign(text string) string {
	text = text[:min(len(text), maxText)]
	ours := overHTTP().MatchString(text)
	for _, p := range protocols {
		if p.lines().MatchString(text) && !(p.name == "HTTP" && ours) && !(p.name == "FTP" && ofRecipient().MatchString(text)) {
			return p.name
		}
	}
	return ""
}

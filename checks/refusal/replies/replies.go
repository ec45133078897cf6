// Package replies is the catalog of what mail servers say when they refuse or
// delay a message, and what that means to the people who can change it.
//
// An SMTP reply has up to three parts that carry meaning: the three-digit reply
// code (RFC 5321 4.2), the enhanced status code such as 5.7.64 (RFC 3463), and
// the text. The first says whether to retry, the second names a subject, and
// only the third says what happened: 5.7.1 has more than ten meanings, and
// 5.7.30 means one thing to Microsoft and another to Gmail. So the catalog is
// keyed by all three and by the provider that speaks.
//
// Where a new reply goes: into the file rows_PROVIDER.go of the one who says it,
// rows_mailboxes.go or rows_filters.go if there is none, or as one more phrase
// into the row of its cause in rows_common_TOPIC.go if any server may say it. The
// functions of construct.go fill in what such rows share. Then add the reply
// to testdata/wild.tsv.
//
// The rows are data: a literal per reply, with its source, the date on which
// the source was read, and how sure it is. Under the rows that know a text lie
// those of the registry of enhanced codes, and under them those of the classes
// of codes, so that there always is something to say; [Explanation.Known] reports
// whether it is more than the class.
package replies

import (
	"slices"
	"strings"
	"sync"
)

// Provider says whose reply a row describes.
type Provider uint8

// The providers. Any is for what RFCs define and all servers say.
const (
	Any Provider = iota
	ExchangeOnline
	ExchangeServer
	OutlookConsumer
	Gmail
	Yahoo
	Apple
	Mimecast
	Proofpoint
	GMX
	GoDaddy
	Barracuda
	Symantec
	Cisco
	TrendMicro
	Sophos
	Comcast
	Cox
	Tencent
	Zoho
	TOnline
	Rackspace
	Titan
	LaPoste
	Orange
	MailRu
	Yandex
	AmazonSES
	NetEase
	Charter
)

var providerNames = [...]string{
	Any:             "",
	ExchangeOnline:  "Exchange Online",
	ExchangeServer:  "Exchange Server",
	OutlookConsumer: "Outlook.com",
	Gmail:           "Gmail",
	Yahoo:           "Yahoo",
	Apple:           "iCloud",
	Mimecast:        "Mimecast",
	Proofpoint:      "Proofpoint",
	GMX:             "GMX, Web.de and IONOS",
	GoDaddy:         "GoDaddy",
	Barracuda:       "Barracuda",
	Symantec:        "Symantec Email Security.cloud",
	Cisco:           "Cisco Secure Email",
	TrendMicro:      "Trend Micro",
	Sophos:          "Sophos",
	Comcast:         "Comcast",
	Cox:             "Cox",
	Tencent:         "QQ Mail",
	Zoho:            "Zoho",
	TOnline:         "T-Online",
	Rackspace:       "Rackspace",
	Titan:           "Titan",
	LaPoste:         "La Poste",
	Orange:          "Orange",
	MailRu:          "Mail.ru",
	Yandex:          "Yandex",
	AmazonSES:       "Amazon SES",
	NetEase:         "NetEase (163, 126)",
	Charter:         "Charter (Spectrum)",
}

// String returns the provider's name.
func (p Provider) String() string { return providerNames[p] }

// Duration reports whether trying again later can help.
type Duration uint8

// The durations.
const (
	Permanent Duration = 1 + iota // the same message will be refused again
	Temporary                     // the sending server tries again by itself
	Either                        // as the class of the code says: 4 or 5
)

// String returns the duration's name.
func (d Duration) String() string { return [...]string{"", "permanent", "temporary", "either"}[d] }

// Confidence says how a row is known.
type Confidence uint8

// The confidences.
const (
	Confirmed   Confidence = 1 + iota // read in the provider's own text or in an RFC
	ThirdParty                        // seen in transcripts, test data or articles of others
	Unconfirmed                       // general background; never to be told as certain
)

// String returns the confidence's name.
func (c Confidence) String() string {
	return [...]string{"", "confirmed", "third-party", "unconfirmed"}[c]
}

// OwnerSender is the owner that package report does not name.
const OwnerSender = "sender's administrator"

// OwnerForwarder is the owner on whose server a message was forwarded.
const OwnerForwarder = "administrator of the server that forwards"

// Confirmation is a set of things that can be looked at from outside to confirm
// or refute a cause.
type Confirmation uint16

// The confirmations, in the order in which they are checked.
const (
	ConfirmSPF Confirmation = 1 << iota
	ConfirmDKIM
	ConfirmDMARC
	ConfirmPTR
	ConfirmMX
	ConfirmMTASTS
	ConfirmDANE
	ConfirmSenderDomain
	ConfirmSubmission

	ConfirmAuthentication = ConfirmSPF | ConfirmDKIM | ConfirmDMARC
)

// Has reports whether all of d are in the set.
func (c Confirmation) Has(d Confirmation) bool { return c&d == d }

// Row is one entry of the catalog.
type Row struct {
	ID       string // API, never renamed: "exo.smtpauth-disabled-tenant"
	Provider Provider

	// Codes are the reply codes that the row is seen with; empty: any.
	Codes []uint16
	// Enhanced are the enhanced codes of the row: "5.7.64", "x.7.321" for
	// both 4.7.321 and 5.7.321, "5.7.606-649" for a range of the last number.
	Enhanced []string
	// Text holds the phrases that identify the row, any one of them: words in
	// order, "*" for some other words, "&" between two in any order, "~" at the end of a word for any ending,
	// "?" before words that servers use for many things, "!" before words that
	// decide whatever else the reply says. Empty: the codes alone do.
	Text []string
	// Unless holds phrases that speak against the row: with one of them, the
	// row's own phrases are worth no more than weak ones.
	Unless     []string
	Duration   Duration
	Confidence Confidence
	// Weak says that servers use the phrases for many things, so that any
	// other row with words of its own goes before.
	Weak bool
	// Decides says that the reply code means this, whatever the words are.
	Decides bool
	// Stays says that the sending server does not try again, or in vain, whatever
	// the class of the code says.
	Stays bool
	// Listed says that the row is about the address that sent: nobody can free
	// one of Microsoft's shared ones but Microsoft.
	Listed bool
	// Wraps says that a reply which is quoted within it is the cause.
	Wraps bool
	// Waits says that the first step of Fix is to wait for the sending server's next try.
	Waits bool
	// Confirm says what can confirm or refute the cause from outside.
	Confirm Confirmation
	// Stage is the command at which the row's reply is given, if only there.
	Stage Stage

	Meaning  string   // one sentence
	Causes   []string // the likeliest first
	Owner    string   // who must act
	Fix      []string // steps, in order
	Commands []string // PowerShell for the steps, one a line
	Portal   string   // where the same switch is in the admin centres
	Next     []string // what to look at next

	// Elsewhere is what differs if nothing shows that Microsoft speaks.
	Elsewhere *Elsewhere
	// On is what differs on each [Path]; nil if nothing does.
	On *Readings

	Source string // article or RFC section
	Date   string // when the source was read: YYYY-MM-DD

	common string // ID of the row that says what this one leaves open; see completed
}

// Elsewhere is what a row says instead in other circumstances, such as of servers that
// are not Microsoft's: the switches of Microsoft 365 are no help there.
type Elsewhere struct {
	Owner   string
	Meaning string // "": that of the row
	Causes  []string
	Fix     []string
	Confirm Confirmation // 0: that of the row

	Commands []string
	Portal   string
}

// Readings are what a row says instead on each path; nil where it says the same. Split
// says that both are as likely where nothing shows the path.
type Readings struct {
	Submitted, Delivered *Elsewhere
	Split                bool
}

// cause returns what the row is about, whoever says it: "rate" of "qq.rate".
func (r *Row) cause() string {
	_, cause, _ := strings.Cut(r.ID, ".")
	return cause
}

// GivenUp reports whether the row says that the sending server has stopped trying.
func (r *Row) GivenUp() bool { return r.cause() == "expired" || r.ID == "rfc.x.4.7" }

// related reports whether two rows are about the same: "dmarc" and "dmarc-reject".
func (r *Row) related(s *Row) bool {
	a, _, _ := strings.Cut(r.cause(), "-")
	b, _, _ := strings.Cut(s.cause(), "-")
	return a == b
}

// matters lists the beginnings of causes that a reply may name together: who is
// listed has a reputation, and is taken for a source of spam.
func matters() [][]string {
	return [][]string{
		{"dnsbl", "ip", "reputation", "spam", "banned", "blocked", "customer", "domain", "policy"},
		{"user", "recipient", "edge", "mailbox-unavailable", "mailbox-disabled"},
		{"auth", "login", "smtpauth", "client", "app"},
		{"dmarc", "spf", "dkim", "unauthenticated", "alignment", "auth"},
		{"rate", "too", "sending", "deferred"},
		{"timeout", "connection", "expired"},
	}
}

// akin reports whether two rows are about the same matter.
func (r *Row) akin(s *Row) bool {
	of := func(matter []string, r *Row) bool {
		return slices.ContainsFunc(matter, func(start string) bool { return strings.HasPrefix(r.cause(), start) })
	}
	return r.related(s) || slices.ContainsFunc(matters(), func(m []string) bool { return of(m, r) && of(m, s) })
}

// catalogue is the whole table, the specific before the general, made when it is
// first needed. Nobody writes to it.
var catalogue = sync.OnceValue(func() []Row {
	common := common()
	rows := slices.Concat(submission, general571, exchange4, exchange5, exchange57,
		outlook, gmail, yahoo, apple, mimecast, proofpoint, store(), entra(), graph(), services(),
		said(mailboxes, appleSays, gmailSays, mimecastSays, proofpointSays, yahooSays), ownMailboxes, said(filters), common, registered, basic, classes)
	for i := range rows {
		if rows[i].common != "" {
			rows[i] = rows[i].completed(common)
		}
	}
	return rows
})

// All returns the rows of the catalog, the specific before the general. What
// the rows point to is shared: do not change it.
func All() []Row { return slices.Clone(catalogue()) }

// ByID returns the row of that ID, or of the one that took its place.
func ByID(id string) (Row, bool) {
	if i := slices.IndexFunc(renamed, func(ids [2]string) bool { return ids[0] == id }); i >= 0 {
		id = renamed[i][1]
	}
	rows := catalogue()
	i := slices.IndexFunc(rows, func(r Row) bool { return r.ID == id })
	if i < 0 {
		return Row{}, false
	}
	return rows[i], true
}

// renamed holds IDs that reports and tickets may still name, with the row that has
// their wordings now.
var renamed = [][2]string{
	{"barracuda.blocked", "barracuda.spam"},
	{"exo.mailbox-full-store", "exo.mailbox-full"},
	{"exo.recipient-org-refuses", "exo.onprem-outdated"},
	{"exo.send-as-denied-exception", "exo.send-as-denied-store"},
	{"exo.too-large", "common.too-large"},
	{"netease.sender-domain", "netease.helo"},
	{"netease.sender-mismatch", "netease.sender-syntax"},
	{"netease.spoof-domain", "netease.spoof"},
}

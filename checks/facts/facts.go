// Package facts lists the facts that age: what others publish and may change,
// with its source and the day on which it was last read.
package facts

import "time"

// Fact is one thing that the checks rely on and that may change.
type Fact struct {
	ID      string `json:"id"`
	Fact    string `json:"fact"`
	Source  string `json:"source"`
	Read    string `json:"read"`              // the day on which the source was last read
	UsedIn  string `json:"used_in"`           // file of the repository
	Unsure  bool   `json:"unsure,omitempty"`  // not confirmed by who decides it
	Changes string `json:"changes,omitempty"` // day on which it is announced to change
}

const (
	factsDay  = "2026-11-23"
	secondDay = "2026-11-26"
)

var table = []Fact{
	{ID: "clouds", Fact: "names of MX, SPF, DKIM, autodiscover and submission in each Microsoft cloud",
		Source: "https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records", Read: factsDay, UsedIn: "checks/kit/cloud.go"},
	{ID: "clouds.unconfirmed", Fact: "submission hosts of DoD and 21Vianet, and some DKIM targets and scopes of government clouds",
		Source: "third-party documentation", Read: factsDay, UsedIn: "checks/kit/cloud.go", Unsure: true},
	{ID: "mx.dnssec", Fact: "MX targets below mx.microsoft for DNSSEC and for new domains",
		Source: "https://mc.merill.net/message/MC1048624", Read: factsDay, UsedIn: "checks/kit/cloud.go"},
	{ID: "mx.retired", Fact: "MX targets that Microsoft has retired",
		Source: "Microsoft Learn, \"Configure in-region routing\" (2025-09-26)", Read: factsDay, UsedIn: "checks/kit/mxhosts.go"},
	{ID: "mx.filters", Fact: "MX targets of mail filters and mailbox providers",
		Source: "documentation of each provider", Read: factsDay, UsedIn: "checks/kit/mxhosts.go"},
	{ID: "dkim.selectors", Fact: "fixed DKIM selectors of sending services",
		Source: "documentation of each provider", Read: factsDay, UsedIn: "dnsrec/dkim/selectors.go"},
	{ID: "spf.senders", Fact: "who is behind well-known SPF includes",
		Source: "documentation of each provider", Read: factsDay, UsedIn: "dnsrec/spf/senders.go"},
	{ID: "addresses", Fact: "address ranges that are not public",
		Source: "https://www.iana.org/assignments/iana-ipv4-special-registry", Read: factsDay, UsedIn: "dnsrec/public.go"},
	{ID: "bimi.support", Fact: "mailbox providers that show BIMI logos",
		Source: "documentation of each provider", Read: factsDay, UsedIn: "checks/records/bimi.go"},
	{ID: "smtp.basic", Fact: "passwords over SMTP AUTH: off by default in existing organizations from the end of December 2026",
		Source: "https://techcommunity.microsoft.com/blog/exchange/updated-exchange-online-smtp-auth-basic-authentication-deprecation-timeline/4489835",
		Read:   factsDay, UsedIn: "checks/submission/switches.go", Changes: "2026-12-31"},
	{ID: "smtp.hosts", Fact: "submission hosts beside those of the clouds (high volume, old devices, consumers), and their rules",
		Source: "https://learn.microsoft.com/exchange/mail-flow-best-practices/high-volume-mails-m365", Read: secondDay, UsedIn: "checks/submission/hosts.go"},
	{ID: "smtp.ways", Fact: "ways to send for devices and programs, with their limits",
		Source: "https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365",
		Read:   secondDay, UsedIn: "checks/submission/advise.go"},
	{ID: "smtp.ways.shown", Fact: "the date that the advice shows",
		Source: "checks/submission/advise.go", Read: secondDay, UsedIn: "cmd/maildiag/smtp_advise.go"},
	{ID: "smtp.consumer", Fact: "consumer accounts (outlook.com) take no passwords over SMTP since 2024-09-16",
		Source: "third-party documentation", Read: factsDay, UsedIn: "checks/refusal/replies/rows_microsoft_submission.go"},
	{ID: "replies", Fact: "what replies of Microsoft, Google and other servers mean",
		Source: "https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online",
		Read:   factsDay, UsedIn: "checks/refusal/replies/sources.go"},
	{ID: "headers.compauth", Fact: "reasons in compauth of Authentication-Results",
		Source: "Microsoft Learn, \"Anti-spam message headers in cloud organizations\"", Read: secondDay, UsedIn: "checks/refusal/message/compauth.go"},
}

// All returns the facts.
func All() []Fact { return append([]Fact(nil), table...) }

// Latest returns the day on which a fact was last read.
func Latest() (day string) {
	for _, f := range table {
		day = max(day, f.Read)
	}
	return day
}

// Lifetime is how long facts are relied on without a word.
const Lifetime = 365 * 24 * time.Hour

// Age returns how long ago the source was read; zero for a day in the future.
func (f Fact) Age(now time.Time) time.Duration {
	read, err := time.Parse(time.DateOnly, f.Read)
	if err != nil || now.Before(read) {
		return 0
	}
	return now.Sub(read)
}

// Aged reports whether a fact should be read again: its source was read more than
// [Lifetime] ago, or the day of an announced change has passed since.
func (f Fact) Aged(now time.Time) bool {
	change, err := time.Parse(time.DateOnly, f.Changes)
	return f.Age(now) > Lifetime || err == nil && now.After(change.AddDate(0, 0, 1))
}

package checks

import "context"

// Profile is what kind of domain this is, as far as its DNS tells. Several
// checks judge by it. Whatever could not be asked counts as not there.
type Profile struct {
	// Microsoft tells that the Microsoft 365 checks apply: something points
	// there, or the user said so with --expect m365.
	Microsoft bool
	Signs     []string // what points at Microsoft: "MX", "SPF", "DKIM", "autodiscover"
	Cloud     *Cloud   // nil: not on Microsoft 365, or not known
	Receives  bool     // has an MX that is not null
	Parked    bool     // sends and receives nothing by its own word: null MX or none, and "v=spf1 -all"
	Initial   bool     // *.onmicrosoft.com and its kin: Microsoft owns the zone
	Routing   bool     // *.mail.onmicrosoft.com: a hybrid routing domain, other rules again
}

// Profile tells what kind of domain this is. It is worked out once.
func (e *Env) Profile(ctx context.Context) Profile {
	return once(e, "profile", func() Profile { return Profile{} })
}

func (e *Env) queries() int { return 0 }

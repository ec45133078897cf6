package migrate

import (
	"encoding/json"
	"io"
	"slices"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// Schema names the JSON form of maildiag migrate;
// report/schema/migrate-v1.schema.json describes it.
const Schema = "maildiag.migrate/v1"

// Document is the report of a move for programs.
type Document struct {
	Schema      string          `json:"schema"`
	Domain      string          `json:"domain"`
	AsOf        string          `json:"as_of"`
	Stage       Stage           `json:"stage"`
	Forced      bool            `json:"forced"`
	Parked      bool            `json:"parked"`            // by its own records, it receives and sends no mail
	Parking     string          `json:"parking,omitempty"` // the domain-parking service that probably has it
	Hybrid      bool            `json:"hybrid"`            // own mail servers stay beside Microsoft 365
	Stays       []string        `json:"stays"`             // the servers that receive mail today and go on doing so
	Go          *bool           `json:"go"`
	ExitCode    int             `json:"exit_code"`
	Reasons     []Reason        `json:"reasons"`
	From        Origin          `json:"from"`
	To          targetJSON      `json:"to"`
	Inventory   inventoryJSON   `json:"inventory"`
	Tenant      *Tenant         `json:"tenant"`      // null: not asked
	NameServers any             `json:"nameservers"` // null: not asked
	Plan        report.Plan     `json:"plan"`
	Phases      map[Phase][]int `json:"phases"` // the numbers of the steps
	Expected    []Expected      `json:"expected"`
	Done        []string        `json:"done"`
	Watch       []string        `json:"watch"`
	Remnants    []Remnant       `json:"remnants"` // records that may name the mail system before the move
	Outlook     []Outlook       `json:"outlook"`
	Timing      timingJSON      `json:"timing"`
}

type targetJSON struct {
	Cloud string `json:"cloud"`
	MX    string `json:"mx"` // empty: not known
	Sure  bool   `json:"mx_exists"`
	How   string `json:"mx_source,omitempty"`
}

type inventoryJSON struct {
	Receives  []string `json:"receives"`
	Sends     []string `json:"sends"`
	Terms     []string `json:"spf_terms"`
	Signs     []string `json:"signs"`
	DMARC     []string `json:"dmarc"`
	Clients   []string `json:"clients"`
	DNSHost   string   `json:"dns_host"`
	Ownership bool     `json:"ownership"`

	Subdomains []subdomainJSON `json:"subdomains,omitempty"`
}

type subdomainJSON struct {
	Name     string   `json:"name"`
	Receives []string `json:"receives"`
	Sends    bool     `json:"sends"`
	Error    string   `json:"error,omitempty"`
}

type timingJSON struct {
	Earliest  *time.Time `json:"earliest_cutover"` // null: not known
	OldServer int        `json:"old_server_seconds"`
	KeepUntil *time.Time `json:"keep_until"` // null: not known
	Negative  int        `json:"negative_ttl"`
	TTLs      []ttlJSON  `json:"ttls"`
}

type ttlJSON struct {
	Name string      `json:"name"`
	Type dnsrec.Type `json:"type"`
	Zone int         `json:"zone"` // seconds; 0: not known
	Left int         `json:"left"` // in the cache of the resolver
}

// WriteJSON writes a document.
func (d Document) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(report.EscapedJSON(w))
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(d)
}

// Document makes the document of a move; nameServers is what they said, nil if they
// were not asked.
func (r *Report) Document(nameServers any) Document {
	doc := Document{Schema: Schema, Domain: r.Domain, AsOf: r.Now.UTC().Format(time.RFC3339), Stage: r.Stage, Forced: r.Forced, Go: r.Go,
		Parked: r.Parked, Parking: r.Parking, Hybrid: r.Hybrid, Stays: nonNil(r.Staying()),
		ExitCode: r.ExitCode(), Reasons: nonNil(r.Reasons), From: r.From,
		To:        targetJSON{r.Cloud.ID, r.MX.Host, r.MX.Exists(), r.MX.Source},
		Inventory: inventoryDoc(r), Tenant: r.Tenant, NameServers: nameServers, Plan: r.Plan, Phases: map[Phase][]int{}, Expected: nonNil(r.Expected), Done: nonNil(r.Done), Watch: nonNil(r.Watch), Remnants: nonNil(r.Remnants),
		Outlook: nonNil(r.Outlooks), Timing: timingDoc(r.Timing)}
	for _, p := range Phases() {
		doc.Phases[p] = nonNil(r.Steps(p))
	}
	doc.Outlook = slices.Clone(doc.Outlook)
	for i := range doc.Outlook {
		doc.Outlook[i].Steps, doc.Outlook[i].Remaining = nonNil(doc.Outlook[i].Steps), nonNil(doc.Outlook[i].Remaining)
	}
	return doc
}

func inventoryDoc(r *Report) inventoryJSON {
	inv := &r.Inventory
	services, terms := inv.Senders()
	doc := inventoryJSON{Receives: []string{}, Sends: nonNil(services), Terms: nonNil(terms), Signs: []string{}, DMARC: nonNil(inv.DMARC.Values),
		Clients: []string{}, DNSHost: DNSHost(inv.NS.Values), Ownership: inv.Verified()}
	for _, m := range inv.Targets {
		doc.Receives = append(doc.Receives, m.String())
	}
	for _, s := range inv.Selectors {
		doc.Signs = append(doc.Signs, s.Name)
	}
	for _, c := range inv.Clients {
		doc.Clients = append(doc.Clients, c.Name)
	}
	for _, s := range inv.Subdomains {
		one := subdomainJSON{Name: s.Name, Receives: []string{}, Sends: s.Sends}
		for _, m := range s.Targets {
			one.Receives = append(one.Receives, m.String())
		}
		if s.Err != nil {
			one.Error = kit.Reason(s.Err)
		}
		doc.Subdomains = append(doc.Subdomains, one)
	}
	return doc
}

func timingDoc(t Timing) timingJSON {
	doc := timingJSON{OldServer: int(t.OldServer.Seconds()), Negative: int(t.Negative.Seconds()), TTLs: []ttlJSON{}}
	if !t.Unknown {
		earliest, until := t.Earliest.UTC(), t.KeepUntil.UTC()
		doc.Earliest, doc.KeepUntil = &earliest, &until
	}
	for _, s := range t.Sets {
		doc.TTLs = append(doc.TTLs, ttlJSON{s.Name, s.Type, int(s.Zone.Seconds()), int(s.Left.Seconds())})
	}
	return doc
}

// nonNil returns a list that is written as [] when it is empty.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Package job is what travels between those who submit lists and those who check
// them: what is asked, the domains of an item, and their reports.
package job

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/report"
)

// Version is that of [Options] and of the form of results. It grows when a member is
// added or changes its meaning: a worker does not do what it does not know, and none
// stores what the server cannot read.
const Version = 3

// The sizes of pieces. All workers must agree on PartSize.
const (
	ItemSize  = 500 // domains of an item, at most
	WatchSize = 100 // of an item of watching
	PartSize  = 25  // domains whose reports are stored together
	MaxPart   = 960 << 10
)

// Options is what is asked of all domains of a run, in the words of the flags of
// maildiag bulk.
type Options struct {
	Expect         string   `json:"expect"`
	Cloud          string   `json:"cloud"`
	Selectors      []string `json:"selectors,omitempty"`
	Gateways       []string `json:"gateways,omitempty"`
	CertDays       string   `json:"cert_days,omitempty"`
	Only           []string `json:"only,omitempty"`
	Skip           []string `json:"skip,omitempty"`
	WithSubmission bool     `json:"with_submission,omitempty"`
	DialMX         bool     `json:"dial_mx,omitempty"`
	NoPlan         bool     `json:"no_plan,omitempty"`
	AsOf           string   `json:"as_of,omitempty"`
	FailOn         string   `json:"fail_on"`
	Timeout        int      `json:"timeout_seconds"` // for each domain
}

// MaxTimeout bounds the time for a domain.
const MaxTimeout = 10 * time.Minute

// OptionError is an option that cannot be.
type OptionError struct {
	Flag string // of the command line: --expect
	Err  error
}

func (e *OptionError) Error() string { return e.Flag + ": " + e.Err.Error() }
func (e *OptionError) Unwrap() error { return e.Err }

// Validate reports the first option that cannot be, as an [OptionError].
func (o *Options) Validate() error {
	switch kit.Expectation(o.Expect) {
	case kit.ExpectAuto, kit.ExpectM365, kit.ExpectAny:
	default:
		return &OptionError{"--expect", errors.New("must be auto, m365 or any")}
	}
	if o.Cloud != "auto" && kit.CloudByID(o.Cloud) == nil {
		return &OptionError{"--cloud", errors.New("must be auto, worldwide, gcc, gcc-high, dod or china")}
	}
	if o.FailOn != "fail" && o.FailOn != "warn" {
		return &OptionError{"--fail-on", errors.New("must be warn or fail")}
	}
	if o.Timeout < 1 || o.Timeout > int(MaxTimeout/time.Second) {
		return &OptionError{"--timeout", fmt.Errorf("must be from 1s to %v", MaxTimeout)}
	}
	if _, err := o.certDays(); err != nil {
		return &OptionError{"--cert-days", err}
	}
	if _, err := o.now(time.Time{}); err != nil {
		return &OptionError{"--as-of", errors.New("is not a date such as 2026-12-31")}
	}
	for _, s := range o.Selectors {
		if err := kit.CheckSelector(s); err != nil {
			return &OptionError{"--selector", fmt.Errorf("%s %w", report.CleanTo(s, 40), err)}
		}
	}
	for _, g := range o.Gateways {
		if err := kit.CheckMXHost(g); err != nil {
			return &OptionError{"--gateway", fmt.Errorf("%s %w", report.CleanTo(g, 40), err)}
		}
	}
	return o.validateChecks()
}

func (o *Options) validateChecks() error {
	known := kit.IDs(checks.All())
	for flag, ids := range map[string][]string{"--only": o.Only, "--skip": o.Skip} {
		for _, id := range ids {
			if !slices.Contains(known, id) {
				return &OptionError{flag, fmt.Errorf("there is no check %q", report.CleanTo(id, 40))}
			}
		}
	}
	if len(o.Rows()) == 0 {
		return &OptionError{"--skip", errors.New("leaves no check to run")}
	}
	return nil
}

// ErrUnknown is returned for options that this program does not know.
var ErrUnknown = errors.New("the options are those of another version of maildiagd")

// Parse reads options that are known and can be.
func Parse(data []byte) (o Options, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil || d.More() {
		return o, ErrUnknown
	}
	return o, o.Validate()
}

// Hash names the options: the same for all programs that know the same of them.
func (o *Options) Hash() string {
	data, _ := json.Marshal(o) // strings, numbers and booleans
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Rows returns the checks to run.
func (o *Options) Rows() []kit.Check {
	rows := checks.BulkRows(o.Only, o.Skip, o.WithSubmission)
	if o.DialMX && len(rows) > 0 {
		rows = checks.WithMailServers(rows)
	}
	return rows
}

func (o *Options) certDays() (d kit.CertDays, err error) {
	if o.CertDays != "" {
		d, err = kit.ParseCertDays(o.CertDays)
	}
	return d, err
}

// now returns the day of AsOf.
func (o *Options) now(now time.Time) (time.Time, error) {
	if o.AsOf == "" {
		return now, nil
	}
	if t, err := time.Parse(time.DateOnly, o.AsOf); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, o.AsOf)
}

// Start opens the reports as those of maildiag bulk.
func (o *Options) Start(rows []kit.Check, version string, now time.Time) *report.Start {
	asked := &kit.Asked{Cloud: o.Cloud, Selectors: o.Selectors, Gateways: o.Gateways, CertDays: o.CertDays}
	s := &report.Start{Schema: report.StreamSchema, Version: version, Started: now, AsOf: o.AsOf, Options: checks.BulkOptions(asked, rows),
		FailOn: report.Fail, Checks: checks.Infos(rows)}
	if o.FailOn == "warn" {
		s.FailOn = report.Warn
	}
	return s
}

// Env returns the environment of a domain, but for those whom to ask.
func (o *Options) Env(domain, unicode string, now time.Time) *kit.Env {
	days, _ := o.certDays() // it is valid
	now, _ = o.now(now)     // this too
	return &kit.Env{Domain: domain, Unicode: unicode, Expect: kit.Expectation(o.Expect), Cloud: o.Cloud, Selectors: o.Selectors,
		Gateways: o.Gateways, CertDays: days, NoPlan: o.NoPlan, Now: now, List: true}
}

// Item is a piece of a run.
type Item struct {
	Run     string   `json:"run"`
	Number  int      `json:"item"`
	Options string   `json:"options"` // their [Options.Hash]
	Domains []string `json:"domains"` // A-labels

	Asked json.RawMessage `json:"asked,omitempty"` // the options themselves, of an item without a run
}

// Parts returns how many parts the results of so many domains of an item have.
func Parts(domains int) int { return (domains + PartSize - 1) / PartSize }

// Part returns the domains of a part.
func (i *Item) Part(n int) []string {
	return i.Domains[n*PartSize : min((n+1)*PartSize, len(i.Domains))]
}

// Packer compresses reports. It is safe for any number of goroutines.
type Packer struct{ writer *zstd.Encoder }

// NewPacker returns a packer. The reports of a part are much alike, so that the
// fastest level finds nearly all that there is to find.
func NewPacker() *Packer {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(maxWindow))
	if err != nil {
		panic(err) // of options that are constant
	}
	return &Packer{w}
}

// Pack compresses reports, each of which is a line.
func (p *Packer) Pack(lines [][]byte) []byte { return p.writer.EncodeAll(bytes.Join(lines, nil), nil) }

const (
	maxWindow   = 1 << 20   // bytes that are compared: the reports of a usual part
	maxUnpacked = 256 << 20 // bytes of the reports of a part
)

// Unpacker reads parts of results, one at a time.
type Unpacker struct{ reader *zstd.Decoder }

// NewUnpacker returns an unpacker, which must be closed.
func NewUnpacker() *Unpacker {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		panic(err) // of options that are constant
	}
	return &Unpacker{r}
}

// Close frees the memory.
func (u *Unpacker) Close() { u.reader.Close() }

// Unpack writes the reports of a part to w.
func (u *Unpacker) Unpack(w io.Writer, data []byte) error {
	if err := u.reader.Reset(bytes.NewReader(data)); err != nil {
		return err
	}
	_, err := io.Copy(w, io.LimitReader(u.reader, maxUnpacked))
	return err
}

package report

import (
	"bufio"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// newPrometheus writes the text exposition format (version 0.0.4), for the
// textfile collector of node_exporter, at the end of the run: all series of one
// metric must stand together. Labels hold names of ours and the domain, nothing
// else. A test compares the text with that of the official encoder, which is not
// linked: it brings protobuf with it.
func newPrometheus(w io.Writer, o Options) Sink {
	p := &prometheus{w: w, spool: spool{dir: o.Dir}, families: map[string]*family{}}
	return &collector{open: p.open, each: p.domain, close: p.stop, brief: true}
}

type prometheus struct {
	w        io.Writer
	spool    spool
	families map[string]*family
}

// family is a metric as it is written: what it is, and its samples, a line each.
type family struct {
	head    string
	samples *section
}

// maxFamilies bounds what a stream from elsewhere can make up; the checks have
// less than two hundred.
const maxFamilies = 2000

// label is one name and value.
type label struct{ name, value string }

// add adds a gauge's sample.
func (p *prometheus) add(name, help string, value float64, labels ...label) {
	f := p.families[name]
	if f == nil {
		if len(p.families) == maxFamilies {
			return
		}
		name = strings.Clone(name) // it may be a part of the line of a stream
		f = &family{"# HELP " + name + " " + escapeHelp.Replace(help) + "\n# TYPE " + name + " gauge\n", p.spool.section()}
		p.families[name] = f
	}
	f.samples.WriteString(name)
	for i, l := range labels {
		f.samples.WriteString("{,"[min(i, 1):][:1])
		f.samples.WriteString(l.name)
		f.samples.WriteString(`="`)
		f.samples.WriteString(escapeLabel.Replace(l.value))
		f.samples.WriteString(`"`)
	}
	if len(labels) > 0 {
		f.samples.WriteString("}")
	}
	var room [32]byte
	f.samples.WriteString(" ")
	f.samples.WriteString(string(strconv.AppendFloat(room[:0], value, 'g', -1, 64)))
	f.samples.WriteString("\n")
}

// The escapes of the text format, in HELP and in the values of labels.
var (
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func (p *prometheus) open(s *Start) error {
	p.add("maildiag_info", "Version of maildiag.", 1, label{"version", CleanTo(s.Version, 60)})
	return nil
}

func (p *prometheus) domain(r *Report) error {
	d := label{"domain", CleanTo(r.Begin.Domain, maxDomain)}
	v := r.Verdict().degree()
	p.add("maildiag_ready", "1 if the verdict is READY, WORKS, either with warnings, or NO MAIL.", truth(v == Ready || v == ReadyWarned), d)
	p.add("maildiag_could_not_tell", "1 if nothing failed, but something required could not be tested.", truth(v == CouldNotTell), d)
	p.add("maildiag_unfinished", "1 if the run was stopped before all was looked at.", truth(r.End.Cut), d)
	p.add("maildiag_exit_code", "Exit code for this domain.", float64(r.ExitCode(r.Start.FailOn)), d)
	p.add("maildiag_duration_seconds", "How long it took.", r.End.Elapsed.Seconds(), d)
	p.add("maildiag_dns_queries", "DNS questions sent.", float64(r.End.Queries), d)
	p.add("maildiag_last_run_timestamp_seconds", "When it was looked at.", float64(r.Begin.Started.Unix()), d)
	c := r.Counts()
	for _, s := range []Status{Fail, Info, Pass, Skip, Unknown, Warn} {
		p.add("maildiag_findings", "Findings by status.", float64(c.Of(s)), d, label{"status", s.String()})
	}
	p.checks(r, d)
	for _, m := range measures(r) {
		name := "maildiag_" + m.check + "_" + m.key
		if !fixedFamilies[name] {
			p.add(name, m.help(), m.value, d)
		}
	}
	return p.spool.settle()
}

// fixedFamilies are names that a check's numbers must not take.
var fixedFamilies = map[string]bool{
	"maildiag_check_success": true, "maildiag_check_fail": true, "maildiag_check_unknown": true, "maildiag_check_warn": true,
	"maildiag_check_skip":       true,
	"maildiag_duration_seconds": true, "maildiag_dns_queries": true, "maildiag_last_run_timestamp_seconds": true,
	"maildiag_exit_code": true, "maildiag_could_not_tell": true,
}

// checks adds the series of each check: success, and why not.
func (p *prometheus) checks(r *Report, d label) {
	for _, row := range rowsOf(r) {
		id, ok := plainName(row.check)
		if !ok {
			continue
		}
		c := label{"check", id}
		p.add("maildiag_check_success", "1 if the check found no failure and could be done, or does not apply.",
			truth(row.status != Fail && !row.undone()), d, c)
		p.add("maildiag_check_fail", "1 if the check found a failure.", truth(row.status == Fail), d, c)
		p.add("maildiag_check_unknown", "1 if the check could not be done.", truth(row.undone()), d, c)
		p.add("maildiag_check_skip", "1 if the check does not apply, or needs one that failed.", truth(row.status == Skip), d, c)
		p.add("maildiag_check_warn", "1 if the check found a warning and nothing worse.", truth(row.status == Warn), d, c)
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// stop writes all metrics, sorted by name.
func (p *prometheus) stop(*Stop) error {
	defer p.spool.close()
	w := bufio.NewWriterSize(p.w, 64<<10)
	for _, name := range slices.Sorted(maps.Keys(p.families)) {
		f := p.families[name]
		w.WriteString(f.head)
		if _, err := w.ReadFrom(f.samples.reader()); err != nil {
			return err
		}
	}
	return w.Flush()
}

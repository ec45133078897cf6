package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"maildiag/report"
)

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 64 << 10

// configurable returns the flags that a configuration file may set. None of
// them is a secret, names a file to write, or leaves a check out.
func configurable() []string {
	return []string{"resolver", "ipv4", "ipv6", "timeout", "qps", "concurrency", "ca-file",
		"expect", "cloud", "selector", "gateway", "cert-days", "no-plan",
		"format", "color", "quiet", "verbose",
		"fail-on", "warn", "crit", "accept"}
}

// config is a configuration file. The zero value is that of a machine without one.
type config struct {
	path   string
	values map[string]setting
}

// setting is what a configuration file says of a flag.
type setting struct {
	values []string
	line   int
}

// configPath returns the file of --config or MAILDIAG_CONFIG, or else the first
// one that exists in the user's and the system's configuration folders.
func configPath(given string) string {
	if given != "" {
		return given
	}
	for _, name := range configPlaces() {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() || errors.Is(err, fs.ErrPermission) {
			return name // one that cannot be read is no reason to go on without
		}
	}
	return ""
}

// configPlaces returns where the configuration file may be, the first one first.
func configPlaces() (names []string) {
	var dirs []string
	if dir, err := os.UserConfigDir(); err == nil {
		dirs = append(dirs, dir)
	}
	shared := "/etc"
	if runtime.GOOS == "windows" {
		shared = cmp.Or(os.Getenv("ProgramData"), `C:\ProgramData`)
	}
	for _, dir := range append(dirs, shared) {
		names = append(names, filepath.Join(dir, "maildiag", "maildiag.yaml"))
	}
	return names
}

// readConfig reads a configuration file.
func readConfig(path string) (*config, error) {
	cfg := &config{path: path, values: map[string]setting{}}
	if path == "" {
		return cfg, nil
	}
	text, err := readSmall(path, maxConfig)
	if err != nil {
		return nil, usage("name a file that can be read, or leave out --config", "cannot read the configuration: %w", err)
	}
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, usage("write it as: resolver: 192.0.2.53", "the configuration %s is not YAML: %s", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if !errors.Is(dec.Decode(new(yaml.Node)), io.EOF) {
		return nil, usage("keep the settings above the line ---", "the configuration %s is more than one document", path)
	}
	return cfg, cfg.read(&doc)
}

// readSmall reads a file that must not be larger than most bytes.
func readSmall(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s is larger than %d KiB", path, most>>10)
	}
	return text, err
}

// read takes over a document: a mapping of flags to a value or a list of values.
func (cfg *config) read(doc *yaml.Node) error {
	if len(doc.Content) == 0 {
		return nil // empty, or comments only
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return cfg.wrong(top, "write it as: resolver: 192.0.2.53", "settings are expected, each with its name")
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		switch _, twice := cfg.values[key.Value]; {
		case !slices.Contains(configurable(), key.Value):
			hint := cmp.Or(didYouMean(key.Value, configurable()), "a configuration can set: "+strings.Join(configurable(), ", "))
			return cfg.wrong(key, hint, "%q is not a setting", report.CleanTo(key.Value, maxTyped))
		case twice:
			return cfg.wrong(key, "keep one of them", "%s is set twice", key.Value)
		}
		s := setting{line: key.Line}
		for _, v := range items(value) {
			if v.Kind != yaml.ScalarNode || v.Tag == "!!null" {
				return cfg.wrong(v, "write "+key.Value+": VALUE, or "+key.Value+": [VALUE, VALUE]", "%s has no plain value", key.Value)
			}
			s.values = append(s.values, v.Value)
		}
		cfg.values[key.Value] = s
	}
	return nil
}

// items returns the values of a setting.
func items(value *yaml.Node) []*yaml.Node {
	if value.Kind == yaml.SequenceNode {
		return value.Content
	}
	return []*yaml.Node{value}
}

// wrong makes the error of a place in the file.
func (cfg *config) wrong(at *yaml.Node, hint, format string, args ...any) error {
	return usage(hint, "%s line %d: %s", cfg.path, at.Line, fmt.Sprintf(format, args...))
}

// fill sets each flag that neither the command line nor the environment gave.
func (cfg *config) fill(c *cobra.Command) (err error) {
	for _, pair := range opposed() {
		a, b := cfg.values[pair[0]], cfg.values[pair[1]]
		if cfg.on(pair[0]) && cfg.on(pair[1]) {
			return usage("leave out one of them", "%s line %d: %s contradicts %s in line %d", cfg.path, b.line, pair[1], pair[0], a.line)
		}
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if s, ok := cfg.values[f.Name]; ok && !f.Changed && err == nil && !overruled(c.Flags(), f.Name) {
			err = cfg.set(c, f, s)
		}
	})
	return err
}

// on reports whether the file turns on a flag that is on or off.
func (cfg *config) on(name string) bool {
	v := cfg.values[name].values
	return len(v) > 0 && slices.Contains([]string{"true", "yes", "on"}, strings.ToLower(v[0]))
}

func (cfg *config) set(c *cobra.Command, f *pflag.Flag, s setting) error {
	at := fmt.Sprintf("%s line %d: %s", cfg.path, s.line, f.Name)
	if _, many := f.Value.(pflag.SliceValue); len(s.values) > 1 && !many {
		return usage("keep one of them", "%s takes one value", at)
	}
	var known []string
	if values := closedValues(c.Name())[f.Name]; values != nil {
		known = valueNames(values())
	}
	for _, v := range s.values {
		if len(known) > 0 && !slices.Contains(known, v) {
			if f.Name == "format" && slices.Contains(formatsOfAll(), v) {
				return nil // this command has no such format
			}
			return usage(cmp.Or(didYouMean(v, known), "use one of: "+strings.Join(known, ", ")), "%s: there is no %q", at, report.CleanTo(v, maxTyped))
		}
		v = cfg.meant(f, v)
		if e := c.Flags().Set(f.Name, v); e != nil {
			what, example := wrongValue(f)
			if f.Value.Type() == "bool" {
				example = " true, or " + f.Name + ": false"
			}
			return usage("write "+f.Name+":"+example, "%s: %q is %s", at, report.CleanTo(v, maxTyped), what)
		}
	}
	comesFrom(f, fmt.Sprintf("%s line %d", cfg.path, s.line), f.Name+": ")
	return nil
}

// meant returns the value of a flag for one of the file: a file name is relative
// to the configuration, and YAML 1.1 has more words for true and false.
func (cfg *config) meant(f *pflag.Flag, v string) string {
	if namesFile(f) && v != "" && !filepath.IsAbs(v) {
		return filepath.Join(filepath.Dir(cfg.path), v)
	}
	if f.Value.Type() != "bool" {
		return v
	}
	switch strings.ToLower(v) {
	case "yes", "on":
		return "true"
	case "no", "off":
		return "false"
	}
	return v
}

// namesFile reports whether a setting is the name of a file.
func namesFile(f *pflag.Flag) bool { return f.Name == "accept" || f.Name == "ca-file" }

// origin is the annotation of a flag that the command line did not give: where its
// value comes from, and how it is written there.
const origin = "origin"

func comesFrom(f *pflag.Flag, place, how string) {
	f.Annotations = map[string][]string{origin: {place, how}}
}

// typed reports whether a flag was given on the command line.
func typed(fs *pflag.FlagSet, name string) bool {
	f := fs.Lookup(name)
	return f != nil && f.Changed && f.Annotations[origin] == nil
}

// placed names the line of the file, or the variable, that an error about the value
// of a flag is about.
func placed(c *cobra.Command, err error) error {
	var he *hintError
	if c == nil || !errors.As(err, &he) || he.code != exitUsage {
		return err
	}
	found := false
	c.Flags().Visit(func(f *pflag.Flag) {
		from, text := f.Annotations[origin], he.err.Error()
		about := mentions(text, f) || mentions(he.hint, f) || namesFile(f) && strings.Contains(text, f.Value.String())
		if len(from) > 0 && about && !found {
			found, err = true, &hintError{he.code, fmt.Errorf("%s: %w", from[0], he.err), strings.ReplaceAll(he.hint, "--"+f.Name+" ", from[1])}
		}
	})
	return err
}

// mentions reports whether a text names a flag.
func mentions(text string, f *pflag.Flag) bool {
	return slices.ContainsFunc(strings.Fields(text), func(w string) bool { return strings.TrimRight(w, ":,.;") == "--"+f.Name })
}

// formatsOfAll returns the values of --format of all commands.
func formatsOfAll() (out []string) {
	for _, command := range []string{"", "explain", "reports"} {
		out = append(out, valueNames(closedValues(command)["format"]())...)
	}
	return out
}

// configFor returns the configuration for a command, which is empty if it has
// nothing to configure.
func configFor(c *cobra.Command) (*config, error) {
	f := c.Flags().Lookup("config")
	if f == nil || !slices.ContainsFunc(configurable(), func(name string) bool { return c.Flags().Lookup(name) != nil }) {
		return new(config), nil
	}
	return readConfig(configPath(f.Value.String()))
}

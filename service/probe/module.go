// Package probe is the exporter: /probe, as that of Prometheus'
// blackbox_exporter.
package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"maildiag/checks"
	"maildiag/service/run"
)

// Module says what a probe asks.
type Module struct {
	Only   []string      `yaml:"only"`   // IDs of checks; none: all
	Expect string        `yaml:"expect"` // auto, m365, any
	TTL    time.Duration `yaml:"ttl"`    // how long a result is given to those who ask again
}

const defaultTTL = 5 * time.Minute

// Modules returns the modules that are there without a file: dns is all that
// needs no connection to Microsoft's submission server, submission is that alone.
func Modules() map[string]Module {
	var dns []string
	for _, c := range checks.All() {
		if c.ID != "submission" {
			dns = append(dns, c.ID)
		}
	}
	return map[string]Module{
		"dns": {Only: dns, TTL: defaultTTL}, "submission": {Only: []string{"submission"}, TTL: defaultTTL}, "full": {TTL: defaultTTL},
	}
}

// maxModules bounds the file.
const maxModules = 1 << 20

// LoadModules reads a file of modules, in the form of that of blackbox_exporter.
func LoadModules(name string) (map[string]Module, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxModules+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxModules {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, maxModules)
	}
	return parseModules(text)
}

func parseModules(text []byte) (map[string]Module, error) {
	var doc struct {
		Modules map[string]Module `yaml:"modules"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	if len(doc.Modules) == 0 {
		return nil, errors.New("the file has no modules")
	}
	for name, m := range doc.Modules {
		if m.TTL == 0 {
			m.TTL = defaultTTL
		}
		if m.TTL < 0 || m.TTL > 24*time.Hour {
			return nil, fmt.Errorf("module %s: ttl must be between 0 and 24h", name)
		}
		if _, err := run.ParseRequest("contoso.com", m.Expect, strings.Join(m.Only, ",")); err != nil {
			return nil, fmt.Errorf("module %s: %w", name, err)
		}
		doc.Modules[name] = m
	}
	return doc.Modules, nil
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"go.yaml.in/yaml/v3"
)

const kubernetes = "../../docs/fleet/kubernetes/"

// The fields of Kubernetes that the manifests may use, by their names there. What is
// not here is a typing error, or is to be added from the reference of the API.
type (
	labels map[string]string

	meta struct {
		Name, Namespace string
		Labels          labels
	}
	selector struct {
		MatchLabels labels `yaml:"matchLabels"`
	}
	manifest struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   meta
		Spec       spec
	}
	// spec has the fields of the kinds together; kinds says which of them a kind has.
	spec struct {
		Replicas             *int
		ServiceName          string    `yaml:"serviceName"`
		Selector             yaml.Node // a [selector], or the labels themselves
		Ports                []servicePort
		Template             template
		VolumeClaimTemplates []claim `yaml:"volumeClaimTemplates"`
		MaxUnavailable       int     `yaml:"maxUnavailable"`
		CompletionMode       string  `yaml:"completionMode"`
		Completions          int
		Parallelism          int
		BackoffLimitPerIndex int `yaml:"backoffLimitPerIndex"`
	}
	servicePort struct {
		Name       string
		Port       int
		TargetPort string `yaml:"targetPort"`
	}
	template struct {
		Metadata meta
		Spec     pod
	}
	pod struct {
		RestartPolicy                 string          `yaml:"restartPolicy"`
		AutomountServiceAccountToken  *bool           `yaml:"automountServiceAccountToken"`
		EnableServiceLinks            *bool           `yaml:"enableServiceLinks"`
		TerminationGracePeriodSeconds int             `yaml:"terminationGracePeriodSeconds"`
		SecurityContext               securityContext `yaml:"securityContext"`
		Containers                    []container
		Volumes                       []volume
	}
	securityContext struct {
		RunAsNonRoot             bool                  `yaml:"runAsNonRoot"`
		RunAsUser                int                   `yaml:"runAsUser"`
		RunAsGroup               int                   `yaml:"runAsGroup"`
		FSGroup                  int                   `yaml:"fsGroup"`
		AllowPrivilegeEscalation *bool                 `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool                  `yaml:"readOnlyRootFilesystem"`
		SeccompProfile           struct{ Type string } `yaml:"seccompProfile"`
		Capabilities             struct{ Drop []string }
	}
	container struct {
		Name, Image   string
		Command, Args []string
		Env           []envVar
		Ports         []struct {
			Name          string
			ContainerPort int `yaml:"containerPort"`
		}
		StartupProbe    *tcpProbe `yaml:"startupProbe"`
		ReadinessProbe  *tcpProbe `yaml:"readinessProbe"`
		LivenessProbe   *tcpProbe `yaml:"livenessProbe"`
		Resources       resources
		SecurityContext securityContext `yaml:"securityContext"`
		VolumeMounts    []volumeMount   `yaml:"volumeMounts"`
	}
	envVar struct {
		Name      string
		ValueFrom struct {
			FieldRef struct {
				FieldPath string `yaml:"fieldPath"`
			} `yaml:"fieldRef"`
		} `yaml:"valueFrom"`
	}
	tcpProbe struct {
		TCPSocket        struct{ Port string } `yaml:"tcpSocket"`
		PeriodSeconds    int                   `yaml:"periodSeconds"`
		FailureThreshold int                   `yaml:"failureThreshold"`
	}
	resources   struct{ Requests, Limits map[string]string }
	volumeMount struct {
		Name      string
		MountPath string `yaml:"mountPath"`
		ReadOnly  bool   `yaml:"readOnly"`
	}
	volume struct {
		Name   string
		Secret *struct {
			SecretName string `yaml:"secretName"`
		}
		ConfigMap             *struct{ Name string } `yaml:"configMap"`
		PersistentVolumeClaim *struct {
			ClaimName string `yaml:"claimName"`
		} `yaml:"persistentVolumeClaim"`
	}
	claim struct {
		Metadata meta
		Spec     struct {
			AccessModes []string `yaml:"accessModes"`
			Resources   resources
		}
	}
)

// kinds are the versions of the kinds, and the fields of their spec.
var kinds = map[string]string{
	"v1 Service": "selector ports", "policy/v1 PodDisruptionBudget": "maxUnavailable selector", "apps/v1 Deployment": "replicas selector template",
	"apps/v1 StatefulSet": "serviceName replicas selector template volumeClaimTemplates",
	"batch/v1 Job":        "completionMode completions parallelism backoffLimitPerIndex template",
}

// manifests reads a file, and refuses fields that Kubernetes does not know.
func manifests(t *testing.T, name string) (list []manifest) {
	t.Helper()
	text, err := os.ReadFile(kubernetes + name)
	if err != nil {
		t.Fatal(err)
	}
	strict, loose := yaml.NewDecoder(bytes.NewReader(text)), yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true)
	for {
		var m manifest
		var fields struct{ Spec map[string]any }
		err := errors.Join(strict.Decode(&m), loose.Decode(&fields))
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		known, ok := kinds[m.APIVersion+" "+m.Kind]
		if !ok {
			t.Errorf("%s: there is no kind %s %s", name, m.APIVersion, m.Kind)
		}
		for f := range fields.Spec {
			if !slices.Contains(strings.Fields(known), f) {
				t.Errorf("%s: %s has no spec.%s", name, m.Kind, f)
			}
		}
		list = append(list, m)
	}
}

// The manifests have only what Kubernetes knows, their parts fit each other, and
// the commands in them have only flags that exist.
func TestKubernetes(t *testing.T) {
	files, err := filepath.Glob(kubernetes + "*.yaml")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	pods := 0
	for _, name := range files {
		if name = filepath.Base(name); name == "nats-values.yaml" {
			continue
		}
		for _, m := range manifests(t, name) {
			where := name + ": " + m.Kind + " " + m.Metadata.Name
			if m.Metadata.Name == "" || m.Metadata.Namespace != "mailcheck" {
				t.Errorf("%s: metadata %+v", where, m.Metadata)
			}
			if len(m.Spec.Template.Spec.Containers) > 0 {
				pods++
				podFits(t, where, &m)
			}
			if m.Kind == "Service" || m.Kind == "PodDisruptionBudget" {
				if !slices.ContainsFunc(manifests(t, name), func(o manifest) bool { return selects(t, &m, o.Spec.Template.Metadata.Labels) }) {
					t.Errorf("%s selects no pod", where)
				}
			}
		}
	}
	if pods != 3 {
		t.Errorf("%d pods", pods)
	}
}

// selects reports whether the selector of a manifest is of these labels.
func selects(t *testing.T, m *manifest, of labels) bool {
	t.Helper()
	var want labels
	var s selector
	if m.Kind == "Service" {
		if err := m.Spec.Selector.Decode(&want); err != nil {
			t.Error(err)
		}
	} else if err := m.Spec.Selector.Decode(&s); err != nil {
		t.Error(err)
	} else {
		want = s.MatchLabels
	}
	for k, v := range want {
		if of[k] != v {
			return false
		}
	}
	return len(want) > 0
}

var quantity = regexp.MustCompile(`^[0-9]+(m|[KMGT]i)?$`)

func podFits(t *testing.T, where string, m *manifest) {
	t.Helper()
	p := &m.Spec.Template.Spec
	if m.Kind != "Job" && !selects(t, m, m.Spec.Template.Metadata.Labels) {
		t.Errorf("%s does not select its own pods", where)
	}
	if !p.SecurityContext.RunAsNonRoot || p.SecurityContext.SeccompProfile.Type != "RuntimeDefault" || p.AutomountServiceAccountToken == nil ||
		*p.AutomountServiceAccountToken || p.EnableServiceLinks == nil || *p.EnableServiceLinks { // service links may set MAILDIAG_...
		t.Errorf("%s: its pod is not confined", where)
	}
	have := map[string]bool{}
	for _, v := range p.Volumes {
		have[v.Name] = v.Secret != nil || v.ConfigMap != nil || v.PersistentVolumeClaim != nil
	}
	for _, c := range m.Spec.VolumeClaimTemplates {
		have[c.Metadata.Name] = quantity.MatchString(c.Spec.Resources.Requests["storage"])
	}
	for _, c := range p.Containers {
		if s := c.SecurityContext; s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || !s.ReadOnlyRootFilesystem || !slices.Equal(s.Capabilities.Drop, []string{"ALL"}) {
			t.Errorf("%s: its container is not confined", where)
		}
		for _, q := range slices.Collect(maps.Values(c.Resources.Requests)) {
			if !quantity.MatchString(q) {
				t.Errorf("%s: %q is not a quantity", where, q)
			}
		}
		if len(c.Resources.Requests) != 2 || !quantity.MatchString(c.Resources.Limits["memory"]) {
			t.Errorf("%s: %+v", where, c.Resources)
		}
		containerFits(t, where, &c, have)
	}
}

func containerFits(t *testing.T, where string, c *container, volumes map[string]bool) {
	t.Helper()
	var paths []string
	for _, v := range c.VolumeMounts {
		if paths = append(paths, v.MountPath); !volumes[v.Name] {
			t.Errorf("%s mounts %s, which is not there", where, v.Name)
		}
	}
	if c.Command != nil {
		return
	}
	command, args, err := rootCmd(nil, io.Discard, io.Discard).Find(c.Args)
	if err == nil {
		err = command.ParseFlags(args)
	}
	if err != nil || len(command.Flags().Args()) > 0 {
		t.Errorf("%s: %v, %q", where, err, command.Flags().Args())
	}
	for _, arg := range args {
		_, path, _ := strings.Cut(arg, "=/")
		if path != "" && !slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix("/"+path+"/", p+"/") }) {
			t.Errorf("%s: %s is on no volume", where, arg)
		}
	}
	for _, p := range []*tcpProbe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
		if p != nil && p.TCPSocket.Port != c.Ports[0].Name {
			t.Errorf("%s: a probe of %s", where, p.TCPSocket.Port)
		}
	}
}

// A piece of a list is done when bulk says something about its domains, and not when
// it could not run, or was stopped.
func TestKubernetesJob(t *testing.T) {
	job := manifests(t, "bulk-job.yaml")[0]
	c := job.Spec.Template.Spec.Containers[0]
	dir := t.TempDir()
	fake := "#!/bin/sh\necho \"$@\" > " + dir + "/args\nexit $CODE\n"
	if err := os.WriteFile(filepath.Join(dir, "maildiag"), []byte(fake), 0o700); err != nil {
		t.Fatal(err)
	}
	for code, done := range map[string]bool{"0": true, "1": true, "3": true, "2": false, "130": false, "143": false, "137": false} {
		run := exec.CommandContext(t.Context(), c.Command[0], append(c.Command[1:len(c.Command):len(c.Command)], c.Args...)...)
		run.Env = []string{"PATH=" + dir, "INDEX=7", "CODE=" + code}
		if err := run.Run(); (err == nil) != done {
			t.Errorf("exit code %s: %v", code, err)
		}
	}
	args, err := os.ReadFile(dir + "/args")
	if err != nil || !strings.Contains(string(args), "--resume /work/result-7.jsonl -q /work/list-7.txt") {
		t.Errorf("%s, %v", args, err)
	}
	if job.Spec.CompletionMode != "Indexed" || !strings.Contains(c.Env[0].ValueFrom.FieldRef.FieldPath, "job-completion-index") || c.Env[0].Name != "INDEX" {
		t.Errorf("%+v", job.Spec)
	}
}

// The values of the chart make a configuration that nats-server takes, with room for
// all streams.
func TestKubernetesNATS(t *testing.T) {
	text, err := os.ReadFile(kubernetes + "nats-values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var values struct {
		Config struct {
			Cluster struct {
				Enabled  bool
				Replicas int
			}
			JetStream struct {
				Enabled   bool
				FileStore struct {
					Enabled bool
					PVC     struct {
						Enabled bool
						Size    string
					}
				} `yaml:"fileStore"`
				MemoryStore struct {
					Enabled bool
					MaxSize string `yaml:"maxSize"`
				} `yaml:"memoryStore"`
			} `yaml:"jetstream"`
			NATS struct {
				TLS struct {
					Enabled    bool
					SecretName string `yaml:"secretName"`
				}
			}
			Merge map[string]any
		}
		Container, PodTemplate map[string]any
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&values); err != nil {
		t.Fatal(err)
	}
	c := &values.Config
	if c.Cluster.Replicas != 3 || !c.Cluster.Enabled || !c.JetStream.Enabled || !c.JetStream.FileStore.PVC.Enabled || !c.NATS.TLS.Enabled {
		t.Errorf("%+v", c)
	}
	if size, err := strconv.Atoi(strings.TrimSuffix(c.JetStream.FileStore.PVC.Size, "Gi")); size < 20 || err != nil { // all streams of the bus
		t.Errorf("%d GiB, %v", size, err)
	}
	conf, err := json.Marshal(c.Merge)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(name, conf, 0o600); err != nil {
		t.Fatal(err)
	}
	opts, err := server.ProcessConfigFile(name)
	if err != nil || len(opts.Nkeys) != 2 {
		t.Fatalf("%v: %+v", err, opts)
	}
}

package main

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"maildiag/service/mcp"
)

// session starts maildiagd mcp and connects to it with the client of the SDK.
func session(t *testing.T, args ...string) *sdk.ClientSession {
	t.Helper()
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	var stderr syncBuffer
	code := make(chan int, 1)
	go func() {
		code <- program(context.Background(), append([]string{"mcp"}, args...), fromClient, toClient, &stderr)
		toClient.Close()
	}()
	client := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	s, err := client.Connect(t.Context(), &sdk.IOTransport{Reader: fromServer, Writer: toServer}, nil)
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	t.Cleanup(func() {
		s.Close()
		toServer.Close()
		if c := <-code; c != exitOK {
			t.Errorf("exit code %d: %s", c, stderr.String())
		}
	})
	return s
}

// call calls a tool, and returns its result as JSON, or the error as text.
func call(t *testing.T, s *sdk.ClientSession, name string, args map[string]any) (result string, bad bool) {
	t.Helper()
	r, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		return err.Error(), true
	}
	if r.IsError {
		return r.Content[0].(*sdk.TextContent).Text, true
	}
	text, err := json.Marshal(r.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), mcp.Notice) {
		t.Errorf("%s: the result is not marked as data", name)
	}
	return string(text), false
}

func TestMCP(t *testing.T) {
	s := session(t, "--network", "--replay", "testdata/fabrikam.rec")
	for name, x := range map[string]struct {
		args map[string]any
		want string
	}{
		"check_domain": {map[string]any{"domain": "fabrikam.com"}, `"verdict":"not_ready"`},
		"plan":         {map[string]any{"domain": "fabrikam.com"}, `"steps":[`},
		"spf_evaluate": {map[string]any{"domain": "fabrikam.com", "ip": "203.0.113.7"}, `"schema":"maildiag.spf/v1"`},
		"dmarc_policy": {map[string]any{"domain": "fabrikam.com"}, `"policy":"none"`},
		"explain":      {map[string]any{"text": "550 5.7.1 Unable to relay"}, `"known":true`},
	} {
		if got, bad := call(t, s, name, x.args); bad || !strings.Contains(got, x.want) {
			t.Errorf("%s: %.400s", name, got)
		}
	}
	for _, target := range []string{"127.0.0.1", "user@host.example", "http://169.254.169.254/", ""} {
		if got, bad := call(t, s, "check_domain", map[string]any{"domain": target}); !bad {
			t.Errorf("%q: %.200s", target, got)
		}
	}
}

// Without --network there is no tool that asks anybody, and every tool only reads.
func TestMCPOffline(t *testing.T) {
	s := session(t)
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
		if !tool.Annotations.ReadOnlyHint || *tool.Annotations.OpenWorldHint {
			t.Errorf("%s: %+v", tool.Name, tool.Annotations)
		}
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "explain replay" {
		t.Errorf("tools %s", got)
	}
	saved := start(t, false, nil).get(t, "/api/v1/check?domain=fabrikam.com", "Accept: application/x-ndjson").text
	if got, bad := call(t, s, "replay", map[string]any{"run": saved}); bad || !strings.Contains(got, `"verdict":"not_ready"`) {
		t.Errorf("%.400s", got)
	}
	for _, text := range []string{"", "x", `{"start":{"schema":"other"}}`} {
		if got, bad := call(t, s, "replay", map[string]any{"run": text}); !bad {
			t.Errorf("%q: %.200s", text, got)
		}
	}
}

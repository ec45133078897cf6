package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestExplainArguments holds that arguments which were each quoted are a reply each,
// and others the words of one.
func TestExplainArguments(t *testing.T) {
	for _, c := range []struct {
		args []string
		rows []string
	}{
		{[]string{"550 5.7.64 TenantAttribution; Relay Access Denied", "452 4.2.2 Mailbox full"}, []string{"exo.tenant-attribution", "common.mailbox-full"}},
		{[]string{"550 5.1.1 User unknown", "550 5.1.1 User unknown", "552 5.2.2 Over quota"}, []string{"common.user-unknown", "common.mailbox-full"}},
		{strings.Fields("550 5.1.1 User unknown"), []string{"common.user-unknown"}},
		{[]string{"550", "5.1.1", "User unknown"}, []string{"common.user-unknown"}},
	} {
		var out, errs bytes.Buffer
		run(t.Context(), append([]string{"explain", "--json"}, c.args...), strings.NewReader(""), &out, &errs)
		var got struct{ Replies []struct{ Row string } }
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		rows := map[string]bool{}
		for _, r := range got.Replies {
			rows[r.Row] = true
		}
		for _, want := range c.rows {
			if !rows[want] || len(rows) != len(c.rows) {
				t.Errorf("%q: %v, want %q", c.args, rows, c.rows)
			}
		}
	}
}

package main

import (
	"encoding/json"
	"testing"
)

// The JSON of a plan and of the next steps of a move fits its schema in every world.
func TestPlanSchema(t *testing.T) {
	schema := schemaOf(t, "plan-document-v1")
	for _, w := range demoWorlds() {
		for _, args := range [][]string{{"plan", "--demo", w.name, "--to", "json"}, {"migrate", "--demo", w.name, "--to", "json"}} {
			out, code := printed(t, args...)
			var doc any
			if err := json.Unmarshal([]byte(out), &doc); err != nil {
				t.Errorf("%v: exit code %d, %v", args, code, err)
				continue
			}
			if err := schema.Validate(doc); err != nil {
				t.Errorf("%v: %v", args, err)
			}
		}
	}
}

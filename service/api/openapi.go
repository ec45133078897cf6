package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"maildiag/checks/inspect"
	"maildiag/checks/refusal/explain"
	"maildiag/report/schema"
)

//go:embed openapi.json
var openAPIBase []byte

// OpenAPI returns the OpenAPI 3.1 document of the API: the paths, and the schemas
// of the answers, which are those of the command's JSON.
func OpenAPI() []byte {
	schemas := map[string]json.RawMessage{}
	for name, text := range map[string][]byte{
		"Report": schema.Report, "Plan": schema.Plan, "Event": schema.Stream, "SPF": inspect.SPFSchemaJSON,
		"DMARC": inspect.DMARCSchemaJSON, "Explanation": explain.SchemaJSON, "Move": schema.Migrate, "Consistency": schema.Consistency,
	} {
		schemas[name] = within(name, text)
	}
	list, err := json.Marshal(schemas)
	if err != nil { // they are part of the program
		panic(fmt.Sprintf("api: schemas: %v", err))
	}
	return bytes.Replace(openAPIBase, []byte(`"schemas": {}`), append([]byte(`"schemas": `), list...), 1)
}

// within makes a schema that stands alone one of the components of a document.
func within(name string, text []byte) json.RawMessage {
	for from, to := range map[string]string{
		`"#/$defs/`:                   `"#/components/schemas/` + name + `/$defs/`,
		`"$ref": "#"`:                 `"$ref": "#/components/schemas/` + name + `"`,
		`plan-v1.schema.json"`:        `#/components/schemas/Plan"`,
		`consistency-v1.schema.json"`: `#/components/schemas/Consistency"`,
		`report-v1.schema.json#`:      `#/components/schemas/Report`,
	} {
		text = bytes.ReplaceAll(text, []byte(from), []byte(to))
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		panic(fmt.Sprintf("api: schema %s: %v", name, err))
	}
	delete(fields, "$id")
	delete(fields, "$schema")
	out, err := json.Marshal(fields)
	if err != nil {
		panic(fmt.Sprintf("api: schema %s: %v", name, err))
	}
	return out
}

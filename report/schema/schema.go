// Package schema holds the JSON schemas of what report writes.
package schema

import _ "embed"

// The schemas of one domain, of a plan, of the stream of events, of a move, and of
// what name servers say.
var (
	//go:embed report-v1.schema.json
	Report []byte
	//go:embed plan-v1.schema.json
	Plan []byte
	//go:embed stream-v1.schema.json
	Stream []byte
	//go:embed migrate-v1.schema.json
	Migrate []byte
	//go:embed consistency-v1.schema.json
	Consistency []byte
)

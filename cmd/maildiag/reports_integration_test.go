//go:build integration

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"maildiag/checks/senders/dmarcreport"
)

// plainReader counts the rows and messages of an aggregate report with Python's
// standard library.
const plainReader = `
import sys, json, xml.etree.ElementTree as ET
out = {}
for path in sys.argv[1:]:
    try:
        root = ET.parse(path).getroot()
    except ET.ParseError:
        out[path] = None
        continue
    text = lambda e, p: (e.findtext(p) or "").strip()
    ns = "{" + root.tag[1:].split("}")[0] + "}" if root.tag.startswith("{") else ""
    for e in root.iter():
        e.tag = e.tag.split("}")[-1]
    if root.tag != "feedback":
        root = root.find("feedback")
    rows = root.findall("record")
    out[path] = {
        "org": text(root, "report_metadata/org_name"), "id": text(root, "report_metadata/report_id"),
        "domain": text(root, "policy_published/domain"), "rows": len(rows),
        "messages": sum(int(text(r, "row/count") or 0) for r in rows),
        "dkim": sum(1 for r in rows for d in r.findall("auth_results/dkim") if text(d, "result").lower() == "pass"),
        "spf": sum(1 for r in rows for d in r.findall("auth_results/spf") if text(d, "result").lower() == "pass"),
        "froms": sorted({text(r, "identifiers/header_from") for r in rows}),
    }
json.dump(out, sys.stdout)
`

type plainReport struct {
	Org, ID, Domain           string
	Rows, Messages, DKIM, SPF int
	Froms                     []string
}

// Every sample is read as Python's standard library reads it.
func TestReportsPython(t *testing.T) {
	corpus := os.Getenv("MAILDIAG_CORPUS")
	if corpus == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	files, err := filepath.Glob(filepath.Join(corpus, "dmarc/parsedmarc-samples/*/*.xml"))
	if err != nil || len(files) < 15 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	out, err := exec.Command("python3", append([]string{"-c", plainReader}, files...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]*plainReport{}
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, file := range files {
		got, err := sampleReport(file)
		w := want[file]
		if w == nil { // not well-formed; what is read beyond that is ours
			t.Logf("%s: python reads nothing; maildiag: %d rows, %v", filepath.Base(file), got.Rows, err)
			continue
		}
		read++
		if err != nil || got.Org != w.Org || got.ID != w.ID || got.Domain != w.Domain || got.Rows != w.Rows || got.Messages != w.Messages ||
			got.DKIM != w.DKIM || got.SPF != w.SPF {
			t.Errorf("%s: %+v, want %+v (%v)", filepath.Base(file), got, w, err)
		}
	}
	if read < 13 {
		t.Errorf("only %d samples were compared", read)
	}
}

func sampleReport(file string) (*plainReport, error) {
	f, err := os.Open(file)
	if err != nil {
		return &plainReport{}, err
	}
	defer f.Close()
	var got plainReport
	var rep dmarcreport.Report
	err = dmarcreport.Read(f, &rep, func(r *dmarcreport.Row) error {
		got.Rows++
		got.Messages += int(r.Count)
		for _, d := range r.DKIMResults {
			if d.Result == "pass" {
				got.DKIM++
			}
		}
		for _, s := range r.SPFResults {
			if s.Result == "pass" {
				got.SPF++
			}
		}
		return nil
	})
	got.Org, got.ID, got.Domain = rep.Org, rep.ID, rep.Policy.Domain
	return &got, err
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"maildiag/service/fleet/history"
)

// export writes the history that there is, and makes none.
func TestExport(t *testing.T) {
	data, empty, to := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "x")
	s, err := history.Open(t.Context(), filepath.Join(data, historyFile))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.WriteFile(filepath.Join(empty, "other.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(empty, "other.db")
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"--data", data, "--parquet", to}, exitOK},
		{[]string{"--data", empty, "--parquet", to}, exitFailed},
		{[]string{"--data", data, "--parquet", file}, exitFailed},
		{[]string{"--db", "postgres://127.0.0.1:1/x", "--parquet", to}, exitFailed},
		{[]string{"--db", "mysql://x", "--parquet", to}, exitUsage},
		{[]string{"--db", "postgres://127.0.0.1:1/x", "--data", data, "--parquet", to}, exitUsage},
		{[]string{"--data", data}, exitUsage},
		{[]string{"--parquet", to}, exitUsage},
	} {
		var out, errs bytes.Buffer
		if code := program(t.Context(), append([]string{"export"}, c.args...), nil, &out, &errs); code != c.code || (out.Len() > 0) != (code == exitOK) {
			t.Errorf("%v: code %d, %s%s", c.args, code, out.String(), errs.String())
		}
	}
	if files, err := filepath.Glob(filepath.Join(to, "*.parquet")); err != nil || len(files) != 4 {
		t.Errorf("%v, %v", files, err)
	}
	if _, err := os.Stat(filepath.Join(empty, historyFile)); err == nil {
		t.Error("a history was made")
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"maildiag/report"
	"maildiag/service/fleet/export"
	"maildiag/service/fleet/history"
)

// exportFlags say what to export, and where to.
type exportFlags struct{ data, db, parquet string }

func exportCmd(stdout io.Writer) *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export --parquet FOLDER --data FOLDER",
		Short: "Write the history of --watch as Parquet files",
		Long: `maildiagd export writes the history of maildiagd --watch to four Parquet files,
for DuckDB and other programs: looks.parquet, findings.parquet,
changes.parquet and records.parquet. docs/fleet/README.md describes their columns.

The server may run meanwhile and does not wait: the files have the history as it
is when the command starts. Files of an earlier export are replaced when all are
written.`,
		Example: `  maildiagd export --data /var/lib/maildiagd --parquet /srv/maildiag
  maildiagd export --db postgres://maildiagd@db.contoso.com/maildiagd --parquet .`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.export(c.Context(), stdout) },
	}
	c.Flags().StringVar(&f.parquet, "parquet", "", "`FOLDER` to write to; it is made if it is missing")
	c.Flags().StringVar(&f.data, "data", "", "`FOLDER` of the server that keeps the history")
	c.Flags().StringVar(&f.db, "db", "", "`URL` of the PostgreSQL database that keeps the history: postgres://...")
	return c
}

// hint says what to do about a history that cannot be read.
func (f *exportFlags) hint(err error) string {
	switch {
	case errors.Is(err, history.ErrOlder):
		return "start maildiagd --watch of this version once; it brings the history to its own form"
	case f.db != "":
		return databaseHint(err)
	}
	return "check that this user may read and write history.db and the files beside it, and that maildiagd --watch made it"
}

// export writes the files.
func (f *exportFlags) export(ctx context.Context, stdout io.Writer) error {
	name := f.db
	switch {
	case f.parquet == "":
		return usage("--parquet /srv/maildiag", "export needs --parquet, the folder to write to")
	case f.data == "" && f.db == "":
		return usage("--data /var/lib/maildiagd", "export needs --data or --db, where the history is")
	case f.data != "" && f.db != "":
		return usage("leave one out", "--data is for the history in a file, --db for one in PostgreSQL")
	case f.db != "" && !history.IsURL(f.db):
		return usage("--db postgres://maildiagd@db.contoso.com/maildiagd", "--db is not a URL of PostgreSQL")
	case f.db == "":
		name = filepath.Join(f.data, historyFile)
	}
	from, err := history.OpenSnapshot(ctx, name)
	if errors.Is(err, os.ErrNotExist) {
		return failed("name the folder that maildiagd --watch has in --data", "%s does not exist", name)
	}
	if err != nil {
		return failed(f.hint(err), "the history cannot be read: %s", databaseText(err))
	}
	defer from.Close()
	n, err := export.Parquet(ctx, from, f.parquet)
	if err != nil {
		return failed("check that the folder can be written and has room", "--parquet: %s", report.CleanTo(oneLine(err), 300))
	}
	_, err = fmt.Fprintf(stdout, "looks.parquet: %d rows\nfindings.parquet: %d rows\nchanges.parquet: %d rows\nrecords.parquet: %d rows\n",
		n.Looks, n.Findings, n.Changes, n.Records)
	return err
}

package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"maildiag/checks/senders"
	"maildiag/checks/senders/dmarcreport"
	"maildiag/checks/senders/failurereport"
	"maildiag/checks/senders/intake"
	"maildiag/checks/senders/tlsreport"
	"maildiag/report"
)

// reportsInput takes what the intake finds.
type reportsInput struct {
	collector *senders.Collector
	tls       tlsreport.Summary
	failures  failureCount
	intake    intake.Intake
	flags     *reportsFlags
	reused    []intake.Problem // reports with the ID of another
	outside   int              // TLS and failure reports of other days
}

// checkEvery is the number of rows after which a stop is noticed.
const checkEvery = 10_000

// Aggregate implements [intake.Handler].
func (in *reportsInput) Aggregate(ctx context.Context, name string, xml io.Reader) error {
	var rep dmarcreport.Report
	var batch *senders.Batch
	rows := 0
	err := dmarcreport.Read(xml, &rep, func(row *dmarcreport.Row) (err error) {
		if batch == nil {
			if batch, err = in.collector.Open(&rep); err != nil {
				return err
			}
		}
		if rows++; rows%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		batch.Add(row)
		return nil
	})
	var broken *dmarcreport.Error
	switch {
	case errors.Is(err, senders.ErrOutside):
		return nil
	case errors.As(err, &broken):
		err = brokenReport{broken.Err, rows}
	case err != nil:
		return err
	case batch == nil && rep.Policy.Domain != "":
		if batch, err = in.collector.Open(&rep); err != nil {
			return nil // of other days
		}
	}
	if batch == nil {
		return err
	}
	return cmp.Or(in.count(batch, name, broken == nil), err)
}

// count counts a report. One that shares its ID with another is noted.
func (in *reportsInput) count(batch *senders.Batch, name string, whole bool) error {
	const most = 1000
	err := batch.Count(name, whole)
	var reused *senders.ReusedIDError
	if !errors.As(err, &reused) {
		return err
	}
	if len(in.reused) < most {
		in.reused = append(in.reused, intake.Problem{File: name, Err: err})
	}
	return nil
}

// TLS implements [intake.Handler].
func (in *reportsInput) TLS(name string, json io.Reader) error {
	rep, err := tlsreport.Read(json)
	if err != nil {
		return err
	}
	if in.otherDays(rep.Begin) {
		return nil
	}
	if in.tls.Add(rep) {
		return &senders.DuplicateError{Of: "an earlier one"}
	}
	return nil
}

// Failure implements [intake.Handler].
func (in *reportsInput) Failure(_ string, message []byte) bool {
	rep := failurereport.Read(message, in.flags.addresses)
	if rep != nil && !in.otherDays(rep.Arrived) {
		in.failures.add(rep)
	}
	return rep != nil
}

func (in *reportsInput) otherDays(t time.Time) bool {
	other := !t.IsZero() && (t.Before(in.flags.from) || !in.flags.to.IsZero() && !t.Before(in.flags.to))
	if other {
		in.outside++
	}
	return other
}

// brokenReport is a report that ends in an error, after some rows.
type brokenReport struct {
	err  error
	rows int
}

func (b brokenReport) Unwrap() error { return b.err }

func (b brokenReport) Error() string {
	text := report.Clean(b.err.Error())
	if errors.Is(b.err, io.ErrUnexpectedEOF) {
		text = "the report ends in the middle"
	}
	if b.rows == 0 {
		return text
	}
	return text + "; the " + countOf(b.rows, "row", "rows") + " before were counted"
}

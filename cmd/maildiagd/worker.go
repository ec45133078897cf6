package main

import (
	"cmp"
	"context"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"maildiag/service/fleet/bus"
)

// workerFlags are the flags of a worker.
type workerFlags struct {
	worldFlags
	natsFlags
	siteFlags
	site        string
	concurrency int
}

func workerCmd(stdout, stderr io.Writer) *cobra.Command {
	var f workerFlags
	c := &cobra.Command{
		Use:   "worker --nats URL --site NAME",
		Short: "Check the lists of other machines",
		Long: `maildiagd worker takes lists from a queue and checks their domains from here,
beside the workers of other sites. Any number may run; each may stop at any time.
What a worker has not finished goes to another one, and counts once.

A worker listens nowhere: it connects to NATS. It takes no work while its
resolver does not answer, or its site is drained.`,
		Example: `  maildiagd worker --nats tls://nats.contoso.com --nats-creds worker.creds --site fra
  maildiagd worker --nats nats://127.0.0.1:4222 --site ams --resolver 192.0.2.53`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.work(c.Context(), stderr) },
	}
	f.worldFlags.add(c.Flags())
	f.natsFlags.add(c.Flags())
	f.siteFlags.add(c.Flags())
	c.Flags().StringVar(&f.site, "site", "", "`NAME` of this site in the results")
	c.Flags().IntVar(&f.concurrency, "concurrency", workerConcurrency, "`NUMBER` of domains at once, up to 512")
	c.SetOut(stdout)
	return c
}

// work works until ctx ends.
func (f *workerFlags) work(ctx context.Context, stderr io.Writer) error {
	switch {
	case f.url == "":
		return usage("--nats nats://127.0.0.1:4222", "a worker needs --nats")
	case !bus.ValidName(f.site):
		return usage("--site fra", "a worker needs --site: 1 to 64 letters, digits, - and _")
	case f.concurrency < 1 || f.concurrency > maxConcurrency:
		return usage("--concurrency 256", "--concurrency must be from 1 to %d", maxConcurrency)
	}
	if err := cmp.Or(f.natsFlags.sensible(), f.siteFlags.sensible()); err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	w, err := f.worldFlags.open(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	b, err := f.connect(ctx, bus.Config{}, log)
	if err != nil {
		return err
	}
	defer b.Close()
	tune()
	worker := newWorker(b, w, f.site, f.concurrency, &f.siteFlags, log)
	log.Info("working", "site", f.site, "worker", worker.ID)
	if err := worker.Run(ctx); err != nil {
		return failed("", "%v", err)
	}
	log.Info("stopped")
	return nil
}

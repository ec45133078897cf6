package main

import (
	"context"
	"errors"
	"io"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"maildiag/checks/kit"
	"maildiag/cmd/internal/release"
	"maildiag/dnsrec"
	"maildiag/service/mcp"
	"maildiag/service/run"
)

// mcpFlags are the flags of maildiagd mcp.
type mcpFlags struct {
	worldFlags

	network bool
	timeout time.Duration
}

func mcpCmd(stdin io.Reader, stdout io.Writer) *cobra.Command {
	var f mcpFlags
	c := &cobra.Command{
		Use:   "mcp",
		Short: "Offer the checks to an assistant, over stdin and stdout",
		Long: `Speaks the Model Context Protocol over stdin and stdout. All tools only read.
Without --network, nothing is looked up: an assistant can explain bounces and messages,
and read saved runs.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.serve(c.Context(), stdin, stdout) },
	}
	f.add(c.Flags())
	c.Flags().BoolVar(&f.network, "network", false, "let the assistant ask the DNS and mail servers")
	c.Flags().DurationVar(&f.timeout, "timeout", 45*time.Second, "time limit for each check: a `DURATION` such as 90s")
	return c
}

// offline answers no question.
type offline struct{}

func (offline) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindNotKnown}
}

// serve answers until stdin ends.
func (f *mcpFlags) serve(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	w := &world{open: func(bool) kit.World { return kit.World{DNS: offline{}} }, resolver: "none", close: func() {}}
	if f.network {
		var err error
		if w, err = f.open(ctx); err != nil {
			return err
		}
	}
	defer w.close()
	runner := run.New(run.Config{World: w.open, Resolver: w.resolver, TrustAD: w.trustAD, Version: release.Version(linked),
		Timeout: f.timeout, Slots: 4, Places: 16, Victims: perMinute(10)})
	tools := &mcp.Tools{Runner: runner, Version: release.Version(linked), Network: f.network}
	err := tools.Server().Run(ctx, &sdk.IOTransport{Reader: io.NopCloser(stdin), Writer: nopCloser{stdout}})
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	runner.Close(ended)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
		return failed("", "cannot go on: %v", err)
	}
	return nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

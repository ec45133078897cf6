package main

import (
	"io"

	"github.com/spf13/cobra"
)

func mcpCmd(stdin io.Reader, stdout io.Writer) *cobra.Command {
	return &cobra.Command{Use: "mcp", Hidden: true, RunE: func(*cobra.Command, []string) error { return failed("", "not built yet") }}
}

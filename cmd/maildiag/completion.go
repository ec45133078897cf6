package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"maildiag/report"
)

// completionCmd is cobra's command with the flag --install.
func (a *app) completionCmd(root *cobra.Command) {
	root.SetOut(a.out) // cobra keeps the writer that it finds here
	root.InitDefaultCompletionCmd()
	c, _, err := root.Find([]string{"completion"})
	if err != nil || c == root {
		return
	}
	var install bool
	var shell string
	c.Flags().BoolVar(&install, "install", false, "write the script to where the shell of this user finds it")
	c.Flags().StringVar(&shell, "shell", "", "`SHELL` to install for: bash, zsh or fish (default: from $SHELL)")
	c.Long = "completion prints a script that completes commands, flags and their values in\nyour shell, or installs it there."
	c.Example = "  maildiag completion --install\n  maildiag completion bash > /etc/bash_completion.d/maildiag"
	c.Args = noCommand
	c.RunE = func(c *cobra.Command, _ []string) error {
		if !install {
			return c.Help()
		}
		return a.installCompletion(root, shell)
	}
}

// completionFile returns where a shell looks for the completions of a user, and
// what else the user must do, if anything.
//
// Sources: bash-completion README ("XDG_DATA_HOME"), fish documentation "Where to
// put completions", zshcompsys(1).
func completionFile(shell, home string) (path, next string, ok bool) {
	or := func(name, other string) string {
		if dir := os.Getenv(name); filepath.IsAbs(dir) { // the XDG specification: a relative path is ignored
			return dir
		}
		return filepath.Join(home, filepath.FromSlash(other))
	}
	data := or("XDG_DATA_HOME", ".local/share")
	switch shell {
	case "bash":
		return filepath.Join(data, "bash-completion", "completions", "maildiag"), "Open a new shell (the package bash-completion must be installed).", true
	case "zsh":
		dir := filepath.Join(data, "zsh", "site-functions")
		return filepath.Join(dir, "_maildiag"), "Add to ~/.zshrc, before compinit: fpath=('" + strings.ReplaceAll(dir, "'", `'\''`) + "' $fpath)", true
	case "fish":
		return filepath.Join(or("XDG_CONFIG_HOME", ".config"), "fish", "completions", "maildiag.fish"), "Open a new shell.", true
	}
	return "", "", false
}

func (a *app) installCompletion(root *cobra.Command, shell string) error {
	if shell == "" {
		shell = strings.TrimSuffix(filepath.Base(os.Getenv("SHELL")), ".exe")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return failed("maildiag completion bash prints the script", "cannot find the home directory: %v", err)
	}
	path, next, ok := completionFile(shell, home)
	if !ok {
		return usage("give --shell bash, zsh or fish; for PowerShell, add to $PROFILE: maildiag completion powershell | Out-String | Invoke-Expression",
			"cannot install completion for the shell %q", shell)
	}
	script, err := completionScript(root, shell)
	if err != nil {
		return err
	}
	if err := writeWhole(path, script); err != nil {
		return failed("maildiag completion "+shell+" prints the script", "cannot install: %v", err)
	}
	_, err = fmt.Fprintf(a.out, "Installed %s\n%s\n", path, next)
	return err
}

func completionScript(root *cobra.Command, shell string) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch shell {
	case "bash":
		err = root.GenBashCompletionV2(&b, true)
	case "zsh":
		err = root.GenZshCompletion(&b)
	case "fish":
		err = root.GenFishCompletion(&b, true)
	}
	return b.Bytes(), err
}

// writeWhole makes the directory of a file and writes the file whole, or not at all.
func writeWhole(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := report.CreateAtomic(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Commit()
}

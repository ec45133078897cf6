package kit

import (
	"slices"
	"strings"
)

const setDKIM = "Set-DkimSigningConfig"

// EnableDKIM returns the command by which Microsoft 365 begins to sign for a domain.
func EnableDKIM(domain string) string {
	return setDKIM + " -Identity " + domain + " -Enabled $true"
}

// EnablesDKIM reports whether one of the commands begins to sign.
func EnablesDKIM(commands []string) bool {
	return slices.ContainsFunc(commands, func(c string) bool { return strings.HasPrefix(c, setDKIM) })
}

// WhenVisible says when a command of [EnableDKIM] is run.
const WhenVisible = "Enable DKIM signing once the records of the previous steps are visible in DNS."

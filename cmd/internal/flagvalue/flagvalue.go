// Package flagvalue has what both programs ask of the values of their flags.
package flagvalue

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Empty returns the name of a flag with text that was given on the command line with an
// empty value: a slip such as a variable of a script that is not set. It is "" if there
// is none.
func Empty(fs *pflag.FlagSet, given []string) string {
	for _, name := range given {
		f := fs.Lookup(name)
		if f == nil || !strings.HasPrefix(f.Value.Type(), "string") {
			continue
		}
		values := Of(f)
		if len(values) == 0 || slices.Contains(values, "") { // none of a list: --only ""
			return name
		}
	}
	return ""
}

// Of returns the values of a flag.
func Of(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// avoid maps words that readers stumble over to plain ones. The first list holds
// for every text, the second for comments only.
var avoid = map[string]string{
	`as befits|befits`:             "correct for, matches",
	`set aside`:                    "skipped",
	`not looked at`:                "not checked, skipped",
	`more can be done`:             "optional improvements",
	`in vain`:                      "without effect",
	`whoever`:                      "anyone who, or the role",
	`shall`:                        "should, must",
	`for the rest of the world`:    "publicly",
	`is not spoken of`:             "is not listed",
	`told as|told apart|told from`: "reported as, distinguished from",
	`takes? it at its word`:        "obeys it",
	`a blank is missing|line breaks and blanks`:                                  "space",
	`could not tell|could not be told`:                                           "could not check, is unknown",
	`in clear|clear text`:                                                        "unencrypted, plaintext",
	`is no (SPF|DKIM|DMARC|host name|domain name|record|server)`:                 "is not a",
	`honours?|neighbours?|behaviour|colours?|licence|catalogue|enrolment|learnt`: "US spelling",
	`log(ged|s)? in with|met with a login`:                                       "sign in",
	`leads? in a circle`:                                                         "a loop",
	`the time was up`:                                                            "the time limit was reached",
	`of before\b|rid of it`:                                                      "older, expired",
}

var avoidInComments = map[string]string{
	`\btells whether|\btell whether`: "reports whether",
	`^// \w+ gives\b`:                "returns",
	`^// \w+ tells\b`:                "reports",
	`comes of\b`:                     "is caused by",
}

// TestProse finds odd words in texts and comments of the product.
func TestProse(t *testing.T) {
	texts, comments := rules(avoid), rules(avoidInComments)
	files := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "replies" || d.Name() == "bounce" || d.Name() == ".git"):
			return fs.SkipDir // words of other people's mail servers
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		check := func(pos token.Pos, text string, rules map[*regexp.Regexp]string) {
			text = strings.ReplaceAll(text, "here is no ", "") // "there is no record" is plain English
			for odd, plain := range rules {
				if found := odd.FindString(text); found != "" {
					t.Errorf("%s: %q: write: %s", set.Position(pos), found, plain)
				}
			}
		}
		for _, group := range file.Comments {
			for _, c := range group.List {
				check(c.Pos(), c.Text, texts)
				check(c.Pos(), c.Text, comments)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					check(lit.Pos(), s, texts)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || files < 200 {
		t.Errorf("%d files read: %v", files, err)
	}
}

// rules compiles a list, as whole words and in any case.
func rules(list map[string]string) map[*regexp.Regexp]string {
	out := map[*regexp.Regexp]string{}
	for odd, plain := range list {
		if !strings.HasPrefix(odd, "^") && !strings.HasPrefix(odd, `\b`) {
			odd = `\b(` + odd + `)\b`
		}
		out[regexp.MustCompile("(?i)"+odd)] = plain
	}
	return out
}

package checks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// claimCalls are the methods of package submission that take a claim, to which
// the prefix submission. or auth. is added, and its place among the arguments.
var claimCalls = map[string]int{"make": 2, "broken": 0, "refusal": 0, "interrupted": 0, "inspected": 0, "refused": 0, "envelope": 0}

// emitted returns the codes that the source in dir can emit, each with its place.
func emitted(t *testing.T, dir string) map[string]string {
	t.Helper()
	var ids []string
	for _, c := range Known() {
		ids = append(ids, c.ID)
	}
	code := regexp.MustCompile(`^(` + strings.Join(ids, "|") + `)\.[a-z0-9-]*$`)
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source in %s: %v", dir, err)
	}
	out := map[string]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(filepath.Base(file), "codes") {
			continue
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if s := literal(n); code.MatchString(s) {
					out[s] = set.Position(n.Pos()).String()
				}
			case *ast.CallExpr:
				if s := claimOf(n); s != "" {
					out["submission."+s] = set.Position(n.Pos()).String()
				}
			}
			return true
		})
	}
	return out
}

// claimOf returns the claim that a call names; empty if it names none.
func claimOf(call *ast.CallExpr) string {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	at, ok := claimCalls[f.Sel.Name]
	if !ok || len(call.Args) <= at {
		return ""
	}
	return literal(call.Args[at])
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value)
	return s
}

// composed are the prefixes to which the code adds something, and all that it
// can add. A new prefix of this kind fails the test until it is added here.
var composed = map[string][]string{
	"dkim.":         {"selector1", "selector2"},
	"submission.":   {"skipped"}, // claims are read from the calls
	"auth.":         {"sender", "recipient", "login", "retirement"},
	"autodiscover.": nil, // the host name
}

// TestEveryCodeHasItsPage reads the source for the codes that it can emit. Each
// has a page, and each page is that of a code that can be emitted.
func TestEveryCodeHasItsPage(t *testing.T) {
	pages := map[string]bool{}
	for _, p := range Codes() {
		if pages[p.Code] {
			t.Errorf("%s has two pages", p.Code)
		}
		pages[p.Code] = true
		if p.Means == "" || p.Why == "" || p.Wrong == "" || p.Fix == "" || len(p.Sources) == 0 {
			t.Errorf("the page of %s is not complete", p.Code)
		}
	}
	used := map[string]bool{}
	for _, dir := range []string{"records", "submission", "mxserver", "kit"} {
		for code, place := range emitted(t, dir) {
			codes := []string{code}
			if strings.HasSuffix(code, ".") {
				more, known := composed[code]
				if !known {
					t.Errorf("%s: the test does not know what is added to %q", place, code)
				}
				codes = nil
				for _, m := range more {
					codes = append(codes, code+m)
				}
			}
			for _, c := range codes {
				used[c] = true
				alias := "auth." + strings.TrimPrefix(c, "submission.")
				if !pages[c] && !pages[alias] {
					t.Errorf("%s: %s has no page", place, c)
				}
			}
		}
	}
	for p := range pages {
		general := strings.HasSuffix(p, ".skipped") || strings.HasSuffix(p, ".internal")
		if !general && !used[p] {
			t.Errorf("the page of %s is about a code that nothing emits", p)
		}
	}
	if len(used) < 100 {
		t.Errorf("only %d codes were found in the source", len(used))
	}
}

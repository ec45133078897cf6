package checks

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden anew")

// TestFindingTexts keeps every text of the checks in one file, in the order of
// the source, so that the wording is read as a whole and a change of words is a
// diff.
func TestFindingTexts(t *testing.T) {
	var out bytes.Buffer
	for _, dir := range []string{"kit", "records", "submission", "refusal", "refusal/message"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				writeTexts(t, &out, file)
			}
		}
	}
	const golden = "testdata/findings.golden"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(out.Bytes(), want) {
		t.Errorf("the texts differ from %s (%v): run with -update and read the diff", golden, err)
	}
}

// writeTexts lists the texts of one file: findings with their code and status,
// fixes, and explanations of checks.
func writeTexts(t *testing.T, out *bytes.Buffer, file string) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	within := map[ast.Node]bool{} // parts of a text that is already listed
	ast.Inspect(tree, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok || n == nil || within[n] {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok {
			if status, ok := findCall(call); ok {
				lines = append(lines, fmt.Sprintf("%s %s: %s", status, textOf(call.Args[1]), textOf(call.Args[3])))
				within[call.Args[1]], within[call.Args[3]] = true, true
			}
			return true
		}
		if x, ok := n.(ast.Expr); ok {
			if s := textOf(x); isText(x) && strings.Contains(strings.TrimSpace(s), " ") && !strings.HasPrefix(s, "RFC ") {
				lines = append(lines, "  "+s)
				return false
			}
		}
		return true
	})
	if len(lines) > 0 {
		fmt.Fprintf(out, "%s\n%s\n\n", filepath.ToSlash(file), strings.Join(lines, "\n"))
	}
}

// findCall reports whether a call makes a finding, and its status.
func findCall(c *ast.CallExpr) (status string, ok bool) {
	name := ""
	switch f := c.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	if name != "Find" || len(c.Args) < 4 {
		return "", false
	}
	if s, ok := c.Args[0].(*ast.SelectorExpr); ok {
		return strings.ToLower(s.Sel.Name), true
	}
	return "(status)", true
}

// isText reports whether an expression is a string literal or a sum of some.
func isText(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit:
		return x.Kind == token.STRING
	case *ast.BinaryExpr:
		return x.Op == token.ADD && (isText(x.X) || isText(x.Y))
	}
	return false
}

// textOf returns the text of an expression, with ‹name› for what is not literal.
func textOf(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		if err != nil {
			return x.Value
		}
		return strings.ReplaceAll(s, "\n", "⏎")
	case *ast.BinaryExpr:
		return textOf(x.X) + textOf(x.Y)
	case *ast.Ident:
		return "‹" + x.Name + "›"
	case *ast.SelectorExpr:
		return "‹" + x.Sel.Name + "›"
	}
	return "‹…›"
}

func TestFindingTextsAreFound(t *testing.T) {
	data, err := os.ReadFile("testdata/findings.golden")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for _, want := range []string{"pass mx.", "fail spf.", "unknown submission.", "info bimi."} {
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, want) }) {
			t.Errorf("no text of %q", want)
		}
	}
}

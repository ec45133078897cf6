package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// The size budget of what ships, in lines. What is larger is split.
const (
	maxFunc   = 80
	usualFunc = 40 // one function in longPart may be longer
	longPart  = 10
	maxFile   = 450
)

// tables are the files that only hold rows; they may be of any length.
var tables = []string{"checks/refusal/replies/rows_*.go"}

func isTable(file string) bool {
	return slices.ContainsFunc(tables, func(pattern string) bool {
		ok, err := path.Match(pattern, file)
		return ok && err == nil
	})
}

// TestSize holds the size budget.
func TestSize(t *testing.T) {
	functions, long := 0, 0
	parsed(t, func(file string, fset *token.FileSet, f *ast.File) {
		if n := fset.Position(f.FileEnd).Line; n > maxFile && !isTable(file) {
			t.Errorf("%s has %d lines; the most is %d", file, n, maxFile)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			functions++
			n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
			if n > maxFunc {
				t.Errorf("%s: %s has %d lines; the most is %d", file, fn.Name.Name, n, maxFunc)
			}
			if n > usualFunc {
				long++
			}
		}
	})
	if functions == 0 || long*longPart > functions {
		t.Errorf("%d of %d functions have more than %d lines", long, functions, usualFunc)
	}
}

// TestDocComments: what a package exports says what it is. Methods that only
// satisfy an interface of the standard library, or of ours, need not.
func TestDocComments(t *testing.T) {
	packages := map[string]bool{} // whether one of its files tells what it is for
	parsed(t, func(file string, _ *token.FileSet, f *ast.File) {
		packages[path.Dir(file)] = packages[path.Dir(file)] || f.Doc != nil
		if f.Name.Name == "main" {
			return
		}
		for _, name := range undocumented(f) {
			t.Errorf("%s: %s has no doc comment", file, name)
		}
	})
	for pkg, told := range packages {
		if !told && pkg != "cmd/maildiag" {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

// parsed calls f with the syntax of every Go file that ships.
func parsed(t *testing.T, f func(file string, fset *token.FileSet, syntax *ast.File)) {
	t.Helper()
	sources(t, func(file, text string) {
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		f(file, fset, syntax)
	})
}

// undocumented lists the exported names of a file that have no comment, be it
// above them, above their group or at the end of their line.
func undocumented(f *ast.File) (names []string) {
	note := func(id *ast.Ident, docs ...*ast.CommentGroup) {
		bare := !slices.ContainsFunc(docs, func(g *ast.CommentGroup) bool { return g != nil })
		if id.IsExported() && bare {
			names = append(names, id.Name)
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || receiverExported(d) && !slices.Contains(knownMethods, d.Name.Name) {
				note(d.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					note(s.Name, d.Doc, s.Doc, s.Comment)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						note(id, d.Doc, s.Doc, s.Comment)
					}
				}
			}
		}
	}
	return names
}

// knownMethods say by their name what they do.
var knownMethods = []string{
	"Error", "Unwrap", "String", "Read", "Write", "Close", "Emit", "Lookup", "RoundTrip",
	"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText",
}

func receiverExported(fn *ast.FuncDecl) bool {
	typ := fn.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if generic, ok := typ.(*ast.IndexExpr); ok {
		typ = generic.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// The rules above see what they should.
func TestUndocumented(t *testing.T) {
	const text = `package p
type A int
// B is told.
type B int
const C, D = 1, 2
const (
	E = iota // told
	F
)
func G() {}
func (A) H() {}
func (*B) String() string { return "" }
func (i) J() {}
type i int
`
	f, err := parser.ParseFile(token.NewFileSet(), "p.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(undocumented(f), " "); got != "A C D F G H" {
		t.Errorf("undocumented: %s", got)
	}
}

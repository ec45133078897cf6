package bimi

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"maildiag/dnsrec/taglist"
)

// Rule is a rule that a logo breaks.
type Rule string

// The rules of logos. The fatal ones make mailbox providers refuse the logo;
// the others are broken by many logos that are shown all the same.
const (
	RuleCompressed Rule = "compressed" // fatal: gzip; serve plain SVG
	RuleSize       Rule = "size"       // fatal over 1 MiB; advice over 32 KiB
	RuleDoctype    Rule = "doctype"    // fatal: a DTD, which may define entities
	RuleXML        Rule = "xml"        // fatal: not well-formed
	RuleDepth      Rule = "depth"      // fatal: elements nested beyond reason
	RuleSVG        Rule = "svg"        // fatal: the root is not an SVG element
	RuleProfile    Rule = "profile"    // fatal: baseProfile is not tiny-ps
	RuleVersion    Rule = "version"    // version is not 1.2
	RuleRoot       Rule = "root"       // fatal: x or y on the root
	RuleTitle      Rule = "title"      // fatal: no title
	RuleElement    Rule = "element"    // fatal: script, animation, foreign content
	RuleEvent      Rule = "event"      // fatal: an event handler
	RuleReference  Rule = "reference"  // fatal: a link to anything outside
	RuleSquare     Rule = "square"     // the viewBox is not square, or missing
)

// Problem is one thing that is wrong with a logo.
type Problem struct {
	Rule  Rule
	Line  int // counted from 1; 0: of the image as a whole
	Text  string
	Fatal bool
}

func (p Problem) String() string {
	if p.Line > 0 {
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return p.Text
}

const (
	maxSVG      = 1 << 20  // bytes that are checked
	goodSVG     = 32 << 10 // bytes that the BIMI group advises as the most
	maxDepth    = 200
	maxProblems = 20
)

// forbidden are elements that SVG Tiny PS excludes. Compared without case.
var forbidden = []string{
	"script", "handler", "listener", "animate", "animatecolor", "animatemotion", "animatetransform", "set",
	"discard",
	"mpath", "foreignobject", "image", "video", "audio", "animation", "iframe", "embed", "object", "a", "prefetch",
}

// CheckSVG looks for what makes mailbox providers refuse a logo. It reads the
// image as a stream, within bounds, and expands no entities.
func CheckSVG(image []byte) []Problem {
	c := svgChecker{}
	switch {
	case bytes.HasPrefix(image, []byte{0x1F, 0x8B}):
		c.say(RuleCompressed, true, "the image is compressed with gzip (svgz); serve plain SVG")
		return c.problems
	case len(image) > maxSVG:
		c.say(RuleSize, true, "the image has over 1 MiB; 32 KiB is the advised most")
		return c.problems
	case len(image) > goodSVG:
		c.say(RuleSize, false, "the image has %d KiB; 32 KiB is the advised most", len(image)>>10)
	}
	c.read(image)
	return c.problems
}

// Shown reports whether none of the problems keeps a logo from being shown.
func Shown(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return p.Fatal })
}

type svgChecker struct {
	dec      *xml.Decoder
	problems []Problem
	depth    int
	root     bool // seen
	title    bool // seen, with text
	inTitle  bool
	whole    bool // read to the end
}

func (c *svgChecker) say(rule Rule, fatal bool, format string, args ...any) {
	line := 0
	if c.dec != nil {
		line, _ = c.dec.InputPos()
	}
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, Problem{rule, line, fmt.Sprintf(format, args...), fatal})
	}
}

func (c *svgChecker) read(image []byte) {
	c.dec = xml.NewDecoder(bytes.NewReader(image))
	c.dec.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "us-ascii") {
			return in, nil
		}
		return nil, errors.New("not UTF-8")
	}
	for len(c.problems) < maxProblems {
		token, err := c.dec.Token()
		if err == io.EOF {
			c.whole = true
			break
		}
		if err != nil {
			c.say(RuleXML, true, "the image is not well-formed XML")
			break
		}
		if !c.token(token) {
			break
		}
	}
	c.finish()
}

// token looks at one piece; it returns false to stop.
func (c *svgChecker) token(token xml.Token) bool {
	switch t := token.(type) {
	case xml.Directive:
		c.say(RuleDoctype, true, "the image has a document type declaration")
	case xml.StartElement:
		if c.depth++; c.depth > maxDepth {
			c.say(RuleDepth, true, "elements are nested more than %d deep", maxDepth)
			return false
		}
		return c.element(t)
	case xml.EndElement:
		c.depth--
		c.inTitle = false
	case xml.CharData:
		c.title = c.title || c.inTitle && len(bytes.TrimSpace(t)) > 0
	}
	return true
}

func (c *svgChecker) element(t xml.StartElement) bool {
	name := strings.ToLower(t.Name.Local)
	switch {
	case !c.root:
		c.root = true
		if name != "svg" {
			c.say(RuleSVG, true, "the outermost element is <%s>, not <svg>", taglist.Clip(t.Name.Local))
			return false
		}
		c.rootAttributes(t.Attr)
	case slices.Contains(forbidden, name):
		if name == "image" && slices.ContainsFunc(t.Attr, outside) {
			break // told below
		}
		c.say(RuleElement, true, "the element <%s> is not allowed", taglist.Clip(t.Name.Local))
	case name == "title" && c.depth == 2:
		c.inTitle = true
	}
	for _, a := range t.Attr {
		switch {
		case outside(a):
			c.say(RuleReference, true, "%s of <%s> refers to something outside the image: %q", taglist.Clip(a.Name.Local),
				taglist.Clip(t.Name.Local), taglist.Clip(a.Value))
		case len(a.Name.Local) > 2 && strings.EqualFold(a.Name.Local[:2], "on") && a.Name.Space == "":
			c.say(RuleEvent, true, "<%s> has the event handler %s", taglist.Clip(t.Name.Local), taglist.Clip(a.Name.Local))
		}
	}
	return true
}

// outside reports whether an attribute refers to anything but a part of the same
// image.
func outside(a xml.Attr) bool {
	value := strings.TrimSpace(a.Value)
	switch local := strings.ToLower(a.Name.Local); {
	case a.Name.Space == "xmlns" || local == "xmlns":
		return false
	case local == "href" || local == "src":
		return value != "" && value[0] != '#'
	}
	for rest, more := strings.ToLower(value), true; more; { // url(...) in fill, style, filter, ...
		_, rest, more = strings.Cut(rest, "url(")
		if target := strings.TrimLeft(rest, " \t\r\n'\""); more && !strings.HasPrefix(target, "#") {
			return true
		}
	}
	return false
}

func (c *svgChecker) rootAttributes(attrs []xml.Attr) {
	value := map[string]string{}
	for _, a := range attrs {
		if a.Name.Space == "" {
			value[a.Name.Local] = a.Value
		}
	}
	if value["baseProfile"] != "tiny-ps" {
		c.say(RuleProfile, true, `<svg> does not have baseProfile="tiny-ps"`)
	}
	if value["version"] != "1.2" {
		c.say(RuleVersion, false, `<svg> does not have version="1.2"`)
	}
	for _, name := range []string{"x", "y"} {
		if _, there := value[name]; there {
			c.say(RuleRoot, true, "<svg> must not have the attribute %s", name)
		}
	}
	if !square(value["viewBox"]) {
		c.say(RuleSquare, false, "the viewBox of <svg> is missing or not square, so the logo is cut or distorted")
	}
}

func square(viewBox string) bool {
	f := strings.FieldsFunc(viewBox, func(c rune) bool { return c == ' ' || c == ',' || c == '\t' || c == '\n' })
	if len(f) != 4 {
		return false
	}
	w, werr := strconv.ParseFloat(f[2], 64)
	h, herr := strconv.ParseFloat(f[3], 64)
	return werr == nil && herr == nil && w > 0 && w == h
}

func (c *svgChecker) finish() {
	c.dec = nil // what follows is of the image as a whole
	switch {
	case !c.root:
		c.say(RuleSVG, true, "the file is not an SVG image")
	case !c.title && c.whole:
		c.say(RuleTitle, true, "the image has no <title>")
	}
}

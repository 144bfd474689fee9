package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds of a file. They are far above what people write and far below what
// hurts.
const (
	MostBytes  = 4 << 20
	MostValues = 200_000 // after aliases are expanded
	maxDepth   = 40      // of nesting
)

const nestedTooDeep = "nested more than %d levels deep, the most that a scenario may be"

const tooManyValues = "more than %d values, the most that a scenario may have"

const emptyFile = "the file is empty: a scenario was expected"

type nodeKind int

const (
	scalarNode nodeKind = iota
	mappingNode
	sequenceNode
)

// node is a value of a scenario file: YAML without aliases, merge keys and
// styles, and with a position that survives overrides.
type node struct {
	kind  nodeKind
	tag   string // of a scalar: str, int, float, bool or null
	text  string // of a scalar, as written
	pairs []pair
	items []*node
	at    Position
	gone  bool // an entry of a list that an override took out, until all are applied
}

// count is the number of values.
func (n *node) count() int {
	all := 1
	for _, item := range n.items {
		all += item.count()
	}
	for _, p := range n.pairs {
		all += p.value.count()
	}
	return all
}

// sweep drops the entries that overrides took out. Until then they keep their
// place, so that indexes are those of the file.
func (n *node) sweep() {
	n.items = slices.DeleteFunc(n.items, func(item *node) bool { return item.gone })
	for _, item := range n.items {
		item.sweep()
	}
	for _, p := range n.pairs {
		p.value.sweep()
	}
}

type pair struct {
	key   string
	keyAt Position
	value *node
}

func (n *node) isNull() bool { return n.kind == scalarNode && n.tag == "null" }

// get is the value of a key, or nil.
func (n *node) get(key string) *node {
	for i := range n.pairs {
		if n.pairs[i].key == key {
			return n.pairs[i].value
		}
	}
	return nil
}

// put sets a key, or removes it when value is nil.
func (n *node) put(key string, keyAt Position, value *node) {
	for i := range n.pairs {
		if n.pairs[i].key != key {
			continue
		}
		if value == nil {
			n.pairs = append(n.pairs[:i], n.pairs[i+1:]...)
		} else {
			n.pairs[i].keyAt, n.pairs[i].value = keyAt, value
		}
		return
	}
	if value != nil {
		n.pairs = append(n.pairs, pair{key, keyAt, value})
	}
}

// clone is a deep copy.
func (n *node) clone() *node {
	c := *n
	c.pairs = make([]pair, len(n.pairs))
	for i, p := range n.pairs {
		c.pairs[i] = pair{p.key, p.keyAt, p.value.clone()}
	}
	c.items = make([]*node, len(n.items))
	for i, item := range n.items {
		c.items[i] = item.clone()
	}
	return &c
}

// describe names a value in messages.
func (n *node) describe() string {
	switch {
	case n.kind == mappingNode:
		return "a mapping"
	case n.kind == sequenceNode:
		return "a list"
	case n.isNull():
		return "nothing"
	case len(n.text) > 40:
		return strconv.Quote(n.text[:37] + "...")
	case n.tag == "str":
		return strconv.Quote(n.text)
	}
	return n.text
}

// report receives a problem.
type report func(at Position, format string, args ...any)

// parseTree reads one YAML document. It returns nil after having reported why
// it cannot.
func parseTree(data []byte, problem report) *node {
	if len(data) > MostBytes {
		problem(Position{Line: 1, Column: 1}, "the file is larger than %d MiB, the most that a scenario may be", MostBytes>>20)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if at, what := badText(data); what != "" {
		problem(at, "%s", what)
		return nil
	}
	if marks(data) > maxMarks {
		problem(Position{Line: 1, Column: 1}, tooManyValues, MostValues)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		problem(Position{Line: 1, Column: 1}, emptyFile)
		return nil
	case err != nil:
		reportSyntax(err, data, problem)
		return nil
	}
	var second yaml.Node
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		reportSyntax(err, data, problem)
		return nil
	default:
		problem(Position{Line: max(1, second.Line), Column: max(1, second.Column)}, "a second document begins here: a file holds one scenario; of several variants ipamsim lint -o yaml writes one each, with --variant NAME only one")
		return nil
	}
	c := converter{problem: problem, open: map[*yaml.Node]bool{}}
	tree := c.convert(document.Content[0], 0)
	if c.failed {
		return nil
	}
	return tree
}

// breakAt is the length of the line break that a text begins with, or 0. The
// parser counts those of YAML 1.1: CR LF, either alone, NEL, and Unicode's
// separators of lines and of paragraphs.
func breakAt(text string) int {
	for _, b := range []string{"\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if strings.HasPrefix(text, b) {
			return len(b)
		}
	}
	return 0
}

// linesOf are the lines as the parser counts them, without their breaks, by
// number from 1.
func linesOf(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		begin, number := 0, 1
		for i := 0; i < len(text); {
			n := 0
			// Only these bytes begin a break.
			if c := text[i]; c == '\n' || c == '\r' || c == 0xC2 || c == 0xE2 {
				n = breakAt(text[i:])
			}
			if n == 0 {
				i++
				continue
			}
			if !yield(number, text[begin:i]) {
				return
			}
			i += n
			begin, number = i, number+1
		}
		yield(number, text[begin:])
	}
}

// lineAt is one line, and nothing when there is none.
func lineAt(text string, wanted int) string {
	for number, line := range linesOf(text) {
		if number == wanted {
			return line
		}
	}
	return ""
}

// maxMarks bounds the signs of YAML in a file: a comma, a colon, a hyphen or a
// new line may stand for a value, and the parser takes 200 bytes for each. As
// JSON has them, 5 signs are far more than what a value takes.
const maxMarks = 5 * MostValues

// marks counts what may stand for values.
func marks(data []byte) (n int) {
	for _, sign := range []string{",", ":", "-", "\n"} {
		n += bytes.Count(data, []byte(sign))
	}
	return n
}

// badText finds what is not text: YAML's parser would not say where it is.
func badText(data []byte) (Position, string) {
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		return Position{Line: 1, Column: 1}, "the file is UTF-16: save it as UTF-8"
	}
	for number, line := range linesOf(string(data)) {
		column := 1
		for rest := line; rest != ""; column++ {
			r, size := utf8.DecodeRuneInString(rest)
			switch {
			case r == utf8.RuneError && size == 1:
				return Position{Line: number, Column: column}, fmt.Sprintf("the byte 0x%02X is not UTF-8: save the file as UTF-8", rest[0])
			case r < ' ' && r != '\t' || r == 0x7F:
				return Position{Line: number, Column: column}, fmt.Sprintf("the control character 0x%02X does not belong in a text file", r)
			}
			rest = rest[size:]
		}
	}
	return Position{}, ""
}

var (
	syntaxLine = regexp.MustCompile(`(?s)^yaml: line (\d+): (.*)$`)
	tabIndent  = regexp.MustCompile(`^ *\t\s*[^\s#]`)
)

// reportSyntax turns an error of the YAML parser, which knows lines only,
// into a problem.
func reportSyntax(err error, data []byte, problem report) {
	message, at := strings.TrimPrefix(err.Error(), "yaml: "), Position{}
	if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		message = m[2]
		// The parser counts lines from 0 in these, unlike in the others.
		if strings.HasPrefix(message, "did not find expected") {
			at.Line++
		}
	}
	if strings.Contains(message, "exceeded max depth") {
		problem(tooDeep(data), nestedTooDeep, maxDepth)
		return
	}
	last := 0
	for number, line := range linesOf(string(data)) {
		last = number
		if number <= at.Line+1 && tabIndent.MatchString(line) {
			problem(Position{Line: number, Column: strings.IndexByte(line, '\t') + 1}, "a tab indents this line: YAML is indented with spaces only")
			return
		}
	}
	if strings.HasPrefix(message, "mapping values are not allowed") {
		message += ": a value that contains a colon and a space must be quoted, and a nested key begins on a line of its own"
	}
	if at.Line == 0 {
		at = Position{Line: 1, Column: 1} // the parser does not say where
	}
	at.Line = min(at.Line, last)
	problem(at, "not valid YAML: %s", message)
}

// tooDeep is about where a document becomes nested too deeply, of which the
// parser knows the line at best: the bracket or the list entry that is one
// too many. Text that looks like either may count; it is nobody's scenario.
func tooDeep(data []byte) Position {
	brackets := 0
	for number, line := range linesOf(string(data)) {
		entries, column := 0, 0
		begins := true // only entries so far in this line
		for _, r := range line {
			column++
			switch r {
			case '[', '{':
				brackets++
			case ']', '}':
				brackets--
			case '-':
				if begins {
					entries++
				}
			}
			begins = begins && (r == '-' || r == ' ')
			if brackets+entries > maxDepth {
				return Position{Line: number, Column: column}
			}
		}
	}
	return Position{Line: 1, Column: 1}
}

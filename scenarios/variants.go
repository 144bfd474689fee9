package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ipamsim/internal/words"
)

// Options change a file for one run.
type Options struct {
	Set          []string // path=value, over the file and over its variants
	Over         []string // likewise, over Set: one point of a sweep, whose problems are those of --over
	Variants     []string // names of those wanted; all unless given
	Seed         *uint64
	Replications *int
}

// Changes are the options as --set would have them.
func (o Options) Changes() []string {
	list := slices.Concat(o.Set, o.Over)
	if o.Seed != nil {
		list = append(list, fmt.Sprintf("seed=%d", *o.Seed))
	}
	if o.Replications != nil {
		list = append(list, fmt.Sprintf("replications=%d", *o.Replications))
	}
	return list
}

// Expanded is one variant, ready to run.
type Expanded struct {
	Name, Description string
	Scenario          *Scenario
	Digest            string    // of the file
	Set               []string  // what the command line changed, as --set takes it
	Warnings          []Problem // what is accepted but probably not meant
	// Traces are the pods of the workloads of kind Trace, by workload. Variants
	// with the same file share them: they are read alone.
	Traces map[string][]TracePod

	file    *File
	given   map[string]*node        // by path, what the file and its overrides have
	options Options                 // that it was made with, this variant alone
	read    map[string]traceReading // files
}

// Inputs are the paths of the files that the variant was read from: the
// scenario's, unless it is shipped, its traces', those of settings, and its profile.
func (e *Expanded) Inputs() []string {
	paths := e.Files()
	if e.file.Path != "" {
		paths = slices.Insert(paths, 0, e.file.Path)
	}
	return paths
}

// Files are the paths of the files that the scenario names: its traces', those of
// settings, and its profile.
func (e *Expanded) Files() (paths []string) {
	for _, w := range e.Scenario.Workloads {
		if w.Kind == "Trace" && w.File != "" {
			paths = append(paths, besidePath(e.file.Dir, w.File))
		}
	}
	for i := range e.Scenario.Deployed {
		if path := e.Scenario.Deployed[i].Path; !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	if m := e.Scenario.Measured; m != nil {
		paths = append(paths, m.Path)
	}
	return paths
}

// With is the same variant with further overrides over all others, as Set
// takes them. The error is a Problems.
func (e *Expanded) With(set ...string) (Expanded, error) {
	o := e.options
	o.Set = slices.Concat(o.Set, set)
	return e.again(o)
}

// WithOver is the same variant at one point of a sweep: path=value for each
// axis. The error is a Problems. It may be asked by several goroutines at a time.
func (e *Expanded) WithOver(point ...string) (Expanded, error) {
	o := e.options
	o.Over = point
	return e.again(o)
}

func (e *Expanded) again(o Options) (Expanded, error) {
	list, err := e.file.variants(o, maps.Clone(e.read))
	if err != nil {
		return Expanded{}, err
	}
	return list[0], nil
}

// defaultVariant is the name of the one variant of a file that names none.
const defaultVariant = "default"

// Names are those of the variants, in the order of the file.
func (f *File) Names() []string {
	if len(f.Scenario.Variants) == 0 {
		return []string{defaultVariant}
	}
	names := make([]string, len(f.Scenario.Variants))
	for i := range names {
		names[i] = f.Scenario.Variants[i].Name
	}
	return names
}

// fixed are the keys that all variants of a file share.
var fixed = []string{"apiVersion", "kind", "metadata", "seed", "replications", "incident", "expect", "thresholds", "variants"}

// Variants applies the options and each variant's overrides, in this order of
// rising precedence: the file, the variant, Seed and Replications, Set. The
// error is a Problems.
func (f *File) Variants(o Options) ([]Expanded, error) {
	return f.variants(o, map[string]traceReading{})
}

// variants reads the files of traces that have not been read.
func (f *File) variants(o Options, read map[string]traceReading) (list []Expanded, err error) {
	defer f.stopped(&err)
	var problems Problems
	selected := f.selectVariants(o, f.reportTo(&problems, ""))
	var out []Expanded
	for _, v := range selected {
		x := f.expandVariant(v, o)
		e := Expanded{Name: defaultVariant, Scenario: x.scenario, Digest: f.Digest, Set: o.Changes(), file: f, options: o, read: read, given: x.checker.d.nodes}
		e.options.Variants = nil
		variant := ""
		if v != nil {
			e.Name = word(v.get("name"))
			e.Description = word(v.get("description"))
			e.options.Variants = []string{e.Name}
			variant = e.Name
		}
		problems = append(problems, x.problems...)
		e.Traces = f.readTraces(x, variant, read, &problems)
		e.Warnings = x.warnings.sorted()
		out = append(out, e)
	}
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	return out, nil
}

func word(n *node) string {
	if n == nil || n.isNull() {
		return ""
	}
	return n.text
}

// selectVariants are the wanted variants in the order of the file; nil is the
// file as it stands.
func (f *File) selectVariants(o Options, problem report) []*node {
	all := []*node{nil}
	names := []string{defaultVariant}
	if v := f.tree.get("variants"); v != nil && len(v.items) > 0 {
		all, names = v.items, nil
		for _, item := range all {
			names = append(names, word(item.get("name")))
		}
	}
	if len(o.Variants) == 0 {
		return all
	}
	for _, name := range o.Variants {
		if !slices.Contains(names, name) {
			problem(Position{Flag: "--variant " + name}, "%s has no variant %q%s", f.Name, name, words.DidYouMeanOr(name, names))
		}
	}
	var selected []*node
	for i, v := range all {
		if slices.Contains(o.Variants, names[i]) {
			selected = append(selected, v)
		}
	}
	return selected
}

// expandVariant decodes the tree with a variant's overrides and the options
// applied.
func (f *File) expandVariant(variant *node, o Options) *expansion {
	var problems, warnings Problems
	tree, name := f.tree.clone(), ""
	if variant != nil {
		name = word(variant.get("name"))
		f.applySet(tree, variant, f.reportTo(&problems, name), f.warnTo(&warnings, name))
	}
	problem := f.reportTo(&problems, "")
	if o.Seed != nil {
		text := fmt.Sprint(*o.Seed)
		at := Position{Flag: "--seed " + text}
		tree.put("seed", at, &node{tag: "int", text: text, at: at})
	}
	if o.Replications != nil {
		text := fmt.Sprint(*o.Replications)
		at := Position{Flag: "--replications " + text}
		tree.put("replications", at, &node{tag: "int", text: text, at: at})
	}
	for i, set := range slices.Concat(o.Set, o.Over) {
		flag := "--set "
		if i >= len(o.Set) {
			flag = "--over "
		}
		if v, ok := parseSet(flag, set, problem); ok {
			applyOverride(tree, v, problem, f.warnTo(&warnings, ""))
		}
	}
	tree.sweep()
	x := f.expand(tree, name)
	x.problems, x.warnings = append(problems, x.problems...), append(warnings, x.warnings...)
	return x
}

func (f *File) applySet(tree, variant *node, problem, warning report) {
	set := variant.get("set")
	if set == nil || set.kind != mappingNode {
		return
	}
	for _, p := range set.pairs {
		first, _, _ := strings.Cut(p.key, ".")
		if slices.Contains(fixed, first) {
			problem(p.keyAt, "%s: a variant cannot change %s, which all variants share", p.key, first)
			continue
		}
		value := p.value.clone()
		if value.isNull() {
			value.at = p.keyAt
		}
		applyOverride(tree, override{p.key, p.keyAt, value}, problem, warning)
	}
}

// unsettable are the keys that the command line cannot change.
var unsettable = []string{"apiVersion", "kind", "variants"}

// parseSet reads path=value of a flag; the value is YAML.
func parseSet(flag, set string, problem report) (override, bool) {
	at := Position{Flag: flag + set}
	path, text, ok := strings.Cut(set, "=")
	path = strings.TrimSpace(path)
	if !ok || path == "" {
		problem(at, "path=value was expected, such as %snodeGroups.workers.count=10", flag)
		return override{}, false
	}
	if first, _, _ := strings.Cut(path, "."); slices.Contains(unsettable, first) {
		problem(at, "%s cannot be set from the command line", first)
		return override{}, false
	}
	value := &node{tag: "str", at: at}
	if strings.TrimSpace(text) != "" {
		failed := false
		value = parseTree([]byte(text), func(_ Position, format string, args ...any) {
			failed = true
			problem(at, format, args...)
		})
		if value == nil && !failed || failed {
			return override{}, false
		}
		value.moveTo(at)
	}
	return override{path, at, value}, true
}

// moveTo gives a value and all below it one position.
func (n *node) moveTo(at Position) {
	n.at = at
	for i := range n.pairs {
		n.pairs[i].keyAt = at
		n.pairs[i].value.moveTo(at)
	}
	for _, item := range n.items {
		item.moveTo(at)
	}
}

// expansion is a tree that was decoded and checked.
type expansion struct {
	scenario           *Scenario
	deployed           []Deployed
	measured           *Measured
	checker            *checker
	problems, warnings Problems
}

// expand decodes and checks a tree.
func (f *File) expand(tree *node, variant string) *expansion {
	x := &expansion{warnings: slices.Clone(f.former)}
	renameFormer(tree, scenarioType, f.warnTo(&x.warnings, variant)) // of what overrides brought
	tree = f.measure(tree, x, f.reportTo(&x.problems, variant))
	tree = f.settle(tree, x, f.reportTo(&x.problems, variant), f.warnTo(&x.warnings, variant))
	scenario, decoder := decode(tree, f.reportTo(&x.problems, variant))
	x.scenario = scenario
	scenario.Deployed, scenario.Measured = x.deployed, x.measured
	scenario.describeTypes()
	scenario.take(func(format string, args ...any) bool { return decoder.nodes[fmt.Sprintf(format, args...)] != nil })
	x.checker = &checker{s: scenario, d: decoder, problem: f.reportTo(&x.problems, variant), warning: f.warnTo(&x.warnings, variant)}
	x.checker.check()
	x.problems, x.warnings = x.problems.sorted(), x.warnings.sorted()
	return x
}

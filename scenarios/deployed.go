package scenarios

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
	"ipamsim/scenarios/awsnode"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/result"
)

// fromKey is what a cni has besides variables, whose names are in capitals: the
// path of a file that has them.
const fromKey = "from"

const fromDoc = "A file whose settings of aws-node are taken where the scenario has none, relative to the scenario."

// mostSettingsBytes bounds a file of settings: a hundred times what the VPC CNI's
// manifest has.
const mostSettingsBytes = 4 << 20

// Deployed is what was taken from a file that a cni names.
type Deployed struct {
	Where  string   // nodeGroups.workers, or the fault
	File   string   // as the scenario names it
	Path   string   // where it is
	Digest string   // of its bytes: sha256: and 64 hexadecimal digits
	As     string   // what it was taken for
	Set    []string // what was taken and is not the daemon's default, NAME=value, in the order of the file
	Others int      // variables that were taken and are as they are by default
}

// settingsFile is a file of settings, or why it could not be read.
type settingsFile struct {
	*awsnode.Settings
	digest string
	err    error
}

// misspelt is what a file of which nothing is known may have meant.
func misspelt(text []byte) string {
	near, err := awsnode.Read(text, func(name string) bool { return words.DidYouMean(name, cniNames()) != "" })
	if err != nil || near == nil {
		return ""
	}
	for _, v := range near.Variables {
		if meant := words.DidYouMean(v.Name, cniNames()); meant != "" {
			return fmt.Sprintf("; the daemon knows no variable %q (line %d)%s", v.Name, v.Line, meant)
		}
	}
	return ""
}

func readSettings(path string) *settingsFile {
	text, err := regularFile(path, mostSettingsBytes, "a file of settings")
	if err != nil {
		return &settingsFile{err: err}
	}
	s := &settingsFile{digest: fmt.Sprintf("sha256:%x", sha256.Sum256(text))}
	known := func(name string) bool {
		_, known := cniVariable(name)
		return known
	}
	s.Settings, s.err = awsnode.Read(text, known)
	if s.Settings == nil && s.err == nil {
		s.err = errors.New("nothing of aws-node in it: " + awsnode.Wanted + misspelt(text))
	}
	return s
}

// settle puts the variables of the files that are named by a cni in the place of
// the name, under those that the scenario has itself. It leaves a tree alone that
// names none.
func (f *File) settle(tree *node, x *expansion, problem, warning report) *node {
	if !slices.ContainsFunc(cnis(tree), func(c cniAt) bool { return c.cni.get(fromKey) != nil }) {
		return tree
	}
	tree = tree.clone()
	for _, c := range cnis(tree) {
		if c.cni.get(fromKey) != nil {
			s := settler{f, c, x, problem, warning}
			s.settle()
		}
	}
	return tree
}

// cniAt is a cni of the tree.
type cniAt struct {
	where string // nodeGroups.workers
	owner *node
	cni   *node
}

// cnis are all that are mappings.
func cnis(tree *node) (list []cniAt) {
	for _, key := range []string{"nodeGroups", "faults"} {
		of := tree.get(key)
		if of == nil {
			continue
		}
		for i, item := range of.items {
			if cni := item.get("cni"); cni != nil && cni.kind == mappingNode {
				list = append(list, cniAt{entryName(key, i, item), item, cni})
			}
		}
	}
	return list
}

// settler fills one cni.
type settler struct {
	file *File
	cniAt
	x                *expansion
	problem, warning report
}

func (s *settler) settle() {
	from := s.cni.get(fromKey)
	own := map[string]bool{}
	for _, p := range s.cni.pairs {
		own[p.key] = true
	}
	s.cni.pairs = slices.DeleteFunc(s.cni.pairs, func(p pair) bool { return p.key == fromKey || p.value.isNull() })
	if from.kind != scalarNode || from.tag != "str" || from.text == "" {
		s.problem(from.at, "%s.cni.from: the path of a file was expected, got %s", s.where, from.describe())
		return
	}
	d := Deployed{Where: s.where, File: from.text, Path: besidePath(s.file.Dir, from.text)}
	read := s.file.settings.of(d.Path, readSettings)
	if read.err != nil {
		s.unreadable(&d, from, read.err)
		return
	}
	d.As, d.Digest = read.As, read.digest
	s.take(&d, read.Settings, from, own)
	s.x.deployed = append(s.x.deployed, d)
}

// unreadable says what is wrong with the file, at its place there if it has one.
func (s *settler) unreadable(d *Deployed, from *node, err error) {
	at := from.at
	var wrong *input.Error
	if errors.As(err, &wrong) && wrong.Line > 0 {
		at = Position{File: d.Path, Line: wrong.Line, Column: wrong.Column}
		s.problem(at, "%s (%s)", wrong.Message, s.named(from))
		return
	}
	s.problem(at, "%s.cni.from: %s: %s", s.where, d.Path, err)
}

// named says where the file is named.
func (s *settler) named(from *node) string {
	by := from.at.Flag
	if by == "" {
		by = fmt.Sprintf("%s:%d:%d", s.file.Name, from.at.Line, from.at.Column)
	}
	return fmt.Sprintf("%s.cni.from, %s", s.where, by)
}

// take enters the variables that the scenario does not have itself.
func (s *settler) take(d *Deployed, read *awsnode.Settings, from *node, own map[string]bool) {
	values := map[string]int{} // of each the last one, as the kubelet has it
	for i, v := range read.Variables {
		values[v.Name] = i
	}
	for i, v := range read.Variables {
		at := Position{File: d.Path, Line: v.Line, Column: v.Column}
		switch _, known := cniVariable(v.Name); {
		case values[v.Name] != i:
			if last := read.Variables[values[v.Name]]; !v.Merged && v.Value != last.Value && !own[v.Name] {
				s.warning(at, "%s is set twice, and again in line %d: the last one counts (%s)", v.Name, last.Line, s.named(from))
			}
		case !known:
			s.warning(at, "the daemon knows no variable %q%s: it is left out (%s)", v.Name, words.DidYouMean(v.Name, cniNames()), s.named(from))
		case !own[v.Name]:
			s.put(v.Name, v.Value, at)
			d.note(v)
		}
	}
	for _, name := range sortedKeys(shippedCNI) {
		if _, set := values[name]; read.Whole && !set && !own[name] {
			v, _ := cniVariable(name) // the manifest is whole: what it does not set is the daemon's default
			s.put(name, v.Default, from.at)
		}
	}
	elsewhere := slices.DeleteFunc(slices.Clone(read.Elsewhere), func(name string) bool { return name == "MY_NODE_NAME" || name == "MY_POD_NAME" || own[name] })
	if len(elsewhere) > 0 {
		s.warning(from.at, "%s.cni.from: the values of %s are not in %s: they are left out", s.where, words.And(elsewhere), d.File)
	}
	s.version(read.Version, d, from)
}

func (s *settler) put(name, value string, at Position) {
	s.cni.pairs = append(s.cni.pairs, pair{name, at, &node{tag: "str", text: value, at: at}})
}

// version warns of a file that deploys another release than is simulated.
func (s *settler) version(deployed string, d *Deployed, from *node) {
	if !strings.HasPrefix(s.where, "nodeGroups") || deployed == "" {
		return
	}
	simulated := result.DefaultCNIVersion
	if v := s.owner.get("cniVersion"); v != nil && v.kind == scalarNode {
		simulated = v.text
	}
	release, _, _ := strings.Cut(deployed, "-") // v1.23.1-eksbuild.1
	if !strings.HasPrefix(release, "v") {
		release = "v" + release
	}
	if release == simulated {
		return
	}
	hint := "of those that are modelled cniVersion chooses one: " + words.Or(ipamd.Releases())
	if slices.Contains(ipamd.Releases(), release) {
		hint = "cniVersion: " + release + " simulates that"
	}
	s.warning(from.at, "%s.cni.from: %s deploys the VPC CNI %s, and %s is simulated; %s", s.where, d.File, words.Printable(deployed), simulated, hint)
}

// note counts a variable that was taken.
func (d *Deployed) note(v awsnode.Variable) {
	if is, _ := cniVariable(v.Name); strings.EqualFold(v.Value, is.Default) {
		d.Others++
	} else {
		d.Set = append(d.Set, v.Name+"="+words.Printable(v.Value))
	}
}

// explainDeployed says what was taken from a file.
func explainDeployed(d *Deployed) string {
	parts := slices.Clone(d.Set)
	if d.Others > 0 {
		parts = append(parts, words.Plural(d.Others, "variable")+" as by default")
	}
	taken := "nothing that the scenario does not set itself"
	if len(parts) > 0 {
		taken = words.And(parts)
	}
	return fmt.Sprintf("%s takes from %s (%s) the settings of aws-node: %s.", d.Where, filepath.ToSlash(d.File), d.As, taken)
}

package scenarios

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/ami"
)

// profileKind is what a profile says that it is.
const profileKind = "Profile"

// Profile is what is true of an account and its nodes whatever runs there: a file
// that several scenarios take, with the sections of the language that it may have.
type Profile struct {
	APIVersion   string           `yaml:"apiVersion" required:"true" enum:"ipamsim/v1" doc:"Version of the scenario language."`
	Kind         string           `yaml:"kind" required:"true" enum:"Profile" doc:"Always Profile."`
	Metadata     *ProfileMetadata `yaml:"metadata" doc:"Description and source of the profile, for people."`
	EC2          EC2              `yaml:"ec2" doc:"As in a scenario."`
	Launch       Launch           `yaml:"launch" doc:"As in a node group: of every group, as far as it does not say it itself."`
	ControlPlane ControlPlane     `yaml:"controlPlane" doc:"As in a scenario."`
}

// ProfileMetadata explains a profile.
type ProfileMetadata struct {
	Description string `yaml:"description" doc:"What it is of."`
	Source      string `yaml:"source" doc:"Where its numbers come from."`
}

var profileType = reflect.TypeFor[Profile]()

// profileKey is where a scenario names its profile.
const profileKey = "profile"

// laid are the mappings of which a scenario may have some keys and the profile others;
// everything else is taken whole or not at all: a mean of the scenario's never goes with
// a sigma of the profile's.
var laid = []string{"ec2", "ec2.latency", "ec2.throttle", "ec2.resourceThrottle", "ec2.allocation", "ec2.metadata", "ec2.sdk", "controlPlane", "launch"}

// instead are choices of a scenario's that say, in one word, what a profile's keys say in
// numbers: where a scenario makes the choice they are not taken.
var instead = map[string]string{
	"ec2.metadata.interface":   "ec2.metadata.profile",
	"controlPlane.podCreation": "controlPlane.tier",
	"controlPlane.scheduling":  "controlPlane.tier",
	"launch.boot":              "launch.profile",
}

// Measured is what was taken from the file that profile names.
type Measured struct {
	File   string   // as the scenario names it
	Path   string   // where it is
	Digest string   // of its bytes: sha256: and 64 hexadecimal digits
	Taken  []string // keys, in the order of the file: ec2.latency.AttachNetworkInterface
	Own    []string // keys that the scenario has itself, or has chosen otherwise
}

// profileFile is a profile, or why it could not be read.
type profileFile struct {
	tree     *node
	digest   string
	problems []profileProblem
}

type profileProblem struct {
	at      Position
	message string
}

func readProfile(path string) *profileFile {
	p := new(profileFile)
	text, err := regularFile(path, MostBytes, "a profile")
	if err != nil {
		p.problems = []profileProblem{{Position{}, err.Error()}}
		return p
	}
	p.digest = fmt.Sprintf("sha256:%x", sha256.Sum256(text))
	problem := func(at Position, format string, args ...any) {
		if len(p.problems) < maxProblems {
			at.File = path
			p.problems = append(p.problems, profileProblem{at, fmt.Sprintf(format, args...)})
		}
	}
	tree := parseTree(text, problem)
	if tree == nil || len(p.problems) > 0 {
		return p
	}
	tree.in(path)
	checkProfile(tree, problem)
	p.tree = tree
	return p
}

// CheckProfile says what is wrong with the text of a profile. The error is a Problems.
func CheckProfile(name string, text []byte) error {
	f := &File{Name: name, text: string(text)}
	var problems Problems
	if tree := parseTree(text, f.reportTo(&problems, "")); tree != nil && len(problems) == 0 {
		checkProfile(tree, f.reportTo(&problems, ""))
	}
	if len(problems) > 0 {
		return problems.sorted()
	}
	return nil
}

// ProfileAt says whether a file is a profile, and what is wrong with it. The error is
// a Problems.
func ProfileAt(path string) (bool, error) {
	text, err := regularFile(path, MostBytes, "a profile")
	if err != nil {
		return false, nil
	}
	tree := parseTree(text, func(Position, string, ...any) {})
	if tree == nil || tree.kind != mappingNode || word(tree.get("kind")) != profileKind {
		return false, nil
	}
	return true, CheckProfile(path, text)
}

// in says of all values in which file they are.
func (n *node) in(file string) {
	n.at.File = file
	for i := range n.pairs {
		n.pairs[i].keyAt.File = file
		n.pairs[i].value.in(file)
	}
	for _, item := range n.items {
		item.in(file)
	}
}

// checkProfile reads a profile as what it is, and checks it as a scenario's sections are.
func checkProfile(tree *node, problem report) {
	d := &decoder{problem, map[string]*node{}, map[string]Position{}, map[string]bool{}}
	p := new(Profile)
	d.value(tree, reflect.ValueOf(p).Elem(), field{typ: profileType}, "", "the profile")
	c := &checker{s: &Scenario{EC2: p.EC2, ControlPlane: p.ControlPlane}, d: d, problem: problem, warning: problem}
	c.checkEC2()
	c.checkControlPlane()
	c.launchTimes(&p.Launch, "launch", "launch")
}

// measure puts what a profile says in the place of its name, under what the scenario
// says itself. It leaves a tree alone that names none.
func (f *File) measure(tree *node, x *expansion, problem report) *node {
	name := tree.get(profileKey)
	if name == nil || tree.kind != mappingNode {
		return tree
	}
	tree = tree.clone()
	tree.put(profileKey, name.at, nil)
	if name.isNull() {
		return tree
	}
	if name.kind != scalarNode || name.tag != "str" || name.text == "" {
		problem(name.at, "profile: the path of a file was expected, got %s", name.describe())
		return tree
	}
	m := &Measured{File: name.text, Path: besidePath(f.Dir, name.text)}
	read := f.profiles.of(m.Path, readProfile)
	for _, p := range read.problems {
		if p.at.Line == 0 {
			problem(name.at, "profile: %s: %s", m.Path, p.message)
			continue
		}
		problem(p.at, "%s", p.message)
	}
	if len(read.problems) > 0 {
		return tree
	}
	m.Digest = read.digest
	l := layer{Measured: m, tree: tree}
	l.all(read.tree)
	x.measured = m
	return tree
}

// layer lays a profile under a scenario.
type layer struct {
	*Measured
	tree  *node
	group *node // that launch is laid under
}

func (l *layer) all(profile *node) {
	for _, p := range profile.pairs {
		if !slices.Contains(laid, p.key) || p.value.isNull() {
			continue // apiVersion, kind, metadata
		}
		if p.key != "launch" {
			l.under(l.tree, p, "")
			continue
		}
		groups := l.tree.get("nodeGroups")
		if groups == nil {
			continue
		}
		for _, g := range groups.items {
			if l.group = g; g.kind == mappingNode {
				l.under(g, p, "")
			}
		}
	}
}

// under lays one key under a mapping.
func (l *layer) under(own *node, p pair, above string) {
	path, there := join(above, p.key), own.get(p.key)
	switch {
	case p.value.isNull():
	case l.chosen(own, path):
		l.note(&l.Own, path)
	case slices.Contains(laid, path) && p.value.kind == mappingNode:
		if !has(own, p.key) {
			there = &node{kind: mappingNode, at: p.value.at}
			own.put(p.key, p.keyAt, nil)
			own.put(p.key, p.keyAt, there)
		}
		if there.kind != mappingNode {
			return // it is reported when it is read
		}
		for _, below := range p.value.pairs {
			l.under(there, below, path)
		}
	case has(own, p.key):
		l.note(&l.Own, path)
	default:
		own.put(p.key, p.keyAt, nil)
		own.put(p.key, p.keyAt, p.value.clone())
		l.note(&l.Taken, path)
	}
}

// chosen says whether the scenario has made a choice that leaves no room for a key:
// the word in place of its number, the older spelling, images that are not pulled, or a
// bucket that several actions share.
func (l *layer) chosen(own *node, path string) bool {
	if choice, ok := instead[path]; ok && has(own, choice[strings.LastIndexByte(choice, '.')+1:]) {
		return true
	}
	switch path {
	case "controlPlane.scheduling":
		return has(l.tree, "scheduler")
	case "launch.systemImagePull":
		if has(own, "systemImages") {
			return word(own.get("systemImages")) == ImagesCached
		}
		family, _ := ami.Named(word(l.group.get("amiFamily")))
		return family.Cached
	}
	action, ok := strings.CutPrefix(path, "ec2.throttle.")
	ec2 := l.tree.get("ec2")
	if !ok || ec2 == nil {
		return false
	}
	shared := ec2.get("sharedThrottle")
	return shared != nil && slices.ContainsFunc(shared.items, func(b *node) bool {
		actions := b.get("actions")
		return actions != nil && slices.ContainsFunc(actions.items, func(n *node) bool { return n.text == action })
	})
}

// has says whether a mapping has a key with a value.
func has(n *node, key string) bool {
	value := n.get(key)
	return value != nil && !value.isNull()
}

// note enters a key once: several groups may take it.
func (l *layer) note(list *[]string, path string) {
	if !slices.Contains(*list, path) {
		*list = append(*list, path)
	}
}

// explainMeasured says what was taken from a profile.
func explainMeasured(m *Measured) string {
	if m == nil {
		return ""
	}
	const most = 4
	list := func(keys []string) string {
		if len(keys) > most {
			return words.And(append(slices.Clone(keys[:most]), words.Plural(len(keys)-most, "other key")))
		}
		return words.And(keys)
	}
	text := "nothing is taken from its profile, " + filepath.ToSlash(m.File)
	if len(m.Taken) > 0 {
		text = fmt.Sprintf("from its profile, %s, are taken %s", filepath.ToSlash(m.File), list(m.Taken))
	}
	if len(m.Own) > 0 {
		text += "; the scenario has its own " + list(m.Own)
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

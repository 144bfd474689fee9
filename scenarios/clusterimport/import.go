package clusterimport

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/netip"
	"slices"
	"strings"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
	"ipamsim/limits"
)

// Options of an import.
type Options struct {
	Name       string // of the scenario; imported unless given
	GroupLabel string // of nodes, that names their group where none of the usual ones does
	Anonymise  bool   // names are hashed
	least      detail // that is given up at once; for tests
}

func (o Options) name() string {
	if o.Name == "" {
		return "imported"
	}
	return o.Name
}

// Result of an import.
type Result struct {
	Scenario []byte // YAML; nil where there is an error
	Report   Report
	world    *world
}

// Faults are what is wrong with what was handed in, each in its file.
type Faults []string

// Error is all of them, one a line.
func (f Faults) Error() string { return strings.Join(f, "\n") }

// Add adds what is wrong with a file, at its place if there is one.
func (f *Faults) Add(file string, err error) {
	var wrong *input.Error
	if errors.As(err, &wrong) && wrong.Line > 0 {
		*f = append(*f, fmt.Sprintf("%s:%v", words.Printable(file), wrong))
		return
	}
	*f = append(*f, words.Printable(file)+": "+err.Error())
}

// Import makes a scenario of what was handed in. Where it cannot, the error is
// Faults, and the result has the report of the files.
func Import(sources []Source, opts Options) (*Result, error) {
	r := &Result{Report: Report{Files: []FileReport{}, Assumed: []string{}, Notes: []string{}, NotModelled: []NotModelled{}, Subnets: []SubnetReport{}, Nodes: []NodeReport{}}}
	if len(sources) == 0 {
		return r, errNone
	}
	c := new(collection)
	digest := sha256.New()
	var faults Faults
	for _, s := range sources {
		about, err := c.readSource(s, digest)
		if about != nil {
			r.Report.Files = append(r.Report.Files, *about)
		}
		if err != nil {
			faults.Add(s.Name, err)
		}
	}
	if len(faults) > 0 {
		return r, faults
	}
	if opts.Anonymise {
		c.anonymise(digest.Sum(nil))
	}
	w, err := c.world(opts)
	var text string
	if err == nil {
		text, err = w.fitting(opts)
	}
	r.Report.add(w)
	if err != nil {
		return r, err
	}
	r.Scenario, r.world = []byte(text), w
	return r, nil
}

// readSource reads one source. Of a folder's files those are passed over that
// are none that are known.
func (c *collection) readSource(s Source, digest hash.Hash) (*FileReport, error) {
	f := &file{collection: c, name: words.Printable(s.Name), kinds: map[string]int{}, suspicious: map[rowKind]int{}}
	text, err := opened(io.TeeReader(s.Reader, digest))
	if err == nil {
		err = f.read(text)
	}
	for kind := range rowKinds {
		if n := f.suspicious[kind]; n > 0 {
			c.suspects = append(c.suspects, suspect{f.name, kind, n})
		}
	}
	var unknown *unknownError
	switch {
	case errors.As(err, &unknown) && s.Related:
		return &FileReport{Path: s.Name, TakenFor: "nothing that is read", Note: "passed over: " + unknown.why.Message}, nil
	case err != nil:
		return &FileReport{Path: s.Name, TakenFor: "refused"}, err
	}
	return f.report(), nil
}

// world puts everything together. Its error is Faults.
func (c *collection) world(opts Options) (*world, error) {
	w := &world{collection: c, types: limits.Published(), anonymous: opts.Anonymise}
	if err := w.describeTypes(); err != nil {
		return w, Faults{err.Error()}
	}
	steps := []func(){w.needed, w.join, w.find, w.count, w.whole, w.raise, w.vpcBlocks, w.adopt, w.gather, func() { w.divide(opts.GroupLabel) }, w.left}
	for _, step := range steps {
		if step(); len(w.problems) > 0 {
			return w, Faults(w.problems)
		}
	}
	return w, nil
}

// describeTypes takes the types that were described.
func (w *world) describeTypes() error {
	if len(w.collection.types) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString(`{"InstanceTypes":[`)
	for i, t := range w.collection.types {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(t)
	}
	b.WriteString("]}")
	_, _, err := w.types.Describe(bufio.NewReader(strings.NewReader(b.String())))
	return err
}

// vpcBlocks finds the blocks of the VPC: those that are associated, or if no file
// has the VPC those of its subnets.
func (w *world) vpcBlocks() {
	var v *vpc
	for _, p := range w.places {
		if v = w.vpcs.get(text(w.subnets.get(p.id).VpcId)); v != nil {
			break
		}
	}
	if v == nil {
		for _, p := range w.places {
			w.blocks = append(w.blocks, p.block)
		}
		if len(w.blocks) > mostBlocks {
			w.problem("no file has the VPC, and it has more subnets than a VPC has blocks: give what `aws ec2 describe-vpcs --output json` prints")
		}
		w.blocksWhy = " # assumed: no file has the VPC's (aws ec2 describe-vpcs)"
		w.assume("the blocks of the VPC are those of its subnets, since no file has the VPC (aws ec2 describe-vpcs --output json)")
		return
	}
	add := func(s *string) {
		if block, err := netip.ParsePrefix(text(s)); err == nil && block.Addr().Is4() && !slices.Contains(w.blocks, block.Masked()) {
			w.blocks = append(w.blocks, block.Masked())
		}
	}
	add(v.CidrBlock)
	for _, a := range v.CidrBlockAssociationSet { // the first block is among them
		if a.CidrBlockState == nil || a.CidrBlockState.State == "associated" {
			add(a.CidrBlock)
		}
	}
	for _, p := range w.places {
		if !slices.ContainsFunc(w.blocks, func(b netip.Prefix) bool { return b.Bits() <= p.block.Bits() && b.Contains(p.block.Addr()) }) {
			w.problem("%s has %s, which is outside of its VPC, %s", p.id, p.block, prefixes(w.blocks))
		}
	}
}

// mostBlocks is the most blocks that a VPC can be raised to.
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
const mostBlocks = 50

// adopt takes the settings of aws-node: of the DaemonSet, or of the add-on's
// configuration, or what the shipped manifest has.
func (w *world) adopt() {
	s := w.settings
	switch {
	case s != nil && w.addOn != nil:
		w.say("the settings of aws-node are those of the DaemonSet; those of the add-on's or chart's configuration are not read besides")
	case s == nil && w.addOn != nil:
		s = w.addOn
		w.assume("the settings of aws-node are those of the add-on's or chart's configuration; the DaemonSet says what really runs (kubectl get daemonset -n kube-system aws-node -o json)")
	case s == nil:
		w.cniWhy = " {} # assumed: no file has the DaemonSet aws-node"
		w.release, _ = release("")
		w.assume("the VPC CNI is %s with the settings of its manifest, since no file has the DaemonSet aws-node (kubectl get daemonset -n kube-system aws-node -o json)", w.release)
		return
	}
	why := ""
	w.release, why = release(s.version)
	if why != "" {
		w.releaseWhy = " # " + why
		w.assume("%s", why)
	}
	w.cni = s.environment()
	w.unset = map[string]bool{}
	for k := range w.cni { // any order: a set is filled
		if _, set := s.env[k]; !set {
			w.unset[k] = true
		}
	}
	if w.settings == nil { // what a configuration does not name the manifest has
		for k := range w.unset { // any order: a map is thinned
			delete(w.cni, k)
		}
	}
	if len(w.cni) == 0 {
		w.cniWhy = " {}"
	}
	for _, x := range []struct {
		list []string
		why  string
	}{
		{s.unknown, "variables of aws-node that the model does not know and that have no effect in it: %s"},
		{s.without, "variables of aws-node whose value is in another object, and taken to be absent: %s"},
	} {
		if len(x.list) > 0 {
			w.say(x.why, some(x.list))
		}
	}
	if s.rolling != "" {
		w.say("a roll-out of aws-node is under way (%s): all nodes are taken to have the present settings", s.rolling)
	}
}

func (w *world) cniRemark(key string) string {
	if w.unset[key] {
		return " # not set: the daemon's default"
	}
	return ""
}

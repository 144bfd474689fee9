package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
)

func (c *checker) checkFaults() {
	for i := range c.s.Faults {
		c.checkFault(i, &c.s.Faults[i])
	}
}

// faultCheck is what the checks of one fault share.
type faultCheck struct {
	*checker
	fault *Fault
	kind  *faultKind
	path  string // faults.2
	name  string // faults[2]
	what  string // faults[2]: kill-nodes
}

func (c *checker) checkFault(i int, f *Fault) {
	path, name := fmt.Sprintf("faults.%d", i), fmt.Sprintf("faults[%d]", i)
	kind, ok := faultKindNamed(f.Kind)
	if !ok || !c.readable("%s", path) {
		return
	}
	fc := faultCheck{checker: c, fault: f, kind: kind, path: path, name: name, what: fmt.Sprintf("%s: %s", name, f.Kind)}
	for _, key := range keysOf(faultType) {
		if !slices.Contains([]string{"kind", "at", "for", "every", "times"}, key) {
			c.onlyFor(path, fc.what, kind.keys, key)
		}
	}
	c.within(path+".at", name, f.At)
	fc.checkTimes()
	if kind.ofNodes() || kind.takes("group") {
		fc.checkNodes()
	}
	if kind.takes("action") && fc.usable("%s.action", path) {
		fc.knownAction(fc.at("%s.action", path), f.Action)
	}
	if kind.check != nil {
		kind.check(&fc)
	}
}

// needs reports a key that the kind cannot do without.
func (c *faultCheck) needs(key, why string) bool { return c.checker.needs(c.path, c.what, key, why) }

func (c *faultCheck) has(key string) bool { return c.given("%s.%s", c.path, key) }

func (c *faultCheck) wrong(key, format string, args ...any) {
	c.problem(c.keyAt(c.path+"."+key), "%s", c.what+" "+fmt.Sprintf(format, args...))
}

// checkTimes looks at how often it happens and for how long.
func (c *faultCheck) checkTimes() {
	f := c.fault
	switch {
	case c.has("times") && !c.has("every"):
		c.wrong("times", "happens once: times needs every")
	case c.has("every") && c.has("when") && c.kind.everyTime:
		c.wrong("every", "hits a node each time that it comes to the point: every and when exclude each other")
	case c.kind.lasts && c.has("for") && c.usable("%s.for", c.path) && *c.fault.For == 0:
		c.wrong("for", "lasts 0s: it would be over before anything happens")
	case c.kind.lasts && c.has("every") && !c.has("for"):
		c.wrong("every", "lasts to the end of the run: every needs for")
	case c.kind.lasts && c.has("every") && c.usable("%s.for", c.path) && *f.For > *f.Every:
		c.wrong("for", "lasts %s each time, and comes again every %s: at most that was expected", *f.For, *f.Every)
	case !c.kind.lasts && c.has("for") && !c.has("every") && !c.has("when"):
		if c.kind.idleFor {
			c.warning(c.keyAt(c.path+".for"), "%s happens at once: without every, for has no effect", c.what)
		} else {
			c.wrong("for", "happens at once: for needs every%s", c.orWhen())
		}
	}
}

func (c *faultCheck) orWhen() string {
	if c.kind.takes("when") {
		return ", or when"
	}
	return ""
}

// checkNodes looks at which nodes it hits.
func (c *faultCheck) checkNodes() {
	f := c.fault
	if c.usable("%s.group", c.path) {
		c.known(c.path+".group", "node group", f.Group, c.groupNames())
	}
	if c.kind.ofNodes() && c.usable("%s.subnet", c.path) {
		c.known(c.path+".subnet", "subnet", f.Subnet, c.subnetNames())
	}
	if !c.usable("%s.node", c.path) {
		return
	}
	keys := []string{"group", "subnet", "count", "nodeShare"}
	if !c.kind.takes("nodeShare") {
		keys = append(keys, "share")
	}
	for _, key := range keys {
		if c.has(key) {
			c.wrong(key, "hits one node: node and %s exclude each other", key)
		}
	}
	c.checkNode()
}

// checkNode looks at a node's name. Which nodes there will be only the run
// can tell.
func (c *faultCheck) checkNode() {
	at, name := c.at("%s.node", c.path), c.fault.Node
	group, number := name, ""
	if dash := strings.LastIndexByte(name, '-'); dash >= 0 {
		group, number = name[:dash], name[dash+1:]
	}
	if n, err := strconv.Atoi(number); err != nil || strconv.Itoa(n) != number || n < 0 {
		c.problem(at, "%s: %q is not the name of a node: a node group and a number were expected, such as %s", c.name, name, c.exampleNode(name))
		return
	}
	if names := c.groupNames(); !slices.Contains(names, group) {
		c.problem(at, "%s: the node %q would be of the node group %q, which is unknown%s", c.name, name, group, words.DidYouMeanOr(group, names))
	}
}

func (c *faultCheck) exampleNode(name string) string {
	names := c.groupNames()
	switch {
	case slices.Contains(names, name):
		return name + "-0"
	case len(names) > 0:
		return names[0] + "-0"
	}
	return "workers-0"
}

package scenarios

import (
	"fmt"
	"maps"
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
	kind  faultKind
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
	fc := faultCheck{checker: c, fault: f, kind: kind, path: path, name: name, what: name + ": " + f.Kind}
	for _, key := range keysOf(faultType) {
		if !slices.Contains([]string{"kind", "at", "for", "every", "times"}, key) {
			c.onlyFor(path, fc.what, kind.keys, key)
		}
	}
	c.late(path+".at", name, f.At)
	fc.checkTimes()
	if kind.ofNodes() || slices.Contains(kind.keys, "group") {
		fc.checkNodes()
	}
	fc.checkOwn()
}

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
	case c.has("every") && c.has("when") && c.flushes():
		c.wrong("every", "hits a node each time that it comes to the point: every and when exclude each other")
	case c.kind.lasts && c.has("for") && c.usable("%s.for", c.path) && *c.fault.For == 0:
		c.wrong("for", "lasts 0s: it would be over before anything happens")
	case c.kind.lasts && c.has("every") && !c.has("for"):
		c.wrong("every", "lasts to the end of the run: every needs for")
	case c.kind.lasts && c.has("every") && c.usable("%s.for", c.path) && *f.For > *f.Every:
		c.wrong("for", "lasts %s each time, and comes again every %s: at most that was expected", *f.For, *f.Every)
	case !c.kind.lasts && c.has("for") && !c.has("every") && !c.has("when"):
		if strings.HasPrefix(c.kind.name, "subnet-") { // once it was let pass
			c.warning(c.keyAt(c.path+".for"), "%s happens at once: without every, for has no effect", c.what)
		} else {
			c.wrong("for", "happens at once: for needs every%s", c.orWhen())
		}
	}
}

func (c *faultCheck) orWhen() string {
	if slices.Contains(c.kind.keys, "when") {
		return ", or when"
	}
	return ""
}

func (c *faultCheck) flushes() bool {
	return c.kind.name == "flush-rules" || c.kind.name == "flush-table"
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
	if !slices.Contains(c.kind.keys, "nodeShare") {
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

// checkOwn looks at the keys of single kinds.
func (c *faultCheck) checkOwn() {
	f, path, what := c.fault, c.path, c.what
	if c.usable("%s.action", path) && slices.Contains(c.kind.keys, "action") {
		c.knownAction(c.at("%s.action", path), f.Action)
	}
	switch c.kind.name {
	case "api-errors":
		c.needs(path, what, "code", "the error code was expected, such as RequestLimitExceeded")
	case "api-slow":
		if !c.has("factor") && !c.has("add") {
			c.problem(c.at("%s", path), "%s needs factor or add: how much longer a request takes was expected", what)
		}
	case "throttle-storm":
		c.needs(path, what, "action", "the API action that others call was expected")
		c.needs(path, what, "rate", "requests per second were expected")
	case "subnet-occupy", "subnet-release":
		if c.needs(path, what, "subnet", "the name of a subnet was expected") && c.usable("%s.subnet", path) {
			c.known(path+".subnet", "subnet", f.Subnet, c.subnetNames())
		}
	case "zone-down":
		c.checkZone()
	case "kill-plugin":
		if c.needs(path, what, "step", "the step that the plugin does not come to was expected, such as from-rule") && c.usable("%s.step", path) && !slices.Contains(pluginSteps, f.Step) {
			c.problem(c.at("%s.step", path), "%s: %s is a step of ipamd, not of the plugin; one of %s was expected", what, f.Step, strings.Join(pluginSteps, ", "))
		}
	case "roll-aws-node":
		c.checkRollout(path, c.name, f)
	}
}

func (c *faultCheck) checkZone() {
	f, path := c.fault, c.path
	var zones []string
	for _, s := range c.s.VPC.Subnets {
		if !slices.Contains(zones, s.AZ) {
			zones = append(zones, s.AZ)
		}
	}
	switch {
	case c.has("zone") && c.has("subnet"):
		c.wrong("zone", "takes a subnet or a zone: zone and subnet exclude each other")
	case c.usable("%s.zone", path):
		c.known(path+".zone", "Availability Zone", f.Zone, zones)
	case c.usable("%s.subnet", path):
		c.known(path+".subnet", "subnet", f.Subnet, c.subnetNames())
	case !c.has("zone") && !c.has("subnet"):
		c.problem(c.at("%s", path), "%s needs subnet or zone: the name of a subnet, or of an Availability Zone, was expected", c.what)
	}
}

// checkRollout checks the environment of a rollout's new pods on the groups
// that get it, until one of them has a mistake: the next would tell the same.
func (c *checker) checkRollout(path, name string, f *Fault) {
	path, name = path+".cni", name+".cni"
	if !c.knownCNI(path, name, f.CNI) || len(f.CNI) == 0 {
		return
	}
	told, once := false, *c
	once.problem = func(at Position, format string, args ...any) { told = true; c.problem(at, format, args...) }
	once.warning = func(at Position, format string, args ...any) { told = true; c.warning(at, format, args...) }
	for i := 0; i < len(c.s.NodeGroups) && !told; i++ {
		g := c.s.NodeGroups[i]
		if f.Group != "" && g.Name != f.Group || !c.readable("nodeGroups.%d", i) {
			continue
		}
		g.CNI = overlaid(g.CNI, f.CNI)
		once.refusals(path, name, g.Environment())
		once.surprises(path, name, &g)
	}
}

func overlaid(below, above map[string]string) map[string]string {
	both := make(map[string]string, len(below)+len(above))
	maps.Copy(both, below)
	maps.Copy(both, above)
	return both
}

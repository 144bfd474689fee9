package scenarios

import (
	"fmt"
	"ipamsim/sim/result"
	"reflect"
	"slices"

	"ipamsim/internal/words"
)

func (c *checker) subnetNames() []string {
	names := make([]string, len(c.s.VPC.Subnets))
	for i, s := range c.s.VPC.Subnets {
		names[i] = s.Name
	}
	return names
}

// zoneNames are the zones of the subnets, each once.
func (c *checker) zoneNames() (names []string) {
	for _, s := range c.s.VPC.Subnets {
		if !slices.Contains(names, s.AZ) {
			names = append(names, s.AZ)
		}
	}
	return names
}

func (c *checker) groupNames() []string {
	names := make([]string, len(c.s.NodeGroups))
	for i, g := range c.s.NodeGroups {
		names[i] = g.Name
	}
	return names
}

// maxGroup is the most nodes of a group, as its count has it.
const maxGroup = 200_000

func (c *checker) checkNodeGroups() {
	c.unique("nodeGroups", c.groupNames())
	for i := range c.s.NodeGroups {
		c.checkNodeGroup(i, &c.s.NodeGroups[i])
	}
}

func (c *checker) checkNodeGroup(i int, g *NodeGroup) {
	path := fmt.Sprintf("nodeGroups.%d", i)
	name := entry("nodeGroups", i, g.Name)
	c.checkInstanceTypes(path, name, g)
	for _, t := range g.Types() {
		c.checkAllocatable(path, name, g.only(t))
	}
	if c.given("%s.interruptionsPerHour", path) && !g.Spot() && c.readable("%s.capacityType", path) {
		c.problem(c.keyAt(path+".interruptionsPerHour"), "%s: instances on demand are not interrupted: interruptionsPerHour needs capacityType: spot", name)
	}
	seen := map[string]bool{}
	for j, subnet := range g.Subnets {
		at := fmt.Sprintf("%s.subnets.%d", path, j)
		if !c.usable("%s", at) || !c.known(at, "subnet", subnet, c.subnetNames()) {
			continue
		}
		if seen[subnet] {
			c.problem(c.at("%s", at), "%s: the subnet %q is given twice", name, subnet)
		}
		seen[subnet] = true
	}
	if g.Max != nil && c.usable("%s.max", path) && c.readable("%s.count", path) && *g.Max < g.Count {
		c.problem(c.at("%s.max", path), "%s: max, %d, is below count, %d", name, *g.Max, g.Count)
	}
	c.steps(g.Steps, path+".steps", name+".steps")
	for j, step := range g.Steps {
		if step.Count > maxGroup && c.usable("%s.steps.%d.count", path, j) {
			c.problem(c.at("%s.steps.%d.count", path, j), "%s.steps[%d].count: %d is out of range: the most is %d nodes", name, j, step.Count, maxGroup)
		}
		if g.Max != nil && c.usable("%s.max", path) && step.Count > *g.Max {
			c.problem(c.at("%s.steps.%d.count", path, j), "%s: %d nodes are more than max, %d", name, step.Count, *g.Max)
		}
	}
	c.checkImage(path, name, g)
	c.checkCNI(path+".cni", name+".cni", g)
	c.checkENIConfig(path+".eniConfig", name+".eniConfig", g)
	c.checkTaints(path, name, g)
}

// checkInstanceTypes looks at the type or the types, and lets the first of
// several be the group's.
func (c *checker) checkInstanceTypes(path, name string, g *NodeGroup) {
	one, several := c.given("%s.instanceType", path), c.given("%s.instanceTypes", path)
	switch {
	case !one && !several:
		f, _ := fieldNamed(groupType, "instanceType")
		c.problem(c.at("%s", path), "%s: instanceType is missing: %s", name, f.doc)
		return
	case one && several && c.usable("%s.instanceType", path) && c.usable("%s.instanceTypes", path) && g.InstanceType != g.InstanceTypes[0]:
		c.problem(c.keyAt(path+".instanceType"), "%s: instanceType and instanceTypes exclude each other", name)
	case several && len(g.InstanceTypes) > 0:
		g.InstanceType = g.InstanceTypes[0]
	}
	if one && !several {
		c.checkInstanceType(c.at("%s.instanceType", path), path+".instanceType", name, g.InstanceType)
	}
	seen := map[string]bool{}
	for i, t := range g.InstanceTypes {
		at := fmt.Sprintf("%s.instanceTypes.%d", path, i)
		c.checkInstanceType(c.at("%s", at), at, name, t)
		if seen[t] && c.usable("%s", at) {
			c.problem(c.at("%s", at), "%s: the instance type %q is given twice", name, t)
		}
		seen[t] = true
	}
}

var groupType = reflect.TypeOf(NodeGroup{})

func (c *checker) checkInstanceType(at Position, path, name, instanceType string) {
	if !c.usable("%s", path) {
		return
	}
	if _, ok := c.s.types.Limits(instanceType); !ok {
		c.problem(at, "%s: unknown instance type %q%s", name, instanceType, c.suggestInstanceType(instanceType))
	}
}

func (c *checker) checkAutoscaler() {
	a := c.s.Autoscaler
	if a == nil {
		return
	}
	for i, group := range a.Groups {
		if path := fmt.Sprintf("autoscaler.groups.%d", i); c.usable("%s", path) {
			c.known(path, "node group", group, c.groupNames())
		}
	}
}

func (c *checker) checkWorkloads() {
	names := make([]string, len(c.s.Workloads))
	for i, w := range c.s.Workloads {
		names[i] = w.Name
	}
	c.unique("workloads", names)
	for i := range c.s.Workloads {
		c.checkWorkload(i, &c.s.Workloads[i])
	}
}

// workloadKeys are the keys that mean something for some kinds only.
var workloadKeys = map[string][]string{
	"Deployment": {"initial", "replicas", "lifetime", "topologySpread", "readyAfter", "rollingUpdate", "podDisruptionBudget"},
	"DaemonSet":  {"from", "tolerateNotReady"},
	"Job":        {"arrivals", "lifetime", "giveUpAfter"},
	"Pod":        {"arrivals", "lifetime", "giveUpAfter"},
	"Trace":      {"file", "giveUpAfter"},
}

func (c *checker) checkWorkload(i int, w *Workload) {
	path := fmt.Sprintf("workloads.%d", i)
	name := entry("workloads", i, w.Name)
	if !c.readable("%s", path) {
		return
	}
	if meaningful, ok := workloadKeys[w.Kind]; ok {
		what := name + ": a " + w.Kind
		c.onlyFor(path, what, meaningful, "initial", "replicas", "arrivals", "lifetime", "file", "giveUpAfter", "from", "tolerateNotReady", "topologySpread", "readyAfter", "rollingUpdate", "podDisruptionBudget")
		switch w.Kind {
		case "Deployment":
			if !c.given("%s.initial", path) && !c.given("%s.replicas", path) && !c.s.snapshot() {
				c.problem(c.at("%s", path), "%s needs initial, or replicas: how many pods was expected", what)
			}
		case "Job", "Pod":
			c.needs(path, what, "arrivals", "when pods are created was expected")
			c.needs(path, what, "lifetime", "how long a pod runs was expected")
		case "Trace":
			if c.needs(path, what, "file", "the name of a CSV file was expected") && w.File == "" && c.readable("%s.file", path) {
				c.problem(c.at("%s.file", path), "%s: the name of a CSV file was expected, got nothing", name+".file")
			}
		}
	}
	if w.From != nil {
		c.interval(path, name, *w.From, nil)
	}
	c.steps(w.Replicas, path+".replicas", name+".replicas")
	c.latency(w.Lifetime, path+".lifetime", name+".lifetime")
	c.latency(w.ImagePull, path+".imagePull", name+".imagePull")
	c.checkArrivals(path+".arrivals", name+".arrivals", w.Arrivals)
	c.checkPlacement(path, name, w)
	c.checkBudget(path, name, w)
	if w.Kind == "Deployment" || w.Kind == "Job" || w.Kind == "Pod" { // a trace's rows are checked when they are read
		c.checkRoom(path, name, w)
	}
}

func (c *checker) checkArrivals(path, name string, a *Arrivals) {
	if a == nil || !c.usable("%s", path) {
		return
	}
	rate, every := c.given("%s.rate", path), c.given("%s.every", path)
	switch {
	case rate && every:
		c.problem(c.keyAt(path+".every"), "%s: rate and every exclude each other", name)
	case !rate && !every:
		c.problem(c.at("%s", path), "%s: how often was expected: give rate, or every", name)
	case rate && a.Rate <= 0 && c.readable("%s.rate", path):
		c.problem(c.at("%s.rate", path), "%s: a rate above 0 was expected", name)
	case every && a.Every != nil && *a.Every <= 0 && c.readable("%s.every", path):
		c.problem(c.at("%s.every", path), "%s: a time above 0 was expected", name)
	}
	if every && a.Kind != "poisson" {
		c.onlyFor(path, name+": a batch every so often", nil, "kind")
	}
	c.interval(path, name, a.From, a.To)
}

// Uses says whether the group's nodes are made in the subnet of that name.
func (g *NodeGroup) Uses(subnet string) bool {
	return len(g.Subnets) == 0 || slices.Contains(g.Subnets, subnet)
}

func (c *checker) checkVariants() {
	names := make([]string, len(c.s.Variants))
	for i, v := range c.s.Variants {
		names[i] = v.Name
	}
	c.unique("variants", names)
}

// checkConditions checks what is given under a key.
func (c *checker) checkConditions(under string, list ThresholdList) {
	variants := []string{}
	for _, v := range c.s.Variants {
		variants = append(variants, v.Name)
	}
	if len(variants) == 0 {
		variants = []string{defaultVariant}
	}
	known := map[string][]string{"variant": variants, "subnet": c.subnetNames(), "action": actionNames(), "nodegroup": c.groupNames()}
	for _, w := range c.s.Workloads {
		known["workload"] = append(known["workload"], w.Name)
	}
	for _, s := range c.s.VPC.Subnets {
		known["zone"] = append(known["zone"], s.AZ)
	}
	known["zone"] = slices.Compact(slices.Sorted(slices.Values(known["zone"])))
	done := map[Position]bool{}
	type asked struct {
		key, aggregation, op string
		percentile, value    float64
		window               result.Window
		over                 result.Pooling
	}
	first := map[asked]Position{}
	for i := range list {
		t := &list[i]
		c.checkCondition(under, t)
		same := asked{t.Key(), t.Aggregation, t.Op, t.Percentile, t.Value, t.Window, t.Over}
		if before, twice := first[same]; twice {
			c.warning(t.at, "%s.%s: the condition %s is given twice; the first is in line %d", under, t.Key(), t.Expression, before.Line)
		} else {
			first[same] = t.at
		}
		for _, l := range t.Selector {
			if names, ok := known[l.Key]; ok && !slices.Contains(names, l.Value) && !done[t.keyAt] {
				c.problem(t.keyAt, "%s.%s: unknown %s %q%s", under, t.Key(), l.Key, l.Value, words.DidYouMeanOr(l.Value, names))
			}
		}
		done[t.keyAt] = true
	}
}

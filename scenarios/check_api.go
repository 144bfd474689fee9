package scenarios

import (
	"fmt"
	"maps"
	"sort"
)

func (c *checker) checkEC2() {
	ec2 := &c.s.EC2
	for _, action := range sortedKeys(ec2.Latency) {
		path := "ec2.latency." + action
		if c.knownAction(c.keyAt(path), action) {
			l := ec2.Latency[action]
			c.latency(&l, path, path)
		}
	}
	for _, action := range sortedKeys(ec2.Throttle) {
		c.knownAction(c.keyAt("ec2.throttle."+action), action)
	}
	c.latency(ec2.Metadata.Interface, "ec2.metadata.interface", "ec2.metadata.interface")
	c.latency(ec2.Metadata.Addresses, "ec2.metadata.addresses", "ec2.metadata.addresses")
	c.latency(ec2.DetachTime, "ec2.detachTime", "ec2.detachTime")
	for i, b := range ec2.Background {
		path, name := fmt.Sprintf("ec2.background.%d", i), fmt.Sprintf("ec2.background[%d]", i)
		if c.usable("%s.action", path) {
			c.knownAction(c.at("%s.action", path), b.Action)
		}
		c.interval(path, name, b.From, b.To)
	}
}

func (c *checker) knownAction(at Position, action string) bool {
	return c.knownAt(at, "API action", action, actionNames())
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// faultKeys are the keys that mean something for a kind of fault, besides at
// and kind.
var faultKeys = map[string][]string{
	"api-errors":         {"for", "action", "code", "share"},
	"subnet-occupy":      {"for", "subnet", "count"},
	"subnet-release":     {"for", "subnet", "count"},
	"cordon":             {"for", "share", "group", "count"},
	"kill-nodes":         {"for", "every", "when", "share", "group", "count"},
	"restart-ipamd":      {"for", "every", "when", "share", "group", "count"},
	"roll-aws-node":      {"group", "maxUnavailable", "cni"},
	"stale-metadata":     {"for", "share", "group", "count", "interfaces"},
	"attach-eni":         {"share", "group", "count", "addresses"},
	"detach-eni":         {"share", "group", "count"},
	"unassign-addresses": {"share", "group", "count", "addresses"},
}

func (c *checker) checkFaults() {
	for i := range c.s.Faults {
		c.checkFault(i, &c.s.Faults[i])
	}
}

func (c *checker) checkFault(i int, f *Fault) {
	path, name := fmt.Sprintf("faults.%d", i), fmt.Sprintf("faults[%d]", i)
	meaningful, ok := faultKeys[f.Kind]
	if !ok || !c.readable("%s", path) {
		return
	}
	what := name + ": " + f.Kind
	c.onlyFor(path, what, meaningful, "for", "every", "when", "action", "code", "share", "group", "subnet", "count",
		"addresses", "interfaces", "maxUnavailable", "cni")
	c.late(path+".at", name, f.At)
	switch f.Kind {
	case "api-errors":
		c.needs(path, what, "code", "the error code was expected, such as RequestLimitExceeded")
		if c.usable("%s.action", path) {
			c.knownAction(c.at("%s.action", path), f.Action)
		}
	case "subnet-occupy", "subnet-release":
		if c.needs(path, what, "subnet", "the name of a subnet was expected") && c.usable("%s.subnet", path) {
			c.known(path+".subnet", "subnet", f.Subnet, c.subnetNames())
		}
	default:
		if c.usable("%s.group", path) {
			c.known(path+".group", "node group", f.Group, c.groupNames())
		}
	}
	switch f.Kind {
	case "kill-nodes", "restart-ipamd":
		if c.given("%s.for", path) && !c.given("%s.every", path) && !c.given("%s.when", path) {
			c.problem(c.keyAt(path+".for"), "%s happens at once: for needs every, or when", what)
		}
	case "roll-aws-node":
		c.checkRollout(path, name, f)
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

package scenarios

import (
	"fmt"
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
	names := actionNames()
	if contains(names, action) {
		return true
	}
	c.problem(at, "unknown API action %q%s", action, suggest(action, names))
	return false
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
	"api-errors":     {"for", "action", "code", "share"},
	"subnet-occupy":  {"for", "subnet", "count"},
	"subnet-release": {"for", "subnet", "count"},
	"cordon":         {"for", "share", "group"},
	"kill-nodes":     {"share", "group"},
	"restart-ipamd":  {"share", "group"},
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
	c.onlyFor(path, what, meaningful, "for", "action", "code", "share", "group", "subnet", "count")
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
}

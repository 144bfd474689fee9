package scenarios

import (
	"fmt"
	"slices"
	"sort"

	"ipamsim/internal/words"
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
	for _, action := range sortedKeys(ec2.ResourceThrottle) {
		c.resourceAction(c.keyAt("ec2.resourceThrottle."+action), action)
	}
	c.checkSharedThrottle()
	c.checkTypes()
	c.latency(ec2.Metadata.Interface, "ec2.metadata.interface", "ec2.metadata.interface")
	c.latency(ec2.Metadata.Addresses, "ec2.metadata.addresses", "ec2.metadata.addresses")
	c.latency(ec2.DetachTime, "ec2.detachTime", "ec2.detachTime")
	c.latency(ec2.ShutdownTime, "ec2.shutdownTime", "ec2.shutdownTime")
	for i, b := range ec2.Background {
		path, name := fmt.Sprintf("ec2.background.%d", i), fmt.Sprintf("ec2.background[%d]", i)
		if c.usable("%s.action", path) {
			c.knownAction(c.at("%s.action", path), b.Action)
		}
		c.interval(path, name, b.From, b.To)
	}
}

// checkSharedThrottle reports actions of shared buckets that are unknown or have
// another bucket.
func (c *checker) checkSharedThrottle() {
	first := map[string]Position{}
	for i, b := range c.s.EC2.SharedThrottle {
		for j, action := range b.Actions {
			path := fmt.Sprintf("ec2.sharedThrottle.%d.actions.%d", i, j)
			if !c.readable("%s", path) || !c.knownAction(c.at("%s", path), action) {
				continue
			}
			name := fmt.Sprintf("ec2.sharedThrottle[%d].actions", i)
			if _, own := c.s.EC2.Throttle[action]; own {
				c.problem(c.at("%s", path), "%s: %s has a bucket of its own in ec2.throttle, line %d", name, action, c.keyAt("ec2.throttle."+action).Line)
			}
			if at, twice := first[action]; twice {
				c.problem(c.at("%s", path), "%s: %s is given twice; the first is in line %d", name, action, at.Line)
				continue
			}
			first[action] = c.at("%s", path)
		}
	}
}

func (c *checker) knownAction(at Position, action string) bool {
	return c.knownAt(at, "API action", action, actionNames())
}

// resourceAction reports an action without a resource bucket.
func (c *checker) resourceAction(at Position, action string) {
	known, counting := actionNames(), namesOf("resourceAction")
	switch {
	case slices.Contains(counting, action):
	case slices.Contains(known, action):
		c.problem(at, "%s has no resource bucket, only %s have; the bucket of its requests is ec2.throttle.%s", action, words.And(counting), action)
	default:
		c.knownAt(at, "API action with a resource bucket", action, counting)
	}
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

package scenarios

import "slices"

// faultKind is what can be said of a kind of fault.
type faultKind struct {
	name  string
	lasts bool     // it has a duration; the others happen at once
	keys  []string // that mean something, besides kind, at, for, every and times
	doc   string
}

// ofNodes are the keys that choose nodes, with others.
func ofNodes(others ...string) []string {
	return append([]string{"share", "group", "node", "subnet", "count"}, others...)
}

// faultKinds are all of them, in the order of the reference.
var faultKinds = []faultKind{
	{"api-errors", true, []string{"action", "code", "share"},
		"Requests fail with `code`, after the usual latency and without an effect. An outage of an action is a share of 1 with Unavailable or RequestLimitExceeded."},
	{"api-slow", true, []string{"action", "factor", "add"},
		"Requests take `factor` times as long, and `add` more. What comes after the SDK's time-out of 10 s has its effect all the same, and the caller does not hear of it. Requests that are throttled are turned away as fast as ever."},
	{"throttle-storm", true, []string{"action", "rate"},
		"Other tenants of the account send `rate` requests of an action per second, at random moments, and take its tokens."},
	{"subnet-occupy", false, []string{"subnet", "count"}, "Others take the highest free addresses of a subnet."},
	{"subnet-release", false, []string{"subnet", "count"}, "Others give their lowest addresses of a subnet back."},
	{"zone-down", true, []string{"subnet", "zone"},
		"The instances in a subnet, or in all subnets of a zone, die at once. While it lasts launches there fail with InsufficientInstanceCapacity, and interfaces are not created nor addresses assigned there (Unavailable)."},
	{"cordon", true, ofNodes(), "The nodes that are there then are closed for new pods."},
	{"kill-nodes", false, ofNodes("when"), "Instances are terminated."},
	{"restart-ipamd", false, ofNodes("when"), "The aws-node container ends, and kubelet starts another."},
	{"roll-aws-node", false, []string{"group", "maxUnavailable", "cni"}, "A rolling update of the DaemonSet."},
	{"metadata-down", true, ofNodes(),
		"Instance metadata answers nothing: ipamd does not start, compares nothing, adopts no interface, and fails each ADD after it has assigned the address. On nodes that join meanwhile too, each with the same share."},
	{"stale-metadata", true, ofNodes("interfaces"), "Instance metadata keeps showing what it shows now, then catches up. On the nodes that are there then."},
	{"attach-eni", false, ofNodes("addresses"), "Somebody else attaches an untagged interface."},
	{"detach-eni", false, ofNodes(), "Somebody else detaches and deletes a secondary interface."},
	{"unassign-addresses", false, ofNodes("addresses"), "Somebody else takes the highest secondary addresses away, newest interface first."},
	{"flush-rules", false, ofNodes("when"),
		"systemd-networkd drops every policy rule that it did not write. With `when: attached` it does so each time that another interface comes to the node."},
	{"flush-table", false, ofNodes("when", "device"), "The routes of a secondary interface's table disappear."},
	{"netlink-errors", true, ofNodes("nodeShare", "step"),
		"The kernel refuses a share of the single steps of wiring. On nodes that join meanwhile too, each with the same nodeShare."},
	{"kill-plugin", true, ofNodes("nodeShare", "step"),
		"The CNI plugin's process is killed just before a step, in a share of the attempts. On nodes that join meanwhile too, each with the same nodeShare."},
}

func faultKindNamed(name string) (faultKind, bool) {
	for _, k := range faultKinds {
		if k.name == name {
			return k, true
		}
	}
	return faultKind{}, false
}

// Lasts says whether the fault has a duration: the others happen at once.
func (f *Fault) Lasts() bool {
	k, _ := faultKindNamed(f.Kind)
	return k.lasts
}

// ofNodes says whether the fault chooses nodes by its keys.
func (k *faultKind) ofNodes() bool { return slices.Contains(k.keys, "node") }

// pluginSteps are the steps at which the plugin's process exists.
var pluginSteps = []string{"veth", "pod-route", "pod-address", "pod-neighbour", "host-route", "to-rule", "from-rule", "del-to-rule", "del-from-rule"}

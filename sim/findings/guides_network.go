package findings

import (
	"fmt"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/result"
)

// ipamd exports nothing about rules, so that a check on the node has to count: each of
// these metrics is the number of lines that its guide's check prints.
const (
	sourceRules = "aws_cni_pods_without_rule"
	markRules   = "aws_cni_nodes_without_mark_rule"
	targetRules = "aws_cni_pods_without_rule_to"

	// introspected begins a check with what ipamd has on pods of some interfaces:
	// %s narrows the interfaces, and says what to print of each address.
	introspected = `curl -s http://localhost:61679/v1/enis | jq -r '.[].ENIs[] | select(%s) | .RouteTableID as $table | .AvailableIPv4Cidrs[].IPAddresses[]? | select(.IPAMKey.networkName != "") | %s'`
)

// leakedPromQL holds what ipamd has on pods against the pods that the API
// server has on the same host. The aws-node pod is on the host's network, so
// that the address in its target is kube-state-metrics' host_ip. Pods that are
// over keep their row there and have no address any more.
const (
	leakedPromQL = `max by (host_ip) (label_replace(awscni_assigned_ip_addresses, "host_ip", "$1", "instance", "(.+):[0-9]+")) - on (host_ip) ` +
		`count by (host_ip) (kube_pod_info{host_network="false"} unless on (namespace, pod) kube_pod_status_phase{phase=~"Succeeded|Failed"} == 1) > 0`
	leakedNeeds = "the rule needs kube-state-metrics, and the label instance as scraping sets it, the host's address and port: no relabelling. Where instance is the node's name, " +
		"join on node, with label_replace from (.+). It has to hold for a while, because pods that come and go are counted a scrape apart. A node without any pod of the pod network is not seen"
)

// networkGuides are about packets that are lost without an error anywhere.
var networkGuides = []Guide{
	{
		Mode:     result.ModeSilentDrop,
		Means:    "What pods send to other nodes leaves by an interface that does not have their address, and the VPC drops it: their rules are gone, or their interface's table.",
		Evidence: "A pod in service whose packets inside the VPC leave by the wrong interface, at any moment.",
		Tried:    "A restart of ipamd, then the pods recreated; the pods alone where no rule of the node is missing.",
		checks: []result.Check{
			{Command: "ip rule list from " + theAddress, Shows: "on " + theNode + ": nothing, or a table that is not that of the pod's interface (1536 is the rule that counts)"},
			{Command: "ip route get " + theResolver + " from " + theAddress + " iif " + theVeth, Shows: "the interface by which its packets leave"},
			{Command: "curl -s http://localhost:61679/v1/enis | jq '.[].ENIs[] | {DeviceNumber, RouteTableID}'", Shows: "which interfaces ipamd has, and their tables"},
		},
		alert: &result.Alert{
			PromQL: `max by (instance) (` + sourceRules + `) > 0`, Metric: sourceRules,
			Shell: fmt.Sprintf(introspected, "(.IsPrimary | not)", `"\(.Address) \($table)"`) + ` | while read -r ip table; do ip rule list from "$ip" | grep '^1536:' | head -n 1 | grep -qw "lookup $table" && ip route show table "$table" 2>/dev/null | grep -q '^default ' || echo "no rule to table $table, or no route in it, from $ip"; done`,
		},
	},
	{
		Mode:     result.ModeNoWayOut,
		Means:    "What pods send out of the VPC leaves with the node's address by a secondary interface: the node's rule for marked packets (1024) is gone.",
		Evidence: "A pod in service whose packets to the outside leave by another interface than the one whose address they carry.",
		Tried:    "A restart of ipamd.",
		checks: []result.Check{
			{Command: "ip rule list fwmark 0x80/0x80", Shows: "on " + theNode + ": nothing, where 1024 should be"},
			{Command: "ip route get " + hostnet.Outside.String() + " from " + theAddress + " iif " + theVeth + " mark 0x80", Shows: "the pod's interface, where eth0 should be"},
		},
		alert: &result.Alert{PromQL: `max by (instance) (` + markRules + `) > 0`, Metric: markRules, Shell: `if iptables-save -t nat | grep -q 'AWS-SNAT-CHAIN-0 .*-j SNAT' && ! ip rule list | grep -q '^1024:'; then echo "no rule for marked packets"; fi`},
	},
	{
		Mode:     result.ModeMissingRules,
		Means:    "Pods run without the rule to them (512). They lose nothing by themselves; pods of their node that start later on a secondary interface do not reach them.",
		Evidence: "A pod in service without that rule.",
		Tried:    "The pods recreated; if need be after a restart of ipamd.",
		checks:   []result.Check{{Command: "ip rule list to " + theAddress, Shows: "on " + theNode + ": nothing, where 512 should be"}},
		alert: &result.Alert{
			PromQL: `max by (instance) (` + targetRules + `) > 0`, Metric: targetRules,
			Shell: fmt.Sprintf(introspected, "true", ".Address") + ` | while read -r ip; do ip rule list to "$ip" | grep -q '^512:' || echo "no rule to $ip"; done`,
		},
	},
	{
		Mode:     result.ModeLostAddresses,
		Means:    "Pods run on with an address that no interface of their node has any more: somebody else took it away, or ipamd gave it back.",
		Evidence: "A pod in service whose address EC2 has on no interface of its node.",
		Tried:    "The pods recreated.",
		checks: []result.Check{
			{Command: "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=" + theAddress, Shows: "the interface that has the address, if any"},
			{Command: "grep -e 'Reconcile and delete' -e 'does not match' /var/log/aws-routed-eni/ipamd.log", Shows: "on " + theNode + ": when ipamd noticed"},
		},
		alert: &result.Alert{PromQL: `increase(awscni_force_removed_ips[15m]) > 0 or increase(awscni_force_removed_enis[15m]) > 0`,
			Shell: fmt.Sprintf(introspected, "true", ".Address") + ` | sort | comm -13 - <(ip rule list | awk '$1 == "512:" {print $5}' | sort) | sed 's/^/wired, and unknown to ipamd: /'`},
	},
	{
		Mode:     result.ModeSharedAddresses,
		Means:    "Two pods of a node have one address, and one of them gets none of its packets: ipamd had lost the first one.",
		Evidence: "A pod in service for whose address the node's routes lead to another pod.",
		Tried:    "The pods recreated.",
		checks: []result.Check{
			{Command: "kubectl get pods -A -o wide --field-selector status.podIP=" + theAddress, Shows: "two pods"},
			{Command: "ip route get " + theAddress, Shows: "on " + theNode + ": the veth of the pod that gets the packets"},
		},
		alert: &result.Alert{PromQL: `count by (pod_ip) (kube_pod_info{host_network="false", pod_ip!=""}) > 1`, For: "1m",
			Shell: `ls /sys/class/net | grep -c '^eni' | while read -r veths; do routes=$(ip route show scope link | grep -c ' dev eni'); [ "$veths" = "$routes" ] || echo "$veths veths, $routes routes to them"; done`},
	},
	{
		Mode:     result.ModeStaleRules,
		Means:    "Rules of pods that have gone stay on the node. They misdirect its packets once a pod of another node has the address.",
		Evidence: "An address with a rule and without a pod on the node, at the end, or one that caught packets.",
		Tried:    "A restart of ipamd, which seldom helps: neither it nor the plugin looks for them.",
		checks: []result.Check{
			{Command: "ip rule list to " + theAddress, Shows: "on " + theNode + ": a rule 512"},
			{Command: "ip route show " + theAddress, Shows: "nothing: no pod of the node has it"},
		},
		alert: &result.Alert{
			PromQL: `max by (instance) (aws_cni_stale_rules) > 0`, Metric: "aws_cni_stale_rules",
			Shell: `ip rule list | awk '$1 == "512:" {print $5} $1 == "1536:" {print $3}' | sort -u | while read -r ip; do ip route show "$ip" | grep -q . || echo "stale rule for $ip"; done`,
		},
	},
	{
		Mode:     result.ModeLeakedAddresses,
		Means:    "ipamd keeps addresses on pods that have gone, because it never heard of their end.",
		Evidence: "An address that ipamd has on a pod which does not exist, at the end.",
		Tried:    "A restart of ipamd: at its start it drops entries whose pod has no veth.",
		checks: []result.Check{
			{Command: "jq -r '.allocations[].ipv4' /var/run/aws-node/ipam.json", Shows: "on " + theNode + ": " + theAddress + " among them"},
			{Command: "ip route show " + theAddress, Shows: "nothing: no pod has it"},
		},
		alert: &result.Alert{
			PromQL: leakedPromQL, For: "5m", Needs: leakedNeeds,
			Shell: fmt.Sprintf(introspected, "true", ".Address") + ` | while read -r ip; do ip route show "$ip" | grep -q . || echo "assigned, and no pod has it: $ip"; done`,
		},
	},
}

// scenarioGuides are about the scenario itself, and what is left.
var scenarioGuides = []Guide{
	{
		Mode:     result.ModeNotRecovered,
		Means:    "The scenario's faults are over and something stays broken.",
		Evidence: "At the end pods lose packets, are late by more than a minute or missing, an ipamd of a Ready node does not serve, an address is leaked, or a stale rule misdirects packets.",
	},
	{
		Mode:     result.ModeFaultWithoutEffect,
		Means:    "A fault of the scenario hit nothing, so that the result is that of a run without it.",
		Evidence: "Not one request, step, node or address that the fault hit.",
	},
	{
		Mode:     result.ModePodsNotStarted,
		Means:    "Pods never started, and no single failure mode explains it.",
		Evidence: "Pods that never started, and no other finding that is a reason for it; the causes of the failed ADDs are listed.",
	},
}

// Package model lists what the simulation computes with: the constants of all
// its parts, each with its source. Pages and the command line show them from
// here, so they cannot differ from what the code runs on.
package model

import (
	"slices"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/ec2model/queryapi"
	"ipamsim/internal/source"
	"ipamsim/sim/ami"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/controller"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/fault"
	"ipamsim/sim/fleet"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/machine"
	"ipamsim/sim/measure"
	"ipamsim/sim/nodeadm"
)

// Part is a part of the model with its constants.
type Part struct {
	Name      string            `json:"name"`
	About     string            `json:"about"`
	Constants []source.Constant `json:"constants"`
}

// Parts are all parts, from the cloud up to the run.
func Parts() []Part {
	timings := kubelet.DefaultTimings()
	return []Part{
		{"ec2", "EC2, the VPC and instance metadata", ec2model.Constants()},
		{"wire", "the EC2 API and instance metadata over HTTP", queryapi.Constants()},
		{"sdk", "the AWS SDK's client: time-outs and retries", awssdk.Constants()},
		{"ipamd", "the VPC CNI's address daemon", ipamd.Constants()},
		{"hostnet", "a node's rules and routing tables", hostnet.Constants()},
		{"kubelet", "kubelet, the container runtime and the CNI plugin", timings.Constants()},
		{"ami", "node images: how long they boot, and what they hold", ami.Constants()},
		{"nodeadm", "a node's room for pods", nodeadm.Constants()},
		{"controlplane", "the control plane: tiers of EKS", controlplane.Constants()},
		{"cluster", "nodes, the scheduler, workloads and autoscalers", slices.Concat(cluster.Constants(), controller.Constants(), fault.Constants())},
		{"run", "what a run adds", slices.Concat(fleet.Constants(), machine.Constants(), measure.Constants())},
	}
}

// Matching is the part of that name, or of all parts the constants of that
// kind, or else those that have the word in their name (which may begin with
// the part's: ec2.latency) or in their source. Capitals do not matter. Parts
// without any are left out.
func Matching(word string) []Part {
	word = strings.ToLower(word)
	ofKind := slices.Contains(source.Kinds(), source.Kind(word))
	var matching []Part
	for _, p := range Parts() {
		if p.Name == word {
			return []Part{p}
		}
		p.Constants = slices.DeleteFunc(p.Constants, func(c source.Constant) bool {
			if ofKind {
				return string(c.Kind) != word
			}
			return !strings.Contains(strings.ToLower(p.Name+"."+c.Name+"\n"+c.Source), word)
		})
		if len(p.Constants) > 0 {
			matching = append(matching, p)
		}
	}
	return matching
}

// Names are what one may ask for: the parts, the kinds, the constants and the
// words between the dots of their names.
func Names() []string {
	var names []string
	for _, k := range source.Kinds() {
		names = append(names, string(k))
	}
	for _, p := range Parts() {
		names = append(names, p.Name)
		for _, c := range p.Constants {
			names = append(names, c.Name)
			names = append(names, strings.Split(c.Name, ".")...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

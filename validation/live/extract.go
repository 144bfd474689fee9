package live

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/recording"
	"ipamsim/validation"
)

// shipped is what the manifest of the VPC CNI sets over the daemon's own
// defaults: config/master/aws-k8s-cni.yaml.
var shipped = map[string]string{warmENI: "1", warmPrefix: "1"}

// Extract runs a scenario of ipamsim and takes some nodes out of it, spread over
// the order in which they came: each with its type, its daemon's environment, the
// subnets of its zone with who else holds addresses in them, the modelled EC2 as
// it is, and the ADDs and DELs as its kubelet sent them. Each is then a world of
// its own, in which the daemon meets no other nodes; it lasts as long as the run,
// and not longer than an hour.
func Extract(ctx context.Context, file string, nodes int) ([]*validation.Scenario, error) {
	f, err := scenarios.LoadPath(file)
	if err != nil {
		return nil, err
	}
	variants, err := f.Variants(scenarios.Options{})
	if err != nil {
		return nil, err
	}
	v := variants[0]
	var recorded *recording.Recording
	options := sim.Options{
		Record:   &recording.Selection{Pods: map[string]bool{}, Lines: true},
		Recorded: func(r recording.Recorded) { recorded = r.Recording },
	}
	v.Scenario.Replications = 1
	if _, err := sim.Run(ctx, []scenarios.Expanded{v}, options); err != nil {
		return nil, err
	}
	started := slices.DeleteFunc(slices.Clone(recorded.Nodes), func(n *recording.NodeRecord) bool { return len(n.Processes) == 0 })
	if len(started) == 0 {
		return nil, fmt.Errorf("%s: no node starts its daemon", file)
	}
	var list []*validation.Scenario
	for i := range min(nodes, len(started)) {
		s, err := nodeOf(v.Scenario, started[i*len(started)/min(nodes, len(started))], recorded.End)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		list = append(list, s)
	}
	return list, nil
}

// longest is how much of a node is played.
const longest = time.Hour

// nodeOf is one node of a run.
func nodeOf(s *scenarios.Scenario, n *recording.NodeRecord, end recording.Time) (*validation.Scenario, error) {
	group := groupOf(s, n.Name)
	if group == nil {
		return nil, fmt.Errorf("node %s is of no group", n.Name)
	}
	limits, ok := ec2model.Limits(n.Type)
	if !ok {
		return nil, fmt.Errorf("instance type %s is not known", n.Type)
	}
	out := &validation.Scenario{
		Name: n.Name, Group: "live", InstanceType: n.Type, Env: maps.Clone(shipped),
		MaxPods:        limits.DefaultCardENIs()*(limits.IPv4PerENI-1) + 2,
		LatencyMS:      map[string]int64{},
		LoopOverheadNS: 100, SDKRetries: true, DefaultEC2: true, Seed: uint64(s.Seed),
	}
	if group.MaxPods != nil {
		out.MaxPods = *group.MaxPods
	}
	maps.Copy(out.Env, group.CNI)
	if err := addSubnets(out, s, group); err != nil {
		return nil, err
	}
	start := n.Processes[0].Start
	out.Workload = workloadOf(n, start)
	out.DurationMS = min(time.Duration(end-start), longest).Milliseconds()
	out.Workload = slices.DeleteFunc(out.Workload, func(w validation.Step) bool { return w.AtMS > out.DurationMS })
	return out, nil
}

func groupOf(s *scenarios.Scenario, node string) *scenarios.NodeGroup {
	name := node[:max(0, strings.LastIndex(node, "-"))]
	for i := range s.NodeGroups {
		if s.NodeGroups[i].Name == name {
			return &s.NodeGroups[i]
		}
	}
	return nil
}

// addSubnets adds those of the group's first zone, the nodes' own first.
func addSubnets(out *validation.Scenario, s *scenarios.Scenario, group *scenarios.NodeGroup) error {
	own := s.VPC.Subnets[0].Name
	if len(group.Subnets) > 0 {
		own = group.Subnets[0]
	}
	i := slices.IndexFunc(s.VPC.Subnets, func(n scenarios.Subnet) bool { return n.Name == own })
	zone := s.VPC.Subnets[i].AZ
	ordered := append([]scenarios.Subnet{s.VPC.Subnets[i]}, slices.Delete(slices.Clone(s.VPC.Subnets), i, i+1)...)
	for _, n := range ordered {
		if n.AZ != zone {
			continue
		}
		if n.Name == group.ENIConfig[zone] {
			out.ENIConfig = len(out.Subnets)
		}
		subnet := validation.Subnet{CIDR: n.CIDR.String(), Tags: n.Tags}
		for _, used := range n.Used {
			subnet.UsedAtRandom += used.Count
			for _, p := range used.Addresses {
				subnet.InUse = append(subnet.InUse, rangeOf(p.Prefix))
			}
		}
		out.Subnets = append(out.Subnets, subnet)
	}
	return nil
}

// rangeOf is a block as its first and last address.
func rangeOf(block netip.Prefix) string {
	last := block.Addr().As4()
	binary.BigEndian.PutUint32(last[:], binary.BigEndian.Uint32(last[:])|1<<(32-block.Bits())-1)
	return block.Addr().String() + "-" + netip.AddrFrom4(last).String()
}

// sandbox is where the daemon's log names the sandbox of a request.
var sandbox = regexp.MustCompile(`^Received (Add|Del)Network for .*Sandbox ([0-9a-z-]+)`)

// workloadOf are the requests that a node's daemon received, from a time on.
func workloadOf(n *recording.NodeRecord, start recording.Time) []validation.Step {
	var list []validation.Step
	for _, line := range n.Lines {
		parts := sandbox.FindStringSubmatch(line.Message)
		if parts == nil || line.At < start {
			continue
		}
		list = append(list, validation.Step{AtMS: time.Duration(line.At - start).Milliseconds(), Op: strings.ToLower(parts[1]), Pod: parts[2][:min(12, len(parts[2]))]})
	}
	return list
}

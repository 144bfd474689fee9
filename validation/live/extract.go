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

// Extracted are nodes of a scenario of ipamsim's.
type Extracted struct {
	Variant string
	Nodes   []*validation.Scenario
	Left    []string // what happens in the scenario and not in the nodes' worlds
}

// Extract runs a variant of a scenario of ipamsim, the first one unless named, and
// takes some nodes out of it, spread over the order in which they came: each with
// its type, its daemon's environment, the subnets of its zone with who else holds
// addresses in them, the modelled EC2 as it is, the restarts of its daemon, what
// others do, and the ADDs and DELs as its kubelet sent them. Each is then a world
// of its own, in which the daemon meets no other nodes; it lasts as long as the
// node, and not longer than an hour.
func Extract(ctx context.Context, file, variant string, nodes int) (*Extracted, error) {
	f, err := scenarios.Open(file)
	if err != nil {
		return nil, err
	}
	var wanted scenarios.Options
	if variant != "" {
		wanted.Variants = []string{variant}
	}
	variants, err := f.Variants(wanted)
	if err != nil {
		return nil, err
	}
	v := variants[0]
	recorded, err := record(ctx, v)
	if err != nil {
		return nil, err
	}
	started := slices.DeleteFunc(slices.Clone(recorded.Nodes), func(n *recording.NodeRecord) bool { return len(n.Processes) == 0 })
	if len(started) == 0 {
		return nil, fmt.Errorf("%s: no node starts its daemon", file)
	}
	out := &Extracted{Variant: v.Name}
	for i := range min(nodes, len(started)) {
		w, err := worldOf(v.Scenario, started[i*len(started)/min(nodes, len(started))], recorded.End)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out.Nodes = append(out.Nodes, w.Scenario)
		for _, what := range w.left {
			if !slices.Contains(out.Left, what) {
				out.Left = append(out.Left, what)
			}
		}
	}
	return out, nil
}

// record runs a variant once, with a recording of its nodes.
func record(ctx context.Context, v scenarios.Expanded) (recorded *recording.Recording, err error) {
	v.Scenario.Replications = 1
	_, err = sim.Run(ctx, []scenarios.Expanded{v}, sim.Options{
		Record:   &recording.Selection{Pods: map[string]bool{}, Lines: true},
		Recorded: func(r recording.Recorded) { recorded = r.Recording },
	})
	return recorded, err
}

// longest is how much of a node is played.
const longest = time.Hour

// worldOf is one node of a run.
func worldOf(s *scenarios.Scenario, n *recording.NodeRecord, end recording.Time) (*world, error) {
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
	w := &world{Scenario: out, of: s, group: group, node: n, start: time.Duration(n.Processes[0].Start)}
	maps.Copy(out.Env, group.CNI)
	maps.Copy(out.Env, w.rolledOut(w.start))
	if err := w.subnets(); err != nil {
		return nil, err
	}
	if n.Gone != recording.Never {
		end = n.Gone
	}
	out.DurationMS = min(time.Duration(end)-w.start, longest).Milliseconds()
	out.Workload = workloadOf(n, n.Processes[0].Start)
	out.Workload = slices.DeleteFunc(out.Workload, func(s validation.Step) bool { return s.AtMS > out.DurationMS })
	w.restarts()
	w.others()
	w.faults()
	w.settings()
	return w, nil
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

// subnets are those of the node's zone, its own first.
func (w *world) subnets() error {
	i := slices.IndexFunc(w.of.VPC.Subnets, func(n scenarios.Subnet) bool { return n.CIDR.Prefix == w.node.Subnet })
	if i < 0 {
		return fmt.Errorf("node %s is in no subnet", w.node.Name)
	}
	own := w.of.VPC.Subnets[i]
	ordered := append([]scenarios.Subnet{own}, slices.Delete(slices.Clone(w.of.VPC.Subnets), i, i+1)...)
	for _, n := range ordered {
		if n.AZ != own.AZ {
			continue
		}
		if n.Name == w.group.ENIConfig[own.AZ] {
			w.ENIConfig = len(w.Subnets)
		}
		if len(n.Reservations) > 0 {
			w.leave("vpc.subnets.%s.reservations", n.Name)
		}
		subnet := validation.Subnet{CIDR: n.CIDR.String(), Tags: n.Tags}
		for _, used := range n.Used {
			if subnet.UsedAtRandom += used.Count; used.Count > 0 && used.Pattern != "random" {
				w.leave("vpc.subnets.%s.used: which addresses, random ones here", n.Name)
			}
			for _, p := range used.Addresses {
				subnet.InUse = append(subnet.InUse, rangeOf(p.Prefix))
			}
		}
		w.Subnets = append(w.Subnets, subnet)
	}
	return nil
}

// rangeOf is a block as its first and last address.
func rangeOf(block netip.Prefix) string {
	last := block.Addr().As4()
	binary.BigEndian.PutUint32(last[:], binary.BigEndian.Uint32(last[:])|(1<<(32-block.Bits())-1))
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

package live

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/recording"
	"ipamsim/validation"
)

// world is a node's world under construction, out of a run of a scenario.
type world struct {
	*validation.Scenario
	of    *scenarios.Scenario
	group *scenarios.NodeGroup
	node  *recording.NodeRecord
	start time.Duration // of its daemon, in the run; time 0 here

	left []string // what happens in the scenario and not here
}

// leave notes that something of the scenario is not played.
func (w *world) leave(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(w.left, text) {
		w.left = append(w.left, text)
	}
}

// restarts are those that the run's daemon had, whatever ended it. The process
// before is there until the next one starts.
func (w *world) restarts() {
	for _, p := range w.node.Processes[1:] {
		at := time.Duration(p.Start)
		w.happens(at, validation.Event{Kind: validation.Restart, Env: w.rolledOut(at)})
	}
}

// rolledOut is the environment that rolling updates of aws-node have brought by a
// moment.
func (w *world) rolledOut(by time.Duration) map[string]string {
	env := map[string]string{}
	for i := range w.of.Faults {
		f := &w.of.Faults[i]
		if f.Kind == scenarios.FaultRollAWSNode && time.Duration(f.At) <= by && (f.Group == "" || f.Group == w.group.Name) {
			maps.Copy(env, f.CNI)
		}
	}
	return env
}

// happens lets something happen at a moment of the run.
func (w *world) happens(at time.Duration, e validation.Event) {
	if e.AtMS = max(at-w.start, 0).Milliseconds(); e.AtMS <= w.DurationMS {
		w.Events = append(w.Events, e)
	}
}

// span is from when until when something lasts, in the run.
type span struct{ from, to time.Duration }

// spans are the times of a fault: of one that happens at once, the beginnings.
func (w *world) spans(f *scenarios.Fault) (list []span) {
	end := w.start + time.Duration(w.DurationMS)*time.Millisecond
	last, lasts := end, end
	switch {
	case f.For == nil:
	case f.Lasts():
		lasts = time.Duration(*f.For)
	default:
		last = min(last, time.Duration(f.At+*f.For))
	}
	for at := time.Duration(f.At); at < last || len(list) == 0; at += time.Duration(*f.Every) {
		list = append(list, span{at, min(at+lasts, end)})
		if f.Every == nil || len(list) == f.Times {
			break
		}
	}
	return list
}

// ms are the bounds of a span here.
func (w *world) ms(s span) (from, to int64) {
	return max(s.from-w.start, 0).Milliseconds(), max(s.to-w.start, 0).Milliseconds()
}

// others are the account's other tenants, who take its tokens.
func (w *world) others() {
	for i, b := range w.of.EC2.Background {
		s := span{time.Duration(b.From), time.Duration(w.of.Duration)}
		if b.To != nil {
			s.to = time.Duration(*b.To)
		}
		w.tenant(b.Action, b.Rate, s)
		if b.Attempts > 1 {
			w.leave("that callers send a throttled request again (ec2.background[%d].attempts)", i)
		}
	}
}

func (w *world) tenant(action string, rate float64, s span) {
	if from, to := w.ms(s); rate > 0 && from < to {
		w.Tenants = append(w.Tenants, validation.Tenant{Op: action, PerSec: rate, FromMS: from, ToMS: to})
	}
}

// faults are those of the scenario that a daemon meets.
func (w *world) faults() {
	for i := range w.of.Faults {
		if f := &w.of.Faults[i]; !w.plays(f) {
			w.leave("faults[%d] (%s)", i, f.Kind)
		}
	}
}

// plays lets a fault happen here, and says whether it could.
func (w *world) plays(f *scenarios.Fault) bool {
	switch f.Kind {
	case scenarios.FaultRestartIPAMD, scenarios.FaultRollAWSNode: // the run has the processes
	case scenarios.FaultKillNodes, scenarios.FaultSpotInterruption, scenarios.FaultInsufficientCapacity, scenarios.FaultPauseDeletes,
		scenarios.FaultRollDaemonSet, scenarios.FaultRollDeployment, scenarios.FaultRollNodes, scenarios.FaultRecreatePods: // and the ADDs and DELs
	case scenarios.FaultAPIErrors:
		return w.apiErrors(f)
	case scenarios.FaultThrottleStorm:
		return w.storm(f)
	case scenarios.FaultSubnetOccupy:
		w.inSubnet(f, "subnet_occupy")
	case scenarios.FaultSubnetRelease:
		w.inSubnet(f, "subnet_release")
	case scenarios.FaultCordon:
		return w.onNode(f, validation.Event{Kind: "node_unschedulable", Value: true}, validation.Event{Kind: "node_unschedulable"})
	case scenarios.FaultStaleMetadata:
		return w.onNode(f, validation.Event{Kind: "metadata_freeze", Count: f.Interfaces}, validation.Event{Kind: "metadata_thaw"})
	default:
		return false
	}
	return true
}

func (w *world) apiErrors(f *scenarios.Fault) bool {
	if f.Share != nil && *f.Share < 1 {
		return false
	}
	for _, action := range ec2model.Actions() {
		if f.Action != "" && f.Action != action.String() {
			continue
		}
		for _, s := range w.spans(f) {
			from, to := w.ms(s)
			w.Faults = append(w.Faults, validation.Fault{Op: action.String(), Code: f.Code, FromMS: &from, ToMS: &to})
		}
	}
	return true
}

// mostStorm is the greatest rate of others' requests that a world takes.
const mostStorm = 1000

func (w *world) storm(f *scenarios.Fault) bool {
	if f.Rate > mostStorm {
		return false
	}
	for _, s := range w.spans(f) {
		w.tenant(f.Action, f.Rate, s)
	}
	return true
}

// inSubnet lets others take or give back a subnet's addresses, if it is one of the
// world's.
func (w *world) inSubnet(f *scenarios.Fault, kind string) {
	n := slices.IndexFunc(w.Subnets, func(s validation.Subnet) bool { return s.CIDR == cidrOf(w.of, f.Subnet) })
	if n < 0 {
		return
	}
	count := -1
	if f.Count != nil {
		count = *f.Count
	}
	for _, s := range w.spans(f) {
		w.happens(s.from, validation.Event{Kind: kind, Subnet: n, Count: count})
	}
}

func cidrOf(s *scenarios.Scenario, subnet string) string {
	i := slices.IndexFunc(s.VPC.Subnets, func(n scenarios.Subnet) bool { return n.Name == subnet })
	return s.VPC.Subnets[i].CIDR.String()
}

// onNode lets a fault begin and end on the node, if it is one of those that it
// hits; false where chance decides that.
func (w *world) onNode(f *scenarios.Fault, begins, ends validation.Event) bool {
	if f.Share != nil && *f.Share < 1 || f.Count != nil {
		return false
	}
	if f.Group != "" && f.Group != w.group.Name || f.Node != "" && f.Node != w.node.Name || f.Subnet != "" && w.Subnets[0].CIDR != cidrOf(w.of, f.Subnet) {
		return true
	}
	for _, s := range w.spans(f) {
		if s.from < time.Duration(w.node.Registered) {
			continue // it hits the nodes that are there
		}
		w.happens(s.from, begins)
		w.happens(s.to, ends)
	}
	return true
}

// settings notes those that are not played.
func (w *world) settings() {
	ec2, group := &w.of.EC2, "nodeGroups."+w.group.Name
	for _, each := range []struct {
		key   string
		given bool
	}{
		{"ec2.latency", len(ec2.Latency) > 0},
		{"ec2.throttle", len(ec2.Throttle) > 0},
		{"ec2.sharedThrottle", len(ec2.SharedThrottle) > 0},
		{"ec2.throttling", ec2.Throttling != nil && !*ec2.Throttling},
		{"ec2.allocation", ec2.Allocation.Addresses == "lowest" || ec2.Allocation.Prefixes == "lowest"},
		{"ec2.metadata", ec2.Metadata.Profile == "tail" || ec2.Metadata.Interface != nil || ec2.Metadata.Addresses != nil},
		{"ec2.instanceTypes", len(ec2.InstanceTypes) > 0},
		{"ec2.sdk", ec2.SDK != scenarios.SDK{MaxAttempts: 3, RetryQuota: 500}},
		{"ec2.detachTime", ec2.DetachTime != nil},
		{"vpc.quotas", w.of.VPC.Quotas != scenarios.VPCQuotas{NetworkInterfaces: 5000, NAU: 64000}},
		{group + ".nodes (what its nodes hold at time 0)", len(w.group.Nodes) > 0},
		{group + ".policies", w.group.Policies != scenarios.Policies{}},
		{group + ".cniVersion", !slices.Contains(Releases, w.group.CNIVersion)},
	} {
		if each.given {
			w.leave("%s", each.key)
		}
	}
}

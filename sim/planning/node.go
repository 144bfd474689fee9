package planning

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
)

// load is how many pods a node is looked at with.
type load int

const (
	bare    load = iota // DaemonSets' alone
	typical             // as many as the present nodes have on average
	full                // as many as fit
	loads
)

// alone looks at one node of a group in a VPC of its own, where addresses do not
// run out: launched with nothing, and then with pods.
type alone struct {
	*subject
	group *groupAt

	held  [loads]Holding
	calls Calls
}

// When the pods of a node that is alone come, how long it has to settle, and the
// time of rest that is measured: longer than a turn of what ipamd does every hour.
const (
	alonePodsAt  = 5 * time.Minute
	aloneSettled = 15 * time.Minute
	aloneRest    = 2 * time.Hour

	aloneRuns = int(loads) + 1
)

func (a *alone) run(ctx context.Context) error {
	pods := 0
	if a.group.nodes > 0 {
		pods = (a.group.pods + a.group.nodes/2) / a.group.nodes
	}
	for l, n := range [loads]int{bare: 0, typical: pods, full: a.group.config.PodLimit()} {
		h, calls, err := a.holds(ctx, n, aloneSettled)
		if err != nil {
			return err
		}
		a.held[l] = h
		switch load(l) {
		case bare:
			a.calls.Boot = calls
		case typical:
			a.calls.Pods = less(calls, a.calls.Boot)
			_, later, err := a.holds(ctx, n, aloneSettled+aloneRest)
			if err != nil {
				return err
			}
			a.calls.RestPerHour = float64(total(less(later, calls))) / aloneRest.Hours()
		}
	}
	return nil
}

// holds is what the node holds with so many pods, as far as they fit, and the
// calls of its daemon, and for it, up to a moment.
func (a *alone) holds(ctx context.Context, pods int, until time.Duration) (Holding, map[string]int, error) {
	w, err := a.subject.run(ctx, fmt.Sprintf("one node of %s with %d pods", a.group.name, pods), a.with(pods, until), nil)
	if err != nil {
		return Holding{}, nil, err
	}
	h := Holding{Pods: -daemons(w), Interfaces: w.Account.Usage().NetworkInterfaces, NAU: w.Account.Usage().NAU}
	for _, s := range w.Account.Subnets() {
		h.Addresses += s.Primaries + s.Secondary
	}
	h.Pods += w.Cluster.Counts().Running
	calls := map[string]int{}
	for name, of := range w.Outcome().API {
		if of.Calls > 0 {
			calls[name] = of.Calls
		}
	}
	return h, calls, nil
}

// daemons counts the pods of DaemonSets that run.
func daemons(w *fleet.Fleet) (n int) {
	for _, p := range w.Cluster.Pods() {
		if p.Workload.Kind == "DaemonSet" && p.State().String() == "Running" {
			n++
		}
	}
	return n
}

// with is the scenario of the node.
func (a *alone) with(pods int, until time.Duration) *scenarios.Scenario {
	s := *a.base.scenario
	s.Duration = scenarios.Duration(until)
	s.VPC.CIDRs, s.VPC.Subnets = roomy(s.VPC.Subnets)
	g := *a.group.config
	g.Nodes, g.Count = nil, 0
	g.Steps = []scenarios.CountStep{{At: scenarios.Duration(time.Second), Count: 1}}
	s.NodeGroups = []scenarios.NodeGroup{g}
	s.Workloads = slices.DeleteFunc(slices.Clone(s.Workloads), func(w scenarios.Workload) bool { return w.Kind != "DaemonSet" })
	if pods == 0 {
		return &s
	}
	q := search{subject: a.subject, group: a.group, by: ByPods}
	_, s.Workloads = q.pods(pods, alonePodsAt, s.Workloads)
	return &s
}

// roomy gives each subnet a block of 65,536 addresses that nobody else uses. A VPC
// has as many as 10.0.0.0/8, and subnets beyond that share the last one.
func roomy(subnets []scenarios.Subnet) (cidrs []scenarios.Prefix, list []scenarios.Subnet) {
	for i := range subnets {
		s := subnets[i]
		s.Used, s.Reservations = nil, nil
		s.CIDR = scenarios.Prefix{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16)}
		cidrs, list = append(cidrs, s.CIDR), append(list, s)
	}
	return cidrs, list
}

// less is the calls without others.
func less(calls, without map[string]int) map[string]int {
	left := map[string]int{}
	for name, n := range calls {
		if d := n - without[name]; d > 0 {
			left[name] = d
		}
	}
	return left
}

func total(calls map[string]int) (n int) {
	for _, of := range calls { // order does not matter to a sum
		n += of
	}
	return n
}

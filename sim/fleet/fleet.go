package fleet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/machine"
	"ipamsim/sim/measure"
	"ipamsim/sim/result"
)

// Fleet is one replication of one variant: an account, a cluster on it, and
// on each node a kubelet and an ipamd.
type Fleet struct {
	Scenario    *scenarios.Scenario
	variant     string
	replication int
	WarmUp      time.Duration
	End         time.Duration // kernel time
	parkIdle    bool

	machine.Site
	controller  *awssdk.Client     // of the autoscaler and the node groups
	Machines    []*machine.Machine // registered and not gone, by place
	kinds       map[kindOf]*machine.Kind
	subnetName  map[string]string // by ID
	Measured    *measure.Collector
	Listener    cluster.Hooks // who else hears of pods and nodes; set before the start
	Check       func() error  // asked now and then; an error ends the run
	Settled     func() bool   // asked now and then; true ends the run early, and well. nil for never
	fingerprint des.Fingerprint
}

// Options choose a run.
type Options struct {
	Replication int // from 0
	// TickIdle makes idle daemons go through every pass of their loop instead
	// of parking. It changes no outcome and costs time: tests compare the two.
	TickIdle bool
	// Stops says that a broken condition with abortOnFail ends the run.
	Stops bool
}

// New builds a fleet at the start of its warm-up.
func New(v scenarios.Expanded, o Options) (*Fleet, error) {
	s := v.Scenario
	w := &Fleet{
		Scenario: s, variant: v.Name, replication: o.Replication, Check: func() error { return nil }, WarmUp: Std(s.WarmUp), End: Std(s.WarmUp) + Std(s.Duration), parkIdle: !o.TickIdle,
		kinds:      map[kindOf]*machine.Kind{},
		subnetName: map[string]string{},
		Measured:   measure.New(Std(s.WarmUp)),
	}
	w.Kernel = des.New(s.Seed, o.Replication, des.Limits{Events: s.Limits.Events})
	w.VPCCIDRs, w.Zone, w.Epoch = w.VPCBlocks(), w.zone, w.dateOf(-w.WarmUp)
	w.SDK = awssdk.DefaultOptions()
	w.SDK.MaxAttempts, w.SDK.RetryQuota, w.SDK.OnCall = s.EC2.SDK.MaxAttempts, s.EC2.SDK.RetryQuota, w.Measured.Call
	w.Hooks = w.machineHooks()
	if err := w.buildAccount(); err != nil {
		return nil, err
	}
	if err := w.buildCluster(v.Traces); err != nil {
		return nil, err
	}
	w.scheduleFaults()
	w.Measured.Watch(measure.Fleet{
		Kernel: w.Kernel, Account: w.Account, Cluster: w.Cluster, Faults: w.Faults,
		Machines: func() []*machine.Machine { return w.Machines }, Zone: w.zone, Conditions: asked(s, v.Name), Stops: o.Stops, End: w.End,
	})
	return w, nil
}

// asked are the scenario's conditions that are about a variant.
func asked(s *scenarios.Scenario, variant string) []result.Condition {
	return slices.DeleteFunc(s.Asked(), func(c result.Condition) bool {
		name := c.Selector.Get("variant")
		return name != "" && name != variant
	})
}

func (w *Fleet) buildAccount() (err error) {
	cfg := accountConfig(w.Scenario)
	cfg.Trace = w.fingerprint.Add
	cfg.ThrottleFrom = w.WarmUp // the cluster that is there at time 0 was not built in a rush
	if w.Account, err = ec2model.NewAccount(w.Kernel, cfg); err != nil {
		return err
	}
	w.Account.Observe(w.Measured.Attempt)
	for _, subnet := range w.Account.Subnets() {
		w.subnetName[subnet.ID] = subnet.Name
	}
	for _, b := range w.Scenario.EC2.Background {
		to := Std(w.Scenario.Duration)
		if b.To != nil {
			to = Std(*b.To)
		}
		w.Account.Background(action(b.Action), b.Rate, b.Attempts, w.WarmUp+Std(b.From), w.WarmUp+to)
	}
	return nil
}

func (w *Fleet) buildCluster(traces map[string][]scenarios.TracePod) (err error) {
	cfg, err := clusterConfig(w.Scenario, traces)
	if err != nil {
		return err
	}
	for i := range w.Scenario.NodeGroups {
		g := &w.Scenario.NodeGroups[i]
		for _, t := range g.Types() {
			w.kinds[kindOf{g.Name, t}] = w.newKind(g, t)
		}
		for j := range g.Nodes {
			if of := (kindOf{g.Name, g.As(&g.Nodes[j]).InstanceType}); w.kinds[of] == nil {
				w.kinds[of] = w.newKind(g, of.instanceType)
			}
		}
	}
	w.controller = awssdk.New(w.Kernel, w.Account, "controller", w.SDK)
	w.Cluster, err = cluster.New(w.Kernel, cfg, &cloud{fleet: w}, w.newMachine, w.clusterHooks())
	return err
}

// pieces is in how many pieces a run is executed, for its progress and for
// the interruption by its context.
const pieces = 200

// Start plans everything from the beginning of the warm-up on.
func (w *Fleet) Start() {
	w.Cluster.Start()
	w.Kernel.AtPriority(w.WarmUp, des.Early, w.Measured.Start)
}

// Run executes the fleet from its start until a kernel time, and reports on the
// way. It ends early with the context's error, or that of a check.
func (w *Fleet) Run(ctx context.Context, until time.Duration, t *Tally) error {
	defer w.Kernel.Close()
	w.Start()
	w.Kernel.SetCheck(func() error { return cmp.Or(ctx.Err(), w.Check()) })
	heard := uint64(0)
	for i := 1; i <= pieces; i++ {
		if err := w.Advance(until * time.Duration(i) / pieces); err == context.Canceled {
			return err
		} else if err = cmp.Or(err, w.Check()); err != nil {
			return fmt.Errorf("variant %s #%d: %w", w.variant, w.replication+1, err)
		}
		if w.Measured.Stopped() != nil || w.Settled != nil && w.Settled() {
			break
		}
		executed := w.Kernel.Executed()
		t.add(Progress{Variant: w.variant, Replication: w.replication, Virtual: w.Kernel.Now() - w.WarmUp, VirtualEnd: until - w.WarmUp}, executed-heard)
		heard = executed
	}
	t.finished()
	return nil
}

// Advance executes a fleet that has started until a kernel time.
func (w *Fleet) Advance(until time.Duration) error {
	if err := w.Kernel.Run(until); err != nil {
		return err
	}
	return w.Cluster.Err()
}

// Outcome sums the run up; it ends the measurement.
func (w *Fleet) Outcome() result.Replication {
	o := w.Measured.Outcome()
	for _, s := range o.Subnets {
		w.fingerprint.Add(uint64(s.AllocatedPeak), uint64(s.FreeMin), uint64(s.Held.Assigned), uint64(s.Held.Warm), uint64(s.Held.Cooling))
	}
	return result.Replication{Replication: w.replication + 1, Fingerprint: w.fingerprint.String(), Events: w.Kernel.Counted(), Outcome: o, Distributions: w.Measured.Trends().Distributions(), Answers: w.Measured.Answers(&o)}
}

// AtSeconds is the virtual time of now, from time 0.
func (w *Fleet) AtSeconds() float64 {
	return float64((w.Kernel.Now()-w.WarmUp)/time.Microsecond) / 1e6
}

// dateOf is a virtual time as logs and documents of the real system show it:
// time 0 is the beginning of 2026, our choice.
func (w *Fleet) dateOf(virtual time.Duration) time.Time {
	return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).Add(virtual)
}

// Environment is what the aws-node container of a group's new nodes has.
func (w *Fleet) Environment(g *scenarios.NodeGroup) map[string]string {
	return w.kinds[kindOf{g.Name, g.Types()[0]}].Environment
}

// MachineOf finds the machine of an instance, or nil.
func (w *Fleet) MachineOf(instance string) *machine.Machine {
	for _, m := range w.Machines {
		if m.Node.Instance.ID == instance {
			return m
		}
	}
	return nil
}

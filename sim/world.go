package sim

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/result"
)

// world is one replication of one variant: an account, a cluster on it, and
// on each node a kubelet and an ipamd.
type world struct {
	scenario    *scenarios.Scenario
	variant     string
	replication int
	warmUp      time.Duration
	end         time.Duration // kernel time
	parkIdle    bool

	Site
	controller  *awssdk.Client // of the autoscaler and the node groups
	machines    []*machine     // registered and not gone, by place
	kinds       map[string]*kind
	subnetName  map[string]string // by ID
	measured    *collector
	listener    cluster.Hooks // who else hears of pods and nodes; set before the start
	check       func() error  // asked now and then; an error ends the run
	fingerprint des.Fingerprint
}

// fleetOptions choose a run.
type fleetOptions struct {
	Replication int // from 0
	// TickIdle makes idle daemons go through every pass of their loop instead
	// of parking. It changes no outcome and costs time: tests compare the two.
	TickIdle bool
}

// newWorld builds a world at the start of its warm-up.
func newWorld(v scenarios.Expanded, o fleetOptions) (*world, error) {
	s := v.Scenario
	w := &world{
		scenario: s, variant: v.Name, replication: o.Replication, check: func() error { return nil }, warmUp: std(s.WarmUp), end: std(s.WarmUp) + std(s.Duration), parkIdle: !o.TickIdle,
		kinds:      map[string]*kind{},
		subnetName: map[string]string{},
		measured:   newCollector(std(s.WarmUp)),
	}
	w.Kernel = des.New(s.Seed, o.Replication, des.Limits{Events: s.Limits.Events})
	w.VPCCIDRs, w.Zone, w.Epoch = w.vpcCIDRs(), w.zone, w.dateOf(-w.warmUp)
	w.SDK = awssdk.DefaultOptions()
	w.SDK.MaxAttempts, w.SDK.RetryQuota, w.SDK.OnCall = s.EC2.SDK.MaxAttempts, s.EC2.SDK.RetryQuota, w.measured.call
	w.Hooks = w.machineHooks()
	if err := w.buildAccount(); err != nil {
		return nil, err
	}
	traces, err := readTraces(v)
	if err != nil {
		return nil, err
	}
	if err := w.buildCluster(traces); err != nil {
		return nil, err
	}
	w.scheduleFaults()
	w.measured.watch(subject{
		Kernel: w.Kernel, Account: w.Account, Cluster: w.Cluster, Faults: w.Faults,
		Machines: func() []*machine { return w.machines }, End: w.end,
	})
	return w, nil
}

func (w *world) buildAccount() (err error) {
	cfg := accountConfig(w.scenario)
	cfg.Trace = w.fingerprint.Add
	cfg.ThrottleFrom = w.warmUp // the cluster that is there at time 0 was not built in a rush
	if w.Account, err = ec2model.NewAccount(w.Kernel, cfg); err != nil {
		return err
	}
	w.Account.Observe(w.measured.attempt)
	for _, subnet := range w.Account.Subnets() {
		w.subnetName[subnet.ID] = subnet.Name
	}
	for _, b := range w.scenario.EC2.Background {
		to := std(w.scenario.Duration)
		if b.To != nil {
			to = std(*b.To)
		}
		w.Account.Background(action(b.Action), b.Rate, w.warmUp+std(b.From), w.warmUp+to)
	}
	return nil
}

func (w *world) buildCluster(traces map[string][]cluster.TracePod) (err error) {
	cfg, err := clusterConfig(w.scenario, traces)
	if err != nil {
		return err
	}
	for i := range w.scenario.NodeGroups {
		g := &w.scenario.NodeGroups[i]
		w.kinds[g.Name] = w.newKind(g)
	}
	w.controller = awssdk.New(w.Kernel, w.Account, "controller", w.SDK)
	w.Cluster, err = cluster.New(w.Kernel, cfg, &cloud{world: w}, w.newMachine, w.clusterHooks())
	return err
}

// pieces is in how many pieces a run is executed, for its progress and for
// the interruption by its context.
const pieces = 200

// start plans everything from the beginning of the warm-up on.
func (w *world) start() {
	w.Cluster.Start()
	w.Kernel.AtPriority(w.warmUp, des.Early, w.measured.start)
}

// run executes the world from its start until a kernel time, and reports on the
// way. It ends early with the context's error, or that of a check.
func (w *world) run(ctx context.Context, until time.Duration, t *tally) error {
	defer w.Kernel.Close()
	w.start()
	w.Kernel.SetCheck(func() error { return cmp.Or(ctx.Err(), w.check()) })
	heard := uint64(0)
	for i := 1; i <= pieces; i++ {
		if err := w.runTo(until * time.Duration(i) / pieces); err == context.Canceled {
			return err
		} else if err = cmp.Or(err, w.check()); err != nil {
			return fmt.Errorf("variant %s #%d: %w", w.variant, w.replication+1, err)
		}
		executed := w.Kernel.Executed()
		t.add(Progress{Variant: w.variant, Replication: w.replication, Virtual: w.Kernel.Now() - w.warmUp, VirtualEnd: until - w.warmUp}, executed-heard)
		heard = executed
	}
	t.finished()
	return nil
}

// runTo executes a world that has started until a kernel time.
func (w *world) runTo(until time.Duration) error {
	if err := w.Kernel.Run(until); err != nil {
		return err
	}
	return w.Cluster.Err()
}

// outcome sums the run up; it ends the measurement.
func (w *world) outcome() result.Replication {
	o := w.measured.outcome()
	for _, s := range o.Subnets {
		w.fingerprint.Add(uint64(s.AllocatedPeak), uint64(s.FreeMin), uint64(s.End.Assigned), uint64(s.End.Warm), uint64(s.End.Cooling))
	}
	return result.Replication{Replication: w.replication, Fingerprint: w.fingerprint.String(), Events: w.Kernel.Executed(), Outcome: o}
}

func readTraces(v scenarios.Expanded) (map[string][]cluster.TracePod, error) {
	traces := map[string][]cluster.TracePod{}
	for i := range v.Scenario.Workloads {
		w := &v.Scenario.Workloads[i]
		if w.Kind != string(cluster.Trace) {
			continue
		}
		pods, err := scenarios.ReadTrace(v.Dir, w.File)
		if err != nil {
			return nil, fmt.Errorf("workload %s: %w", w.Name, err)
		}
		for _, p := range pods {
			traces[w.Name] = append(traces[w.Name], cluster.TracePod{
				Created: p.Created, Lifetime: p.Lifetime,
				Requests: cluster.Resources{MilliCPU: int64(p.CPU), Memory: int64(p.Memory)},
			})
		}
	}
	return traces, nil
}

// dateOf is a virtual time as logs and documents of the real system show it:
// time 0 is the beginning of 2026, our choice.
func (w *world) dateOf(virtual time.Duration) time.Time {
	return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).Add(virtual)
}

// machineOf finds the machine of an instance, or nil.
func (w *world) machineOf(instance string) *machine {
	for _, m := range w.machines {
		if m.node.Instance.ID == instance {
			return m
		}
	}
	return nil
}

package sim

import (
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
	scenario *scenarios.Scenario
	warmUp   time.Duration
	end      time.Duration // kernel time
	parkIdle bool

	Site
	controller  *awssdk.Client // of the autoscaler and the node groups
	machines    []*machine     // registered and not gone, by place
	kinds       map[string]*kind
	subnetName  map[string]string // by ID
	measured    *collector
	listener    cluster.Hooks // who else hears of pods and nodes; set before the start
	recorder    *recorder     // nil unless somebody wants a recording
	survey      *survey       // likewise, the slowest pods
	fingerprint des.Fingerprint
}

// newWorld builds a world at the start of its warm-up.
func newWorld(v scenarios.Expanded, replication int, parkIdle bool) (*world, error) {
	s := v.Scenario
	w := &world{
		scenario: s, warmUp: std(s.WarmUp), end: std(s.WarmUp) + std(s.Duration), parkIdle: parkIdle,
		kinds:      map[string]*kind{},
		subnetName: map[string]string{},
		measured:   newCollector(std(s.WarmUp)),
	}
	w.Kernel = des.New(s.Seed, replication, des.Limits{Events: s.Limits.Events})
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

// run executes the world from its start until a kernel time.
func (w *world) run(until time.Duration, stop func(virtual time.Duration, events uint64) error) error {
	defer w.Kernel.Close()
	w.start()
	for i := 1; i <= pieces; i++ {
		if err := w.Kernel.Run(until * time.Duration(i) / pieces); err != nil {
			return err
		}
		if err := w.Cluster.Err(); err != nil {
			return err
		}
		if err := stop(w.Kernel.Now()-w.warmUp, w.Kernel.Executed()); err != nil {
			return err
		}
	}
	return nil
}

// result sums the run up.
func (w *world) result(replication int) run {
	o := w.measured.outcome()
	for _, s := range o.Subnets {
		w.fingerprint.Add(uint64(s.AllocatedPeak), uint64(s.FreeMin), uint64(s.End.Assigned), uint64(s.End.Warm), uint64(s.End.Cooling))
	}
	return run{
		replication: result.Replication{Replication: replication, Fingerprint: w.fingerprint.String(), Events: w.Kernel.Executed(), Outcome: o},
		collected:   w.measured,
		recording:   w.recorder.finish(),
	}
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

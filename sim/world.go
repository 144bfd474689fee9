package sim

import (
	"fmt"
	"net/netip"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/fault"
	"ipamsim/sim/result"
)

// world is one replication of one variant: an account, a cluster on it, and
// on each node a kubelet and an ipamd.
type world struct {
	scenario *scenarios.Scenario
	warmUp   time.Duration
	end      time.Duration // kernel time
	parkIdle bool

	kernel      *des.Kernel
	account     *ec2model.Account
	cluster     *cluster.Cluster
	controller  *awssdk.Client // of the autoscaler and the node groups
	machines    []*machine     // registered and not gone, by place
	kinds       map[string]*kind
	subnetName  map[string]string // by ID
	blocks      []netip.Prefix    // of the VPC
	collector   *collector
	faults      *fault.Injector
	sampler     *sampler
	recorder    *recorder          // nil unless somebody wants a recording
	survey      *survey            // likewise, the slowest pods
	ran         func(*cluster.Pod) // likewise, each pod when it runs
	fingerprint des.Fingerprint
}

// newWorld builds a world at the start of its warm-up.
func newWorld(v scenarios.Expanded, replication int, parkIdle bool) (*world, error) {
	s := v.Scenario
	w := &world{
		scenario: s, warmUp: std(s.WarmUp), end: std(s.WarmUp) + std(s.Duration), parkIdle: parkIdle,
		kernel:     des.New(s.Seed, replication, des.Limits{Events: s.Limits.Events}),
		kinds:      map[string]*kind{},
		subnetName: map[string]string{},
		collector:  newCollector(std(s.WarmUp)),
	}
	w.blocks = w.vpcCIDRs()
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
	w.sampler = newSampler(w, std(s.Duration))
	return w, nil
}

func (w *world) buildAccount() (err error) {
	cfg := accountConfig(w.scenario)
	cfg.Trace = w.fingerprint.Add
	cfg.ThrottleFrom = w.warmUp // the cluster that is there at time 0 was not built in a rush
	if w.account, err = ec2model.NewAccount(w.kernel, cfg); err != nil {
		return err
	}
	w.account.Observe(w.collector.attempt)
	for _, subnet := range w.account.Subnets() {
		w.subnetName[subnet.ID] = subnet.Name
	}
	for _, b := range w.scenario.EC2.Background {
		to := std(w.scenario.Duration)
		if b.To != nil {
			to = std(*b.To)
		}
		w.account.Background(action(b.Action), b.Rate, w.warmUp+std(b.From), w.warmUp+to)
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
	w.controller = awssdk.New(w.kernel, w.account, "controller", w.sdkOptions())
	w.cluster, err = cluster.New(w.kernel, cfg, &cloud{world: w}, w.newMachine, cluster.Hooks{
		PodCreated: w.podCreated,
		PodRunning: func(p *cluster.Pod) {
			w.fingerprint.Add(uint64(p.Running), uint64(p.Bound), uint64(p.Ordinal), uint64(p.Node.Ordinal))
			w.podRunning(p)
		},
		PodEnded:  w.collector.podEnded,
		NodeReady: func(n *cluster.Node) { w.fingerprint.Add(uint64(n.Ready), uint64(n.Ordinal)); w.collector.nodeReady(n) },
		NodeGone:  w.collector.nodeGone,
	})
	return err
}

func (w *world) sdkOptions() awssdk.Options {
	o := awssdk.DefaultOptions()
	o.MaxAttempts, o.RetryQuota, o.OnCall = w.scenario.EC2.SDK.MaxAttempts, w.scenario.EC2.SDK.RetryQuota, w.collector.call
	if w.recorder != nil {
		o.OnCall = w.recorder.call
	}
	return o
}

// pieces is in how many pieces a run is executed, for its progress and for
// the interruption by its context.
const pieces = 200

// run executes the world until a kernel time.
func (w *world) run(until time.Duration, stop func(virtual time.Duration, events uint64) error) error {
	defer w.kernel.Close()
	w.cluster.Start()
	w.kernel.AtPriority(w.warmUp, des.Early, w.measure)
	for i := 1; i <= pieces; i++ {
		if err := w.kernel.Run(until * time.Duration(i) / pieces); err != nil {
			return err
		}
		if err := w.cluster.Err(); err != nil {
			return err
		}
		if err := stop(w.kernel.Now()-w.warmUp, w.kernel.Executed()); err != nil {
			return err
		}
	}
	return nil
}

// measure is the end of the warm-up.
func (w *world) measure() {
	w.account.ResetExtremes()
	w.collector.measureFromNow(w.cluster.Counts())
	w.sampler.start(w.end)
}

// result sums the run up.
func (w *world) result(replication int) run {
	o := w.collector.outcome(w.cluster.Counts(), w.collector.stillStarting(w.cluster.Pods(), w.kernel.Now()))
	o.Subnets = w.sampler.finish()
	o.Interfaces = w.sampler.interfaces()
	o.FaultHits = w.faults.Hits()
	o.Network.Broken = w.sampler.recovery.broken
	if took, ok := w.sampler.recovery.took(); ok {
		recovered := result.Rounded(took.Seconds())
		o.Network.Recovery = &recovered
	}
	o.Nodes.AssignedP90, o.Nodes.CoolingPeak = w.sampler.p90, w.sampler.cooling
	for _, s := range o.Subnets {
		w.fingerprint.Add(uint64(s.AllocatedPeak), uint64(s.FreeMin), uint64(s.End.Assigned), uint64(s.End.Warm), uint64(s.End.Cooling))
	}
	return run{
		replication: result.Replication{Replication: replication, Fingerprint: w.fingerprint.String(), Events: w.kernel.Executed(), Outcome: o},
		collected:   w.collector,
		series:      w.sampler.series,
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

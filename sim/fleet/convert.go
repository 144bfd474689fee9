package fleet

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/ami"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/kubelet"
)

// This file says a scenario in the words of the models.

// Std is a duration of a scenario as Go has it.
func Std(d scenarios.Duration) time.Duration { return time.Duration(d) }

func accountConfig(s *scenarios.Scenario) ec2model.Config {
	cfg := ec2model.Config{
		Quotas:  ec2model.Quotas{NetworkInterfaces: s.VPC.Quotas.NetworkInterfaces, NAU: s.VPC.Quotas.NAU},
		Profile: profile(&s.EC2), Types: s.Types(),
	}
	for _, c := range s.VPC.CIDRs {
		cfg.CIDRs = append(cfg.CIDRs, c.Prefix)
	}
	for _, subnet := range s.VPC.Subnets {
		c := subnetConfig(subnet)
		c.Existing, c.Blocks = existingAddresses(s, subnet.Name)
		cfg.Subnets = append(cfg.Subnets, c)
	}
	return cfg
}

func subnetConfig(s scenarios.Subnet) ec2model.SubnetConfig {
	cfg := ec2model.SubnetConfig{Name: s.Name, CIDR: s.CIDR.Prefix, AZ: s.AZ}
	for _, u := range s.Used {
		used := ec2model.UsedAddresses{Holder: u.Holder, Count: u.Count, Pattern: ec2model.Pattern(u.Pattern)}
		for _, p := range u.Addresses {
			used.Explicit = append(used.Explicit, p.Prefix)
		}
		cfg.Used = append(cfg.Used, used)
	}
	for _, r := range s.Reservations {
		cfg.Reservations = append(cfg.Reservations, ec2model.Reservation{CIDR: r.CIDR.Prefix, Type: ec2model.ReservationType(r.Type)})
	}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		value := s.Tags[key]
		cfg.Tags = append(cfg.Tags, types.Tag{Key: &key, Value: &value})
	}
	return cfg
}

func profile(e *scenarios.EC2) ec2model.Profile {
	p := ec2model.DefaultProfile()
	// any order: each action by itself
	for name, l := range e.Latency {
		p.SetLatency(action(name), latency(l))
	}
	// any order: each action by itself
	for name, b := range e.Throttle {
		p.Requests[action(name)] = ec2model.Bucket{Burst: b.Burst, RefillPerSecond: b.RefillPerSecond}
	}
	// any order: each action by itself
	for name, b := range e.ResourceThrottle {
		p.Resources[action(name)] = ec2model.Bucket{Burst: b.Burst, RefillPerSecond: b.RefillPerSecond}
	}
	for _, b := range e.SharedThrottle {
		var actions []ec2model.Action
		for _, name := range b.Actions {
			actions = append(actions, action(name))
		}
		p.Share(ec2model.Bucket{Burst: b.Burst, RefillPerSecond: b.RefillPerSecond}, actions...)
	}
	if e.Throttling != nil {
		p.Throttling = *e.Throttling
	}
	p.Addresses, p.Prefixes = ec2model.Policy(e.Allocation.Addresses), ec2model.Policy(e.Allocation.Prefixes)
	p.FleetZone = ec2model.ZonePolicy(e.Allocation.FleetZone)
	if e.Metadata.Profile == "tail" {
		p.InterfaceLag = ec2model.TailInterfaceLag()
	}
	if l := e.Metadata.Interface; l != nil {
		p.InterfaceLag = latency(*l)
	}
	if l := e.Metadata.Addresses; l != nil {
		p.AddressLag = latency(*l)
	}
	if l := e.DetachTime; l != nil {
		p.DetachTime = latency(*l)
	}
	if l := e.ShutdownTime; l != nil {
		p.ShutdownTime = distribution(l, longestLifetime)
	}
	return p
}

func action(name string) ec2model.Action {
	a, ok := ec2model.ActionByName(name)
	if !ok {
		panic("sim: the reader let the action " + name + " pass")
	}
	return a
}

// longestLatency is where the tail of a log-normal latency ends unless the
// scenario says otherwise: the SDK's time-out of one request.
const longestLatency = 10 * time.Second

// longestLifetime is where the tail of a log-normal lifetime ends: far behind
// the end of any run, and far from what a duration can hold.
const longestLifetime = 100 * 365 * 24 * time.Hour

const defaultSigma = 0.35

func latency(l scenarios.Latency) ec2model.Latency { return distribution(&l, longestLatency) }

// distribution ends the tail of a log-normal one at longest, or at its mean
// if that is more, unless the scenario says otherwise.
func distribution(l *scenarios.Latency, longest time.Duration) ec2model.Latency {
	switch {
	case l.Constant != nil:
		return ec2model.Fixed(Std(*l.Constant))
	case l.Mean != nil:
		mean, sigma := Std(*l.Mean), defaultSigma
		longest = max(longest, mean)
		if l.Sigma != nil {
			sigma = *l.Sigma
		}
		if l.Max != nil {
			longest = Std(*l.Max)
		}
		return ec2model.LogNormal(mean, sigma, longest)
	}
	return ec2model.Uniform(Std(*l.Min), Std(*l.Max))
}

func draw(l *scenarios.Latency) cluster.Draw {
	if l == nil {
		return nil
	}
	return distribution(l, longestLifetime).Sample
}

func clusterConfig(s *scenarios.Scenario, traces map[string][]scenarios.TracePod) (cluster.Config, error) {
	cfg := cluster.Config{
		WarmUp: Std(s.WarmUp), End: Std(s.Duration),
		PodCreation: s.ControlPlane.PodCreation.Bucket(), Scheduling: s.ControlPlane.Scheduling.Bucket(), Scoring: cluster.Scoring(s.ControlPlane.Scoring),
	}
	for i := range s.NodeGroups {
		g, err := groupConfig(s, &s.NodeGroups[i])
		if err != nil {
			return cfg, err
		}
		cfg.Groups = append(cfg.Groups, g)
	}
	if a := s.Autoscaler; a != nil {
		cfg.Autoscaler = autoscalerConfig(a)
	}
	for i := range s.Workloads {
		w := workloadConfig(&s.Workloads[i], traces)
		for k := range s.NodeGroups {
			if g := &s.NodeGroups[k]; !s.Workloads[i].RunsOn(g) {
				w.NotOn = append(w.NotOn, g.Name)
			}
		}
		cfg.Workloads = append(cfg.Workloads, w)
	}
	return cfg, nil
}

func groupConfig(s *scenarios.Scenario, g *scenarios.NodeGroup) (cluster.GroupConfig, error) {
	if _, ok := g.Limits(g.InstanceType); !ok {
		return cluster.GroupConfig{}, fmt.Errorf("node group %s: unknown instance type %s", g.Name, g.InstanceType)
	}
	cfg := cluster.GroupConfig{
		Name: g.Name, InstanceType: g.InstanceType, Count: g.Count, Max: -1, Steps: steps(g.Steps),
		Subnets: g.Subnets, Boot: bootTime(g),
		LaunchDelay: launchDelay(g.Launch),
		Spot:        g.Spot(), Interruptions: g.Interruptions,
		KeepInterface: g.Launch.DeleteOnTermination != nil && !*g.Launch.DeleteOnTermination,
	}
	for i, t := range s.NodeTypes(g) {
		kind := cluster.NodeType{InstanceType: t.InstanceType, MaxPods: t.MaxPods, Allocatable: resources(g.AllocatableOf(t.InstanceType, t.MaxPods))}
		if i == 0 {
			cfg.MaxPods, cfg.Allocatable = kind.MaxPods, kind.Allocatable
		} else {
			cfg.Alternatives = append(cfg.Alternatives, kind)
		}
	}
	existing(g, &cfg)
	if g.Max != nil {
		cfg.Max = *g.Max
	}
	if len(cfg.Subnets) == 0 {
		for _, subnet := range s.VPC.Subnets {
			cfg.Subnets = append(cfg.Subnets, subnet.Name)
		}
	}
	if cfg.Allocatable.MilliCPU <= 0 || cfg.Allocatable.Memory <= 0 {
		return cfg, fmt.Errorf("node group %s: nothing of the CPU or the memory of %s is left for pods", g.Name, g.InstanceType)
	}
	return cfg, nil
}

func resources(r scenarios.Resources) cluster.Resources {
	return cluster.Resources{MilliCPU: int64(r.CPU), Memory: int64(r.Memory)}
}

func steps(list []scenarios.CountStep) []cluster.Step {
	var out []cluster.Step
	for _, s := range list {
		step := cluster.Step{At: Std(s.At), Count: s.Count}
		if s.Over != nil {
			step.Over = Std(*s.Over)
		}
		out = append(out, step)
	}
	return out
}

func bootTime(g *scenarios.NodeGroup) cluster.Draw {
	if g.Launch.Boot != nil {
		return draw(g.Launch.Boot)
	}
	family, _ := ami.Named(g.AMIFamily)
	return family.Boot(ami.Extra(g.Launch.Profile))
}

// timings are those of the group's kubelets.
func timings(g *scenarios.NodeGroup) *kubelet.Timings {
	t := kubelet.DefaultTimings()
	t.SandboxCPU, t.StartCPU = Std(g.PodStartCPU), Std(g.PodStartCPU)
	if ami.SeesAtOnce(g.KubernetesVersion) {
		t.Relist = 0
	}
	client := ami.ClientOf(g.KubernetesVersion)
	t.APIInterval = time.Second / time.Duration(orElse(g.Kubelet.KubeAPIQPS, client.QPS))
	t.APIBurst = orElse(g.Kubelet.KubeAPIBurst, client.Burst)
	t.StatusInTurn, t.PodTokens = client.InTurn, client.Tokens
	return &t
}

// orElse is a number that may be given.
func orElse(given *int, otherwise int) int {
	if given != nil {
		return *given
	}
	return otherwise
}

func launchDelay(l scenarios.Launch) cluster.Draw {
	if l.GroupDelay != nil {
		return draw(l.GroupDelay)
	}
	return cluster.LaunchDelay
}

func autoscalerConfig(a *scenarios.Autoscaler) *cluster.AutoscalerConfig {
	cfg := &cluster.AutoscalerConfig{Kind: cluster.AutoscalerKind(a.Kind), Groups: a.Groups, ScaleDown: a.ScaleDown == nil || *a.ScaleDown}
	if a.ScaleDownAfter != nil {
		cfg.ScaleDownAfter = Std(*a.ScaleDownAfter)
	}
	switch {
	case a.Utilization != nil:
		cfg.Utilization = *a.Utilization
	case a.Kind == string(cluster.ClusterAutoscaler):
		cfg.Utilization = 0.5
	default:
		cfg.Utilization = 1
	}
	return cfg
}

func workloadConfig(w *scenarios.Workload, traces map[string][]scenarios.TracePod) cluster.WorkloadConfig {
	cfg := cluster.WorkloadConfig{
		Name: w.Name, Kind: cluster.WorkloadKind(w.Kind), Initial: w.Initial, Replicas: steps(w.Replicas),
		Trace: trace(traces[w.Name]), Lifetime: draw(w.Lifetime), HostNetwork: w.HostNetwork,
		Requests: resources(w.Resources), TolerateNotReady: w.Tolerant,
	}
	for _, c := range w.TopologySpread {
		cfg.Spread = append(cfg.Spread, cluster.SpreadConstraint{Hosts: c.Over == "hosts", MaxSkew: c.MaxSkew, Soft: c.WhenUnsatisfiable == "ScheduleAnyway"})
	}
	cfg.ReadyAfter = Std(w.ReadyAfter)
	if b := w.Budget; b != nil {
		cfg.Budget = &cluster.DisruptionBudget{MinAvailable: b.MinAvailable, MaxUnavailable: b.MaxUnavailable}
	}
	if w.From != nil {
		from := Std(*w.From)
		cfg.From = &from
	}
	if w.GiveUpAfter != nil {
		cfg.GiveUpAfter = Std(*w.GiveUpAfter)
	}
	if a := w.Arrivals; a != nil {
		cfg.Arrivals = &cluster.Arrivals{Rate: a.Rate, Constant: a.Kind == "constant", Batch: a.Batch, From: Std(a.From)}
		if a.Every != nil {
			cfg.Arrivals.Every = Std(*a.Every)
		}
		if a.To != nil {
			cfg.Arrivals.To = max(Std(*a.To), 1) // the cluster takes 0 for the end of the run
		}
	}
	return cfg
}

func trace(pods []scenarios.TracePod) []cluster.TracePod {
	list := make([]cluster.TracePod, len(pods))
	for i, p := range pods {
		list[i] = cluster.TracePod{
			Created: p.Created, Lifetime: p.Lifetime,
			Requests: cluster.Resources{MilliCPU: int64(p.CPU), Memory: int64(p.Memory)},
		}
		if p.Lifetime < 0 {
			list[i].Lifetime = des.Never
		}
	}
	return list
}

// daemonEnvironment is what the aws-node container sees. The EKS add-on sets
// CLUSTER_NAME besides the manifest's values; it tags interfaces and decides
// which leaked ones are cleaned up.
func daemonEnvironment(g *scenarios.NodeGroup) map[string]string {
	env := g.Environment()
	if _, set := env["CLUSTER_NAME"]; !set {
		env["CLUSTER_NAME"] = "ipamsim"
	}
	return env
}

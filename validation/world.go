package validation

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// world is one node in an account of its own, built from a scenario. What
// fleet runs draw is constant here: latencies and lags are the scenario's,
// EC2 gives the lowest free address, nothing is throttled and the client does
// not retry.
type world struct {
	scenario *Scenario
	kernel   *des.Kernel
	account  *ec2model.Account
	instance string
	subnets  []string // IDs
	node     node
	settings ipamd.Settings
	host     ipamd.Host
	daemon   *ipamd.Daemon
	ready    bool
	recorder *recorder
	sampler  sampler
	out      *Recording
}

// recordedInstance is the instance's ID in the recordings; its tags name it.
const recordedInstance = "i-0123456789abcdef0"

const zone = "zone-a"

func newWorld(s *Scenario, picks picks, tickIdle bool) (*world, error) {
	config, err := s.account()
	if err != nil {
		return nil, err
	}
	w, err := newWorldIn(config, s, picks, tickIdle)
	if err != nil {
		return nil, err
	}
	w.daemon = ipamd.New(ipamd.ParseEnvironment(s.environment(), w.settings), w.host)
	w.account.OnInstanceChange(w.instance, func(ec2model.Caller) { w.daemon.Changed() })
	return w, nil
}

// newWorldIn is a world before its daemon is there.
func newWorldIn(config ec2model.Config, s *Scenario, picks picks, tickIdle bool) (*world, error) {
	limits, ok := ec2model.Limits(s.InstanceType)
	if !ok {
		return nil, fmt.Errorf("instance type %s is not known", s.InstanceType)
	}
	w := &world{
		scenario: s, kernel: des.New(uint64(picks.seed), 0, des.Limits{}),
		node: node{maxPods: s.MaxPods}, out: &Recording{},
	}
	var err error
	if w.account, err = ec2model.NewAccount(w.kernel, config); err != nil {
		return nil, err
	}
	w.recorder = newRecorder(w.kernel)
	w.recorder.slots = func(eni string) int {
		n, _ := w.account.Interface(eni)
		return len(n.PrivateIpAddresses) + len(n.Ipv4Prefixes)
	}
	if err := w.furnish(); err != nil {
		return nil, err
	}
	w.account.SetFault(s.faults())
	w.account.Observe(func(ec2model.Attempt) { w.sampler.stale = true })
	w.recorder.client = awssdk.New(w.kernel, w.account, ec2model.Caller(w.instance), awssdk.Options{MaxAttempts: 1})
	w.settings = ipamd.Settings{
		ENILimit:     limits.DefaultCardENIs(),
		IPv4Limit:    limits.IPv4PerENI,
		Nitro:        limits.Nitro(),
		LoopOverhead: time.Duration(s.LoopOverheadNS),
		ParkIdle:     !tickIdle,
	}
	w.host = ipamd.Host{
		Clock: &clock{Kernel: w.kernel}, EC2: w.recorder, Metadata: awssdk.NewMetadata(w.kernel, w.account, w.instance, nil), Node: &w.node, Network: network{},
		Checkpoint: checkpoint{}, Picker: picks.picker(w.kernel), Spawn: w.spawn,
		Jitter: func(bound time.Duration) time.Duration {
			return time.Duration(math.Round(s.BackoffJitterFraction * float64(bound)))
		},
	}
	return w, nil
}

// spawn runs blocking code beside its caller.
func (w *world) spawn(name string, fn func()) {
	w.kernel.Go(name, func(*des.Process) { fn() })
}

// environment is what the recorded process saw besides the scenario's own.
func (s *Scenario) environment() map[string]string {
	env := map[string]string{"ENABLE_IPv4": "true", "CLUSTER_NAME": "oracle", "MY_NODE_NAME": "node"}
	maps.Copy(env, s.Env)
	return env
}

// account is the VPC before the node is there.
func (s *Scenario) account() (ec2model.Config, error) {
	profile := ec2model.DefaultProfile()
	profile.Throttling = false
	profile.Addresses, profile.Prefixes = ec2model.Lowest, ec2model.Lowest
	profile.InterfaceLag = ec2model.Fixed(milliseconds(s.MetadataLagMS))
	profile.AddressLag = profile.InterfaceLag
	profile.DetachTime = ec2model.Fixed(milliseconds(s.DetachSettleMS))
	profile.CreateSaysCidrBlocks = true   // the recorded EC2 did
	profile.UnassignIgnoresMissing = true // its list of errors has none for it
	for _, action := range ec2model.Actions() {
		profile.SetLatency(action, ec2model.Fixed(0))
	}
	for _, name := range slices.Sorted(maps.Keys(s.LatencyMS)) {
		action, ok := ec2model.ActionByName(name)
		if !ok {
			return ec2model.Config{}, fmt.Errorf("latency_ms: unknown operation %q", name)
		}
		profile.SetLatency(action, ec2model.Fixed(milliseconds(s.LatencyMS[name])))
	}
	config := ec2model.Config{Profile: profile}
	for i, subnet := range s.Subnets {
		cidr, err := netip.ParsePrefix(subnet.CIDR)
		if err != nil {
			return config, err
		}
		used := ec2model.UsedAddresses{}
		for _, r := range subnet.InUse {
			first, last, err := parseRange(r)
			if err != nil {
				return config, err
			}
			for a := first; !last.Less(a); a = a.Next() {
				used.Explicit = append(used.Explicit, netip.PrefixFrom(a, 32))
			}
		}
		config.CIDRs = append(config.CIDRs, cidr)
		config.Subnets = append(config.Subnets, ec2model.SubnetConfig{
			Name: fmt.Sprint(i), CIDR: cidr, AZ: zone, Tags: tags(subnet.Tags), Used: []ec2model.UsedAddresses{used},
		})
	}
	return config, nil
}

// furnish puts the node and its interfaces into the account.
func (w *world) furnish() error {
	for i, state := range w.account.Subnets() {
		w.subnets = append(w.subnets, state.ID)
		if limit := w.scenario.Subnets[i].ReservedFreeLimit; limit > 0 && limit < state.Free {
			if _, err := w.account.Occupy(state.ID, state.Free-limit); err != nil {
				return err
			}
		}
	}
	w.recorder.subnets = w.subnets
	var err error
	if w.instance, err = w.account.Launch(w.scenario.InstanceType, w.subnets[0]); err != nil {
		return err
	}
	primary := w.account.Metadata(w.instance)[0].ID
	w.recorder.created(primary)
	if e := w.scenario.InitialPrimary; e != nil {
		if err := w.fill(primary, *e); err != nil {
			return err
		}
	}
	for _, e := range w.scenario.InitialENIs {
		id, err := w.account.AttachNew(w.instance, w.subnets[e.Subnet], 0, 0, nil)
		if err == nil {
			err = w.fill(id, e)
		}
		if err != nil {
			return fmt.Errorf("initial_enis: %w", err)
		}
		w.recorder.created(id)
	}
	w.account.SettleMetadata(w.instance)
	return nil
}

// fill gives an interface what it holds at the start.
func (w *world) fill(id string, e InitialENI) error {
	if e.SecondaryIPs > 0 {
		if _, err := w.account.AssignAddresses(id, e.SecondaryIPs); err != nil {
			return err
		}
	}
	if e.Prefixes > 0 {
		if _, err := w.account.AssignPrefixes(id, e.Prefixes); err != nil {
			return err
		}
	}
	own := maps.Clone(e.Tags)
	for key, value := range own {
		if value == recordedInstance {
			own[key] = w.instance
		}
	}
	return w.account.SetTags(id, tags(own))
}

// tags is a map of tags as EC2 has them, by key.
func tags(m map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, types.Tag{Key: new(key), Value: new(m[key])})
	}
	return list
}

// faults is the scenario's faults as the modelled EC2 asks for them.
func (s *Scenario) faults() func(ec2model.Caller, ec2model.Action, time.Duration) *ec2model.Error {
	calls := map[ec2model.Action]int{}
	return func(_ ec2model.Caller, action ec2model.Action, start time.Duration) *ec2model.Error {
		calls[action]++
		for i := range s.Faults {
			if f := &s.Faults[i]; f.Op == action.String() && f.hits(calls[action], start) {
				return ec2model.NewError(f.Code, "injected")
			}
		}
		return nil
	}
}

// hits says whether a fault strikes the k-th call of its operation. A window
// includes its first instant and excludes its last.
func (f *Fault) hits(k int, start time.Duration) bool {
	if len(f.Calls) > 0 && !slices.Contains(f.Calls, k) {
		return false
	}
	return (f.FromMS == nil || start >= milliseconds(*f.FromMS)) && (f.ToMS == nil || start < milliseconds(*f.ToMS))
}

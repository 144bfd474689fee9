package validation

import (
	"fmt"
	"maps"
	"math"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// world is one node in an account of its own, built from a scenario, with the
// simulated daemon on it.
type world struct {
	*Stage
	kernel   *des.Kernel
	node     node
	settings ipamd.Settings
	host     ipamd.Host
	daemon   *ipamd.Daemon
	ready    bool
	recorder *recorder
	client   *awssdk.Client
	scratch  Pool

	env       map[string]string
	processes []*des.Process  // of the daemon that runs
	written   *ipamd.Daemon   // whose book the checkpoint says
	veths     map[string]bool // of pods that have an address
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
	w.make()
	w.account.OnInstanceChange(w.instance, func(ec2model.Caller, bool) { w.daemon.Changed() })
	return w, nil
}

// newWorldIn is a world before its daemon is there.
func newWorldIn(config ec2model.Config, s *Scenario, picks picks, tickIdle bool) (*world, error) {
	limits, ok := ec2model.Limits(s.InstanceType)
	if !ok {
		return nil, fmt.Errorf("instance type %s is not known", s.InstanceType)
	}
	w := &world{kernel: des.New(s.Seed, 0, des.Limits{}), env: s.Environment(), veths: map[string]bool{}}
	var err error
	if w.Stage, err = newStageIn(w.kernel, config, s); err != nil {
		return nil, err
	}
	w.node = node{maxPods: s.MaxPods, cordoned: &w.cordoned}
	w.recorder = &recorder{ledger: w.ledger}
	w.client = awssdk.New(w.kernel, w.account, ec2model.Caller(w.instance), w.sdk(nil))
	w.recorder.client = w.client
	w.settings = ipamd.Settings{
		ENILimit:     limits.DefaultCardENIs(),
		IPv4Limit:    limits.IPv4PerENI,
		Nitro:        limits.Nitro(),
		LoopOverhead: time.Duration(s.LoopOverheadNS),
		ParkIdle:     !tickIdle,
		Release:      s.release,
	}
	w.host = ipamd.Host{
		Clock: &clock{Kernel: w.kernel, resumed: func(p *des.Process) { w.processes = append(w.processes, p) }}, EC2: w.recorder, Metadata: awssdk.NewMetadata(w.kernel, w.account, w.instance, nil), Node: &w.node, Network: w,
		Checkpoint: w, Picker: picks.picker(), Spawn: w.spawn,
		Jitter: func(bound time.Duration) time.Duration {
			return time.Duration(math.Round(s.BackoffJitterFraction * float64(bound)))
		},
	}
	if s.ENIConfig > 0 {
		w.host.ENIConfigSubnetID = w.subnets[s.ENIConfig]
	}
	return w, nil
}

// make is a new daemon with the environment of now.
func (w *world) make() {
	config := ipamd.ParseEnvironment(w.env, w.settings)
	w.client.Reset(w.sdk(config))
	w.daemon, w.ready = ipamd.New(config, w.host), false
}

// sdk is the client of EC2 that a daemon's environment makes. The recordings of
// the pool manager alone have one that sends each request once.
func (w *world) sdk(config *ipamd.Config) awssdk.Options {
	if !w.scenario.SDKRetries || config == nil {
		return awssdk.Options{MaxAttempts: 1}
	}
	o := awssdk.DefaultOptions()
	switch n := config.SDK.MaxAttempts; {
	case n > 0:
		o.MaxAttempts = n
	case n < 0:
		o.MaxAttempts = awssdk.Unlimited
	}
	o.AttemptTimeout, o.Adaptive = config.SDK.Timeout, config.SDK.Adaptive
	o.OnCall, o.Nanoseconds = w.recorder.over, true // the real daemon's pauses are compared
	return o
}

// spawn runs blocking code beside its caller.
func (w *world) spawn(name string, fn func()) {
	w.processes = append(w.processes, w.kernel.Go(name, func(*des.Process) { fn() }))
}

// restart ends the daemon's process and starts another one, in an environment
// that has some more.
func (w *world) restart(more map[string]string) {
	w.daemon.Stop()
	for _, p := range w.processes {
		if !p.Done() {
			p.Kill()
		}
	}
	w.processes = nil
	maps.Copy(w.env, more)
	w.make()
	w.spawn("ipamd", w.process)
}

// Environment is what the recorded process saw besides the scenario's own.
func (s *Scenario) Environment() map[string]string {
	env := map[string]string{"ENABLE_IPv4": "true", "CLUSTER_NAME": "oracle", "MY_NODE_NAME": "node"}
	maps.Copy(env, s.Env)
	return env
}

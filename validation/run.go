package validation

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
)

// replay replays a scenario and records what the simulated daemon did. The same
// arguments give the same recording. As in the recordings, the last sample is
// the first one after the scenario's duration, and with it the run ends.
//
// Of what falls on one instant the daemon's own steps come first, then events
// and the workload in the order of the scenario, then the sample.
func replay(s *Scenario, picks picks, tickIdle bool) (*Recording, error) {
	w, err := newWorld(s, picks, tickIdle)
	if err != nil {
		return nil, err
	}
	defer w.kernel.Close()
	w.schedule()
	if err := w.kernel.Run(milliseconds(s.DurationMS) + firstSample); err != nil {
		return nil, err
	}
	w.out.Calls = w.recorder.calls
	return w.out, nil
}

// schedule plans all that happens to a node with a daemon.
func (w *world) schedule() {
	s := w.scenario
	w.spawn("ipamd", w.process)
	for i := range s.Events {
		e := &s.Events[i]
		w.kernel.AtPriority(milliseconds(e.AtMS), des.Late, func() { w.play(e) })
	}
	for i := range s.Workload {
		step := &s.Workload[i]
		w.kernel.AtPriority(milliseconds(step.AtMS), des.Late, func() { w.request(step) })
	}
	if s.LeakCleanupDelayMS != nil && w.daemon.LeakedCleanup {
		w.spawn("leaked-enis", w.cleanUpLeaked)
	}
	w.kernel.AtPriority(firstSample, des.Late, w.sample)
}

// process is the daemon's: it ends if its initialisation fails.
func (w *world) process() {
	err := w.daemon.Init()
	w.out.InitDoneMS = roundToMS(w.kernel.Now())
	if err != nil {
		w.out.InitError = new(err.Error())
		return
	}
	w.ready = true
	w.daemon.RunPool()
}

// cleanUpLeaked is the hourly task, with a constant delay before each run.
func (w *world) cleanUpLeaked() {
	for {
		w.kernel.Sleep(milliseconds(*w.scenario.LeakCleanupDelayMS))
		w.daemon.CleanUpLeakedENIs()
		w.kernel.Sleep(ipamd.LeakedInterval)
	}
}

// request is one ADD or DEL. One sandbox stands for a pod all the time, so a
// second ADD asks for the same address again.
func (w *world) request(step *Step) {
	key := ipamd.SandboxKey(step.Pod)
	if step.Op == "add" {
		reply, err := ipamd.AddReply{}, errNotReady
		if w.ready {
			reply, err = w.daemon.AddNetwork(key, step.Pod)
		}
		w.out.Adds = append(w.out.Adds, w.outcome(step, reply, err))
		return
	}
	reply, err := ipamd.AddReply{}, errNotReady
	if w.ready {
		reply, err = w.daemon.DelNetwork(key, ipamd.PodDeleted)
	}
	w.out.Dels = append(w.out.Dels, w.outcome(step, reply, err))
}

var errNotReady = errors.New("ipamd not ready")

func (w *world) outcome(step *Step, reply ipamd.AddReply, err error) Pod {
	p := Pod{AtMS: step.AtMS, Pod: step.Pod, OK: err == nil, ENI: noENI}
	switch {
	case err == nil:
		p.ENI = w.recorder.ordinal(reply.ENI)
	case errors.Is(err, ipamd.ErrNoAddress):
		p.Err = "no IP available" // the recordings' words
	case errors.Is(err, ipamd.ErrUnknownSandbox):
		p.Err = "unknown pod"
	default:
		p.Err = err.Error()
	}
	return p
}

// play is one change by somebody else. What EC2 refuses does not happen, and
// an interface that was never created cannot change.
func (w *world) play(e *Event) {
	w.sampler.stale = true
	subnet := w.subnets[e.Subnet]
	id, known := w.recorder.interfaceOf(e.ENI)
	switch e.Kind {
	case subnetOccupy:
		w.account.Occupy(subnet, e.Count)
	case subnetRelease:
		w.account.Vacate(subnet, e.Count)
	case attachExternalENI:
		if id, err := w.account.AttachNew(w.instance, subnet, e.SecondaryIPs, e.Prefixes, tags(e.Tags)); err == nil {
			w.recorder.created(id)
		}
	case nodeUnschedulable:
		w.node.cordoned = e.Value
		w.daemon.Changed()
	}
	if !known {
		return
	}
	switch e.Kind {
	case detachExternal:
		w.account.RemoveInterface(id)
	case unassignExternal:
		w.account.UnassignHighest(id, e.Count)
	case assignExternal:
		w.account.AssignAddresses(id, e.Count)
	}
}

// Samples lie 25 ms off the grid on which the recorded daemon's steps fall.
const (
	firstSample    = 25 * time.Millisecond
	sampleInterval = 500 * time.Millisecond
)

// sampler keeps what EC2 has until something changes there.
type sampler struct {
	stale      bool
	enis, ips  int
	subnetFree []int
	row        Stat // scratch
}

// sample enters a row when anything differs from the one before.
func (w *world) sample() {
	w.kernel.AtPriority(w.kernel.Now()+sampleInterval, des.Late, w.sample)
	row := w.row()
	if last := len(w.out.Stats) - 1; last >= 0 && w.out.Stats[last].equal(row) {
		return
	}
	w.out.Stats = append(w.out.Stats, *row)
	w.sampler.row = Stat{} // its slices are the recording's now
}

func (w *world) row() *Stat {
	if w.sampler.stale || w.sampler.subnetFree == nil {
		w.lookAtEC2()
	}
	stats := w.daemon.Stats()
	r := &w.sampler.row
	*r = Stat{
		AtMS: roundToMS(w.kernel.Now()), Total: stats.Total, Assigned: stats.Assigned, Cooldown: stats.Cooling,
		Available: stats.Available(), Prefixes: stats.Prefixes, FreePrefixes: stats.FreePrefixes,
		IPsPerENI: r.IPsPerENI[:0], ENIOrdinals: r.ENIOrdinals[:0], AssignedPerENI: r.AssignedPerENI[:0],
		EC2ENIs: w.sampler.enis, EC2IPs: w.sampler.ips, SubnetFree: w.sampler.subnetFree,
	}
	for e := range w.daemon.ENIs {
		r.ENIs++
		r.IPsPerENI = append(r.IPsPerENI, e.Total)
		r.AssignedPerENI = append(r.AssignedPerENI, e.Assigned)
		r.ENIOrdinals = append(r.ENIOrdinals, w.recorder.ordinal(e.ID))
	}
	return r
}

// lookAtEC2 counts the attached interfaces, their secondary addresses (16 for
// a prefix), and what is free in the subnets.
func (w *world) lookAtEC2() {
	s := &w.sampler
	s.stale, s.enis, s.ips, s.subnetFree = false, 0, 0, make([]int, 0, len(w.subnets))
	for _, id := range w.account.InterfaceIDs() {
		if e, _ := w.account.Interface(id); e.Status == types.NetworkInterfaceStatusInUse {
			s.enis++
			s.ips += len(e.PrivateIpAddresses) - 1 + addressesPerPrefix*len(e.Ipv4Prefixes)
		}
	}
	for _, subnet := range w.account.Subnets() {
		s.subnetFree = append(s.subnetFree, subnet.Free)
	}
}

const addressesPerPrefix = 16

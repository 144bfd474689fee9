package validation

import (
	"errors"
	"time"

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
	return w.run()
}

// run plays the whole scenario.
func (w *world) run() (*Recording, error) {
	defer w.kernel.Close()
	w.schedule()
	if err := w.kernel.Run(milliseconds(w.scenario.DurationMS) + FirstSample); err != nil {
		return nil, err
	}
	return w.Recording(), nil
}

// Simulate is what the simulated daemon does in a scenario, with its picks drawn
// from a seed.
func Simulate(s *Scenario, seed int) (*Recording, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	return replay(s, randomPicks(seed), false)
}

// schedule plans all that happens to a node with a daemon.
func (w *world) schedule() {
	s := w.scenario
	w.spawn("ipamd", w.process)
	for i := range s.Events {
		e := &s.Events[i]
		w.kernel.AtPriority(milliseconds(e.AtMS), des.Late, func() {
			if e.Kind == Restart {
				w.restart(e.Env)
				return
			}
			w.play(e)
			w.daemon.Changed()
		})
	}
	for i := range s.Workload {
		step := &s.Workload[i]
		w.kernel.AtPriority(milliseconds(step.AtMS), des.Late, func() { w.request(step) })
	}
	if s.LeakCleanupDelayMS != nil && w.daemon.LeakedCleanup {
		w.spawn("leaked-enis", w.cleanUpLeaked)
	}
	w.kernel.AtPriority(FirstSample, des.Late, w.sample)
}

// process is the daemon's: it ends if its initialisation fails.
func (w *world) process() {
	err := w.daemon.Init()
	w.Initialised(err)
	if err != nil {
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
	reply, err := ipamd.AddReply{}, errNotReady
	switch {
	case !w.ready:
	case step.Op == "add":
		reply, err = w.daemon.AddNetwork(key, step.Pod)
	default:
		reply, err = w.daemon.DelNetwork(key, ipamd.PodDeleted)
	}
	if err == nil {
		w.veths[step.Pod] = step.Op == "add"
	}
	w.Outcome(step, reply.ENI, failureOf(err))
}

var errNotReady = errors.New(NotReady)

// failureOf is an error in the recordings' words.
func failureOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ipamd.ErrNoAddress):
		return NoAddress
	case errors.Is(err, ipamd.ErrUnknownSandbox):
		return UnknownPod
	}
	return err.Error()
}

// Samples lie 25 ms off the grid on which the recorded daemon's steps fall.
const (
	FirstSample    = 25 * time.Millisecond
	SampleInterval = 500 * time.Millisecond
)

// sample enters what the daemon's statistics and EC2 say now.
func (w *world) sample() {
	w.kernel.AtPriority(w.kernel.Now()+SampleInterval, des.Late, w.sample)
	w.Sample(w.pool())
}

// pool is what the daemon's statistics say.
func (w *world) pool() *Pool {
	stats := w.daemon.Stats()
	p := &w.scratch
	*p = Pool{
		Total: stats.Total, Assigned: stats.Assigned, Cooling: stats.Cooling, Available: stats.Available(), Prefixes: stats.Prefixes, FreePrefixes: stats.FreePrefixes,
		ENIs: p.ENIs[:0],
	}
	for e := range w.daemon.ENIs {
		p.ENIs = append(p.ENIs, PoolENI{ID: e.ID, Total: e.Total, Assigned: e.Assigned})
	}
	return p
}

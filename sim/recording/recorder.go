package recording

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
)

// Limit bounds a recording: stages, requests, pauses and changes of pools
// together. A million are some 200 MB of memory and a trace of as much.
const Limit = 1_000_000

// ErrLimit ends a run of which more was to be recorded than fits.
var ErrLimit = errors.New("more happened than a recording holds")

// Recorder makes a Recording of a fleet. Whatever hears for it only writes
// down: a run goes the same way with and without one.
type Recorder struct {
	fleet   *fleet.Fleet
	want    Selection
	out     *Recording
	pods    map[*cluster.Pod]*PodRecord
	nodes   map[ec2model.Caller]*nodeRecorder
	entries int
	follow  follower
}

// Attach puts a recorder on a fleet that has not run.
func Attach(w *fleet.Fleet, want Selection) *Recorder {
	r := &Recorder{
		fleet: w, want: want, out: &Recording{},
		pods: map[*cluster.Pod]*PodRecord{}, nodes: map[ec2model.Caller]*nodeRecorder{},
		follow: follower{Follow: want.Follow, settled: len(want.Nodes) > 0},
	}
	if want.Follow != nil {
		w.Listener.PodRunning = fleet.Both(r.podRunning, w.Listener.PodRunning)
	}
	w.Account.Observe(r.attempt)
	w.Listener.PodCreated = fleet.Both(r.podCreated, w.Listener.PodCreated)
	w.SDK.OnCall = fleet.Both(r.call, w.SDK.OnCall)
	h := &w.Hooks
	h.Made = r.listen
	h.Started = func(m *machine.Machine, host *ipamd.Host) {
		if n := r.of(m); n != nil {
			n.started(host)
		}
	}
	serving, exited, gone := h.Serving, h.Exited, h.Gone
	h.Serving = func(m *machine.Machine) {
		if n := r.of(m); n != nil {
			n.serving()
		}
		serving(m)
	}
	h.Exited = func(m *machine.Machine, err error) {
		if n := r.of(m); n != nil {
			n.exited(err)
		}
		exited(m, err)
	}
	h.Gone = func(m *machine.Machine) {
		if n := r.of(m); n != nil {
			n.gone()
		}
		gone(m)
	}
	w.Check = r.err
	return r
}

// Node is what has been recorded of a machine's node, or nil when none of it is.
func (r *Recorder) Node(m *machine.Machine) *NodeRecord {
	if n := r.of(m); n != nil {
		return n.record
	}
	return nil
}

// of is the recorder of a machine's node, or nil.
func (r *Recorder) of(m *machine.Machine) *nodeRecorder {
	return r.nodes[ec2model.Caller(m.Node.Instance.ID)]
}

func (r *Recorder) now() Time { return Time(r.fleet.Kernel.Now() - r.fleet.WarmUp) }

// virtual is a kernel time of the cluster as a recording gives it.
func (r *Recorder) virtual(t time.Duration) Time {
	if t == des.Never {
		return Never
	}
	return Time(t - r.fleet.WarmUp)
}

// full counts one more entry and says whether it is one too many.
func (r *Recorder) full() bool {
	r.entries++
	return r.entries > Limit
}

// err is why the run should not go on.
func (r *Recorder) err() error {
	if r.settle(); r.follow.older != nil {
		return r.follow.older
	}
	if r.entries <= Limit {
		return nil
	}
	return fmt.Errorf("%w: %s entries at virtual time %s", ErrLimit, words.Count(Limit), words.Duration(time.Duration(r.now()).Round(time.Second)))
}

func (r *Recorder) podCreated(p *cluster.Pod) {
	if r.follow.Follow != nil && p.Name() == r.follow.Pod {
		r.follow.pod = p
	}
	if !r.want.OnNodes {
		r.pod(p)
	}
}

// pod begins the record of a pod that is wanted, or returns nil.
func (r *Recorder) pod(p *cluster.Pod) *PodRecord {
	if r.want.Pods != nil && !r.want.Pods[p.Name()] || r.full() {
		return nil
	}
	record := &PodRecord{Name: p.Name(), Adds: []AddRecord{}}
	r.pods[p] = record
	r.out.Pods = append(r.out.Pods, record)
	return record
}

func (r *Recorder) podRunning(p *cluster.Pod) {
	if p == r.follow.pod {
		r.followed()
	}
}

// attempt hears of every request of the account.
func (r *Recorder) attempt(a ec2model.Attempt) {
	if n := r.nodes[a.Caller]; n != nil {
		n.attempt(a)
	}
}

// call hears of every call of a node's client.
func (r *Recorder) call(c awssdk.Call) {
	if n := r.nodes[c.Caller]; n != nil {
		n.call(c)
	}
}

// Finish reads what the cluster knows of the pods and closes what is open.
func (r *Recorder) Finish() *Recording {
	r.out.End = r.now()
	for _, u := range r.fleet.Faults.Rollouts() {
		r.out.Rollouts = append(r.out.Rollouts, RolloutRecord{Kind: string(u.Kind), Of: u.Of, Began: r.virtual(u.Began), Ended: r.virtual(u.Ended), Total: u.Total, Done: u.Done, Failed: u.Failed})
	}
	// any order: each record by itself
	for p, record := range r.pods {
		record.Asked = r.virtual(p.Asked())
		record.Created, record.Schedulable, record.Bound = r.virtual(p.Created), r.virtual(p.Schedulable), r.virtual(p.Bound)
		record.Running, record.Deleted = r.virtual(p.Running), r.virtual(p.Deleted)
		if p.Node != nil {
			record.Node = p.Node.Name
			if n := r.nodes[ec2model.Caller(p.Node.Instance.ID)]; n != nil {
				record.On = n.record
			}
		}
	}
	if r.want.OnNodes {
		slices.SortStableFunc(r.out.Pods, func(a, b *PodRecord) int { return cmp.Compare(a.Created, b.Created) })
	}
	// any order: each node by itself
	for _, n := range r.nodes {
		n.finish()
	}
	return r.out
}

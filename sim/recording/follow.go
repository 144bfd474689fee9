package recording

import (
	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/machine"
)

// Follow asks for one pod and for the node that it gets.
type Follow struct {
	Pod string // its name
	// Span is the time that matters of the node, for a pod of which is known when
	// it was created and when it ran, which is Never before it does.
	Span func(created, running Time) Span
}

// OlderNodeError ends a run in which the followed pod got a node of which not
// all is recorded: one that was there before the pod, or of too many that came
// after it. The node's name is known now, for another run.
type OlderNodeError struct{ Node string }

func (e *OlderNodeError) Error() string {
	return "node " + e.Node + " is older than the pod that came to it"
}

// candidatesMost bounds what is kept of the nodes that a pod may get, in
// entries: our choice, half a recording. While a pod of ultra-scale waits 35 s,
// 1,200 nodes register with some 150 entries each.
const candidatesMost = Limit / 2

// follower records the nodes that register while a pod waits for one, since
// the pod may get any of them, and forgets the others when it has its node.
// That costs what these nodes do meanwhile, however large the fleet is. To
// listen to the whole fleet would cost much more than a second run: a daemon
// that somebody listens to goes through every pass of its loop.
type follower struct {
	*Follow
	pod        *cluster.Pod
	candidates []*nodeRecorder
	settled    bool            // the pod has its node, or will have none
	lost       bool            // too much happened on the candidates
	older      *OlderNodeError // it has a node that is not recorded
}

// waits says whether a node that comes now may be the pod's.
func (f *follower) waits() bool { return f.Follow != nil && f.pod != nil && !f.settled && !f.lost }

// candidate is a recorder for a node that the pod may get.
func (r *Recorder) candidate(m *machine.Machine) *nodeRecorder {
	n := &nodeRecorder{Recorder: r, machine: m, span: r.follow.Span(r.virtual(r.follow.pod.Created), Never)}
	r.follow.candidates = append(r.follow.candidates, n)
	return n
}

// settle looks whether the pod has its node by now, and forgets the others.
func (r *Recorder) settle() {
	f := &r.follow
	if f.pod == nil || f.settled {
		return
	}
	f.lost = f.lost || r.entries > candidatesMost
	f.settled = f.pod.Node != nil || f.pod.Deleted != des.Never
	if !f.settled && !f.lost {
		return
	}
	var found *nodeRecorder
	for _, n := range f.candidates {
		if !f.lost && n.machine.Node == f.pod.Node {
			found = n
			r.out.Nodes = append(r.out.Nodes, n.record)
		} else {
			n.forget()
		}
	}
	f.candidates = nil
	if found == nil && f.pod.Node != nil {
		f.older = &OlderNodeError{f.pod.Node.Name}
	}
}

// followed hears that the pod runs.
func (r *Recorder) followed() {
	r.settle()
	if n := r.nodes[ec2model.Caller(r.follow.pod.Node.Instance.ID)]; n != nil {
		n.span = r.follow.Span(r.virtual(r.follow.pod.Created), r.now())
	}
}

// forget lets a node go that turned out not to be the pod's.
func (n *nodeRecorder) forget() {
	delete(n.nodes, ec2model.Caller(n.machine.Node.Instance.ID))
	n.Recorder.entries -= n.entries
	n.forgotten, n.record, n.open, n.actions = true, nil, nil, nil
	if n.machine.Daemon != nil {
		n.machine.Daemon.Unobserve()
	}
}

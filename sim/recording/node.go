package recording

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awscni"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/machine"
)

// nodeRecorder writes a NodeRecord.
type nodeRecorder struct {
	*Recorder
	machine *machine.Machine
	span    Span
	record  *NodeRecord     // nil when forgotten
	main    *des.Process    // of ipamd
	open    []AttemptRecord // answered, and their call is not over
	actions []string        // theirs

	entries   int  // of the recorder's, that are this node's
	forgotten bool // it was not the followed pod's
}

// listen makes a machine's kubelet and its plugin tell the recorder, if the node is wanted.
func (r *Recorder) listen(m *machine.Machine, opts *kubelet.Options, plugin *awscni.Options) {
	span, wanted := r.want.Nodes[m.Node.Name]
	if r.want.Nodes == nil {
		span, wanted = Span{Never, 1<<63 - 1}, true
	}
	maybe := !wanted && r.follow.waits()
	if !wanted && !maybe || r.full() {
		return
	}
	n := &nodeRecorder{Recorder: r, machine: m, span: span}
	if maybe {
		n = r.candidate(m)
	}
	n.record = &NodeRecord{
		Name: m.Node.Name, Instance: m.Node.Instance.ID, Type: m.Node.Type(), CNIVersion: m.Kind.Release, Gone: Never, Subnet: m.Primary.SubnetCIDR,
		Processes: []ProcessRecord{}, Calls: []CallRecord{}, Pool: []PoolRecord{}, Lines: []LineRecord{}, Plugin: []LineRecord{},
	}
	r.nodes[ec2model.Caller(m.Node.Instance.ID)] = n
	if wanted {
		r.out.Nodes = append(r.out.Nodes, n.record)
	}
	added := opts.OnAdd
	opts.OnStage = n.stage
	opts.OnAdd = func(p *kubelet.Pod, err error) {
		n.added(p, err)
		added(p, err)
	}
	plugin.IPAM = recordedIPAM{IPAM: plugin.IPAM, to: n}
	if r.want.Lines {
		plugin.OnLog = n.pluginLine
	}
}

// full counts one more entry of the node.
func (n *nodeRecorder) full() bool {
	n.entries++
	return n.Recorder.full()
}

// within says whether an entry for [from, to] is wanted and fits.
func (n *nodeRecorder) within(from, to Time) bool {
	return !n.forgotten && n.span.has(from, to) && !n.full()
}

func (n *nodeRecorder) stage(p *kubelet.Pod, s kubelet.Stage) {
	of := n.machine.Pod(p)
	record := n.pods[of]
	if record == nil && n.want.OnNodes {
		record = n.pod(of)
	}
	if record != nil && !n.full() {
		record.Pulls = p.Pulls()
		record.Stages = append(record.Stages, StageRecord{n.now(), s})
	}
}

func (n *nodeRecorder) added(p *kubelet.Pod, err error) {
	record := n.pods[n.machine.Pod(p)]
	if record == nil || n.full() {
		return
	}
	add := AddRecord{At: n.now(), Sandbox: kubelet.ContainerID(p.Sandbox()), Pool: n.stock()}
	if err == nil {
		add.Address = p.Address()
	} else {
		add.Cause, add.Error = n.machine.AddCause(err), err.Error()
	}
	record.Adds = append(record.Adds, add)
}

// started hears that a process of ipamd starts, and listens to it.
func (n *nodeRecorder) started(host *ipamd.Host) {
	n.main = n.fleet.Kernel.Current()
	n.record.Processes = append(n.record.Processes, ProcessRecord{Start: n.now(), Serving: Never, End: Never})
	host.Pausing = n.slept
	if n.want.Lines {
		host.Log = n.line
	}
}

// line hears of each line of ipamd.log.
func (n *nodeRecorder) line(l ipamd.Line) {
	if now := n.now(); n.within(now, now) {
		n.record.Lines = append(n.record.Lines, LineRecord{At: now, Line: l})
	}
}

// pluginLine hears of each line of plugin.log.
func (n *nodeRecorder) pluginLine(p *kubelet.Pod, l ipamd.Line) {
	if now := n.now(); n.within(now, now) {
		n.record.Plugin = append(n.record.Plugin, LineRecord{now, p.Key, l})
	}
}

// process is the one that was started last, or nil.
func (n *nodeRecorder) process() *ProcessRecord {
	if len(n.record.Processes) == 0 {
		return nil
	}
	return &n.record.Processes[len(n.record.Processes)-1]
}

func (n *nodeRecorder) serving() { n.process().Serving = n.now() }

// exited hears that the container has ended. Its last process may have ended
// with one before.
func (n *nodeRecorder) exited(err error) {
	if p := n.process(); p != nil && p.End == Never {
		p.End, p.Reason = n.now(), err.Error()
		n.cutPause()
	}
}

// gone hears that the instance has ended.
func (n *nodeRecorder) gone() {
	n.record.Gone = n.now()
	if p := n.process(); p != nil && p.End == Never {
		p.End, p.Reason = n.now(), "the instance ended"
		n.cutPause()
	}
}

// cutPause ends the sleep that a process died in.
func (n *nodeRecorder) cutPause() {
	if k := len(n.record.Pauses); k > 0 {
		n.record.Pauses[k-1].End = min(n.record.Pauses[k-1].End, n.now())
	}
}

// slept hears of a sleep at its beginning.
func (n *nodeRecorder) slept(why ipamd.Pause, d time.Duration) {
	n.pool()
	from := n.now()
	to := from + Time(d)
	if n.fleet.Kernel.Current() != n.main || !n.within(from, to) {
		return
	}
	p := PauseRecord{Start: from, End: to, Why: why}
	if p.Shortage = n.machine.Daemon.Shortage(); p.Shortage == ipamd.Cooling && n.stock().Free() > 0 {
		p.Shortage = ipamd.Refilling // it has an address: when that is gone, the next pass gets more
	}
	n.record.Pauses = append(n.record.Pauses, p)
}

// stock is the pool now, empty before there is a daemon.
func (n *nodeRecorder) stock() Pool {
	if n.machine.Daemon == nil {
		return Pool{}
	}
	s := n.machine.Daemon.Stats()
	return Pool{Total: s.Total, Assigned: s.Assigned, Cooling: s.Cooling}
}

// pool writes the pool down if it has changed. Of what was before the span,
// only the last matters.
func (n *nodeRecorder) pool() {
	if n.forgotten {
		return
	}
	record, list := PoolRecord{n.now(), n.stock()}, n.record.Pool
	if k := len(list); k > 0 && list[k-1].Pool == record.Pool {
		return
	}
	switch {
	case record.At < n.span.From:
		list = list[:0]
	case record.At > n.span.To || n.full():
		return
	}
	if k := len(list); k > 0 && list[k-1].At == record.At {
		list = list[:k-1]
	}
	n.record.Pool = append(list, record)
}

func (n *nodeRecorder) attempt(a ec2model.Attempt) {
	record := AttemptRecord{Start: n.virtual(a.Start), End: n.virtual(a.End), Throttled: a.Throttled}
	if a.Err != nil {
		record.Code = a.Err.Code
	}
	if n.within(record.Start, record.End) {
		n.open = append(n.open, record)
		n.actions = append(n.actions, a.Action.String())
	}
}

// call takes its own attempts from those that are open. Two calls of the same
// action at the same time, by two of a node's processes, may swap theirs.
func (n *nodeRecorder) call(c awssdk.Call) {
	record := CallRecord{Action: c.Action.String(), Start: n.virtual(c.Start), End: n.virtual(c.End), Process: n.processName(), Attempts: []AttemptRecord{}}
	if !n.within(record.Start, record.End) {
		return
	}
	if c.Err != nil {
		record.Error = c.Err.Error()
	}
	kept, actions := n.open[:0], n.actions[:0]
	for i, a := range n.open {
		if n.actions[i] == record.Action && a.Start >= record.Start && len(record.Attempts) < c.Attempts {
			record.Attempts = append(record.Attempts, a)
			continue
		}
		kept, actions = append(kept, a), append(actions, n.actions[i])
	}
	n.open, n.actions = kept, actions
	n.record.Calls = append(n.record.Calls, record)
}

// processName is empty for the process that keeps the pool.
func (n *nodeRecorder) processName() string {
	p := n.fleet.Kernel.Current()
	if p == n.main {
		return ""
	}
	return strings.TrimPrefix(p.Name(), n.record.Name+"/")
}

// finish reads the node's times and finds a place for the attempts that are
// left: those of calls that had given up waiting, and those of calls that
// their process did not survive.
func (n *nodeRecorder) finish() {
	node := n.machine.Node
	n.record.Launched, n.record.Registered = n.virtual(node.Launched), n.virtual(node.Registered)
	n.record.Ready = n.virtual(node.Ready)
	if n.machine.Agent != nil {
		n.record.Pulled = Time(n.machine.Agent.Pulls())
	}
	for i, a := range n.open {
		if c := n.callAround(n.actions[i], a.Start); c != nil {
			c.Attempts = append(c.Attempts, a)
			slices.SortStableFunc(c.Attempts, func(a, b AttemptRecord) int { return cmp.Compare(a.Start, b.Start) })
			continue
		}
		end := a.End
		for _, p := range n.record.Processes {
			if p.End >= a.Start {
				end = min(end, p.End)
				break
			}
		}
		n.record.Calls = append(n.record.Calls, CallRecord{Action: n.actions[i], Start: a.Start, End: end, Attempts: []AttemptRecord{a}, Cut: true})
	}
	slices.SortStableFunc(n.record.Calls, func(a, b CallRecord) int { return cmp.Compare(a.End, b.End) })
}

func (n *nodeRecorder) callAround(action string, at Time) *CallRecord {
	for i := range n.record.Calls {
		if c := &n.record.Calls[i]; c.Action == action && c.Start <= at && at < c.End {
			return c
		}
	}
	return nil
}

// recordedIPAM looks at the pool after what the plugin does to it.
type recordedIPAM struct {
	awscni.IPAM
	to *nodeRecorder
}

func (i recordedIPAM) AddNetwork(sandbox, pod string) (netip.Addr, int, error) {
	defer i.to.pool()
	return i.IPAM.AddNetwork(sandbox, pod)
}

func (i recordedIPAM) DelNetwork(sandbox, pod string, why ipamd.DelReason) (netip.Addr, int, error) {
	defer i.to.pool()
	return i.IPAM.DelNetwork(sandbox, pod, why)
}

package reports

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"ipamsim/sim/explain"
	"ipamsim/sim/recording"
)

// Trace writes recordings in the trace event format of Chrome and Perfetto
// (https://ui.perfetto.dev). A process of the trace is a node; its
// threads are ipamd and the pods. Time 0 of the trace is time 0 of the run: of
// the warm-up there is only what lasts into it.
func Trace(w io.Writer, list []recording.Recorded) error {
	t := newTracer(w)
	for _, r := range list {
		name := ""
		if len(list) > 1 {
			name = r.Variant + ": "
		}
		t.recording(name, r.Recording)
	}
	return t.close()
}

// TraceOf writes one recording.
func TraceOf(w io.Writer, r *recording.Recording) error {
	t := newTracer(w)
	t.recording("", r)
	return t.close()
}

// traceEvent is one event. Times are in microseconds.
type traceEvent struct {
	Phase    string  `json:"ph"` // X complete, i instant, C counter, M metadata
	Name     string  `json:"name"`
	Category string  `json:"cat,omitempty"`
	At       micros  `json:"ts"`
	Took     *micros `json:"dur,omitempty"` // of a complete event
	Process  int     `json:"pid"`
	Thread   int     `json:"tid"`
	Scope    string  `json:"s,omitempty"` // of an instant
	Args     any     `json:"args,omitempty"`
}

// micros is a time in microseconds, to the nanosecond.
type micros recording.Time

func (t micros) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%03d", t/1000, t%1000), nil
}

// args are what an event says besides its name.
type args map[string]any

// Threads of a node. The threads of ipamd's other processes and those of the
// pods follow.
const (
	threadIPAMD  = 1
	threadOthers = 2
	threadPods   = 1000
)

// tracer writes events one by one.
type tracer struct {
	out     *bufio.Writer
	started bool
	process int // the one that was used last
	err     error
}

func newTracer(w io.Writer) *tracer {
	t := &tracer{out: bufio.NewWriter(w)}
	t.out.WriteString(`{"displayTimeUnit":"ms","traceEvents":[`)
	return t
}

func (t *tracer) close() error {
	t.out.WriteString("\n]}\n")
	if t.err != nil {
		return t.err
	}
	return t.out.Flush()
}

func (t *tracer) event(e traceEvent) {
	text, err := json.Marshal(e)
	if err != nil && t.err == nil {
		t.err = err
	}
	if t.started {
		t.out.WriteByte(',')
	}
	t.started = true
	t.out.WriteByte('\n')
	t.out.Write(text)
}

// complete writes an event that lasts, as far as it is after time 0.
func (t *tracer) complete(e traceEvent, from, to recording.Time) {
	if from = max(0, from); to >= from && to > 0 {
		took := micros(to - from)
		e.Phase, e.At, e.Took = "X", micros(from), &took
		t.event(e)
	}
}

func (t *tracer) instant(e traceEvent, at recording.Time) {
	if at >= 0 {
		e.Phase, e.At, e.Scope = "i", micros(at), "t"
		t.event(e)
	}
}

// newProcess begins a process with a name, below those before it.
func (t *tracer) newProcess(name string) int {
	t.process++
	t.event(traceEvent{Phase: "M", Name: "process_name", Process: t.process, Args: args{"name": name}})
	t.event(traceEvent{Phase: "M", Name: "process_sort_index", Process: t.process, Args: args{"sort_index": t.process}})
	return t.process
}

func (t *tracer) newThread(process, thread int, name string) {
	t.event(traceEvent{Phase: "M", Name: "thread_name", Process: process, Thread: thread, Args: args{"name": name}})
	t.event(traceEvent{Phase: "M", Name: "thread_sort_index", Process: process, Thread: thread, Args: args{"sort_index": thread}})
}

func (t *tracer) recording(prefix string, r *recording.Recording) {
	t.rollouts(prefix, r)
	processes := map[*recording.NodeRecord]int{}
	for _, n := range r.Nodes {
		processes[n] = t.newProcess(prefix + n.Name)
		t.node(processes[n], r, n)
	}
	threads := map[int]int{}
	for _, p := range r.Pods {
		if _, known := processes[p.On]; !known { // of the pods without a node
			processes[p.On] = t.newProcess(prefix + "no node")
		}
		process := processes[p.On]
		threads[process]++
		t.pod(process, threadPods+threads[process], r, p)
	}
}

// rollouts writes the rolling updates, above the nodes: a thread for each, as
// several may go on at once.
func (t *tracer) rollouts(prefix string, r *recording.Recording) {
	if len(r.Rollouts) == 0 {
		return
	}
	process := t.newProcess(prefix + "rolling updates")
	for i, u := range r.Rollouts {
		name := map[string]string{"roll-nodes": "nodes of ", "roll-deployment": "pods of "}[u.Kind] + u.Of
		t.newThread(process, i+1, name)
		ended := u.Failed
		if u.Ended == recording.Never {
			ended = "not at the end of the run"
		}
		t.complete(traceEvent{Name: u.Kind + " " + u.Of, Category: "rollout", Process: process, Thread: i + 1,
			Args: args{"replaced": u.Done, "of": u.Total, "failed": ended}}, u.Began, firstKnown(u.Ended, r.End))
	}
}

// pod writes a pod's phases, and then that it runs.
func (t *tracer) pod(process, thread int, r *recording.Recording, p *recording.PodRecord) {
	t.newThread(process, thread, p.Name)
	for _, ph := range explain.Phases(r, p) {
		t.complete(traceEvent{Name: string(ph.Boundary), Category: "pod", Process: process, Thread: thread, Args: args{"pod": p.Name, "what": ph.What}}, ph.From, ph.To)
	}
	if p.Running != recording.Never {
		end := r.End
		if p.Deleted != recording.Never {
			end = p.Deleted
		}
		t.complete(traceEvent{Name: "running", Category: "pod", Process: process, Thread: thread, Args: args{"pod": p.Name}}, p.Running, end)
	}
}

// node writes what the node's ipamd did.
func (t *tracer) node(process int, r *recording.Recording, n *recording.NodeRecord) {
	t.newThread(process, threadIPAMD, "ipamd")
	at := traceEvent{Category: "ipamd", Process: process, Thread: threadIPAMD}
	for _, p := range n.Processes {
		end := firstKnown(p.End, n.Gone, r.End)
		e := at
		e.Name, e.Args = "ipamd", args{"instance": n.Instance, "type": n.Type, "ended": p.Reason}
		t.complete(e, p.Start, end)
		e = at
		e.Name = "node init"
		t.complete(e, p.Start, firstKnown(p.Serving, end))
	}
	for _, p := range n.Pauses {
		e := at
		switch p.Why {
		case recording.MetadataPause:
			e.Name = "metadata lag"
		case recording.APIServerPause:
			e.Name = "API server"
		case recording.RetryPause, recording.SettlePause:
			e.Name = "back-off"
		default:
			continue // most of the time, and nothing to see
		}
		t.complete(e, p.Start, p.End)
	}
	t.calls(process, n)
	for _, p := range n.Pool {
		t.event(traceEvent{Phase: "C", Name: "addresses", At: micros(max(0, p.At)), Process: process,
			Args: args{"assigned": p.Assigned, "cooling": p.Cooling, "warm": p.Free()}})
	}
}

// firstKnown is the first of the moments that has come; Never when none has.
func firstKnown(moments ...recording.Time) recording.Time {
	for _, m := range moments {
		if m != recording.Never {
			return m
		}
	}
	return recording.Never
}

// calls writes the operations with their requests: those of the process that
// keeps the pool beside it, the others on threads of their own.
func (t *tracer) calls(process int, n *recording.NodeRecord) {
	var lanes []recording.Time // ends of what is on the threads of others
	for i := range n.Calls {
		c := &n.Calls[i]
		thread := threadIPAMD
		if c.Process != "" {
			lane := 0
			for lane < len(lanes) && lanes[lane] > c.Start {
				lane++
			}
			thread = threadOthers + lane
			if lane == len(lanes) {
				lanes = append(lanes, 0)
				t.newThread(process, thread, "ipamd, beside")
			}
			lanes[lane] = c.End
		}
		t.call(traceEvent{Category: "ec2", Process: process, Thread: thread}, c)
	}
}

func (t *tracer) call(e traceEvent, c *recording.CallRecord) {
	e.Name, e.Args = c.Action, args{"process": c.Process, "requests": len(c.Attempts), "error": c.Error, "cut": c.Cut}
	t.complete(e, c.Start, c.End)
	for i, a := range c.Attempts {
		end := min(a.End, c.End)
		if i+1 < len(c.Attempts) {
			end = min(end, c.Attempts[i+1].Start)
		}
		e.Name, e.Args = "request", args{"number": i + 1, "code": a.Code}
		t.complete(e, a.Start, end)
		if a.Code == "RequestLimitExceeded" {
			e.Name = "throttled"
			t.instant(e, end)
		}
	}
}

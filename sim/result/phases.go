package result

import "time"

// PhaseTimes split the time from created to running, in seconds: the mean
// over all pods, and over the slowest hundredth of them. Which those are is
// known to 1/128 of their time.
type PhaseTimes struct {
	Mean Phases `json:"mean"`
	Slow Phases `json:"slow"`
}

// Phases of a pod's start, in seconds. They add up to created -> running.
type Phases struct {
	Node        float64 `json:"node_seconds"`         // no node had room: until one was Ready
	Scheduling  float64 `json:"scheduling_seconds"`   // from there until bound
	Sandbox     float64 `json:"sandbox_seconds"`      // sandboxes, networks set up and torn down
	AddressWait float64 `json:"address_wait_seconds"` // CNI ADDs that waited for ipamd or failed for want of an address
	Backoff     float64 `json:"backoff_seconds"`      // kubelet's pause after a failed sandbox
	CPU         float64 `json:"cpu_seconds"`          // the node's cores were busy with other sandboxes and containers
	Image       float64 `json:"image_seconds"`        // image pull and container start, until kubelet has seen it
}

// Sum is the whole start, in seconds.
func (p Phases) Sum() float64 {
	return p.Node + p.Scheduling + p.Sandbox + p.AddressWait + p.Backoff + p.CPU + p.Image
}

// PodPhases are a pod's phases from created to running.
type PodPhases struct {
	Node, Scheduling, Sandbox, AddressWait, Backoff, CPU, Image time.Duration
}

// sum is how long they are together.
func (w *PodPhases) sum() time.Duration {
	return w.Node + w.Scheduling + w.Sandbox + w.AddressWait + w.Backoff + w.CPU + w.Image
}

func (w *PodPhases) add(more *PodPhases) {
	w.Node += more.Node
	w.Scheduling += more.Scheduling
	w.Sandbox += more.Sandbox
	w.AddressWait += more.AddressWait
	w.Backoff += more.Backoff
	w.CPU += more.CPU
	w.Image += more.Image
}

// Seconds are the phases in seconds.
func (w *PodPhases) Seconds() Phases { return w.mean(1) }

// mean divides by a number of pods.
func (w *PodPhases) mean(pods int64) Phases {
	of := func(d time.Duration) float64 {
		n := int64(time.Microsecond) * pods
		return float64(inSeconds((int64(d) + n/2) / n))
	}
	return Phases{Node: of(w.Node), Scheduling: of(w.Scheduling), Sandbox: of(w.Sandbox), AddressWait: of(w.AddressWait), Backoff: of(w.Backoff), CPU: of(w.CPU), Image: of(w.Image)}
}

// part is a share of each.
func (w *PodPhases) part(of, pods int64) PodPhases {
	share := func(d time.Duration) time.Duration { return time.Duration(int64(d) / pods * of) }
	return PodPhases{share(w.Node), share(w.Scheduling), share(w.Sandbox), share(w.AddressWait), share(w.Backoff), share(w.CPU), share(w.Image)}
}

// PhaseSums are the phases of many pods, summed up by how long they took.
type PhaseSums struct{ bins []phaseSum } // by binOf of the microseconds that they took

type phaseSum struct {
	pods int64
	sum  PodPhases
}

// Add takes a pod's in.
func (w *PhaseSums) Add(one *PodPhases) {
	w.enter(binOf(one.sum().Microseconds()), 1, one)
}

// merge takes others in.
func (w *PhaseSums) merge(more *PhaseSums) {
	for bin := range more.bins {
		if b := &more.bins[bin]; b.pods > 0 {
			w.enter(bin, b.pods, &b.sum)
		}
	}
}

func (w *PhaseSums) enter(bin int, pods int64, sum *PodPhases) {
	if bin >= len(w.bins) {
		w.bins = append(w.bins, make([]phaseSum, bin+1-len(w.bins))...)
	}
	w.bins[bin].pods += pods
	w.bins[bin].sum.add(sum)
}

// times are the means. Of the bin that the slowest hundredth begins in, every
// pod counts in part.
func (w *PhaseSums) times() PhaseTimes {
	var all, slow phaseSum
	for i := range w.bins {
		all.pods += w.bins[i].pods
		all.sum.add(&w.bins[i].sum)
	}
	if all.pods == 0 {
		return PhaseTimes{}
	}
	left := (all.pods + 99) / 100
	slow.pods = left
	for i := len(w.bins) - 1; left > 0; i-- {
		b := &w.bins[i]
		if b.pods <= left {
			slow.sum.add(&b.sum)
			left -= b.pods
			continue
		}
		part := b.sum.part(left, b.pods)
		slow.sum.add(&part)
		left = 0
	}
	return PhaseTimes{Mean: all.sum.mean(all.pods), Slow: slow.sum.mean(slow.pods)}
}

package kubelet

import (
	"math/rand/v2"
	"strconv"
	"time"

	"ipamsim/sim/des"
)

// Options of a Kubelet.
type Options struct {
	Plugin  Plugin   // may be nil on a node that has pods on the host network only
	Timings *Timings // shared and not changed; nil for the defaults
	Cores   int      // of the node, which its sandboxes and containers share when they start; 0 is no bound
	Starts  *Starts  // that kubelets of one run may share; nil for its own

	OnAdd     func(p *Pod, err error) // a CNI ADD ended; err when it failed
	OnUnready func(p *Pod)            // kubelet has looked at the pod for the first time, and the network was not ready
	OnRunning func(p *Pod)
	OnGone    func(p *Pod)
	OnStage   func(p *Pod, s Stage) // the pod begins to wait for s, until the next one or Running
}

// Kubelet is the agent of one node, with the container runtime and the CNI
// plugin that it drives.
type Kubelet struct {
	kernel       *des.Kernel // each step of a pod looks here: the first fields are of one piece
	timings      *Timings
	sandboxes    int
	holding      int // sandboxes with an address
	networkReady bool
	down         bool
	name         string
	opts         Options
	random       des.Stream
	tickerPhase  time.Duration
	gcPhase      time.Duration
	relistPhase  time.Duration
	coreFree     time.Duration // when all work that has come would be done if it used every core
	pullFree     time.Duration // the pull limiter's theoretical time of the next pull
	reporter     reporter
}

var defaultTimings = DefaultTimings()

// New returns the kubelet of a node. The node's name names its random
// streams; the pods' keys name theirs.
func New(k *des.Kernel, node string, opts Options) *Kubelet {
	if opts.Timings == nil {
		opts.Timings = &defaultTimings
	}
	if opts.Starts == nil {
		opts.Starts = new(Starts)
	}
	kubelet := &Kubelet{kernel: k, name: node, opts: opts, timings: opts.Timings, random: k.Stream("node/", node, "/kubelet")}
	kubelet.tickerPhase = kubelet.draw(Range{0, opts.Timings.Ticker})
	kubelet.gcPhase = kubelet.draw(Range{0, opts.Timings.SandboxGC})
	if period := opts.Timings.Relist; period > 0 { // as random as a draw of its own, which would shift the others
		kubelet.relistPhase = (kubelet.tickerPhase + kubelet.gcPhase) % period
	}
	kubelet.reporter.kubelet = kubelet
	if period := opts.Timings.StatusPeriod; period > 0 { // as above
		kubelet.reporter.phase = kubelet.gcPhase % period
	}
	return kubelet
}

func (k *Kubelet) draw(r Range) time.Duration { return r.draw(k.random.Rand()) }

// NetworkReady says that the CNI configuration is there. Until then only
// pods on the host network get a sandbox.
func (k *Kubelet) NetworkReady() { k.networkReady = true }

// Start begins a pod that was bound to the node just now. pull draws the time
// to pull its image from a registry, within kubelet's limits, and to start the
// containers; nil is Timings.Start, for an image that is on the node.
func (k *Kubelet) Start(p *Pod, pull func(*rand.Rand) time.Duration) {
	if p.kubelet != nil {
		panic("kubelet: pod " + p.Key + " was started twice")
	}
	now := k.kernel.Now()
	p.kubelet = k
	p.Bound, p.Running = now, des.Never
	p.start = k.opts.Starts.take()
	p.start.since = now
	p.step = p.next
	p.random = k.kernel.Stream("pod/", p.Key)
	p.start.takes, p.stops = p.draw(k.timings.Start), p.draw(k.timings.Stop)
	if p.pulls = pull != nil; p.pulls {
		image := k.kernel.Stream("pod/", p.Key, "/image")
		p.start.takes = pull(image.Rand())
	}
	p.start.mounts = p.draw(k.timings.Sync)
	k.reporter.tell(p, saysCreating)
	if k.timings.PodTokens {
		if d := k.reporter.token(); d > 0 {
			p.wait(mounting, d)
			return
		}
	}
	p.wait(syncing, p.start.mounts)
}

// Stop ends a pod, wherever it is on its way. OnGone follows, at the same
// instant at the earliest and never from inside this call.
func (k *Kubelet) Stop(p *Pod) {
	if p.kubelet != k {
		panic("kubelet: pod " + p.Key + " is not on " + k.name)
	}
	if p.stop || k.down {
		return
	}
	p.stop = true
	switch p.stage {
	case mounting, syncing, unwired: // nothing of it exists
		p.wait(removing, 0)
	case pulling, waiting: // a sandbox, but no container
		p.wait(stopping, 0)
	case starting, reporting, running:
		p.wait(stopping, p.stops)
	} // otherwise the step that is under way ends first
}

// Shutdown is the end of the instance: everything on it stops existing, and
// nobody is told.
func (k *Kubelet) Shutdown() { k.down = true }

// retryAfter is when kubelet looks at a pod again that asked for d: at the
// first tick from then on.
func (k *Kubelet) retryAfter(d time.Duration) time.Duration {
	now := k.kernel.Now()
	return nextOnGrid(now+d, k.timings.Ticker, k.tickerPhase) - now
}

func nextOnGrid(t, period, phase time.Duration) time.Duration {
	if period <= 0 {
		return t
	}
	if late := (t - phase) % period; late > 0 {
		return t + period - late
	} else if late < 0 {
		return t - late
	}
	return t
}

func (k *Kubelet) newSandbox() string {
	k.sandboxes++
	var room [64]byte
	key := append(append(room[:0], k.name...), '/')
	return string(strconv.AppendInt(key, int64(k.sandboxes), 10))
}

// busy is how long a job of the CPU that comes now waits until a core is free.
// Jobs are served in the order of their arrival, which is fluid: what is left of
// all of them is shared out evenly over the cores, and one waits while there is
// more than the other cores can have. So the node does as much in a time as it
// has cores, and a job that finds one free does not wait.
func (k *Kubelet) busy(job time.Duration) time.Duration {
	cores := time.Duration(k.opts.Cores)
	if cores == 0 || job == 0 {
		return 0
	}
	now := k.kernel.Now()
	free := max(k.coreFree, now)
	k.coreFree = free + job/cores
	return max(0, free-now-(cores-1)*job/cores)
}

// seen is when kubelet finds out about containers that start in d.
func (k *Kubelet) seen(d time.Duration) time.Duration {
	now := k.kernel.Now()
	return nextOnGrid(now+d, k.timings.Relist, k.relistPhase) - now
}

// pullAllowed is the limiter of registryPullQPS and registryBurst, a bucket
// kept as the time at which it would be full but for one pull.
func (k *Kubelet) pullAllowed() bool {
	now, t := k.kernel.Now(), k.timings
	free := max(k.pullFree, now)
	if free-now > time.Duration(t.PullBurst-1)*t.PullInterval {
		return false
	}
	k.pullFree = free + t.PullInterval
	return true
}

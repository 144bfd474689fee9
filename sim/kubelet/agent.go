package kubelet

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"ipamsim/sim/des"
)

// Daemon is one process of the address daemon. Its methods block the process
// that calls them.
type Daemon interface {
	// Init is the start up to the moment from which it serves. An error ends
	// the process.
	Init() error
	// RunPool keeps the pool until the process ends. It may return: then it
	// goes on by itself when there is something to do; see Agent.Resume.
	RunPool()
}

// errLiveness is why a container ended that did not serve in time for its
// liveness probe; errRestarted why one did that was told to.
var (
	errLiveness  = errors.New("liveness probe failed")
	errRestarted = errors.New("restarted")
)

// AgentOptions of an Agent.
type AgentOptions struct {
	// NewDaemon makes the daemon of a new process. Whatever outlives a
	// process is behind it.
	NewDaemon func() Daemon
	Kubelet   *Kubelet // told when the CNI configuration is there
	Timings   *Timings // nil for the defaults

	// Launched says that the node is new: kube-proxy starts beside the agent, and
	// images that are not Cached, on the node's disk, are pulled.
	Launched, Cached bool
	// Pull draws how long one image's pull takes, and ProxyTime how long after
	// registration kube-proxy has written its rules; nil is what Timings have.
	Pull, ProxyTime func(*rand.Rand) time.Duration

	OnServing func()          // a daemon begins to serve
	OnReady   func()          // the node is Ready, once
	OnExit    func(err error) // the container ended
}

// Agent is the aws-node pod of one node: it starts the address daemon's
// process and starts it again when it ends. The first time, the CNI
// configuration that it leaves makes the node Ready; the file stays, so the
// node is Ready ever after.
type Agent struct {
	kernel  *des.Kernel
	node    string
	opts    AgentOptions
	timings *Timings
	random  des.Stream

	processes  []*des.Process // of the running container, that have not ended
	container  int            // counts them; what an older one has scheduled is void
	startedAt  time.Duration  // kubelet's start
	proxied    time.Duration  // kube-proxy has written its rules
	pulls      time.Duration  // of the images of its pod, together
	fetched    bool           // they are on the disk
	running    bool           // the container runs
	serving    bool
	begunAt    time.Duration // start of the running container
	available  time.Duration // when the readiness probe finds it serving
	configured bool          // the CNI configuration is there
	down       bool

	backoff     time.Duration // before the next restart; 0 before the first
	restartedAt time.Duration
}

// NewAgent returns the agent of a node that has not started.
func NewAgent(k *des.Kernel, node string, opts AgentOptions) *Agent {
	if opts.Timings == nil {
		opts.Timings = &defaultTimings
	}
	return &Agent{kernel: k, node: node, opts: opts, timings: opts.Timings, random: k.Stream("node/", node, "/aws-node")}
}

func (a *Agent) draw(r Range) time.Duration { return r.draw(a.random.Rand()) }

// Boot starts the agent of a node that has just registered.
func (a *Agent) Boot() {
	a.startedAt = a.kernel.Now()
	if a.opts.Launched {
		a.join(a.kernel.Rand("node/" + a.node + "/images"))
	}
	a.newPod()
}

// join is what a new node has to do before its agent's container can run, and
// kube-proxy beside it: the pods' images come side by side, those of one pod
// one after the other.
func (a *Agent) join(r *rand.Rand) {
	t := a.timings
	proxy := t.ProxyStart.draw(r) + t.ProxyRules.draw(r)
	if !a.opts.Cached {
		pull := func(usual Range) time.Duration {
			if a.opts.Pull != nil {
				return a.opts.Pull(r)
			}
			return usual.draw(r)
		}
		proxy += pull(t.ProxyPull)
		a.pulls = pull(t.InitPull) + pull(t.AgentPull)
	}
	if a.opts.ProxyTime != nil {
		proxy = a.opts.ProxyTime(r)
	}
	a.proxied = a.startedAt + proxy
}

// Proxied says whether kube-proxy has written its rules, without which the
// addresses of Services lead nowhere, the API server's among them.
func (a *Agent) Proxied() bool { return a.kernel.Now() >= a.proxied }

// Pulls is how long the images of the agent's first pod take to come, one after
// the other; 0 when they are on the node's disk.
func (a *Agent) Pulls() time.Duration { return a.pulls }

// Serving says whether the daemon answers the CNI plugin.
func (a *Agent) Serving() bool { return a.serving }

// Available is from when on the pod counts as available: its readiness probe
// has found the daemon serving. ok is false while it does not serve.
func (a *Agent) Available() (from time.Duration, ok bool) { return a.available, a.serving }

// Spawn runs blocking code beside the daemon, as a part of its process: it
// ends with it. Outside a running container it does nothing.
func (a *Agent) Spawn(name string, fn func()) {
	if !a.running {
		return
	}
	a.processes = append(a.processes, a.kernel.Go(a.node+"/"+name, func(p *des.Process) {
		fn()
		a.ended(p)
	}))
}

// Resume runs blocking code as the daemon's main goroutine, at once: its pool
// loop has given its process up while there was nothing to do. Outside a running
// container it does nothing.
func (a *Agent) Resume(fn func()) {
	if !a.running {
		return
	}
	a.kernel.GoNow(a.node+"/ipamd", func(p *des.Process) {
		a.processes = append(a.processes, p) // now, so that it can be killed in its first steps
		p.SetPriority(des.Early)
		fn()
		a.ended(p)
	})
}

// Restart ends the container now, as a crash does; kubelet starts another.
// It does nothing while none runs. Called by the daemon itself it does not
// return.
func (a *Agent) Restart() {
	if a.running {
		a.exit(errRestarted)
	}
}

// Replace ends the pod and starts a new one, as a rollout of the DaemonSet
// does: the image and the init container come again, and no back-off is
// remembered. Called by the daemon itself it does not return.
func (a *Agent) Replace() {
	if a.down {
		return
	}
	running := a.running
	a.backoff = 0
	a.newPod()
	if running {
		a.notify(errRestarted)
	}
	a.kill()
}

// Shutdown is the end of the instance.
func (a *Agent) Shutdown() {
	a.down, a.running, a.serving = true, false, false
	a.container++
	a.kill()
}

// newPod schedules the first container of a pod and voids the one before.
func (a *Agent) newPod() {
	a.running, a.serving = false, false
	a.container++
	start := a.draw(a.timings.AgentStart)
	if !a.fetched {
		start += a.pulls
	}
	a.after(start, a.startContainer)
}

// after schedules what dies with the container.
func (a *Agent) after(d time.Duration, fn func()) {
	container := a.container
	a.kernel.After(d, func() {
		if !a.down && a.container == container {
			fn()
		}
	})
}

func (a *Agent) startContainer() {
	t := a.timings
	a.fetched = true
	a.running, a.begunAt = true, a.kernel.Now()
	process, probe, conflist := a.draw(t.ProcessStart), a.draw(Range{0, t.LivenessPeriod}), a.draw(t.Conflist)
	a.after(process, func() { a.startDaemon(conflist) })
	failed := t.LivenessDelay + probe + time.Duration(t.LivenessFailures-1)*t.LivenessPeriod + t.LivenessTimeout
	a.after(failed, func() {
		if !a.serving {
			a.exit(errLiveness)
		}
	})
}

func (a *Agent) startDaemon(conflist time.Duration) {
	p := a.kernel.Go(a.node+"/ipamd", func(p *des.Process) {
		d := a.opts.NewDaemon()
		if err := d.Init(); err != nil {
			a.exit(err)
		}
		a.serving = true
		a.available = nextOnGrid(a.kernel.Now(), a.timings.ReadinessPeriod, a.begunAt+a.timings.ReadinessDelay)
		if !a.configured {
			a.after(conflist, a.configure)
		}
		if a.opts.OnServing != nil {
			a.opts.OnServing()
		}
		d.RunPool()
		a.ended(p)
	})
	a.processes = append(a.processes, p)
}

// configure is the CNI configuration's arrival. From here on the node's way
// to Ready no longer depends on the container.
func (a *Agent) configure() {
	a.configured = true
	if a.opts.Kubelet != nil {
		a.opts.Kubelet.NetworkReady()
	}
	ready := a.timings.Ready
	if a.kernel.Now()-a.startedAt >= a.timings.FastReady {
		ready = a.timings.ReadyLate
	}
	a.kernel.After(a.draw(ready), func() {
		if !a.down && a.opts.OnReady != nil {
			a.opts.OnReady()
		}
	})
}

// exit ends the container and schedules the next one. It does not return to
// a process of the container.
func (a *Agent) exit(err error) {
	a.running, a.serving = false, false
	a.container++
	a.after(a.restartDelay(), a.startContainer)
	a.notify(err)
	a.kill()
}

func (a *Agent) notify(err error) {
	if a.opts.OnExit != nil {
		a.opts.OnExit(err)
	}
}

// restartDelay is kubelet's: at once for the first time, then after a
// back-off that doubles until a container has lasted.
func (a *Agent) restartDelay() time.Duration {
	now, t := a.kernel.Now(), a.timings
	wait := a.backoff
	if wait == 0 || now-a.restartedAt > 2*t.CrashBackoffMax {
		wait, a.backoff = 0, t.CrashBackoff
	} else {
		a.backoff = min(2*a.backoff, t.CrashBackoffMax)
	}
	d := wait + a.draw(t.Restart)
	a.restartedAt = now + d
	return d
}

// kill ends the container's processes, the one that executes last.
func (a *Agent) kill() {
	var self *des.Process
	list := a.processes
	a.processes = nil
	for _, p := range list {
		if p == a.kernel.Current() {
			self = p
			continue
		}
		p.Kill()
	}
	if self != nil {
		self.Kill()
	}
}

// ended drops a process that returns.
func (a *Agent) ended(p *des.Process) {
	a.processes = slices.DeleteFunc(a.processes, func(q *des.Process) bool { return q == p })
}

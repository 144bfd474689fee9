package kubelet

import (
	"time"

	"ipamsim/sim/des"
)

// next is the pod's step: what it waited for has happened.
func (p *Pod) next() {
	if p.kubelet.down || p.kubelet.kernel.Now() != p.due {
		return
	}
	p.due = des.Never
	switch p.stage {
	case mounting:
		p.wait(syncing, p.start.mounts)
	case syncing:
		p.sync()
	case unwired:
		p.charge(&p.start.NetworkWait)
		p.sync()
	case queuing:
		p.charge(&p.start.CPU)
		p.pause()
	case preparing:
		p.prepared()
	case adding:
		p.added()
	case wiring:
		p.wired()
	case pausing:
		p.sandboxRuns()
	case undoing:
		_, _ = p.kubelet.opts.Plugin.Del(p) // containerd 2 takes the sandbox down whatever it says: the ADD has had no result
		p.wait(clearing, p.draw(p.kubelet.timings.Teardown))
	case clearing:
		p.cleared()
	case pulling:
		p.pull()
	case waiting:
		p.charge(&p.start.CPU)
		p.begin()
	case starting:
		p.run()
	case stopping:
		p.stopped()
	case releasing:
		p.release()
	case removing:
		p.removed()
	}
}

// sync makes a sandbox, unless the node's network is not ready.
func (p *Pod) sync() {
	k := p.kubelet
	if p.start.Attempts == 0 {
		p.charge(&p.start.Sandbox)
	} else {
		p.charge(&p.start.Backoff)
	}
	if !p.HostNetwork && !k.networkReady {
		p.wait(unwired, k.retryAfter(k.draw(k.timings.NetworkRetry)))
		if !p.start.unready {
			p.start.unready = true
			if k.opts.OnUnready != nil {
				k.opts.OnUnready(p)
			}
		}
		return
	}
	p.start.Attempts++
	p.sandbox = k.newSandbox()
	p.wait(preparing, p.draw(k.timings.Netns))
}

func (p *Pod) prepared() {
	p.charge(&p.start.Sandbox)
	switch {
	case p.stop:
		p.wait(removing, p.draw(p.kubelet.timings.Teardown))
	case p.HostNetwork:
		p.queue()
	default:
		if p.start.FirstAdd == des.Never {
			p.start.FirstAdd = p.kubelet.kernel.Now()
		}
		p.wait(adding, p.draw(p.kubelet.timings.Plugin))
	}
}

// added is the answer to an ADD. A failure is undone by a DEL at once; the
// sandbox then goes, and kubelet makes a new one after its pause.
func (p *Pod) added() {
	if err := p.kubelet.opts.Plugin.Add(p); err != nil {
		p.charge(&p.start.AddressWait)
		p.addFailed(err)
		return
	}
	p.wait(wiring, p.draw(p.kubelet.timings.Wiring))
}

func (p *Pod) wired() {
	k := p.kubelet
	p.charge(&p.start.Sandbox)
	if err := k.opts.Plugin.Wire(p); err != nil {
		p.halfWired = true
		p.addFailed(err)
		return
	}
	p.start.AddDone = k.kernel.Now()
	p.queue()
	if k.opts.OnAdd != nil {
		k.opts.OnAdd(p, nil)
	}
}

// queue waits for a core, after the network has been set up: the shim and the
// sandbox's own container are what costs CPU (containerd v2.2.1,
// internal/cri/server/sandbox_run.go, StartSandbox).
func (p *Pod) queue() {
	if d := p.kubelet.busy(p.kubelet.timings.SandboxCPU); d > 0 {
		p.wait(queuing, d)
		return
	}
	p.pause()
}

func (p *Pod) pause() { p.wait(pausing, p.draw(p.kubelet.timings.Pause)) }

func (p *Pod) addFailed(err error) {
	k := p.kubelet
	p.start.FailedAdds++
	p.wait(undoing, p.draw(k.timings.Plugin))
	if k.opts.OnAdd != nil {
		k.opts.OnAdd(p, err)
	}
}

func (p *Pod) sandboxRuns() {
	p.charge(&p.start.Sandbox)
	if p.stop {
		p.stopped()
		return
	}
	p.pull()
}

// cleared ends a failed attempt.
func (p *Pod) cleared() {
	p.charge(&p.start.Sandbox)
	if p.halfWired { // its network namespace has gone
		p.halfWired = false
		p.kubelet.opts.Plugin.Dropped(p)
	}
	if p.stop {
		p.removed()
		return
	}
	p.wait(syncing, p.kubelet.retryAfter(p.draw(p.kubelet.timings.SyncRetry)))
}

// pull starts the containers. A pull that the limiter refuses fails the sync;
// the sandbox stays, and each further try waits for the image's back-off.
func (p *Pod) pull() {
	k, now := p.kubelet, p.kubelet.kernel.Now()
	s := p.start
	if p.pulls && (now < s.retryAt || !k.pullAllowed()) {
		why := saysBackoff
		if now >= s.retryAt {
			why = saysRefused
			s.backoff = min(max(2*s.backoff, k.timings.ImageBackoff), k.timings.ImageBackoffMax)
			s.retryAt = now + s.backoff
		}
		if p.says != why {
			k.reporter.tell(p, why)
		}
		p.wait(pulling, k.retryAfter(p.draw(k.timings.SyncRetry)))
		return
	}
	if d := k.busy(k.timings.StartCPU); d > 0 {
		p.charge(&s.Image)
		p.wait(waiting, d)
		return
	}
	p.begin()
}

// begin starts the containers.
func (p *Pod) begin() { p.wait(starting, p.kubelet.seen(p.start.takes)) }

// run is that kubelet has seen the containers run, and tells the API server.
func (p *Pod) run() {
	p.charge(&p.start.Image)
	p.stage = reporting
	p.kubelet.reporter.tell(p, saysRunning)
	if hook := p.kubelet.opts.OnStage; hook != nil && p.stage == reporting {
		hook(p, reporting)
	}
}

// known is that the API server knows that the containers run. A pod that has been
// stopped meanwhile has not been running for anybody.
func (p *Pod) known() {
	if p.stage != reporting {
		return
	}
	p.charge(&p.start.Image)
	p.Running = p.kubelet.kernel.Now()
	p.stage = running
	if p.kubelet.opts.OnRunning != nil {
		p.kubelet.opts.OnRunning(p)
	}
	p.kubelet.opts.Starts.put(p.start)
	p.start = nil
}

// stopped follows the end of the containers.
func (p *Pod) stopped() {
	if p.HostNetwork {
		p.wait(removing, p.draw(p.kubelet.timings.Teardown))
		return
	}
	p.kubelet.opts.Plugin.Retire(p)
	p.wait(releasing, p.draw(p.kubelet.timings.Plugin))
}

// release is the DEL of a pod that ends. When it fails, kubelet stops the
// sandbox again: first when it hears that the containers have died, which it
// asks the runtime every second (pkg/kubelet/pleg/generic.go), later after its
// pause.
func (p *Pod) release() {
	k := p.kubelet
	heard, err := k.opts.Plugin.Del(p)
	switch {
	case err == nil:
		if !heard {
			p.delAgain()
		}
		p.wait(removing, p.draw(k.timings.Teardown))
	case p.delFailed:
		p.wait(releasing, k.retryAfter(p.draw(k.timings.SyncRetry)))
	default:
		p.delFailed = true
		p.wait(releasing, k.retryAfter(0))
	}
}

// delAgain is the DEL that a dead sandbox gets once more when kubelet removes
// it. It only matters when the first was not heard.
func (p *Pod) delAgain() {
	k := p.kubelet
	if k.timings.SandboxGC <= 0 {
		return
	}
	at := nextOnGrid(k.kernel.Now()+time.Second, k.timings.SandboxGC, k.gcPhase)
	k.kernel.At(at, func() {
		if !k.down {
			_, _ = k.opts.Plugin.Del(p)
		}
	})
}

func (p *Pod) removed() {
	k := p.kubelet
	if !p.HostNetwork {
		k.opts.Plugin.Dropped(p)
	}
	p.stage = gone
	k.reporter.tell(p, saysGone)
}

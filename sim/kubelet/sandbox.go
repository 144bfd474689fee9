package kubelet

import (
	"errors"
	"net/netip"
	"time"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
)

// ErrDial is the failure of a call while the daemon does not serve, in the
// words of gRPC. The socket of a killed process stays and refuses.
var ErrDial = errors.New(`rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ` + socketPath + `: connect: connection refused"`)

// next is the pod's step: what it waited for has happened.
func (p *Pod) next() {
	if p.kubelet.down || p.kubelet.kernel.Now() != p.due {
		return
	}
	p.due = Never
	switch p.stage {
	case syncing:
		p.sync()
	case unwired:
		p.charge(&p.Times.NetworkWait)
		p.sync()
	case preparing:
		p.prepared()
	case adding:
		p.added()
	case wiring:
		p.wired()
	case pausing:
		p.sandboxRuns()
	case undoing:
		_ = p.del() // containerd 2 takes the sandbox down whatever it says: the ADD has had no result
		p.wait(clearing, p.draw(p.kubelet.timings.Teardown))
	case clearing:
		p.cleared()
	case pulling:
		p.pull()
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
	if p.Times.Attempts == 0 {
		p.charge(&p.Times.Sandbox)
	} else {
		p.charge(&p.Times.Backoff)
	}
	if !p.HostNetwork && !k.networkReady {
		p.wait(unwired, k.retryAfter(k.timings.NetworkRetry.Draw(k.random)))
		return
	}
	p.Times.Attempts++
	p.sandbox = k.newSandbox()
	p.wait(preparing, p.draw(k.timings.Netns))
}

func (p *Pod) prepared() {
	p.charge(&p.Times.Sandbox)
	switch {
	case p.stop:
		p.wait(removing, p.draw(p.kubelet.timings.Teardown))
	case p.HostNetwork:
		p.wait(pausing, p.draw(p.kubelet.timings.Pause))
	default:
		if p.Times.FirstAdd == Never {
			p.Times.FirstAdd = p.kubelet.kernel.Now()
		}
		p.wait(adding, p.draw(p.kubelet.timings.Plugin))
	}
}

// added is the daemon's answer to an ADD. A failure is undone by a DEL at
// once; the sandbox then goes, and kubelet makes a new one after its pause.
func (p *Pod) added() {
	k := p.kubelet
	p.logAdd()
	err := ErrDial
	if k.opts.IPAM.Serving() {
		p.Address, p.Device, err = k.opts.IPAM.AddNetwork(p.sandbox, p.Key)
	}
	p.logAnswer(err)
	if err == nil {
		p.hold(true)
		p.wait(wiring, p.draw(k.timings.Wiring))
		return
	}
	p.charge(&p.Times.AddressWait)
	p.Times.FailedAdds++
	p.wait(undoing, p.draw(k.timings.Plugin))
	if k.opts.OnAdd != nil {
		k.opts.OnAdd(p, err)
	}
}

func (p *Pod) wired() {
	k := p.kubelet
	p.charge(&p.Times.Sandbox)
	if err := p.wire(); err != nil {
		p.wiringFailed(err)
		return
	}
	p.Times.AddDone = k.kernel.Now()
	p.wait(pausing, p.draw(k.timings.Pause))
	if k.opts.OnAdd != nil {
		k.opts.OnAdd(p, nil)
	}
}

func (p *Pod) wire() error {
	network := p.kubelet.opts.Network
	if network == nil {
		p.logWired(nil, false)
		return nil
	}
	replaces := p.logs() && network.HasVeth(p.Key)
	err := network.AddPod(p.Key, p.Address, p.Device)
	p.logWired(err, replaces)
	return err
}

// wiringFailed ends an ADD that had its address and could not wire the pod. The
// plugin gives the address back and leaves what it has written; killed, it
// does not even do that, and the runtime's DEL finds everything.
func (p *Pod) wiringFailed(err error) {
	k := p.kubelet
	if !errors.Is(err, hostnet.ErrKilled) {
		p.giveBack()
	}
	p.halfWired = true
	p.Times.FailedAdds++
	p.wait(undoing, p.draw(k.timings.Plugin))
	if k.opts.OnAdd != nil {
		k.opts.OnAdd(p, err)
	}
}

// giveBack is the plugin's own release after a failed set-up. Without a daemon
// the address is left to the runtime's DEL.
func (p *Pod) giveBack() {
	if !p.kubelet.opts.IPAM.Serving() {
		p.logNotUndone(ErrDial)
		return
	}
	_, _, err := p.kubelet.opts.IPAM.DelNetwork(p.sandbox, p.Key, ipamd.SetupNSFailed)
	p.logNotUndone(err)
	p.hold(false)
}

func (p *Pod) sandboxRuns() {
	p.charge(&p.Times.Sandbox)
	if p.stop {
		p.stopped()
		return
	}
	p.pull()
}

// cleared ends a failed attempt.
func (p *Pod) cleared() {
	p.charge(&p.Times.Sandbox)
	if p.halfWired { // its network namespace has gone
		p.halfWired = false
		p.kubelet.opts.Network.DropVeth(p.Key)
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
	if p.Pull && (now < p.retryAt || !k.pullAllowed()) {
		if now >= p.retryAt {
			p.backoff = min(max(2*p.backoff, k.timings.ImageBackoff), k.timings.ImageBackoffMax)
			p.retryAt = now + p.backoff
		}
		p.wait(pulling, k.retryAfter(p.draw(k.timings.SyncRetry)))
		return
	}
	p.wait(starting, p.starts)
}

func (p *Pod) run() {
	p.charge(&p.Times.Image)
	p.Times.Running = p.kubelet.kernel.Now()
	p.stage = running
	if p.kubelet.opts.OnRunning != nil {
		p.kubelet.opts.OnRunning(p)
	}
}

// stopped follows the end of the containers.
func (p *Pod) stopped() {
	if p.HostNetwork {
		p.wait(removing, p.draw(p.kubelet.timings.Teardown))
		return
	}
	if p.kubelet.opts.Network != nil {
		p.kubelet.opts.Network.Retire(p.Key, p.Address)
	}
	p.wait(releasing, p.draw(p.kubelet.timings.Plugin))
}

// release is the DEL of a pod that ends. When it fails, kubelet stops the
// sandbox again: first when it hears that the containers have died, which it
// asks the runtime every second (pkg/kubelet/pleg/generic.go), later after its
// pause. ipamd does not know the pod any more by then, so that nothing more is
// torn down.
func (p *Pod) release() {
	k := p.kubelet
	switch {
	case p.del() == nil:
		p.wait(removing, p.draw(k.timings.Teardown))
	case p.delFailed:
		p.wait(releasing, k.retryAfter(p.draw(k.timings.SyncRetry)))
	default:
		p.delFailed = true
		p.wait(releasing, k.retryAfter(0))
	}
}

// del is a run of the plugin for a DEL. It succeeds whatever the daemon says.
// It fails when the kernel refuses a step, or the plugin dies.
func (p *Pod) del() error {
	k := p.kubelet
	p.hold(false)
	p.logDel()
	if !k.opts.IPAM.Serving() {
		return p.delByResult()
	}
	address, device, err := k.opts.IPAM.DelNetwork(p.sandbox, p.Key, ipamd.PodDeleted)
	p.logDelAnswer(address, device, err)
	if err != nil {
		return nil
	}
	err = k.unwire(address, device)
	p.logUnwired(address, device, err)
	return err
}

// delByResult is a DEL while the daemon is down: the pod's wiring is taken
// down by the cached result of the ADD, and the address stays in the daemon's
// books. A failed ADD has no result. That the kernel refuses a step is only
// logged.
func (p *Pod) delByResult() error {
	p.logWithoutAnswer()
	if !p.hasResult() {
		return nil
	}
	err := p.kubelet.unwire(p.Address, p.Device)
	p.logByResult(err)
	if errors.Is(err, hostnet.ErrKilled) {
		return err
	}
	p.delAgain()
	return nil
}

// hold keeps count of the sandboxes that have an address as the runtime sees
// it: from ipamd's answer until the DEL is over.
func (p *Pod) hold(address bool) {
	if p.holds == address {
		return
	}
	p.holds = address
	if address {
		p.kubelet.holding++
	} else {
		p.kubelet.holding--
	}
}

// Holds says whether the pod's sandbox has an address, as the runtime sees it.
func (p *Pod) Holds() bool { return p.holds }

// Holding is the number of sandboxes that have an address, as the runtime
// sees it. The daemon's books should say the same.
func (k *Kubelet) Holding() int { return k.holding }

func (k *Kubelet) unwire(address netip.Addr, device int) error {
	if k.opts.Network == nil {
		return nil
	}
	return k.opts.Network.RemovePod(address, device)
}

// delAgain is the DEL that a dead sandbox gets once more when kubelet removes
// it. It only matters when the daemon has missed the first.
func (p *Pod) delAgain() {
	k := p.kubelet
	if k.timings.SandboxGC <= 0 {
		return
	}
	at := nextOnGrid(k.kernel.Now()+time.Second, k.timings.SandboxGC, k.gcPhase)
	k.kernel.At(at, func() {
		if !k.down {
			_ = p.del()
		}
	})
}

func (p *Pod) removed() {
	k := p.kubelet
	if k.opts.Network != nil && !p.HostNetwork {
		k.opts.Network.DropVeth(p.Key)
	}
	p.stage = gone
	p.random = nil
	p.Times.Gone = k.kernel.Now()
	if k.opts.OnGone != nil {
		k.opts.OnGone(p)
	}
}

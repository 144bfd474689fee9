package kubelet

import "net/netip"

// Plugin is a CNI plugin as the container runtime runs it. Its methods return
// at once: the time that a run takes is in Timings.
type Plugin interface {
	// Add is a run for an ADD up to its answer from whoever gives addresses.
	// It calls Pod.Hold when it has got one; an error ends the ADD.
	Add(p *Pod) error
	// Wire is the rest of that run: the pod's network. One that fails may
	// have called Pod.Release, and leaves what it has written so far.
	Wire(p *Pod) error
	// Retire hears that the containers of a wired pod have ended.
	Retire(p *Pod)
	// Del is a run for a DEL: it calls Pod.Release and takes the wiring down.
	// An error makes the runtime try again. A DEL that succeeds without
	// being heard by whoever gives addresses comes once more when kubelet
	// removes the dead sandbox.
	Del(p *Pod) (heard bool, err error)
	// Dropped hears that the sandbox's network namespace has gone, after a
	// Wire that failed or after the last DEL.
	Dropped(p *Pod)
}

// Hold is the plugin's word that the pod's sandbox has an address.
func (p *Pod) Hold(address netip.Addr, device int) {
	p.address, p.device = address.As4(), int16(device)
	if !p.holds {
		p.holds = true
		p.kubelet.holding++
	}
}

// Release is the plugin's word that it no longer has one, as the runtime sees
// it. It need not have had one.
func (p *Pod) Release() {
	if p.holds {
		p.holds = false
		p.kubelet.holding--
	}
}

// Holds says whether the pod's sandbox has an address, as the runtime sees it.
func (p *Pod) Holds() bool { return p.holds }

// Holding is the number of sandboxes that have an address, as the runtime
// sees it. The daemon's books should say the same.
func (k *Kubelet) Holding() int { return k.holding }

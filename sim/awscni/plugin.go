package awscni

import (
	"errors"
	"net/netip"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
)

// IPAM is the node's address daemon as the plugin calls it. Both calls return
// at once.
type IPAM interface {
	// Serving says whether the daemon answers at all. When it does not, the
	// plugin's dial fails within milliseconds and the others are not called.
	Serving() bool
	// AddNetwork gives the sandbox an address, and the device index of the
	// interface that it belongs to. ipamd.ErrNoAddress is an answer; other
	// errors are failures of the call.
	AddNetwork(sandbox, pod string) (address netip.Addr, device int, err error)
	// DelNetwork takes the sandbox's address back; an error says that it has
	// none.
	DelNetwork(sandbox, pod string, why ipamd.DelReason) (address netip.Addr, device int, err error)
}

// Options of a Plugin.
type Options struct {
	IPAM    IPAM
	Network *hostnet.Network // what it wires; nil for nothing

	// OnLog hears each line of the plugin's log, plugin.log on a real node. A
	// plugin that is killed writes no more.
	OnLog func(p *kubelet.Pod, l ipamd.Line)

	Release string // whose source its lines are from; empty is the default one of package ipamd
}

// Plugin implements kubelet.Plugin for the pods of one node.
type Plugin struct{ opts Options }

// New returns the plugin of a node.
func New(opts Options) *Plugin { return &Plugin{opts: opts} }

// errDial is the failure of a call while the daemon does not serve, in the
// words of gRPC. The socket of a killed process stays and refuses.
var errDial = errors.New(`rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ` + socketPath + `: connect: connection refused"`)

// Add implements kubelet.Plugin: it is the daemon's answer to an ADD.
func (c *Plugin) Add(p *kubelet.Pod) error {
	c.logAdd(p)
	address, device, err := netip.Addr{}, 0, errDial
	if c.opts.IPAM.Serving() {
		address, device, err = c.opts.IPAM.AddNetwork(p.Sandbox(), p.Key)
	}
	if err == nil {
		p.Hold(address, device)
	}
	c.logAnswer(p, err)
	return err
}

// Wire implements kubelet.Plugin. One that fails gives the address back and
// leaves what it has written; killed, it does not even do that, and the
// runtime's DEL finds everything.
func (c *Plugin) Wire(p *kubelet.Pod) error {
	network := c.opts.Network
	if network == nil {
		c.logWired(p, nil, false)
		return nil
	}
	replaces := c.logs() && network.HasVeth(p.Key)
	err := network.AddPod(p.Key, p.Address(), p.Device())
	c.logWired(p, err, replaces)
	if err != nil && !errors.Is(err, hostnet.ErrKilled) {
		c.giveBack(p)
	}
	return err
}

// giveBack is the plugin's own release after a failed set-up. Without a daemon
// the address is left to the runtime's DEL.
func (c *Plugin) giveBack(p *kubelet.Pod) {
	if !c.opts.IPAM.Serving() {
		c.logNotUndone(p, errDial)
		return
	}
	_, _, err := c.opts.IPAM.DelNetwork(p.Sandbox(), p.Key, ipamd.SetupNSFailed)
	c.logNotUndone(p, err)
	p.Release()
}

// Retire implements kubelet.Plugin.
func (c *Plugin) Retire(p *kubelet.Pod) {
	if c.opts.Network != nil {
		c.opts.Network.Retire(p.Key, p.Address())
	}
}

// Del implements kubelet.Plugin. It succeeds whatever the daemon says, and
// fails when the kernel refuses a step or the plugin dies. By then ipamd does
// not know the pod any more, so that the next DEL tears nothing down.
func (c *Plugin) Del(p *kubelet.Pod) (heard bool, err error) {
	p.Release()
	c.logDel(p)
	if !c.opts.IPAM.Serving() {
		return false, c.delByResult(p)
	}
	address, device, err := c.opts.IPAM.DelNetwork(p.Sandbox(), p.Key, ipamd.PodDeleted)
	c.logDelAnswer(p, address, device, err)
	if err != nil {
		return true, nil
	}
	err = c.unwire(address, device)
	c.logUnwired(p, address, device, err)
	return true, err
}

// delByResult is a DEL while the daemon is down: the pod's wiring is taken
// down by the cached result of the ADD, and the address stays in the daemon's
// books. A failed ADD has no result. That the kernel refuses a step is only
// logged.
func (c *Plugin) delByResult(p *kubelet.Pod) error {
	c.logWithoutAnswer(p)
	if !p.HasResult() {
		return nil
	}
	err := c.unwire(p.Address(), p.Device())
	c.logByResult(p, err)
	if errors.Is(err, hostnet.ErrKilled) {
		return err
	}
	return nil
}

func (c *Plugin) unwire(address netip.Addr, device int) error {
	if c.opts.Network == nil {
		return nil
	}
	return c.opts.Network.RemovePod(address, device)
}

// Dropped implements kubelet.Plugin: the veth goes with the namespace that its
// other end is in.
func (c *Plugin) Dropped(p *kubelet.Pod) {
	if c.opts.Network != nil {
		c.opts.Network.DropVeth(p.Key)
	}
}

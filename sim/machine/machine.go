package machine

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awscni"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/result"
)

// Machine is the inside of a node: it implements cluster.Machine over a
// kubelet, the aws-node agent and the host's network.
type Machine struct {
	Site      *Site
	Node      *cluster.Node
	Kind      *Kind
	Place     int // in the fleet's list
	Kubelet   *kubelet.Kubelet
	Agent     *kubelet.Agent
	Network   *hostnet.Network
	processes int           // of ipamd that were started and that ended
	Daemon    *ipamd.Daemon // of the process that runs, nil before the first
	Client    *awssdk.Client
	Metadata  *awssdk.Metadata
	Files     checkpoint
	picks     *rand.Rand // nil before the first draw, as is jitter
	jitter    *rand.Rand
	leaked    *rand.Rand
	Primary   ec2model.Device

	Existing  *Existing        // what it holds before the run; set before Resume, which takes it
	continues *ipamd.Continues // of the first process, after Resume

	config *ipamd.Config   // of its daemon
	host   *hostnet.Config // of the host's network, by it

	doing       result.NetworkCauseKind            // what changes the network now; empty is the plugin
	failedSteps map[netip.Addr]result.NetworkCause // by the address that they were about
	Defects     []*Defect                          // that last
	Suspects    []netip.Addr                       // that the daemon had on no pod at the last look
	Entry       Entry                              // in the sampler's ledger
	Gone        bool
}

// New is the inside of a node that has registered.
func New(site *Site, k *Kind, n *cluster.Node) *Machine {
	m := &Machine{
		Site: site, Node: n, Kind: k,
		leaked: site.Kernel.Rand("node/" + n.Name + "/ipamd/leaked-enis"),

		config: k.config, host: k.host,
	}
	m.Client = awssdk.New(site.Kernel, site.Account, ec2model.Caller(n.Instance.ID), m.sdk())
	m.Metadata = awssdk.NewMetadata(site.Kernel, site.Account, n.Instance.ID, func() bool { return site.Faults.MetadataDown(n) })
	m.Primary, _ = site.Account.Primary(n.Instance.ID)
	m.Network = hostnet.New(m.host, m.Primary.PrimaryIP, m.Primary.SubnetCIDR)
	m.Network.Changed = m.examine
	if site.Faults.Disturbs() {
		m.Network.Fate = m.fate
	}
	plugin := awscni.Options{IPAM: m, Network: m.Network, Release: k.Release}
	options := kubelet.Options{
		Timings: k.Timings, Cores: k.Limits.VCPU, Starts: &site.Starts,
		OnRunning: func(p *kubelet.Pod) { site.Cluster.PodRunning(m.Pod(p)) },
		OnGone:    func(p *kubelet.Pod) { site.Cluster.PodGone(m.Pod(p)) },
	}
	if site.Added != nil {
		options.OnAdd = func(p *kubelet.Pod, err error) { site.Added(m, p, err) }
	}
	if site.Unready != nil {
		options.OnUnready = func(p *kubelet.Pod) { site.Unready(m, p) }
	}
	if site.Made != nil {
		site.Made(m, &options, &plugin)
	}
	options.Plugin = awscni.New(plugin)
	m.Kubelet = kubelet.New(site.Kernel, n.Name, options)
	site.Account.OnInstanceChange(n.Instance.ID, m.interfacesChanged)
	return m
}

// Boot implements cluster.Machine.
func (m *Machine) Boot(ready func()) {
	m.Agent = kubelet.NewAgent(m.Site.Kernel, m.Node.Name, kubelet.AgentOptions{
		NewDaemon: m.newDaemon, Kubelet: m.Kubelet, OnReady: ready,
		Timings: m.Kind.Timings, Cached: m.Kind.Cached, Pull: m.Kind.Pull, ProxyTime: m.Kind.ProxyTime,
		Launched:  m.Node.Launched != des.Never, // one that was there before has all that
		OnServing: m.serving,
		OnExit:    m.exited,
	})
	m.Agent.Boot()
}

// newDaemon starts a process of ipamd on what earlier ones left behind.
func (m *Machine) newDaemon() kubelet.Daemon {
	m.Site.Kernel.Current().SetPriority(des.Early)
	m.Site.Faults.Initialising(m.Node)
	m.Client.Reset(m.sdk())
	m.During(result.IPAMDStart, m.setUpHost)
	host := ipamd.Host{
		Clock: (*clock)(m), EC2: m.Client, Metadata: m.Metadata, Node: m.Node, Network: (*links)(m),
		APIServer: m.Agent.Proxied, Checkpoint: &m.Files, Picker: (*picker)(m), Jitter: m.drawJitter, Spawn: m.Agent.Spawn, PoolChanged: m.watch,
		ENIConfigSubnetID: m.Kind.PodSubnet[m.Site.Zone(m.Node.Instance.Subnet)],
		Epoch:             m.Site.Epoch, Sandbox: runtimeNames,
	}
	host.Continues, m.continues = m.continues, nil
	if m.Site.Vain != nil {
		host.Unserved = func() { m.Site.Vain(m) }
	}
	if m.Site.Started != nil {
		m.Site.Started(m, &host)
	}
	m.Daemon = ipamd.New(m.config, host)
	m.watch()
	m.processes++
	untilNext := time.Duration(0)
	if c := host.Continues; c != nil {
		untilNext = c.Cleanup
	}
	m.leakedCleanupAfter(untilNext)
	return m.Daemon
}

// sdk is the daemon's client of EC2: the site's, with what the environment of
// the process makes of it in its release.
func (m *Machine) sdk() awssdk.Options {
	o := m.Site.SDK
	switch n := m.config.SDK.MaxAttempts; {
	case n > 0:
		o.MaxAttempts = n
	case n < 0:
		o.MaxAttempts = awssdk.Unlimited
	}
	o.AttemptTimeout, o.Adaptive = m.config.SDK.Timeout, m.config.SDK.Adaptive
	o.V1 = awssdk.V1{Retries: m.config.SDK.RetriesV1, AddressRetries: m.config.SDK.AddressRetriesV1}
	return o
}

// runtimeNames are what the container runtime calls a sandbox and its network
// namespace.
func runtimeNames(key ipamd.SandboxKey) (container, netns string) {
	return ContainerID(key), kubelet.Netns(string(key))
}

// ContainerID is what the container runtime calls a sandbox.
func ContainerID(key ipamd.SandboxKey) string { return kubelet.ContainerID(string(key)) }

// setUpHost is what the start of a process does to the host's network. By
// then the kernel has noticed what was detached while none ran.
func (m *Machine) setUpHost() {
	for _, device := range m.Network.Devices() {
		if device != 0 && !m.attached(device) {
			m.Network.Detached(device)
		}
	}
	m.Network.Configure(m.host)
	m.Network.SetupHost()
}

func (m *Machine) drawJitter(bound time.Duration) time.Duration {
	if bound < time.Microsecond {
		return 0
	}
	if m.jitter == nil {
		m.jitter = m.Site.Kernel.Rand("node/" + m.Node.Name + "/ipamd/jitter")
	}
	return time.Duration(m.jitter.Int64N(int64(bound/time.Microsecond))) * time.Microsecond
}

// exited hears that the aws-node container has ended.
func (m *Machine) exited(err error) {
	m.processes++
	m.stopDaemon()
	m.watch()
	if m.Site.Exited != nil {
		m.Site.Exited(m, err)
	}
}

// watch tells that what the machine's daemon holds, or what the runtime knows
// of it, has changed.
func (m *Machine) watch() {
	if m.Daemon != nil && !m.Gone && m.Site.Changed != nil {
		m.Site.Changed(m)
	}
}

// stopDaemon ends what the daemon's process would do by itself.
func (m *Machine) stopDaemon() {
	if m.Daemon != nil {
		m.Daemon.Stop()
	}
}

// serving hears that the process begins to serve.
func (m *Machine) serving() {
	if m.Site.Serving != nil {
		m.Site.Serving(m)
	}
}

// leakedCleanupAfter plans the next run of the job, for as long as the
// process lives. The first one is planned when the process starts, before its
// node init.
func (m *Machine) leakedCleanupAfter(d time.Duration) {
	daemon, process := m.Daemon, m.processes
	if !daemon.LeakedCleanup {
		return
	}
	delay := time.Duration(m.leaked.Int64N(int64(ipamd.LeakedDelayMax/time.Second))) * time.Second
	m.Site.Kernel.After(d+delay, func() {
		if m.processes != process {
			return
		}
		m.Agent.Spawn("leaked-enis", func() {
			daemon.CleanUpLeakedENIs()
			m.leakedCleanupAfter(ipamd.LeakedInterval)
		})
	})
}

// StartPod implements cluster.Machine.
func (m *Machine) StartPod(p *cluster.Pod) {
	p.Key = p.Name()
	m.Kubelet.Start(&p.Pod, m.Kind.Start[p.Workload.Name])
}

// StopPod implements cluster.Machine.
func (m *Machine) StopPod(p *cluster.Pod) { m.Kubelet.Stop(&p.Pod) }

// Pod is the cluster's around kubelet's.
func (m *Machine) Pod(p *kubelet.Pod) *cluster.Pod { return m.Node.Pod(p.Place) }

// Shutdown implements cluster.Machine.
func (m *Machine) Shutdown() {
	m.endAllDefects()
	m.Network.Changed = nil
	m.Kubelet.Shutdown()
	m.stopDaemon()
	if m.Agent != nil {
		m.Agent.Shutdown()
	}
	m.Gone = true
	m.Site.Account.OnInstanceChange(m.Node.Instance.ID, nil)
	if m.Site.Gone != nil {
		m.Site.Gone(m)
	}
}

// AddCause is why an ADD failed just now.
func (m *Machine) AddCause(err error) result.Cause {
	if err == ipamd.ErrNoAddress { // next to always
		return m.emptyCause()
	}
	var refused *hostnet.RefusedError
	switch {
	case errors.As(err, &refused) || errors.Is(err, hostnet.ErrKilled):
		return result.CausePlugin
	case errors.Is(err, awssdk.ErrSilent):
		return result.CauseMetadataDown
	case !m.Agent.Serving():
		return result.CauseIPAMDDown
	}
	return m.emptyCause()
}

// emptyCause is why the pool has no address. What cools down while metadata
// does not answer was given to a pod, and taken back because of that.
func (m *Machine) emptyCause() result.Cause {
	s := m.Shortage()
	if (s == ipamd.Cooling || s == ipamd.CoolingFull) && m.Site.Faults.MetadataDown(m.Node) {
		return result.CauseMetadataDown
	}
	return result.Cause(s.String())
}

// Shortage is why an ADD finds no address now: ipamd's own reason, or that EC2
// throttles its client.
func (m *Machine) Shortage() ipamd.Shortage {
	s := m.Daemon.Shortage()
	if s == ipamd.Refilling && m.Client.Throttled() {
		return ipamd.Throttled
	}
	return s
}

// interfacesChanged hears that the node's interfaces or their addresses have
// changed: metadata will show something new. That is news to ipamd even when
// it has asked for it, because it waits for an answer only so long.
func (m *Machine) interfacesChanged(by ec2model.Caller, lost bool) {
	cause := result.InterfaceChanged
	if by == ec2model.Caller(m.Node.Instance.ID) {
		cause = result.AddressReturned
	}
	if lost || len(m.Defects) > 0 { // what the node has got besides costs no pod its own
		m.During(cause, m.examineOwners)
	}
	m.Changed()
}

// Changed hears that what ipamd looks at has changed: its metadata or the node
// object.
func (m *Machine) Changed() {
	if m.Daemon != nil {
		m.Daemon.Changed()
	}
}

// Serving, AddNetwork and DelNetwork implement awscni.IPAM.
func (m *Machine) Serving() bool { return m.Agent.Serving() }

// AddNetwork gives a sandbox an address. The plugin has not wired it yet.
func (m *Machine) AddNetwork(sandbox, pod string) (netip.Addr, int, error) {
	r, err := m.Daemon.AddNetwork(ipamd.SandboxKey(sandbox), pod)
	if err == nil {
		m.Site.Faults.Adding(m.Node)
	}
	return r.Address, r.DeviceIndex, err
}

// DelNetwork takes a sandbox's address back.
func (m *Machine) DelNetwork(sandbox, _ string, why ipamd.DelReason) (netip.Addr, int, error) {
	r, err := m.Daemon.DelNetwork(ipamd.SandboxKey(sandbox), why)
	if err != nil {
		m.watch() // the runtime may have thought that it had an address
	}
	return r.Address, r.DeviceIndex, err
}

// VethName is the host's end of a pod's veth on the machine.
func (m *Machine) VethName(pod string) string {
	return hostnet.VethName(m.host.VethPrefix, pod)
}

// Devices are the IDs of Links, by device index.
func (m *Machine) Devices() map[int]string {
	list := map[int]string{}
	for e := range m.Links() {
		list[e.Index] = e.Interface
	}
	return list
}

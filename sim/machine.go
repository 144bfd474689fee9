package sim

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

// machine is the inside of a node: it implements cluster.Machine over a
// kubelet, the aws-node agent and the host's network.
type machine struct {
	site      *Site
	node      *cluster.Node
	kind      *kind
	place     int // in the fleet's list
	kubelet   *kubelet.Kubelet
	agent     *kubelet.Agent
	network   *hostnet.Network
	processes int           // of ipamd that were started and that ended
	ipamd     *ipamd.Daemon // of the process that runs, nil before the first
	client    *awssdk.Client
	metadata  metadata
	files     checkpoint
	picks     *rand.Rand
	jitter    *rand.Rand
	leaked    *rand.Rand
	primary   ec2model.Device

	environment map[string]string // of the aws-node pod
	config      *ipamd.Config     // of its daemon
	host        *hostnet.Config   // of the host's network, by it

	doing       result.NetworkCauseKind            // what changes the network now; empty is the plugin
	failedSteps map[netip.Addr]result.NetworkCause // by the address that they were about
	defects     []*defect                          // that last
	suspects    []netip.Addr                       // that the daemon had on no pod at the last look
	entry       entry                              // in the sampler's ledger
	gone        bool
}

// newMachine is the inside of a node that has registered.
func newMachine(site *Site, k *kind, n *cluster.Node) *machine {
	m := &machine{
		site: site, node: n, kind: k,
		picks:  site.Kernel.Rand("node/" + n.Name + "/ipamd/picks"),
		jitter: site.Kernel.Rand("node/" + n.Name + "/ipamd/jitter"),
		leaked: site.Kernel.Rand("node/" + n.Name + "/ipamd/leaked-enis"),

		environment: k.Environment, config: k.config, host: k.host,
	}
	m.client = awssdk.New(site.Kernel, site.Account, ec2model.Caller(n.Instance.ID), site.SDK)
	m.metadata = metadata{awssdk.NewMetadata(site.Kernel, site.Account, n.Instance.ID, func() bool { return site.Faults.MetadataDown(n) })}
	m.primary, _ = site.Account.Primary(n.Instance.ID)
	m.network = hostnet.New(m.host, m.primary.PrimaryIP, m.primary.SubnetCIDR)
	m.network.Changed = m.examine
	if site.Faults.Disturbs() {
		m.network.Fate = m.fate
	}
	plugin := awscni.Options{IPAM: m, Network: m.network}
	options := kubelet.Options{
		OnRunning: func(p *kubelet.Pod) { site.Cluster.PodRunning(m.Pod(p)) },
		OnGone:    func(p *kubelet.Pod) { site.Cluster.PodGone(m.Pod(p)) },
	}
	if site.Added != nil {
		options.OnAdd = func(p *kubelet.Pod, err error) { site.Added(m, p, err) }
	}
	if site.Made != nil {
		site.Made(m, &options, &plugin)
	}
	options.Plugin = awscni.New(plugin)
	m.kubelet = kubelet.New(site.Kernel, n.Name, options)
	site.Account.OnInstanceChange(n.Instance.ID, m.interfacesChanged)
	return m
}

// Boot implements cluster.Machine.
func (m *machine) Boot(ready func()) {
	m.agent = kubelet.NewAgent(m.site.Kernel, m.node.Name, kubelet.AgentOptions{
		NewDaemon: m.newDaemon, Kubelet: m.kubelet, OnReady: ready,
		OnServing: m.serving,
		OnExit:    m.exited,
	})
	m.agent.Boot()
}

// newDaemon starts a process of ipamd on what earlier ones left behind.
func (m *machine) newDaemon() kubelet.Daemon {
	m.site.Kernel.Current().SetPriority(des.Early)
	m.site.Faults.Initialising(m.node)
	m.client.Reset()
	m.during(result.IPAMDStart, m.setUpHost)
	host := ipamd.Host{
		Clock: (*clock)(m), EC2: m.client, Metadata: m.metadata, Node: m.node, Network: (*links)(m),
		Checkpoint: &m.files, Picker: ipamd.Random{Source: m.picks}, Jitter: m.drawJitter, Spawn: m.agent.Spawn, PoolChanged: m.watch,
		ENIConfigSubnetID: m.kind.PodSubnet[m.site.Zone(m.node.Instance.Subnet)],
		Epoch:             m.site.Epoch, Sandbox: runtimeNames,
	}
	if m.site.Started != nil {
		m.site.Started(m, &host)
	}
	m.ipamd = ipamd.New(m.config, host)
	m.watch()
	m.processes++
	m.leakedCleanupAfter(0)
	return m.ipamd
}

// runtimeNames are what the container runtime calls a sandbox and its network
// namespace.
func runtimeNames(key ipamd.SandboxKey) (container, netns string) {
	return containerID(key), kubelet.Netns(string(key))
}

func containerID(key ipamd.SandboxKey) string { return kubelet.ContainerID(string(key)) }

// setUpHost is what the start of a process does to the host's network. By
// then the kernel has noticed what was detached while none ran.
func (m *machine) setUpHost() {
	for _, device := range m.network.Devices() {
		if device != 0 && !m.attached(device) {
			m.network.Detached(device)
		}
	}
	m.network.Configure(m.host)
	m.network.SetupHost()
}

func (m *machine) drawJitter(bound time.Duration) time.Duration {
	if bound < time.Microsecond {
		return 0
	}
	return time.Duration(m.jitter.Int64N(int64(bound/time.Microsecond))) * time.Microsecond
}

// exited hears that the aws-node container has ended.
func (m *machine) exited(err error) {
	m.processes++
	m.stopDaemon()
	m.watch()
	if m.site.Exited != nil {
		m.site.Exited(m, err)
	}
}

// watch tells that what the machine's daemon holds, or what the runtime knows
// of it, has changed.
func (m *machine) watch() {
	if m.ipamd != nil && !m.gone && m.site.Changed != nil {
		m.site.Changed(m)
	}
}

// stopDaemon ends what the daemon's process would do by itself.
func (m *machine) stopDaemon() {
	if m.ipamd != nil {
		m.ipamd.Stop()
	}
}

// serving hears that the process begins to serve.
func (m *machine) serving() {
	if m.site.Serving != nil {
		m.site.Serving(m)
	}
}

// leakedCleanupAfter plans the next run of the job, for as long as the
// process lives. The first one is planned when the process starts, before its
// node init.
func (m *machine) leakedCleanupAfter(d time.Duration) {
	daemon, process := m.ipamd, m.processes
	if !daemon.LeakedCleanup {
		return
	}
	delay := time.Duration(m.leaked.Int64N(int64(ipamd.LeakedDelayMax/time.Second))) * time.Second
	m.site.Kernel.After(d+delay, func() {
		if m.processes != process {
			return
		}
		m.agent.Spawn("leaked-enis", func() {
			daemon.CleanUpLeakedENIs()
			m.leakedCleanupAfter(ipamd.LeakedInterval)
		})
	})
}

// StartPod implements cluster.Machine.
func (m *machine) StartPod(p *cluster.Pod) {
	p.Key = p.Name()
	m.kubelet.Start(&p.Pod, m.kind.Start[p.Workload.Name])
}

// StopPod implements cluster.Machine.
func (m *machine) StopPod(p *cluster.Pod) { m.kubelet.Stop(&p.Pod) }

// Pod is the cluster's around kubelet's.
func (m *machine) Pod(p *kubelet.Pod) *cluster.Pod { return m.node.Pod(p.Place) }

// Shutdown implements cluster.Machine.
func (m *machine) Shutdown() {
	m.endAllDefects()
	m.network.Changed = nil
	m.kubelet.Shutdown()
	m.stopDaemon()
	if m.agent != nil {
		m.agent.Shutdown()
	}
	m.gone = true
	m.site.Account.OnInstanceChange(m.node.Instance.ID, nil)
	if m.site.Gone != nil {
		m.site.Gone(m)
	}
}

// AddCause is why an ADD failed just now.
func (m *machine) AddCause(err error) result.Cause {
	if err == ipamd.ErrNoAddress { // next to always
		return result.Cause(m.shortage().String())
	}
	var refused *hostnet.RefusedError
	switch {
	case errors.As(err, &refused) || errors.Is(err, hostnet.ErrKilled):
		return result.CausePlugin
	case errors.Is(err, awssdk.ErrSilent):
		return result.CauseMetadataDown
	case !m.agent.Serving():
		return result.CauseIPAMDDown
	}
	return result.Cause(m.shortage().String())
}

func (m *machine) shortage() ipamd.Shortage {
	s := m.ipamd.Shortage()
	if s == ipamd.Refilling && m.client.Throttled() {
		return ipamd.Throttled
	}
	return s
}

// daemon is the process whose book counts, or nil before the first.
func (m *machine) daemon() *ipamd.Daemon { return m.ipamd }

// interfacesChanged hears that the node's interfaces or their addresses have
// changed: metadata will show something new. That is news to ipamd even when
// it has asked for it, because it waits for an answer only so long.
func (m *machine) interfacesChanged(by ec2model.Caller) {
	cause := result.InterfaceChanged
	if by == ec2model.Caller(m.node.Instance.ID) {
		cause = result.AddressReturned
	}
	m.during(cause, m.examineOwners)
	m.changed()
}

// changed hears that what ipamd looks at has changed: its metadata or the node
// object.
func (m *machine) changed() {
	if m.ipamd != nil {
		m.ipamd.Changed()
	}
}

// Serving, AddNetwork and DelNetwork implement awscni.IPAM.
func (m *machine) Serving() bool { return m.agent.Serving() }

// AddNetwork gives a sandbox an address. The plugin has not wired it yet.
func (m *machine) AddNetwork(sandbox, pod string) (netip.Addr, int, error) {
	r, err := m.ipamd.AddNetwork(ipamd.SandboxKey(sandbox), pod)
	if err == nil {
		m.site.Faults.Adding(m.node)
	}
	return r.Address, r.DeviceIndex, err
}

// DelNetwork takes a sandbox's address back.
func (m *machine) DelNetwork(sandbox, _ string, why ipamd.DelReason) (netip.Addr, int, error) {
	r, err := m.ipamd.DelNetwork(ipamd.SandboxKey(sandbox), why)
	if err != nil {
		m.watch() // the runtime may have thought that it had an address
	}
	return r.Address, r.DeviceIndex, err
}

// VethName is the host's end of a pod's veth on the machine.
func (m *machine) VethName(pod string) string {
	return hostnet.VethName(m.host.VethPrefix, pod)
}

// Devices are the interfaces that EC2 has attached, by device index.
func (m *machine) Devices() map[int]string {
	list := map[int]string{}
	for e := range m.site.Account.Devices(m.node.Instance.ID) {
		list[e.Index] = e.Interface
	}
	return list
}

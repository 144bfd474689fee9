package sim

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/awscni"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/result"
)

// kind is what the nodes of a group have in common.
type kind struct {
	environment map[string]string
	config      *ipamd.Config // what the daemon makes of it
	limits      ec2model.InstanceLimits
	start       map[string]cluster.Draw // container start by workload; absent is kubelet's own
	podSubnet   map[string]string       // ID by Availability Zone, of the ENIConfigs
	policies    ipamd.Policies
}

// loopOverhead is what half a pass of ipamd's loop takes in CPU time. Its
// size does not matter, only that it is not zero: without it, a multiple of
// the 5 s pass would equal the 30 s and 60 s gates exactly, which never
// happens on a real node.
const loopOverhead = 100 * time.Nanosecond

func (w *world) newKind(g *scenarios.NodeGroup) *kind {
	limits, _ := ec2model.Limits(g.InstanceType)
	k := &kind{limits: limits, start: map[string]cluster.Draw{}, podSubnet: map[string]string{}, policies: ipamd.Policies(g.Policies)}
	k.setEnvironment(daemonEnvironment(g), w.parkIdle)
	for id, name := range w.subnetName {
		for zone, subnet := range g.ENIConfig {
			if subnet == name {
				k.podSubnet[zone] = id
			}
		}
	}
	for i := range w.scenario.Workloads {
		l := &w.scenario.Workloads[i]
		if d := draw(l.ImagePull); d != nil {
			k.start[l.Name] = d
		}
	}
	return k
}

// setEnvironment is what new pods of the DaemonSet see.
func (k *kind) setEnvironment(environment map[string]string, parkIdle bool) {
	k.environment = environment
	k.config = ipamd.ParseEnvironment(environment, ipamd.Settings{
		ENILimit: k.limits.DefaultCardENIs(), IPv4Limit: k.limits.IPv4PerENI, Nitro: k.limits.Nitro(),
		LoopOverhead: loopOverhead, ParkIdle: parkIdle, Policies: k.policies,
	})
}

// machine is the inside of a node: it implements cluster.Machine over a
// kubelet, the aws-node agent and the host's network.
type machine struct {
	world     *world
	node      *cluster.Node
	kind      *kind
	place     int // in world.machines
	kubelet   *kubelet.Kubelet
	agent     *kubelet.Agent
	network   *hostnet.Network
	processes int           // of ipamd that were started and that ended
	recorder  *nodeRecorder // nil unless the node is recorded
	ipamd     *ipamd.Daemon // of the process that runs, nil before the first
	client    *awssdk.Client
	metadata  metadata
	files     checkpoint
	picks     *rand.Rand // nil before the first draw, as is jitter
	jitter    *rand.Rand
	leaked    *rand.Rand
	primary   ec2model.Device

	environment map[string]string // of the aws-node pod
	config      *ipamd.Config     // of its daemon

	doing       result.NetworkCauseKind            // what changes the network now; empty is the plugin
	failedSteps map[netip.Addr]result.NetworkCause // by the address that they were about
	defects     []*defect                          // that last
	suspects    []netip.Addr                       // that the daemon had on no pod at the last look
	entry       entry                              // in the sampler's ledger
	gone        bool
}

func (w *world) newMachine(n *cluster.Node) cluster.Machine {
	m := &machine{
		world: w, node: n, kind: w.kinds[n.Group.Name], place: len(w.machines),
		leaked: w.kernel.Rand("node/" + n.Name + "/ipamd/leaked-enis"),

		environment: w.kinds[n.Group.Name].environment, config: w.kinds[n.Group.Name].config,
	}
	w.machines = append(w.machines, m)
	m.client = awssdk.New(w.kernel, w.account, ec2model.Caller(n.Instance.ID), w.sdkOptions())
	m.metadata = metadata{awssdk.NewMetadata(w.kernel, w.account, n.Instance.ID, func() bool { return w.faults.MetadataDown(n) })}
	m.primary, _ = w.account.Primary(n.Instance.ID)
	m.network = hostnet.New(m.hostConfig())
	m.network.Changed = m.examine
	if w.faults.Disturbs() {
		m.network.Fate = m.fate
	}
	plugin := awscni.Options{IPAM: m, Network: m.network}
	options := kubelet.Options{
		OnAdd:     m.added,
		OnRunning: func(p *kubelet.Pod) { w.cluster.PodRunning(m.pod(p)) },
		OnGone:    func(p *kubelet.Pod) { w.cluster.PodGone(m.pod(p)) },
	}
	w.recorder.listen(m, &options, &plugin)
	options.Plugin = awscni.New(plugin)
	m.kubelet = kubelet.New(w.kernel, n.Name, options)
	w.account.OnInstanceChange(n.Instance.ID, m.interfacesChanged)
	w.faults.Joined(n)
	return m
}

// hostConfig is what the daemon's environment makes of the host's network.
func (m *machine) hostConfig() hostnet.Config {
	return hostnet.Config{
		PrimaryIP: m.primary.PrimaryIP, PrimarySubnet: m.primary.SubnetCIDR, VPCCIDRs: m.world.blocks,
	}.Environment(m.environment)
}

func (w *world) vpcCIDRs() []netip.Prefix {
	list := make([]netip.Prefix, len(w.scenario.VPC.CIDRs))
	for i, c := range w.scenario.VPC.CIDRs {
		list[i] = c.Prefix
	}
	return list
}

// Boot implements cluster.Machine.
func (m *machine) Boot(ready func()) {
	m.agent = kubelet.NewAgent(m.world.kernel, m.node.Name, kubelet.AgentOptions{
		NewDaemon: m.newDaemon, Kubelet: m.kubelet, OnReady: ready,
		OnServing: m.serving,
		OnExit:    m.exited,
	})
	m.agent.Boot()
}

// newDaemon starts a process of ipamd on what earlier ones left behind.
func (m *machine) newDaemon() kubelet.Daemon {
	m.world.kernel.Current().SetPriority(des.Early)
	m.world.faults.Initialising(m.node)
	m.client.Reset()
	m.during(result.IPAMDStart, m.setUpHost)
	host := ipamd.Host{
		Clock: (*clock)(m), EC2: m.client, Metadata: m.metadata, Node: m.node, Network: (*links)(m),
		Checkpoint: &m.files, Picker: (*picker)(m), Jitter: m.drawJitter, Spawn: m.agent.Spawn, PoolChanged: m.watch,
		ENIConfigSubnetID: m.kind.podSubnet[m.world.zone(m.node.Instance.Subnet)],
		Epoch:             m.world.dateOf(-m.world.warmUp), Sandbox: runtimeNames,
	}
	m.recorder.daemon(&host)
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
	m.network.Configure(m.hostConfig())
	m.network.SetupHost()
}

func (m *machine) drawJitter(bound time.Duration) time.Duration {
	if bound < time.Microsecond {
		return 0
	}
	if m.jitter == nil {
		m.jitter = m.world.kernel.Rand("node/" + m.node.Name + "/ipamd/jitter")
	}
	return time.Duration(m.jitter.Int64N(int64(bound/time.Microsecond))) * time.Microsecond
}

// exited hears that the aws-node container has ended.
func (m *machine) exited(err error) {
	m.processes++
	m.stopDaemon()
	m.watch()
	m.world.collector.agentExited(m.world.kernel.Now(), err)
	m.recorder.exited(err)
}

// watch makes the next sample look at the machine: what its daemon holds, or
// what the runtime knows of it, has changed.
func (m *machine) watch() {
	if m.ipamd != nil && !m.gone {
		m.world.sampler.ledger.watch(m)
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
	m.recorder.serving()
	m.world.faults.Serving(m.node)
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
	m.world.kernel.After(d+delay, func() {
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
	m.kubelet.Start(&p.Pod, m.kind.start[p.Workload.Name])
}

// StopPod implements cluster.Machine.
func (m *machine) StopPod(p *cluster.Pod) { m.kubelet.Stop(&p.Pod) }

// pod is the cluster's around kubelet's.
func (m *machine) pod(p *kubelet.Pod) *cluster.Pod { return m.node.Pod(p.Place) }

// Shutdown implements cluster.Machine.
func (m *machine) Shutdown() {
	m.endAllDefects()
	m.network.Changed = nil
	m.recorder.gone()
	m.kubelet.Shutdown()
	m.stopDaemon()
	if m.agent != nil {
		m.agent.Shutdown()
	}
	m.gone = true
	m.world.sampler.ledger.close(m)
	list := m.world.machines
	last := list[len(list)-1]
	list[m.place], last.place = last, m.place
	list[len(list)-1] = nil
	m.world.machines = list[:len(list)-1]
	m.world.account.OnInstanceChange(m.node.Instance.ID, nil)
	m.world.faults.Gone(m.node)
}

// added hears of every CNI ADD.
func (m *machine) added(p *kubelet.Pod, err error) {
	now := m.world.kernel.Now()
	if err == nil {
		m.world.fingerprint.Add(uint64(now), uint64(addressWord(p.Address())))
		return
	}
	m.world.fingerprint.Add(uint64(now), 0)
	m.world.collector.addFailed(now, m.addCause(err), p.Times().FailedAdds == 1)
}

// addCause is why an ADD failed just now.
func (m *machine) addCause(err error) result.Cause {
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
		m.world.faults.Adding(m.node)
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

func addressWord(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

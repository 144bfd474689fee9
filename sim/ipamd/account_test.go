package ipamd

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// account is a bench with a checkpoint file that outlives the daemon and with
// an EC2 that has a few addresses, for daemons that go their own way.
type account struct {
	*bench
	free  []string
	calls []string

	maxENI   string
	picker   Picker
	cordoned bool
	unseen   []Interface // attached, and not yet in metadata: each sweep shows one after two that do not
	sweeps   int
	lines    *strings.Builder // nil: nobody listens
	sandbox  func(SandboxKey) (container, netns string)
}

func newAccount(listening bool, free ...string) *account {
	a := &account{bench: newBench(nil, Policies{}), free: free, maxENI: "1", picker: Ascending{}}
	a.interfaceWith("eni-0", 0)
	if listening {
		a.lines = &strings.Builder{}
	}
	a.start()
	return a
}

// start is a new process on the same host.
func (a *account) start() {
	host := Host{Clock: a, EC2: a, Metadata: a, Node: a, Checkpoint: a, Picker: a.picker, Network: a, Epoch: newYear,
		Spawn: func(_ string, fn func()) { fn() }, Jitter: func(time.Duration) time.Duration { return 0 }, Sandbox: a.sandbox}
	if a.lines != nil {
		host.Log = func(l Line) { fmt.Fprintln(a.lines, l.JSON(newYear.Add(a.now))) }
	}
	env := map[string]string{"WARM_IP_TARGET": "1", "ENABLE_SUBNET_DISCOVERY": "false", "MAX_ENI": a.maxENI}
	a.Daemon = New(ParseEnvironment(env, Settings{ENILimit: 3, IPv4Limit: 10, Nitro: true}), host)
}

func (a *account) Identity() (Identity, error) {
	return Identity{InstanceID: "i-1", PrimaryENI: "eni-0", SubnetID: "subnet-1", VPCID: "vpc-1", AvailabilityZone: "zone-a"}, nil
}

func (a *account) Unschedulable() bool { return a.cordoned }
func (a *account) MaxPods() int        { return 17 }

func (a *account) SecurityGroups() ([]string, error) { return []string{"sg-1"}, nil }
func (a *account) HasVeth(pod string) bool           { return pod != "web-9" }

func (a *account) Read() []Allocation {
	list := a.bench.Read()
	slices.SortFunc(list, func(x, y Allocation) int { return x.Address.Compare(y.Address) })
	return list
}

func (a *account) call(format string, args ...any) {
	a.calls = append(a.calls, fmt.Sprintf("%v ", a.now)+fmt.Sprintf(format, args...))
	a.now += 150 * time.Millisecond
}

func (a *account) DescribeNetworkInterfaces(ids []string) ([]*types.NetworkInterface, error) {
	a.call("describe %v", ids)
	if ids[0] == "eni-1" {
		return []*types.NetworkInterface{{NetworkInterfaceId: &ids[0], Attachment: &types.NetworkInterfaceAttachment{AttachmentId: new("attach-1")}}}, nil
	}
	return a.bench.DescribeNetworkInterfaces(ids)
}
func (a *account) CreateTags(id string, tags []types.Tag) error {
	a.call("tag %s %d", id, len(tags))
	return nil
}
func (a *account) ModifySecurityGroups(id string, groups []string) error {
	a.call("groups %s %v", id, groups)
	return nil
}
func (a *account) UnassignPrivateIPAddresses(id string, ips []netip.Addr) error {
	a.call("unassign %s %v", id, ips)
	a.bench.metadata[0].PrivateIPs = slices.DeleteFunc(a.bench.metadata[0].PrivateIPs, func(ip netip.Addr) bool { return slices.Contains(ips, ip) })
	return nil
}

// exhausted is EC2's answer when a subnet is full.
type exhausted struct{}

func (exhausted) Error() string        { return codeNoAddresses + ": no free addresses (HTTP 400)" }
func (exhausted) ErrorCode() string    { return codeNoAddresses }
func (exhausted) ErrorMessage() string { return "no free addresses" }
func (exhausted) HTTPStatusCode() int  { return 400 }

func (a *account) AssignPrivateIPAddresses(id string, n int) ([]netip.Addr, error) {
	a.call("assign %s %d", id, n)
	if n > len(a.free) {
		return nil, exhausted{}
	}
	var ips []netip.Addr
	for _, text := range a.free[:n] {
		ips = append(ips, netip.MustParseAddr(text))
	}
	a.free = a.free[n:]
	a.bench.metadata[0].PrivateIPs = append(a.bench.metadata[0].PrivateIPs, ips...)
	return ips, nil
}

// Interfaces shows a new interface at the third sweep after its attachment.
func (a *account) Interfaces(visit func(Interface)) error {
	if len(a.unseen) > 0 {
		a.sweeps++
		if a.sweeps%3 == 0 {
			a.metadata, a.unseen = append(a.metadata, a.unseen[0]), a.unseen[1:]
		}
	}
	return a.bench.Interfaces(visit)
}

func (a *account) DescribeSubnets(string, string) ([]*types.Subnet, error) {
	a.call("subnets")
	return nil, nil
}
func (a *account) DescribeInstance(id string) (*types.Instance, error) {
	a.call("instance %s", id)
	return &types.Instance{NetworkInterfaces: []types.InstanceNetworkInterface{{
		Attachment: &types.InstanceNetworkInterfaceAttachment{DeviceIndex: new(int32(0))},
	}}}, nil
}
func (a *account) CreateNetworkInterface(_, subnet string, ips, _ int, _ []types.Tag) (*types.NetworkInterface, error) {
	a.call("create in %s with %d", subnet, ips)
	if ips > len(a.free) {
		return nil, exhausted{}
	}
	i := Interface{ID: "eni-1", MAC: "06:00:00:00:00:01", DeviceIndex: 1, SubnetID: subnet, SubnetCIDR: netip.MustParsePrefix("10.0.0.0/16"),
		PrivateIPs: []netip.Addr{netip.MustParseAddr("10.0.9.2")}}
	for _, text := range a.free[:ips] {
		i.PrivateIPs = append(i.PrivateIPs, netip.MustParseAddr(text))
	}
	a.free, a.unseen = a.free[ips:], []Interface{i}
	return &types.NetworkInterface{NetworkInterfaceId: &i.ID}, nil
}
func (a *account) AttachNetworkInterface(eni, _ string, device, _ int) (string, error) {
	a.call("attach %s at %d", eni, device)
	return "attach-1", nil
}
func (a *account) ModifyDeleteOnTermination(eni, attachment string, on bool) error {
	a.call("delete %s on termination: %t", eni, on)
	return nil
}
func (a *account) DetachNetworkInterface(attachment string) error {
	a.call("detach %s", attachment)
	a.metadata = a.metadata[:1]
	return nil
}
func (a *account) DeleteNetworkInterface(eni string) error {
	a.call("delete %s", eni)
	return nil
}

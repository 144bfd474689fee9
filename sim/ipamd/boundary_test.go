package ipamd

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// bench is a daemon on a clock that a test moves, without an account: one
// primary interface with the blocks that metadata and EC2 show.
type bench struct {
	silent error // of metadata
	*Daemon
	now      time.Duration
	metadata []Interface
	ec2      [][]block    // what EC2 has, by interface
	asked    int          // looks at one interface
	written  *Daemon      // whose book the checkpoint says
	left     []Allocation // what a daemon finds there besides
}

func newBench(env map[string]string, p Policies) *bench {
	b := &bench{}
	b.Daemon = New(ParseEnvironment(env, Settings{ENILimit: 3, IPv4Limit: 10, Nitro: true, Policies: p}), Host{
		Clock: b, EC2: b, Metadata: b, Checkpoint: b, Picker: Ascending{}, Network: b, Spawn: func(string, func()) {},
	})
	return b
}

// interfaceWith enters an interface with single addresses in all three places.
func (b *bench) interfaceWith(id string, device int, addresses ...string) *eni {
	i := Interface{ID: id, DeviceIndex: device, Primary: device == 0, PrivateIPs: []netip.Addr{netip.MustParseAddr("10.0.9.1")}}
	e := b.store.addENI(&eni{id: id, device: int32(device), primary: device == 0, addedAt: b.now})
	var blocks []block
	for _, text := range addresses {
		ip := netip.MustParseAddr(text)
		i.PrivateIPs = append(i.PrivateIPs, ip)
		blocks = append(blocks, block{ipOf(ip), single})
		b.store.addCIDR(e, block{ipOf(ip), single})
	}
	b.metadata, b.ec2 = append(b.metadata, i), append(b.ec2, blocks)
	return e
}

func (b *bench) Now() time.Duration    { return b.now }
func (b *bench) Sleep(d time.Duration) { b.now += d }

func (b *bench) Identity() (Identity, error)       { return Identity{}, b.silent }
func (b *bench) SecurityGroups() ([]string, error) { return nil, b.silent }
func (b *bench) VPCCIDRs() ([]netip.Prefix, error) { return nil, b.silent }
func (b *bench) Settled() bool                     { return true }

// Interfaces has lists that are void after the visit: a daemon that kept one would
// lose its addresses.
func (b *bench) Interfaces(visit func(Interface)) error {
	if b.silent == nil {
		for _, i := range b.metadata {
			i = i.keep()
			visit(i)
			clear(i.PrivateIPs)
			clear(i.IPv4Prefixes)
		}
	}
	return b.silent
}

func (b *bench) SetupENI(int, netip.Addr, netip.Prefix) error { return nil }
func (b *bench) RemoveENI(netip.Addr)                         {}
func (b *bench) RefreshPodRule(netip.Addr)                    {}
func (b *bench) RemovePodRules(netip.Addr)                    {}
func (b *bench) HasVeth(string) bool                          { return true }

func (b *bench) Follow(d *Daemon) { b.written, b.left = d, nil }
func (b *bench) Read() []Allocation {
	if b.written == nil {
		return b.left
	}
	return append(b.written.Checkpoint(), b.left...)
}

func (b *bench) DescribeNetworkInterfaces(ids []string) ([]*types.NetworkInterface, error) {
	b.asked++
	for i := range b.metadata {
		if b.metadata[i].ID != ids[0] {
			continue
		}
		primary := b.metadata[i].PrivateIPs[0].String()
		list := []types.NetworkInterfacePrivateIpAddress{{PrivateIpAddress: &primary, Primary: new(true)}}
		for _, block := range b.ec2[i] {
			list = append(list, types.NetworkInterfacePrivateIpAddress{PrivateIpAddress: new(block.base.String()), Primary: new(false)})
		}
		return []*types.NetworkInterface{{NetworkInterfaceId: &ids[0], PrivateIpAddresses: list}}, nil
	}
	panic("no interface " + ids[0])
}

// The rest of EC2 is not reached by what this file tests.

func (b *bench) DescribeLeakedNetworkInterfaces(string, string) ([]*types.NetworkInterface, error) {
	panic("unexpected call")
}
func (b *bench) DescribeSubnets(string, string) ([]*types.Subnet, error) { panic("unexpected call") }
func (b *bench) DescribeInstance(string) (*types.Instance, error)        { panic("unexpected call") }
func (b *bench) CreateTags(string, []types.Tag) error                    { panic("unexpected call") }
func (b *bench) CreateNetworkInterface(string, string, int, int, []types.Tag) (*types.NetworkInterface, error) {
	panic("unexpected call")
}
func (b *bench) AttachNetworkInterface(string, string, int, int) (string, error) {
	panic("unexpected call")
}
func (b *bench) DetachNetworkInterface(string) error                  { panic("unexpected call") }
func (b *bench) DeleteNetworkInterface(string) error                  { panic("unexpected call") }
func (b *bench) ModifySecurityGroups(string, []string) error          { panic("unexpected call") }
func (b *bench) ModifyDeleteOnTermination(string, string, bool) error { panic("unexpected call") }
func (b *bench) AssignPrivateIPAddresses(string, int) ([]netip.Addr, error) {
	panic("unexpected call")
}
func (b *bench) AssignIPv4Prefixes(string, int) ([]netip.Prefix, error)  { panic("unexpected call") }
func (b *bench) UnassignPrivateIPAddresses(string, []netip.Addr) error   { panic("unexpected call") }
func (b *bench) UnassignIPv4Prefixes(eni string, _ []netip.Prefix) error { panic("unexpected call") }

// The real daemon compares with <=: at exactly 30 s the address still cools.
func TestAnAddressCoolsUpToAndIncludingItsPeriod(t *testing.T) {
	for _, test := range []struct {
		period string
		after  time.Duration
		free   bool
	}{
		{"30", 30*time.Second - 1, false}, {"30", 30 * time.Second, false}, {"30", 30*time.Second + 1, true},
		{"0", 0, false}, {"0", 1, true}, {"-1", 0, true},
	} {
		b := newBench(map[string]string{"IP_COOLDOWN_PERIOD": test.period}, Policies{})
		b.interfaceWith("eni-1", 1, "10.0.0.1")
		if _, err := b.AddNetwork("a", "a"); err != nil {
			t.Fatal(err)
		}
		b.now += time.Minute
		if _, err := b.DelNetwork("a", PodDeleted); err != nil {
			t.Fatal(err)
		}
		b.now += test.after
		if _, err := b.AddNetwork("b", "b"); (err == nil) != test.free {
			t.Errorf("period %s s, %v after the DEL: %v", test.period, test.after, err)
		}
	}
}

// The real daemon compares with <: at exactly 60 s an interface may go, and a
// cooling address keeps it for the cooldown's last instant.
func TestAnInterfaceMayGoFromItsSixtiethSecond(t *testing.T) {
	b := newBench(map[string]string{"WARM_IP_TARGET": "1"}, Policies{})
	b.interfaceWith("eni-0", 0, "10.0.0.1")
	e := b.interfaceWith("eni-1", 1, "10.0.0.2", "10.0.0.3")
	for _, test := range []struct {
		at time.Duration
		ok bool
	}{{0, false}, {time.Minute - 1, false}, {time.Minute, true}} {
		if b.now = test.at; b.canDelete(e) != test.ok {
			t.Errorf("at %v: %v", test.at, !test.ok)
		}
	}
	b.AddNetwork("a", "a") // takes the primary interface's
	b.AddNetwork("b", "b")
	b.DelNetwork("a", PodDeleted)
	b.now += 10 * time.Minute
	if b.canDelete(e) {
		t.Error("an interface with a pod may go")
	}
	b.DelNetwork("b", PodDeleted)
	for _, test := range []struct {
		after time.Duration
		ok    bool
	}{{30 * time.Second, false}, {30*time.Second + 1, true}} {
		if b.now = 11*time.Minute + test.after; b.canDelete(e) != test.ok {
			t.Errorf("%v after the last DEL: %v", test.after, !test.ok)
		}
	}
}

// An address that was given back and is on the interface again within 60 s is
// passed over by a reconcile, which then removes it from the book with the
// pod on it. In IPv4 mode without security groups for pods, the gate of 60 s
// since the last action, which the giving back was, keeps reconciles away for
// as long: that is why no recording shows it.
func TestTrapAReconcileDropsAnAddressThatCameBackWithinAMinute(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		kept  bool
	}{{20 * time.Second, false}, {time.Minute - 1, false}, {time.Minute, true}} {
		b := newBench(nil, Policies{})
		b.interfaceWith("eni-0", 0, "10.0.0.1", "10.0.0.2")
		b.refuse([]netip.Addr{netip.MustParseAddr("10.0.0.1")}, nil)
		if _, err := b.AddNetwork("a", "a"); err != nil {
			t.Fatal(err)
		}
		b.now += test.after
		b.reconcile()
		if got := b.store.stats(b.now); (got.Total == 2) != test.kept || (got.Assigned == 1) != test.kept {
			t.Errorf("%v after it was given back: %+v", test.after, got)
		}
		if there := len(b.Checkpoint()) == 1; there != test.kept {
			t.Errorf("%v after it was given back: the checkpoint has the pod: %v", test.after, there)
		}
	}
}

// Later than that, metadata alone does not do: EC2 must confirm it, and is
// asked once for an interface however many addresses are in question.
func TestAnAddressThatWasGivenBackIsConfirmedByEC2Once(t *testing.T) {
	back := []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")}
	for _, there := range []int{2, 1, 0} {
		b := newBench(nil, Policies{})
		b.interfaceWith("eni-0", 0, "10.0.0.1", "10.0.0.2")
		b.refuse(back, nil)
		b.ec2[0] = b.ec2[0][:there]
		b.now += 2 * time.Minute
		b.reconcile()
		if b.asked != 1 {
			t.Errorf("EC2, which has %d of them, was asked %d times", there, b.asked)
		}
		if got := b.store.stats(b.now).Total; got != there {
			t.Errorf("%d of %d addresses are kept", got, there)
		}
		b.reconcile()
		if got := b.store.stats(b.now).Total; there == 2 && (got != 2 || b.asked != 1) {
			t.Errorf("confirmed addresses were in question again: %d, %d calls", got, b.asked)
		}
	}
}

func TestAtMaxPodsNothingIsLow(t *testing.T) {
	targets := Targets{WarmENI: 1, MaxIPsPerENI: 9, MaxPods: 27}
	for total, low := range map[int]bool{26: true, 27: false, 28: false} {
		if targets.TooLow(Stats{Total: total, Assigned: total}) != low {
			t.Errorf("%d addresses, all on pods, 27 max pods: too low is %v", total, !low)
		}
	}
}

func TestAnyUnknownInterfaceInAnErrorIsNamedInQuotes(t *testing.T) {
	for text, want := range map[string]string{
		"InvalidNetworkInterfaceID.NotFound: the network interface 'eni-0a' does not exist": "eni-0a",
		"InvalidNetworkInterfaceID.NotFound: eni-0a":                                        "",
	} {
		got := ""
		if m := quotedID.FindStringSubmatch(text); m != nil {
			got = m[1]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestADecreaseIsCappedByTheLeastOfItsBounds(t *testing.T) {
	for _, test := range []struct {
		warm, minimum, total, assigned, want int
	}{{2, 23, 25, 19, 2}, {2, 23, 25, 21, 2}, {2, 23, 25, 22, 1}, {2, 23, 25, 23, 0}, {0, 5, 4, 0, 0}} {
		got := Targets{WarmIP: test.warm, MinimumIP: test.minimum}.Over(Stats{Total: test.total, Assigned: test.assigned})
		if got != test.want {
			t.Errorf("%+v: %d over", test, got)
		}
	}
}

// An ADD that metadata does not answer fails with the address given out: it is
// the sandbox's, in the checkpoint too, until the DEL.
func TestAnAddWithoutMetadataKeepsItsAddressUntilTheDel(t *testing.T) {
	b := newBench(nil, Policies{})
	b.interfaceWith("eni-0", 0, "10.0.0.1", "10.0.0.2")
	b.silent = errors.New("silent")
	if _, err := b.AddNetwork("sandbox", "pod"); !errors.Is(err, b.silent) {
		t.Fatalf("got %v", err)
	}
	if got := b.Stats(); got.Assigned != 1 || len(b.Checkpoint()) != 1 {
		t.Errorf("%d assigned, %d in the checkpoint", got.Assigned, len(b.Checkpoint()))
	}
	if _, err := b.DelNetwork("sandbox", PodDeleted); err != nil {
		t.Fatal(err)
	}
	if got := b.Stats(); got.Assigned != 0 || got.Cooling != 1 || len(b.Checkpoint()) != 0 {
		t.Errorf("after the DEL: %+v, %d in the checkpoint", got, len(b.Checkpoint()))
	}
	if err := b.Init(); !errors.Is(err, b.silent) {
		t.Errorf("a start: %v", err)
	}
}

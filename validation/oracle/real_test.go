package oracle

import (
	_ "ahead/quiet"
	"cmp"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd/datastore"
	"github.com/aws/amazon-vpc-cni-k8s/pkg/utils/logger"

	"ipamsim/sim/ipamd"
)

// realBook is the datastore of amazon-vpc-cni-k8s.
type realBook struct {
	store    *datastore.DataStore
	saved    *checkpoint
	prefixes bool
	start    time.Time
}

// newReal reads IP_COOLDOWN_PERIOD from the environment, as the real one does.
func newReal(prefixes bool, start time.Time, saved *datastore.CheckpointData) *realBook {
	b := &realBook{saved: &checkpoint{file: datastore.NewTestCheckpoint(saved)}, prefixes: prefixes, start: start}
	b.store = datastore.NewDataStore(silence{}, b.saved, prefixes, 0)
	return b
}

// checkpoint is a file in memory. A datastore writes to it from its own
// goroutines too.
type checkpoint struct {
	mu   sync.Mutex
	file *datastore.TestCheckpoint
}

func emptyCheckpoint() *datastore.CheckpointData {
	return &datastore.CheckpointData{Version: datastore.CheckpointFormatVersion}
}

func (c *checkpoint) Checkpoint(data any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.file.Checkpoint(data)
}

func (c *checkpoint) Restore(into any) error { return c.file.Restore(into) }

func (c *checkpoint) data() *datastore.CheckpointData {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.file.Data.(*datastore.CheckpointData)
}

func realKey(key ipamd.SandboxKey) datastore.IPAMKey {
	return datastore.IPAMKey{NetworkName: "aws-cni", ContainerID: string(key), IfName: "eth0"}
}

// realBlock has the form in which the real daemon enters a CIDR.
func realBlock(block netip.Prefix) net.IPNet {
	ip := net.IP(block.Addr().AsSlice())
	if block.IsSingleIP() {
		ip = ip.To16()
	}
	return net.IPNet{IP: ip, Mask: net.CIDRMask(block.Bits(), 32)}
}

func (b *realBook) attach(eni string, device int, primary bool) error {
	return outcome(b.store.AddENI(eni, device, primary, false, false, 0, ""))
}

func (b *realBook) detach(eni string, forced bool) error {
	return outcome(b.store.RemoveENIFromDataStore(eni, forced))
}

func (b *realBook) exclude(eni string, on bool) error {
	return outcome(b.store.SetENIExcludedForPodIPs(eni, on))
}

func (b *realBook) add(eni string, block netip.Prefix) error {
	return outcome(b.store.AddIPv4CidrToStore(eni, realBlock(block), !block.IsSingleIP()))
}

func (b *realBook) drop(eni string, block netip.Prefix, forced bool) error {
	return outcome(b.store.DelIPv4CidrFromStore(eni, realBlock(block), forced))
}

func (b *realBook) assign(key ipamd.SandboxKey) (ipamd.AddReply, error) {
	ip, device, _, err := b.store.AssignPodIPv4Address(realKey(key), datastore.IPAMMetadata{})
	if err != nil {
		return ipamd.AddReply{}, outcome(err)
	}
	return ipamd.AddReply{Address: netip.MustParseAddr(ip), ENI: b.holder(key), DeviceIndex: device}, nil
}

// holder is the interface that a sandbox's address is on.
func (b *realBook) holder(key ipamd.SandboxKey) string {
	for id, e := range b.store.GetENIInfos().ENIs {
		for _, c := range e.AvailableIPv4Cidrs {
			for _, a := range c.IPAddresses {
				if a.IPAMKey == realKey(key) {
					return id
				}
			}
		}
	}
	return ""
}

func (b *realBook) unassign(key ipamd.SandboxKey) (ipamd.AddReply, error) {
	e, ip, device, _, _, err := b.store.UnassignPodIPAddress(realKey(key))
	if err != nil {
		return ipamd.AddReply{}, outcome(err)
	}
	return ipamd.AddReply{Address: netip.MustParseAddr(ip), ENI: e.ID, DeviceIndex: device}, nil
}

func (b *realBook) removeUnused(t ipamd.Targets) string {
	return b.store.RemoveUnusedENIFromStore(t.WarmIP, t.MinimumIP, t.WarmPrefix)
}

// deletable lists the interfaces that the real datastore may remove. It
// removes the first that it comes upon, in map order; so a copy of it is
// asked about each interface with all others made primary.
func (b *realBook) deletable(enis map[string]datastore.ENI, t ipamd.Targets) []string {
	var list []string
	for id := range enis {
		scratch := &realBook{store: datastore.NewDataStore(silence{}, datastore.NullCheckpoint{}, b.prefixes, 0)}
		for other := range enis {
			_ = scratch.attach(other, 0, false)
		}
		for _, e := range scratch.store.GetAllocatableENIs(1, false) {
			*e = enis[e.ID]
			e.IsPrimary = e.IsPrimary || e.ID != id
		}
		if scratch.removeUnused(t) == id {
			list = append(list, id)
		}
	}
	return list
}

func (b *realBook) view(s *sequence) *view {
	infos, stats := b.store.GetENIInfos(), b.store.GetIPStats("4")
	v := &view{
		stats: ipamd.Stats{
			Total: stats.TotalIPs, Assigned: stats.AssignedIPs, Cooling: stats.CooldownIPs,
			Prefixes: stats.TotalPrefixes, FreePrefixes: b.store.GetFreePrefixes(),
		},
		assigned: infos.AssignedIPs,
		empty:    b.store.CheckFreeableENIexists(),
	}
	var allocatable []string
	for _, e := range b.store.GetAllocatableENIs(s.slots, s.custom) {
		allocatable = append(allocatable, e.ID)
	}
	deletable, surplus := b.deletable(infos.ENIs, s.targets), b.deletable(infos.ENIs, ipamd.Targets{})
	for id, e := range infos.ENIs {
		ev := eniView{
			id: id, allocatable: slices.Contains(allocatable, id),
			deletable: slices.Contains(deletable, id), surplus: slices.Contains(surplus, id),
		}
		for _, c := range e.AvailableIPv4Cidrs {
			block := ourBlock(c.Cidr)
			ev.cidrs = append(ev.cidrs, block)
			v.records = append(v.records, b.records(id, block, c)...)
		}
		for _, c := range b.store.FindFreeableCidrs(id) {
			ev.freeable = append(ev.freeable, ourBlock(c.Cidr))
		}
		slices.SortFunc(ev.cidrs, byBlock)
		slices.SortFunc(ev.freeable, byBlock)
		v.enis = append(v.enis, ev)
	}
	slices.SortFunc(v.enis, func(x, y eniView) int { return cmp.Compare(x.id, y.id) })
	slices.SortFunc(v.records, func(x, y ipamd.Record) int {
		return cmp.Or(cmp.Compare(x.ENI, y.ENI), byBlock(x.Block, y.Block), x.Address.Compare(y.Address))
	})
	v.saved = b.allocations()
	return v
}

func (b *realBook) records(eni string, block netip.Prefix, c *datastore.CidrInfo) []ipamd.Record {
	list := make([]ipamd.Record, 0, len(c.IPAddresses))
	for _, a := range c.IPAddresses {
		r := ipamd.Record{
			ENI: eni, Block: block, Address: netip.MustParseAddr(a.Address),
			Key: ipamd.SandboxKey(a.IPAMKey.ContainerID), AssignedAt: a.AssignedTime.Sub(b.start),
		}
		if !a.UnassignedTime.IsZero() {
			r.Freed, r.FreedAt = true, a.UnassignedTime.Sub(b.start)
		}
		list = append(list, r)
	}
	return list
}

// allocations is the checkpoint as it was last written.
func (b *realBook) allocations() []allocation {
	var list []allocation
	for _, a := range b.saved.data().Allocations {
		at := time.Unix(0, a.AllocationTimestamp).Sub(b.start)
		list = append(list, allocation{ipamd.SandboxKey(a.ContainerID), netip.MustParseAddr(a.IPv4), at})
	}
	slices.SortFunc(list, func(x, y allocation) int { return cmp.Compare(x.key, y.key) })
	return list
}

// ourBlock reads a CIDR of the real datastore.
func ourBlock(n net.IPNet) netip.Prefix {
	bits, _ := n.Mask.Size()
	address, _ := netip.AddrFromSlice(n.IP.To4())
	return netip.PrefixFrom(address, bits)
}

// outcome gives a failure our name for it; one that we don't have stays.
func outcome(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, datastore.ErrNoAvailableIPInDataStore):
		return ipamd.ErrNoAddress
	case errors.Is(err, datastore.ErrUnknownPod):
		return ipamd.ErrUnknownSandbox
	}
	switch err.Error() {
	case datastore.DuplicatedENIError:
		return ipamd.ErrDuplicateENI
	case datastore.UnknownENIError, "add ENI's IP to datastore: unknown ENI":
		return ipamd.ErrUnknownENI
	case datastore.ENIInUseError:
		return ipamd.ErrENIInUse
	case datastore.IPAlreadyInStoreError:
		return ipamd.ErrKnownCIDR
	case datastore.UnknownIPError:
		return ipamd.ErrUnknownCIDR
	case datastore.IPInUseError:
		return ipamd.ErrCIDRInUse
	}
	return err
}

// silence is a logger that says nothing.
type silence struct{}

func (silence) Debugf(string, ...any)                    {}
func (silence) Debug(string)                             {}
func (silence) Infof(string, ...any)                     {}
func (silence) Info(string)                              {}
func (silence) Warnf(string, ...any)                     {}
func (silence) Warn(string)                              {}
func (silence) Errorf(string, ...any)                    {}
func (silence) Error(string)                             {}
func (silence) Fatalf(string, ...any)                    {}
func (silence) Panicf(string, ...any)                    {}
func (s silence) WithFields(logger.Fields) logger.Logger { return s }

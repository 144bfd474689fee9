package ipamd

import (
	"net"
	"net/netip"
	"time"
)

// ENIInfos is what GET 127.0.0.1:61679/v1/enis of the real daemon answers, by
// network card. Marshalled to JSON it is the real document: the types below
// are those of pkg/ipamd/datastore/data_store.go as far as they show.
type ENIInfos map[int]CardInfo

// CardInfo is the book of one network card.
type CardInfo struct {
	TotalIPs    int // the datastore's running total, both kinds of CIDR
	AssignedIPs int
	ENIs        map[string]ENIInfo
}

// ENIInfo is one interface.
type ENIInfo struct {
	ID                  string
	IsPrimary           bool
	IsTrunk             bool
	IsEFA               bool
	DeviceNumber        int
	AvailableIPv4Cidrs  map[string]CidrInfo
	IPv6Cidrs           map[string]CidrInfo
	IsExcludedForPodIPs bool
	RouteTableID        int
	SubnetID            string
}

// CidrInfo is a secondary address or a prefix. IPAddresses are the addresses
// that were used since the start and not yet forgotten.
type CidrInfo struct {
	Cidr          net.IPNet
	IPAddresses   map[string]AddressInfo
	IsPrefix      bool
	AddressFamily string // left empty, as the real handler does
}

// AddressInfo is an address that is or was on a pod. Times are zero when
// unset.
type AddressInfo struct {
	Address        string
	IPAMKey        IPAMKey
	IPAMMetadata   IPAMMetadata
	AssignedTime   time.Time
	UnassignedTime time.Time
}

// IPAMKey names a sandbox. The handler blanks all but the network's name.
type IPAMKey struct {
	NetworkName string `json:"networkName"`
	ContainerID string `json:"containerID"`
	IfName      string `json:"ifName"`
}

// IPAMMetadata names a pod.
type IPAMMetadata struct {
	K8SPodNamespace string `json:"k8sPodNamespace,omitempty"`
	K8SPodName      string `json:"k8sPodName,omitempty"`
	InterfacesCount int    `json:"interfacesCount,omitempty"`
}

// Introspect is the daemon's answer to GET /v1/enis. Its times are those of
// Date.
func (d *Daemon) Introspect() ENIInfos {
	card := CardInfo{TotalIPs: int(d.store.total), AssignedIPs: d.store.assigned(), ENIs: make(map[string]ENIInfo, len(d.store.enis))}
	for _, e := range d.store.enis {
		card.ENIs[e.id] = d.introspectENI(e)
	}
	return ENIInfos{networkCard: card}
}

func (d *Daemon) introspectENI(e *eni) ENIInfo {
	i := ENIInfo{
		ID: e.id, IsPrimary: e.primary, IsEFA: e.efa, DeviceNumber: int(e.device), SubnetID: e.subnetID, IsExcludedForPodIPs: e.excluded,
		RouteTableID:       routeTable(int(e.device)),
		AvailableIPv4Cidrs: make(map[string]CidrInfo, len(e.cidrs)), IPv6Cidrs: map[string]CidrInfo{},
	}
	for _, c := range e.cidrs {
		from, to := e.span(c.block)
		addresses := make(map[string]AddressInfo, to-from)
		for _, r := range e.records[from:to] {
			addresses[r.address.String()] = d.introspectAddress(&r)
		}
		i.AvailableIPv4Cidrs[c.block.String()] = CidrInfo{Cidr: ipNet(c.block.cidr()), IPAddresses: addresses, IsPrefix: c.kind == prefix}
	}
	return i
}

func (d *Daemon) introspectAddress(r *record) AddressInfo {
	a := AddressInfo{Address: r.address.String(), AssignedTime: d.date(r.assignedAt)}
	if r.key != "" {
		a.IPAMKey.NetworkName, a.IPAMMetadata = networkName, metadataOf(r.pod)
	}
	if r.freed {
		a.UnassignedTime = d.date(r.freedAt)
	}
	return a
}

func ipNet(block netip.Prefix) net.IPNet {
	return net.IPNet{IP: block.Addr().AsSlice(), Mask: net.CIDRMask(block.Bits(), 32)}
}

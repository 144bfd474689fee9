package ipamd

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"slices"
	"time"
)

// Checkpoint is what the process has in its file, once it has recovered, by
// key.
func (d *Daemon) Checkpoint() []Allocation {
	list := d.Allocations()
	if d.Policies.CooldownSurvivesRestart {
		list = append(list, d.Cooling()...)
	}
	slices.SortFunc(list, func(a, b Allocation) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// Cooling lists the addresses in cooldown, those that were freed first in front.
func (d *Daemon) Cooling() (list []Allocation) {
	d.store.expire(d.now())
	for _, c := range d.store.cooling {
		list = append(list, Allocation{Key: coolingKey(c.address), Address: c.address.addr(), Freed: c.since, Cooling: true})
	}
	return list
}

// CoolingKey names an address's cooldown in the checkpoint.
func CoolingKey(a netip.Addr) SandboxKey { return coolingKey(ipOf(a)) }

// coolingKey names an address's cooldown in the checkpoint: there is at most
// one, whatever sandboxes have had the address.
func coolingKey(a ip) SandboxKey { return SandboxKey("cooling/" + a.String()) }

// CheckpointFile is the checkpoint as the real daemon writes it to
// /var/run/aws-node/ipam.json (pkg/ipamd/datastore/checkpoint.go). container is
// the ID of a sandbox, date is when a moment of the daemon's clock was. Cooldowns, which only a policy of
// ours keeps there, are left out.
func CheckpointFile(list []Allocation, container func(SandboxKey) string, date func(time.Duration) time.Time) string {
	file := checkpointFile{Version: "vpc-cni-ipam/1", Allocations: []checkpointEntry{}}
	for _, a := range list {
		if a.Cooling {
			continue
		}
		namespace, name := podName(a.Pod)
		file.Allocations = append(file.Allocations, checkpointEntry{
			NetworkName: networkName, ContainerID: container(a.Key), IfName: interfaceName, IPv4: a.Address.String(), AllocationTimestamp: date(a.At).UnixNano(),
			Metadata: IPAMMetadata{K8SPodNamespace: namespace, K8SPodName: name, InterfacesCount: 1},
		})
	}
	text, err := json.Marshal(file)
	if err != nil {
		panic(err) // plain data
	}
	return string(text)
}

type checkpointFile struct {
	Version     string            `json:"version"`
	Allocations []checkpointEntry `json:"allocations"`
}

type checkpointEntry struct {
	NetworkName         string       `json:"networkName"`
	ContainerID         string       `json:"containerID"`
	IfName              string       `json:"ifName"`
	IPv4                string       `json:"ipv4,omitempty"`
	AllocationTimestamp int64        `json:"allocationTimestamp"`
	Metadata            IPAMMetadata `json:"metadata"`
}

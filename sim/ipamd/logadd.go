package ipamd

import (
	"fmt"
	"strings"
	"time"
)

// What containerd and the VPC CNI's configuration have for every pod.
const (
	networkName   = "aws-cni"
	interfaceName = "eth0"
	networkCard   = 0 // the only one of the model
)

// socketPath is where the real daemon serves, pkg/ipamd/rpc_handler.go.
const socketPath = "/var/run/aws-node/ipamd.sock"

// sandbox is what the runtime calls a sandbox and its network namespace.
func (d *Daemon) sandbox(key SandboxKey) (container, netns string) {
	if d.host.Sandbox == nil {
		return string(key), "/var/run/netns/cni-" + string(key)
	}
	return d.host.Sandbox(key)
}

// ipamKey is the key as the real log has it: network, container, interface.
func (d *Daemon) ipamKey(key SandboxKey) string {
	container, _ := d.sandbox(key)
	return networkName + "/" + container + "/" + interfaceName
}

// podName splits a pod's key; the namespace is "default" unless it has one.
func podName(pod string) (namespace, name string) {
	if namespace, name, found := strings.Cut(pod, "/"); found {
		return namespace, name
	}
	return "default", pod
}

func metadataOf(pod string) IPAMMetadata {
	namespace, name := podName(pod)
	return IPAMMetadata{K8SPodNamespace: namespace, K8SPodName: name, InterfacesCount: 1}
}

// logAdd writes what the RPC handler writes before it asks the datastore. Of
// the request, the pod's UID is unknown here.
func (d *Daemon) logAdd(key SandboxKey, pod string) {
	namespace, name := podName(pod)
	container, netns := d.sandbox(key)
	d.log(lineAdd, netns, container, interfaceName)
	d.log(lineAddRequest, fmt.Sprintf("ClientVersion:%q K8S_POD_NAME:%q K8S_POD_NAMESPACE:%q K8S_POD_INFRA_CONTAINER_ID:%q ContainerID:%q IfName:%q NetworkName:%q Netns:%q",
		d.release.version, name, namespace, container, container, interfaceName, networkName, netns))
	d.log(lineMultiNIC, false, 1)
	d.log(lineAssignStats, d.store.total, d.store.assigned())
}

// logAssigned writes how an address was found and given. The real walk also
// tells of the CIDRs that it came by in vain; in the model it goes straight
// to the one that has an address.
func (d *Daemon) logAssigned(l lease, known bool) {
	address, block := l.address, l.block
	if known {
		d.log(lineTwice, d.ipamKey(l.key))
	} else {
		if was := d.store.reused; was.is {
			d.log(lineReleased, address, was.after.Round(time.Second), block)
		} else {
			d.log(lineFreeIP, address)
		}
		d.log(lineReturnFree, address)
		d.log(lineNewIP, address)
		d.log(lineAllocating, address, block)
		d.log(lineAssignIP, address, d.ipamKey(l.key), metadataOf(l.pod))
	}
	given := l.text()
	d.log(lineAddFrom, networkCard, address, "", l.eni.device)
	d.log(lineAddCount, 1)
	d.log(lineAddReply, true, "["+given+"]", "Success:true IPAllocationMetadata:{"+given+"}", nil)
}

// errNoAddress is ErrNoAddress in the words of the real datastore.
const errNoAddress = "AssignPodIPAddress: no available IP/Prefix addresses"

// logNoAddress writes the datastore's vain walk and the reply.
func (d *Daemon) logNoAddress() {
	for _, e := range d.store.enis {
		if e.excluded {
			d.log(lineSkipExclude, e.id)
			continue
		}
		for _, c := range e.cidrs {
			if c.kind == d.store.kind() {
				err := fmt.Sprintf("no free IP available in the prefix - %v", c.block)
				d.log(lineNoFreeIP, err)
				d.log(lineNotFromCIDR, err)
			}
		}
		d.log(lineENIFull, e.id)
	}
	d.log(lineNoIP)
	d.log(lineAddFailed, networkCard, errNoAddress)
	d.log(lineAddFailure, errNoAddress)
	d.log(lineAddReply, false, "[]", "", errNoAddress)
}

// logDel writes what comes before the datastore's answer. The caller does not
// name the pod: a sandbox that the datastore does not know has none.
func (d *Daemon) logDel(key SandboxKey, reason DelReason) {
	container, _ := d.sandbox(key)
	d.log(lineDel, container)
	pod := ""
	if l, known := d.store.lease(key); known {
		namespace, name := podName(l.pod)
		pod = fmt.Sprintf("K8S_POD_NAME:%q K8S_POD_NAMESPACE:%q ", name, namespace)
	}
	d.log(lineDelRequest, fmt.Sprintf("ClientVersion:%q %sK8S_POD_INFRA_CONTAINER_ID:%q Reason:%q ContainerID:%q IfName:%q NetworkName:%q",
		d.release.version, pod, container, reason, container, interfaceName, networkName))
	d.log(lineDelStats, d.store.total, d.store.assigned(), d.ipamKey(key))
}

// logUnassigned writes how the address was taken back.
func (d *Daemon) logUnassigned(key SandboxKey, l lease) {
	d.log(lineUnassignIP, l.address, d.ipamKey(key))
	d.log(lineCooldown, l.address, d.Cooldown, d.date(l.freedAt+d.Cooldown).Format(time.RFC3339))
	d.log(lineUnassigned, d.ipamKey(key), l.address, l.eni.device)
}

// logDeleted writes the RPC handler's end.
func (d *Daemon) logDeleted(l lease) {
	d.log(lineDelFound, 1, 1)
	d.log(lineDelReply, "["+l.text()+"]", nil)
}

func (d *Daemon) logUnknownSandbox(key SandboxKey) {
	container, _ := d.sandbox(key)
	d.log(lineDelOldKey)
	d.log(lineDelUnknown, "_migrated-from-cri/"+container+"/unknown")
	d.log(lineDelReply, "[]", "datastore: unknown pod")
}

// text is an IPAllocationMetadata message in protobuf's text form,
// which leaves zeros out. Its separators are one or two blanks, as each build
// of the real binary has it.
func (l lease) text() string {
	text := fmt.Sprintf("IPv4Addr:%q", l.address)
	if l.eni.device != 0 {
		text += fmt.Sprintf(" DeviceNumber:%d", l.eni.device)
	}
	return text + fmt.Sprintf(" RouteTableId:%d", routeTable(int(l.eni.device)))
}

// routeTable is the table of an interface on network card 0: main for the
// primary one (pkg/networkutils/helper.go CalculateRouteTableId).
func routeTable(device int) int {
	if device == 0 {
		return 254 // RT_TABLE_MAIN
	}
	return device + 1
}

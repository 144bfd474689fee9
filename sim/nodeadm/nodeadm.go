// Package nodeadm is what Amazon Linux 2023 makes of an instance type: how
// many pods kubelet takes, and what of the machine is left for them. The name
// is that of the program in https://github.com/awslabs/amazon-eks-ami which
// configures kubelet.
package nodeadm

import "ipamsim/ec2model"

// What kubelet keeps from pods, in MiB: a share for itself and the system, one
// more for each pod of max pods, and what must stay free, or it evicts pods.
const (
	ReservedMiB       = 255
	ReservedMiBPerPod = 11
	EvictionMiB       = 100
)

// reservedCPU is what it keeps of the CPU, in units of 10 µCPU: of the first
// core, the second, the next two, and each further one.
var reservedCPU = struct{ first, second, nextTwo, further int }{6000, 1000, 500, 250}

// aws-node and kube-proxy run on every node, both on the host network, without
// being listed as workloads. They take max pods and CPU.
const (
	SystemPods     = 2
	SystemMilliCPU = 2*awsNodeContainerMilliCPU + kubeProxyMilliCPU

	awsNodeContainerMilliCPU = 25 // of each of its two containers
	kubeProxyMilliCPU        = 100
)

// Room is what a node offers to pods.
type Room struct {
	MilliCPU  int
	MemoryMiB int
}

// Allocatable is what kubelet offers to pods: all CPU but 6 % of the first
// core, 1 % of the second, 0.5 % of the next two and 0.25 % of the rest, and
// all memory but what is reserved for the number of pods. An amount of zero or
// less leaves nothing.
func Allocatable(l ec2model.InstanceLimits, maxPods int) Room {
	return Room{
		MilliCPU:  l.VCPU*1000 - reservedOf(l.VCPU)/100,
		MemoryMiB: l.MemoryMiB - ReservedMiB - ReservedMiBPerPod*maxPods - EvictionMiB,
	}
}

// reservedOf is what is kept of so many cores, in units of 10 µCPU.
func reservedOf(cores int) (reserved int) {
	for core := range cores {
		switch {
		case core == 0:
			reserved += reservedCPU.first
		case core == 1:
			reserved += reservedCPU.second
		case core < 4:
			reserved += reservedCPU.nextTwo
		default:
			reserved += reservedCPU.further
		}
	}
	return reserved
}

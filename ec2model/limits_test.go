package ec2model_test

import (
	"slices"
	"testing"

	"ipamsim/ec2model"
)

// ENIs and addresses of EKS's published table, vCPU and memory of EC2's.
func TestInstanceTypes(t *testing.T) {
	for _, c := range []struct {
		name                          string
		enis, addresses, vcpu, memory int
	}{
		{"t3.small", 3, 4, 2, 2}, {"t3.medium", 3, 6, 2, 4}, {"m5.large", 3, 10, 2, 8},
		{"m5.xlarge", 4, 15, 4, 16}, {"m5.2xlarge", 4, 15, 8, 32}, {"m5.4xlarge", 8, 30, 16, 64},
		{"c5.xlarge", 4, 15, 4, 8}, {"c5.4xlarge", 8, 30, 16, 32}, {"c5.18xlarge", 15, 50, 72, 144},
		{"c6a.large", 3, 10, 2, 4}, {"m6id.metal", 15, 50, 128, 512}, {"p3dn.24xlarge", 15, 50, 96, 768},
		{"p4d.24xlarge", 60, 50, 96, 1152}, {"m7i.metal-24xl", 15, 50, 96, 384}, {"m6g.medium", 2, 4, 1, 4},
		{"c4.8xlarge", 8, 30, 36, 60}, {"r7iz.metal-16xl", 15, 50, 64, 512}, {"x1.32xlarge", 8, 30, 128, 1952},
	} {
		l, ok := ec2model.Limits(c.name)
		if !ok || l.ENIs != c.enis || l.IPv4PerENI != c.addresses || l.VCPU != c.vcpu || l.MemoryMiB != c.memory*1024 {
			t.Errorf("%s: %+v", c.name, l)
		}
	}
	if _, ok := ec2model.Limits("m5.huge"); ok {
		t.Error("m5.huge exists")
	}
	if l, ok := ec2model.Limits("mac2.metal"); !ok || l.VCPU != 0 || l.MemoryMiB != 0 {
		t.Errorf("mac2.metal has a size by no rule: %+v", l)
	}
}

func TestEveryTypeHasLimitsThatAddUp(t *testing.T) {
	types := ec2model.InstanceTypes()
	if len(types) < 1000 || !slices.IsSorted(types) {
		t.Fatalf("%d types", len(types))
	}
	for _, name := range types {
		l, ok := ec2model.Limits(name)
		if !ok || l.ENIs < 1 || l.IPv4PerENI < 1 || l.DefaultCard >= max(1, len(l.NetworkCards)) {
			t.Errorf("%s: %+v", name, l)
		}
		if l.MemoryMiB > 0 && l.VCPU == 0 {
			t.Errorf("%s has memory and no vCPU", name)
		}
	}
}

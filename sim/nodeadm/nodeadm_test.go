package nodeadm_test

import (
	"testing"

	"ipamsim/ec2model"
	"ipamsim/internal/source"
	"ipamsim/sim/nodeadm"
)

// Max pods of EKS's published table, without and with prefixes.
func TestMaxPodsAreThoseOfThePublishedTable(t *testing.T) {
	for _, c := range []struct {
		name             string
		pods, prefixPods int
	}{
		{"t3.small", 11, 146}, {"t3.medium", 17, 242}, {"m5.large", 29, 434}, {"m5.xlarge", 58, 898}, {"m5.4xlarge", 234, 3714},
		{"c5.18xlarge", 737, 11762}, {"p4d.24xlarge", 737, 11762}, {"m7i.metal-24xl", 737, 11762}, {"m6g.medium", 8, 98},
	} {
		l, ok := ec2model.Limits(c.name)
		if got, pd := nodeadm.MaxPods(l, nodeadm.Mode{}), nodeadm.MaxPods(l, nodeadm.Mode{Prefixes: true}); !ok || got != c.pods || pd != c.prefixPods {
			t.Errorf("%s: %d and %d with prefixes, want %d and %d", c.name, got, pd, c.pods, c.prefixPods)
		}
	}
}

// The amounts that kubectl shows of such nodes.
func TestAllocatableIsWhatKubeletOffers(t *testing.T) {
	for _, c := range []struct {
		name                        string
		maxPods, milliCPU, memoryMB int
	}{
		{"m5.large", 29, 1930, 8192 - 255 - 11*29 - 100},
		{"m5.large", 110, 1930, 8192 - 255 - 11*110 - 100},
		{"m6g.medium", 8, 940, 4096 - 255 - 11*8 - 100},
		{"m5.xlarge", 58, 3920, 16384 - 255 - 11*58 - 100},
		{"m5.4xlarge", 234, 16000 - 80 - 30, 65536 - 255 - 11*234 - 100},
	} {
		l, _ := ec2model.Limits(c.name)
		if got := nodeadm.Allocatable(l, c.maxPods); got.MilliCPU != c.milliCPU || got.MemoryMiB != c.memoryMB {
			t.Errorf("%s with %d pods: %+v, want %d m and %d MiB", c.name, c.maxPods, got, c.milliCPU, c.memoryMB)
		}
	}
	if got := nodeadm.Allocatable(ec2model.InstanceLimits{VCPU: 1, MemoryMiB: 512}, 100); got.MemoryMiB > 0 {
		t.Errorf("a small node has room for too many pods: %+v", got)
	}
}

func TestTheConstantsAreThoseOfTheirSources(t *testing.T) {
	values := map[string]string{}
	for _, c := range nodeadm.Constants() {
		if _, twice := values[c.Name]; twice || c.Kind != source.FromCode && c.Kind != source.FromDocs || len(c.Source) < 20 {
			t.Errorf("%+v", c)
		}
		values[c.Name] = c.Value
	}
	for name, want := range map[string]string{
		"allocatable.cpu.first": "60", "allocatable.cpu.second": "10", "allocatable.cpu.thirdAndFourth": "5", "allocatable.cpu.further": "2.5",
		"allocatable.memory.fixed": "255", "allocatable.memory.eviction": "100", "allocatable.memory.perPod": "11", "system.pods": "2", "system.cpu": "150",
	} {
		if values[name] != want {
			t.Errorf("%s is %q, want %q", name, values[name], want)
		}
	}
}

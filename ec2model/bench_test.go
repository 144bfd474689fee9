package ec2model_test

import (
	"testing"

	"ipamsim/ec2model"
)

// BenchmarkAddressInAFullSubnet assigns and unassigns one address in a /16
// that others fill to 95 %. Budget of CPU: 2 µs.
func BenchmarkAddressInAFullSubnet(b *testing.B) {
	cfg := oneSubnet("10.0.0.0/16")
	cfg.Profile = steady()
	cfg.Subnets[0].Used = []ec2model.UsedAddresses{{Count: 65531 * 95 / 100}}
	w := newWorld(b, 1, cfg)
	eni := w.primary(w.launch("m5.large", "a"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.AssignAddresses(eni, 1); err != nil {
			b.Fatal(err)
		}
		if _, err := w.UnassignHighest(eni, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPrefixInAFragmentedSubnet does the same with a block, of which few
// are left. Budget of CPU: 4 µs.
func BenchmarkPrefixInAFragmentedSubnet(b *testing.B) {
	cfg := oneSubnet("10.0.0.0/16")
	cfg.Profile = steady()
	cfg.Subnets[0].Used = []ec2model.UsedAddresses{{Count: 65531 * 25 / 100}}
	w := newWorld(b, 1, cfg)
	b.Logf("%d free blocks", w.Subnets()[0].FreeBlocks)
	node := w.launch("m5.large", "a")
	b.ReportAllocs()
	for b.Loop() {
		id, err := w.AttachNew(node, w.subnet("a"), 0, 1, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := w.RemoveInterface(id); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRequest is one whole AssignPrivateIpAddresses of 5 addresses with
// its Unassign: buckets, latencies, books and metadata. Budget of CPU: 7 µs.
func BenchmarkRequest(b *testing.B) {
	cfg := oneSubnet("10.0.0.0/16")
	cfg.Profile.Throttling = false
	w := newWorld(b, 1, cfg)
	node := w.launch("m5.large", "a")
	eni := w.primary(node)
	b.ReportAllocs()
	for b.Loop() {
		out, err := w.assign(ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: 5})
		if err != nil {
			b.Fatal(err)
		}
		if err := w.unassign(ec2model.UnassignPrivateIPAddressesInput{NetworkInterfaceID: eni, PrivateIPAddresses: out.Addresses}); err != nil {
			b.Fatal(err)
		}
		w.Metadata(node)
	}
}

package ec2model_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

func TestMetadataShowsAChangeFromItsLagOn(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	cfg.Profile.InterfaceLag, cfg.Profile.AddressLag = ec2model.Fixed(2*time.Second), ec2model.Fixed(500*time.Millisecond)
	w := newWorld(t, 1, cfg)
	node := w.launch("m5.large", "a")
	if m := w.Metadata(node); len(m) != 1 || !m[0].Primary || len(m[0].PrivateIPs) != 1 || !w.MetadataSettled(node) {
		t.Fatalf("a fresh instance shows %v", m)
	}
	ips := func(device int) int {
		for _, m := range w.Metadata(node) {
			if m.DeviceIndex == device {
				return len(m.PrivateIPs)
			}
		}
		return 0
	}
	steps := func(at time.Duration, device, want int, settled bool) {
		t.Helper()
		w.sleep(at - w.k.Now())
		if got := ips(device); got != want || w.MetadataSettled(node) != settled {
			t.Errorf("at %v device %d shows %d addresses, want %d (settled %v)", at, device, got, want, w.MetadataSettled(node))
		}
	}
	must(w.AssignAddresses(w.primary(node), 3)) // at 0, shows at 0.5 s
	steps(500*time.Millisecond-1, 0, 1, false)
	steps(500*time.Millisecond, 0, 4, true)

	w.sleep(500 * time.Millisecond)
	eni := must(w.AttachNew(node, w.subnet("a"), 2, 0, nil)) // at 1 s, shows at 3 s with its addresses
	steps(3*time.Second-1, 1, 0, false)
	steps(3*time.Second, 1, 3, true)

	must(w.AssignAddresses(eni, 1))
	if err := w.RemoveInterface(eni); err != nil { // at 3 s, shows at 5 s
		t.Fatal(err)
	}
	steps(4*time.Second, 1, 4, false)
	steps(5*time.Second, 1, 0, true)
	if w.checkBooks(); len(w.Metadata(node)) != 1 {
		t.Error("the removed interface is still listed")
	}
}

// Two changes of one interface never show in the wrong order, however their
// lags fall.
func TestChangesOfOneInterfaceShowInOrder(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/22")
	cfg.Profile.AddressLag = ec2model.Uniform(0, 5*time.Second)
	w := newWorld(t, 1, cfg)
	node := w.launch("m5.24xlarge", "a")
	for k := range 40 {
		w.k.At(time.Duration(k)*100*time.Millisecond, func() { must(w.AssignAddresses(w.primary(node), 1)) })
	}
	shown := 1
	for range 1000 {
		w.sleep(10 * time.Millisecond)
		if n := len(w.Metadata(node)[0].PrivateIPs); n < shown {
			t.Fatalf("%d addresses after %d", n, shown)
		} else {
			shown = n
		}
	}
	if shown != 41 || !w.MetadataSettled(node) {
		t.Errorf("%d addresses in the end", shown)
	}
}

func TestUnchangedMetadataCostsNothing(t *testing.T) {
	w := newWorld(t, 1, oneSubnet("10.0.0.0/24"))
	node := w.launch("m5.large", "a")
	if n := testing.AllocsPerRun(100, func() { w.Metadata(node) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSettleMetadataShowsEverythingAtOnce(t *testing.T) {
	w := newWorld(t, 1, oneSubnet("10.0.0.0/24"))
	node := w.launch("m5.large", "a")
	must(w.AttachNew(node, w.subnet("a"), 9, 0, nil))
	w.SettleMetadata(node)
	if m := w.Metadata(node); len(m) != 2 || len(m[1].PrivateIPs) != 10 || !w.MetadataSettled(node) {
		t.Errorf("%v", m)
	}
}

// With the default profile an interface that is created, looked up and
// attached without pause shows 2.6 s after its creation in the median, and
// within 10 s in 99 of 100 cases.
func TestDefaultTimeFromCreationToVisibility(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/16")
	cfg.Profile.Throttling = false
	cfg.Quotas = ec2model.Quotas{NetworkInterfaces: 20000, NAU: 100000}
	w := newWorld(t, 1, cfg)
	var seen []float64
	for range 3000 {
		node := w.launch("m5.large", "a")
		e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")}))
		start := w.k.Now()
		must(wait(w, func(done func([]*types.Instance, error)) { w.DescribeInstances("test", []string{node}, done) }))
		must(w.attach(ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: *e.NetworkInterfaceId, InstanceID: node, DeviceIndex: 1}))
		for len(w.Metadata(node)) < 2 {
			w.sleep(10 * time.Millisecond)
		}
		seen = append(seen, (w.k.Now() - start).Seconds())
	}
	slices.Sort(seen)
	median, p99 := seen[len(seen)/2], seen[len(seen)*99/100]
	if math.Abs(median-2.6) > 0.1 || math.Abs(p99-10) > 1.2 {
		t.Errorf("median %.2f s and p99 %.2f s, want 2.6 and 10", median, p99)
	}
}

func TestFrozenMetadataKeepsItsPictureUntilItIsThawed(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	w := newWorld(t, 1, cfg)
	node := w.launch("m5.large", "a")
	first := must(w.AttachNew(node, w.subnet("a"), 2, 0, nil))
	must(w.AttachNew(node, w.subnet("a"), 2, 0, nil))
	told := 0
	w.OnInstanceChange(node, func(ec2model.Caller, bool) { told++ })
	ids := func() (list []string) {
		for _, m := range w.Metadata(node) {
			list = append(list, m.ID)
		}
		return list
	}
	all := ids()

	w.FreezeMetadata(node, 1) // without the one that came last
	if got := ids(); !slices.Equal(got, all[:2]) || told != 1 || !w.MetadataSettled(node) {
		t.Fatalf("shows %v of %v, told %d times", got, all, told)
	}
	must(w.AssignAddresses(first, 3))
	w.FreezeMetadata(node, 0) // another one, which changes nothing
	w.ThawMetadata(node)
	if m := w.Metadata(node); len(m) != 2 || len(m[1].PrivateIPs) != 3 {
		t.Errorf("a change shows in frozen metadata: %v", m)
	}
	told = 0
	w.ThawMetadata(node)
	if m := w.Metadata(node); len(m) != 3 || len(m[1].PrivateIPs) != 6 || told != 1 {
		t.Errorf("thawed metadata shows %v, told %d times", m, told)
	}

	w.FreezeMetadata(node, 9)
	if m := w.Metadata(node); len(m) != 1 || !m[0].Primary {
		t.Errorf("the primary interface is hidden: %v", m)
	}
	w.FreezeMetadata("i-unknown", 0)
	w.ThawMetadata("i-unknown")
	w.ThawMetadata(node)
	w.ThawMetadata(node) // once too often
	if got := ids(); !slices.Equal(got, all) {
		t.Errorf("shows %v, want %v", got, all)
	}
}

func TestAbandonedInterfacesAreThoseThatNobodyHasHadForAWhile(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	cfg.Profile.DetachTime = ec2model.Fixed(10 * time.Second)
	w := newWorld(t, 1, cfg)
	node := w.launch("m5.large", "a")
	tags := []types.Tag{{Key: new("cni"), Value: new("x")}}
	count := func() int { return w.Abandoned("cni", time.Minute) }
	tagged := must(w.AttachNew(node, w.subnet("a"), 0, 0, tags))
	must(w.AttachNew(node, w.subnet("a"), 0, 0, nil)) // of somebody else
	w.sleep(2 * time.Minute)
	if count() != 0 {
		t.Error("an attached interface is abandoned")
	}
	e, _ := w.Interface(tagged)
	w.DetachNetworkInterface("x", ec2model.DetachNetworkInterfaceInput{AttachmentID: *e.Attachment.AttachmentId}, func(_ ec2model.Nothing, err error) {
		if err != nil {
			t.Error(err)
		}
	})
	w.sleep(100*time.Millisecond + 10*time.Second + time.Minute)
	if got := count(); got != 0 {
		t.Errorf("%d are abandoned after a minute, want from then on", got)
	}
	w.sleep(1)
	if got := count(); got != 1 {
		t.Errorf("%d are abandoned, want 1", got)
	}
	if err := w.Terminate(node); err != nil {
		t.Fatal(err)
	}
	w.sleep(2 * time.Minute)
	if got, peak := count(), w.InterfacesPeak(); got != 1 || peak != 3 {
		t.Errorf("%d are abandoned, the peak was %d", got, peak)
	}
	w.ResetExtremes()
	if got := w.InterfacesPeak(); got != 2 {
		t.Errorf("the peak is %d after a reset, want the present", got)
	}
}

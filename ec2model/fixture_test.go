package ec2model_test

import (
	"errors"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/sim/des"
)

// failer is what tests, benchmarks and properties have in common.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// world is an account on a kernel.
type world struct {
	t failer
	k *des.Kernel
	*ec2model.Account
}

// oneSubnet is an account configuration with a single subnet in zone a.
func oneSubnet(cidr string) ec2model.Config {
	p := netip.MustParsePrefix(cidr)
	return ec2model.Config{
		CIDRs:   []netip.Prefix{p},
		Subnets: []ec2model.SubnetConfig{{Name: "a", CIDR: p, AZ: "us-east-1a"}},
		Profile: ec2model.DefaultProfile(),
	}
}

// steady is a profile with constant latencies, no lags and no throttling.
func steady() ec2model.Profile {
	p := ec2model.DefaultProfile()
	for _, action := range ec2model.Actions() {
		p.SetLatency(action, ec2model.Fixed(100*time.Millisecond))
	}
	p.Throttling = false
	p.InterfaceLag, p.AddressLag, p.DetachTime, p.ShutdownTime = ec2model.Latency{}, ec2model.Latency{}, ec2model.Latency{}, ec2model.Latency{}
	return p
}

func newWorld(t failer, seed uint64, cfg ec2model.Config) *world {
	t.Helper()
	k := des.New(seed, 0, des.Limits{})
	a, err := ec2model.NewAccount(k, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, k: k, Account: a}
}

// wait runs the clock until a call is over.
func wait[Out any](w *world, call func(done func(Out, error))) (Out, error) {
	w.t.Helper()
	var out Out
	var failure error
	over := false
	call(func(o Out, err error) { out, failure, over = o, err, true; w.k.Stop() })
	for range 1000 {
		if over {
			return out, failure
		}
		if err := w.k.Run(w.k.Now() + time.Minute); err != nil {
			w.t.Fatal(err)
		}
	}
	w.t.Fatal("a call was never answered")
	return out, failure
}

func waitErr(w *world, call func(done func(ec2model.Nothing, error))) error {
	w.t.Helper()
	_, err := wait(w, call)
	return err
}

func (w *world) sleep(d time.Duration) {
	w.t.Helper()
	if err := w.k.Run(w.k.Now() + d); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) subnet(name string) string {
	id, ok := w.SubnetID(name)
	if !ok {
		w.t.Fatalf("no subnet %s", name)
	}
	return id
}

func (w *world) launch(kind, subnet string) string {
	w.t.Helper()
	id, err := w.Launch(kind, w.subnet(subnet))
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// primary is the interface at device 0.
func (w *world) primary(instanceID string) string { return w.device(instanceID, 0) }

func (w *world) device(instanceID string, index int32) string {
	w.t.Helper()
	i, ok := w.Instance(instanceID)
	if !ok {
		w.t.Fatalf("no instance %s", instanceID)
	}
	for _, e := range i.NetworkInterfaces {
		if *e.Attachment.DeviceIndex == index {
			return *e.NetworkInterfaceId
		}
	}
	w.t.Fatalf("%s has nothing at device %d", instanceID, index)
	return ""
}

func (w *world) create(in ec2model.CreateNetworkInterfaceInput) (*types.NetworkInterface, error) {
	w.t.Helper()
	return wait(w, func(done func(*types.NetworkInterface, error)) { w.CreateNetworkInterface("test", in, done) })
}

func (w *world) attach(in ec2model.AttachNetworkInterfaceInput) (string, error) {
	w.t.Helper()
	return wait(w, func(done func(string, error)) { w.AttachNetworkInterface("test", in, done) })
}

func (w *world) assign(in ec2model.AssignPrivateIPAddressesInput) (ec2model.AssignPrivateIPAddressesOutput, error) {
	w.t.Helper()
	return wait(w, func(done func(ec2model.AssignPrivateIPAddressesOutput, error)) {
		w.AssignPrivateIPAddresses("test", in, done)
	})
}

func (w *world) unassign(in ec2model.UnassignPrivateIPAddressesInput) error {
	w.t.Helper()
	return waitErr(w, func(done func(ec2model.Nothing, error)) { w.UnassignPrivateIPAddresses("test", in, done) })
}

func (w *world) detach(attachment string) error {
	w.t.Helper()
	return waitErr(w, func(done func(ec2model.Nothing, error)) {
		w.DetachNetworkInterface("test", ec2model.DetachNetworkInterfaceInput{AttachmentID: attachment}, done)
	})
}

func (w *world) delete(id string) error {
	w.t.Helper()
	return waitErr(w, func(done func(ec2model.Nothing, error)) { w.DeleteNetworkInterface("test", id, done) })
}

func (w *world) checkBooks() {
	w.t.Helper()
	if err := w.CheckBooks(); err != nil {
		w.t.Fatal(err)
	}
}

// checkChanges is checkBooks for what happened since the last one; Audit comes
// first.
func (w *world) checkChanges() {
	w.t.Helper()
	if err := w.CheckChanges(); err != nil {
		w.t.Fatal(err)
	}
}

// must is for steps that a test only builds on.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// code is the EC2 code of an error, or empty.
func code(err error) string {
	if err == nil {
		return ""
	}
	var e *ec2model.Error
	if !errors.As(err, &e) {
		return "not an EC2 error: " + err.Error()
	}
	return e.ErrorCode()
}

func expectCode(t failer, err error, want string) {
	t.Helper()
	if got := code(err); got != want {
		t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

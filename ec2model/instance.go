package ec2model

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// instance is a running instance, or one that shuts down: then only its
// interfaces are left of it.
type instance struct {
	id       string
	number   int
	kind     *kind
	subnet   *subnet
	tags     []tag
	enis     []*eni    // attached, in the order of creation
	branches []*eni    // of its trunk, attached to nothing
	views    []view    // what metadata shows, in the same order
	coming   []arrival // what it will show, in the order of time
	frozen   *frozen   // nil unless its metadata is
	onChange func(by Caller, lost bool)
	ending   bool // it shuts down
	launched time.Duration
}

// kind is an instance type.
type kind struct {
	name string
	InstanceLimits
}

// kindOf finds an instance type, or nil.
func (a *Account) kindOf(name string) *kind {
	if k, ok := a.kinds[name]; ok {
		return k
	}
	limits, ok := a.types.Limits(name)
	if !ok {
		return nil
	}
	a.kinds[name] = &kind{name, limits}
	return a.kinds[name]
}

// device finds the interface at a place, or nil.
func (i *instance) device(index, card int) *eni {
	for _, e := range i.enis {
		if int(e.at.device) == index && int(e.at.card) == card {
			return e
		}
	}
	return nil
}

func (i *instance) onCard(card int) int {
	n := 0
	for _, e := range i.enis {
		if int(e.at.card) == card {
			n++
		}
	}
	return n
}

// roomForInstances finds what certainly forbids count new instances.
func (a *Account) roomForInstances(kind string, s *subnet, count int, spot bool) *Error {
	switch {
	case a.kindOf(kind) == nil:
		return reject(CodeInvalidParameterValue, "the instance type '%s' is not known", kind)
	case count < 1:
		return reject(CodeInvalidParameterValue, "%d instances were asked for", count)
	case s.closed > 0 || a.capacityLeft(kind, s, spot) < count:
		return noCapacity(s)
	case s.freeSingles() < count:
		return insufficientAddresses(s)
	case a.interfaces+count > a.quotas.NetworkInterfaces:
		return reject(CodeNetworkInterfaceLimitExceeded, "the account may have %d network interfaces", a.quotas.NetworkInterfaces)
	case a.nau+count > a.quotas.NAU:
		return a.nauExceeded()
	}
	return nil
}

func (a *Account) nauExceeded() *Error {
	return reject(CodeNetworkAddressUsageExceeded, "the VPC may have %d units of network address usage", a.quotas.NAU)
}

// launchWith starts one instance with its primary interface, which stays when the
// instance goes if it is to be kept. There must be room.
func (a *Account) launchWith(in RunInstancesInput, s *subnet) *instance {
	e, err := a.newInterface(s, in.Addresses, in.Prefixes)
	if err != nil {
		panic("ec2model: an instance was launched without room for it: " + err.Error())
	}
	i := &instance{id: idOf(instanceKind, len(a.instances)), number: len(a.instances), kind: a.kindOf(in.InstanceType), subnet: s, tags: tagsFrom(in.Tags), launched: a.clock.Now()}
	a.instances = append(a.instances, i)
	a.running++
	a.attach(e, i, 0, i.kind.DefaultCard)
	e.at.deleteOnTermination = !in.Keep
	a.takeCapacity(in.InstanceType, s, in.Spot)
	a.settle(i) // it boots after its interface is there
	return i
}

// Launch starts an instance at once and without API traffic, for nodes that
// exist before the run. Its type must be known and its subnet have a free
// address; errors are *Error as RunInstances has them.
func (a *Account) Launch(instanceType, subnetID string) (instanceID string, err error) {
	s, rejected := a.subnetOf(subnetID)
	if rejected != nil {
		return "", rejected
	}
	if rejected := a.roomForInstances(instanceType, s, 1, false); rejected != nil {
		return "", rejected
	}
	return a.launchWith(RunInstancesInput{InstanceType: instanceType}, s).id, nil
}

// Keep makes an instance's first interface stay when the instance goes, as a
// launch template without DeleteOnTermination does.
func (a *Account) Keep(instanceID string) error {
	i, err := a.instanceOf(instanceID)
	if err != nil {
		return err
	}
	i.primary().at.deleteOnTermination = false
	return nil
}

// Terminate ends an instance without API traffic. It is gone for all callers at
// once; its interfaces stay with it while it shuts down, and hold their
// addresses. Then those with DeleteOnTermination go with it, the others become
// available.
func (a *Account) Terminate(instanceID string) error {
	i, err := a.instanceOf(instanceID)
	if err != nil {
		return err
	}
	a.terminate(i)
	return nil
}

func (a *Account) terminate(i *instance) {
	if i.ending {
		return
	}
	if a.departures != nil {
		a.departures(a.describeInstance(i), true)
	}
	i.ending, i.onChange = true, nil
	if d := a.profile.ShutdownTime.Sample(a.lags.shutdown); d > 0 {
		a.clock.After(d, func() { a.terminated(i) })
	} else {
		a.terminated(i)
	}
}

// ObserveDepartures installs a listener to the ends of instances: it gets each as
// it was when it began to shut down, and again when it is terminated. EC2 goes on
// describing such ones for about an hour, which no caller of a simulation relies
// on.
func (a *Account) ObserveDepartures(listener func(i *types.Instance, shuttingDown bool)) {
	a.departures = listener
}

// LaunchedAt is when a running instance was launched.
func (a *Account) LaunchedAt(instanceID string) (at time.Duration, ok bool) {
	if i := a.instance(instanceID); i != nil {
		return i.launched, true
	}
	return 0, false
}

// terminated is the end of an instance's shutdown.
func (a *Account) terminated(i *instance) {
	if a.departures != nil {
		a.departures(a.describeInstance(i), false)
	}
	for _, e := range slices.Clone(i.enis) {
		goes := e.at.deleteOnTermination
		a.detach(e, 0)
		if goes {
			a.delete(e)
		}
	}
	for _, e := range i.branches { // the VPC resource controller deletes them
		a.delete(e)
	}
	a.instances[i.number] = nil
	a.running--
}

// changed tells an instance's host about a change of its interfaces; lost says
// that it may have lost addresses.
func (a *Account) changed(i *instance, by Caller, lost bool) {
	if i != nil && i.onChange != nil {
		i.onChange(by, lost)
	}
}

// OnInstanceChange installs the function that is called at each change of an
// instance's attached interfaces and their addresses, with the caller who
// asked for it, and whether addresses may have gone. The instance hears of its own calls too: it may have given one
// up long before EC2 carries it out. Metadata shows the change only after its
// lag. There is one such function per instance; a new one replaces it, nil
// removes it. An unknown instance is ignored.
func (a *Account) OnInstanceChange(instanceID string, changed func(by Caller, lost bool)) {
	if i := a.instance(instanceID); i != nil {
		i.onChange = changed
	}
}

// InstanceIDs are the running instances in the order of their launch.
func (a *Account) InstanceIDs() []string {
	ids := make([]string, 0, a.running)
	for _, i := range a.instances {
		if i != nil && !i.ending {
			ids = append(ids, i.id)
		}
	}
	return ids
}

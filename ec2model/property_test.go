package ec2model_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/ec2model"
)

// crowd drives an account with random overlapping requests, most of which
// some rule rejects, and keeps count of the answers.
type crowd struct {
	*world
	r               *rapid.T
	sent, answered  int
	observedAnswers int
}

func newCrowd(r *rapid.T) *crowd {
	p := func(s string) netip.Prefix { return netip.MustParsePrefix(s) }
	cfg := ec2model.Config{
		CIDRs: []netip.Prefix{p("10.0.0.0/16"), p("100.64.0.0/16")},
		Subnets: []ec2model.SubnetConfig{
			{Name: "a", CIDR: p("10.0.0.0/25"), AZ: "1", Used: []ec2model.UsedAddresses{{Count: 10}, {Explicit: []netip.Prefix{p("10.0.0.80/29")}}}},
			{Name: "b", CIDR: p("10.0.1.0/26"), AZ: "2"},
			{Name: "c", CIDR: p("100.64.0.0/24"), AZ: "1", Reservations: []ec2model.Reservation{
				{CIDR: p("100.64.0.64/27"), Type: ec2model.ReservePrefix}, {CIDR: p("100.64.0.128/28"), Type: ec2model.ReservePrefix},
				{CIDR: p("100.64.0.192/29"), Type: ec2model.ReserveExplicit}}},
		},
		Quotas:  ec2model.Quotas{NetworkInterfaces: 25, NAU: 120},
		Profile: ec2model.DefaultProfile(),
	}
	policies := []ec2model.Policy{ec2model.Random, ec2model.Lowest}
	cfg.Profile.Addresses = rapid.SampledFrom(policies).Draw(r, "addresses")
	cfg.Profile.Prefixes = rapid.SampledFrom(policies).Draw(r, "prefixes")
	c := &crowd{world: newWorld(r, rapid.Uint64().Draw(r, "seed"), cfg), r: r}
	faults := c.k.Rand("faults")
	c.SetFault(func(ec2model.Caller, ec2model.Action, time.Duration) *ec2model.Error {
		if faults.IntN(10) == 0 {
			return ec2model.NewError("InternalError", "")
		}
		return nil
	})
	c.Observe(func(at ec2model.Attempt) { c.observedAnswers++ })
	if err := c.Audit(); err != nil {
		r.Fatal(err)
	}
	return c
}

func (c *crowd) answer(err error) {
	c.answered++
	if err != nil {
		code(err) // panics in no case, and tells apart what is no EC2 error
	}
}

func (c *crowd) number(name string, most int) int { return rapid.IntRange(0, most).Draw(c.r, name) }

func pick(c *crowd, name string, from []string) string {
	if len(from) == 0 {
		return "none-1"
	}
	return from[c.number(name, len(from)-1)]
}

func (c *crowd) eni() string    { return pick(c, "eni", c.InterfaceIDs()) }
func (c *crowd) node() string   { return pick(c, "node", c.InstanceIDs()) }
func (c *crowd) inside() string { return c.subnet([]string{"a", "b", "c"}[c.number("subnet", 2)]) }

func (c *crowd) attachment() string {
	e, _ := c.Interface(c.eni())
	if e.Attachment == nil {
		return "eni-attach-0"
	}
	return *e.Attachment.AttachmentId
}

// actions are what the crowd does. Each sends one request or changes
// something by hand.
func (c *crowd) actions() map[string]func(*rapid.T) {
	kinds := []string{"t3.small", "m5.large", "m4.large", "p4d.24xlarge"}
	done := func(_ ec2model.Nothing, err error) { c.answer(err) }
	send := func(call func()) func(*rapid.T) { return func(*rapid.T) { c.sent++; call() } }
	byHand := func(change func()) func(*rapid.T) { return func(*rapid.T) { change() } }
	return map[string]func(*rapid.T){
		"run": send(func() {
			in := ec2model.RunInstancesInput{InstanceType: kinds[c.number("kind", 3)], SubnetID: c.inside(), Count: c.number("count", 3)}
			c.RunInstances("crowd", in, func(_ []string, err error) { c.answer(err) })
		}),
		"fleet": send(func() {
			in := ec2model.CreateFleetInput{Pools: []ec2model.Pool{{InstanceType: kinds[c.number("kind", 3)], SubnetID: c.inside()}, {InstanceType: kinds[c.number("kind", 3)], SubnetID: c.inside()}}, Spot: c.number("spot", 2) == 1, Count: c.number("count", 4)}
			c.CreateFleet("crowd", in, func(_ ec2model.CreateFleetOutput, err error) { c.answer(err) })
		}),
		"terminate": send(func() { c.TerminateInstances("crowd", []string{c.node(), c.node()}, done) }),
		"create": send(func() {
			in := ec2model.CreateNetworkInterfaceInput{SubnetID: c.inside(), SecondaryPrivateIPAddressCount: c.number("ips", 12)}
			if c.number("kind", 1) == 1 {
				in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount = 0, in.SecondaryPrivateIPAddressCount/3
			}
			c.CreateNetworkInterface("crowd", in, func(_ *types.NetworkInterface, err error) { c.answer(err) })
		}),
		"attach": send(func() {
			in := ec2model.AttachNetworkInterfaceInput{NetworkInterfaceID: c.eni(), InstanceID: c.node(), DeviceIndex: c.number("device", 4), NetworkCardIndex: c.number("card", 1)}
			c.AttachNetworkInterface("crowd", in, func(_ string, err error) { c.answer(err) })
		}),
		"detach": send(func() {
			c.DetachNetworkInterface("crowd", ec2model.DetachNetworkInterfaceInput{AttachmentID: c.attachment()}, done)
		}),
		"delete": send(func() { c.DeleteNetworkInterface("crowd", c.eni(), done) }),
		"mark": send(func() {
			in := ec2model.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: c.eni(), AttachmentID: c.attachment(), DeleteOnTermination: new(true)}
			c.ModifyNetworkInterfaceAttribute("crowd", in, done)
		}),
		"assign": send(func() {
			in := ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: c.eni(), SecondaryPrivateIPAddressCount: c.number("ips", 6)}
			c.AssignPrivateIPAddresses("crowd", in, func(_ ec2model.AssignPrivateIPAddressesOutput, err error) { c.answer(err) })
		}),
		"assign prefixes": send(func() {
			in := ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: c.eni(), IPv4PrefixCount: c.number("prefixes", 3)}
			c.AssignPrivateIPAddresses("crowd", in, func(_ ec2model.AssignPrivateIPAddressesOutput, err error) { c.answer(err) })
		}),
		"unassign": send(func() {
			c.UnassignPrivateIPAddresses("crowd", c.someOf(c.eni()), done)
		}),
		"occupy":         byHand(func() { c.Occupy(c.inside(), c.number("count", 30)) }),
		"vacate":         byHand(func() { c.Vacate(c.inside(), c.number("count", 30)) }),
		"close":          byHand(func() { c.CloseSubnet(c.inside()) }),
		"open":           byHand(func() { c.OpenSubnet(c.inside()) }),
		"remove by hand": byHand(func() { c.RemoveInterface(c.eni()) }),
		"take by hand":   byHand(func() { c.UnassignHighest(c.eni(), c.number("count", 5)) }),
		"attach by hand": byHand(func() { c.AttachNew(c.node(), c.inside(), c.number("ips", 5), 0, nil) }),
		"give by hand":   byHand(func() { c.AssignPrefixes(c.eni(), c.number("prefixes", 2)) }),
		"wait":           byHand(func() { c.sleep(time.Duration(c.number("ms", 1500)) * time.Millisecond) }),
		"":               func(*rapid.T) { c.checkChanges(); c.checkBooks() },
	}
}

// someOf names some addresses and prefixes of an interface.
func (c *crowd) someOf(id string) ec2model.UnassignPrivateIPAddressesInput {
	in := ec2model.UnassignPrivateIPAddressesInput{NetworkInterfaceID: id}
	e, _ := c.Interface(id)
	for k, a := range e.PrivateIpAddresses {
		if k > 0 && c.number("take", 1) == 1 {
			in.PrivateIPAddresses = append(in.PrivateIPAddresses, netip.MustParseAddr(*a.PrivateIpAddress))
		}
	}
	for _, p := range e.Ipv4Prefixes {
		if c.number("take", 1) == 1 {
			in.IPv4Prefixes = append(in.IPv4Prefixes, netip.MustParsePrefix(*p.Ipv4Prefix))
		}
	}
	return in
}

// Whatever a crowd of callers does, with faults and throttles: the books stay
// true, no limit is exceeded, every request is answered once, metadata ends up
// with what EC2 has, and freeing everything restores the empty subnets.
func TestBooksStayTrueUnderRandomTraffic(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := newCrowd(r)
		r.Repeat(c.actions())
		c.sleep(2 * time.Minute)
		if c.sent != c.answered || c.sent != c.observedAnswers {
			r.Fatalf("%d requests, %d answers, %d observed", c.sent, c.answered, c.observedAnswers)
		}
		c.checkMetadata()
		c.checkChanges()
		c.checkBooks()
		c.freeEverything()
	})
}

// checkMetadata compares what every instance's settled metadata shows with
// what EC2 has.
func (c *crowd) checkMetadata() {
	for _, id := range c.InstanceIDs() {
		i, _ := c.Instance(id)
		shown := c.Metadata(id)
		if !c.MetadataSettled(id) || len(shown) != len(i.NetworkInterfaces) {
			c.r.Fatalf("%s shows %v, EC2 has %v", id, shown, i.NetworkInterfaces)
		}
		for k, m := range shown {
			e, _ := c.Interface(m.ID)
			same := m.ID == *i.NetworkInterfaces[k].NetworkInterfaceId && len(m.IPv4Prefixes) == len(e.Ipv4Prefixes) &&
				slices.EqualFunc(m.PrivateIPs, e.PrivateIpAddresses, func(a netip.Addr, b types.NetworkInterfacePrivateIpAddress) bool {
					return a.String() == *b.PrivateIpAddress
				})
			if !same {
				c.r.Fatalf("%s shows %v, EC2 has %v", id, m, e)
			}
		}
	}
}

func (c *crowd) freeEverything() {
	for _, id := range c.InstanceIDs() {
		if err := c.Terminate(id); err != nil {
			c.r.Fatal(err)
		}
	}
	c.sleep(time.Minute) // all have shut down
	for _, id := range c.InterfaceIDs() {
		if err := c.RemoveInterface(id); err != nil {
			c.r.Fatal(err)
		}
	}
	for _, s := range c.Subnets() {
		if _, err := c.Vacate(s.ID, -1); err != nil {
			c.r.Fatal(err)
		}
	}
	c.checkChanges()
	c.checkBooks()
	for _, s := range c.Subnets() {
		blocks := map[string]int{"a": 6, "b": 2, "c": 14 - 1}[s.Name] // the explicit reservation keeps one
		if s.Free != s.Usable || s.Allocated != 0 || s.FreeBlocks != blocks {
			c.r.Fatalf("everything was freed, but %+v", s)
		}
	}
	if c.Usage() != (ec2model.Usage{}) {
		c.r.Fatalf("everything was freed, but %+v", c.Usage())
	}
}

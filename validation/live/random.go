package live

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"ipamsim/validation"
)

// Random is the scenario of a number: a type, targets, subnets, pods and trouble
// drawn at random.
func Random(number uint64) *validation.Scenario {
	r := rand.New(rand.NewPCG(number, 1))
	instance := pick(r, "t3.small", "m5.large", "m5.large", "c5.xlarge", "c5.2xlarge")
	pods := map[string]int{"t3.small": 11, "m5.large": 29, "c5.xlarge": 58, "c5.2xlarge": 58}[instance]
	s := on(instance, pods, 6+r.IntN(10))
	if r.IntN(3) == 0 {
		s.Env[prefixes], s.MaxPods, pods = "true", 110, 60
		s.Env[warmPrefix] = strconv.Itoa(r.IntN(3))
	}
	s.randomTargets(r)
	s.randomSubnets(r)
	if r.IntN(4) == 0 {
		s.MetadataLagMS = int64(1000 * r.IntN(15))
	}
	if r.IntN(8) == 0 {
		s.DetachSettleMS = int64(1000 * r.IntN(10))
	}
	s.churn(number, 2+r.IntN(20), 1+r.IntN(pods))
	for range r.IntN(4) {
		s.trouble(r)
	}
	return s.named(fmt.Sprintf("random-%d", number))
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

func (s *scene) randomTargets(r *rand.Rand) {
	switch r.IntN(4) {
	case 0:
		s.Env[warmENI] = strconv.Itoa(r.IntN(3))
	case 1:
		s.Env[warmIP] = strconv.Itoa(r.IntN(12))
	case 2:
		s.Env[warmIP], s.Env[minIP] = strconv.Itoa(1+r.IntN(6)), strconv.Itoa(r.IntN(20))
	}
	if r.IntN(4) == 0 {
		s.Env["MAX_ENI"] = strconv.Itoa(1 + r.IntN(3))
	}
	if r.IntN(4) == 0 {
		s.Env["IP_COOLDOWN_PERIOD"] = pick(r, "0", "10", "60")
	}
}

// randomSubnets are one or two: large or small, with holes or without, found by
// their tags or named by an ENIConfig.
func (s *scene) randomSubnets(r *rand.Rand) {
	s.Subnets[0].CIDR = "10.0.0.0/" + pick(r, "20", "24", "26", "27")
	if s.Subnets[0].CIDR == "10.0.0.0/24" && r.IntN(2) == 0 {
		for range 1 + r.IntN(14) {
			s.Subnets[0].InUse = append(s.Subnets[0].InUse, fmt.Sprintf("10.0.0.%d", 20+r.IntN(230)))
		}
	}
	switch r.IntN(6) {
	case 0:
		s.subnets(s.Subnets[0], tagged("10.0.16.0/"+pick(r, "24", "27"), roleTag, pick(r, "1", "1", "0")))
	case 1:
		s.Subnets[0].Tags = map[string]string{roleTag: pick(r, "0", "1")}
		s.subnets(s.Subnets[0], tagged("10.0.16.0/"+pick(r, "24", "26"), roleTag, "1"))
	case 2:
		s.subnets(s.Subnets[0], validation.Subnet{CIDR: "10.0.16.0/" + pick(r, "24", "26", "27")})
		s.Env[custom], s.ENIConfig = "true", 1
	}
	if r.IntN(8) == 0 {
		s.Env[discovery] = "false"
	}
}

// faulty are the calls that are made to fail, and codes with which EC2 refuses
// them.
var (
	faulty = []string{
		"CreateNetworkInterface", "AttachNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses", "DescribeSubnets",
		"DescribeInstances", "DescribeNetworkInterfaces", "ModifyNetworkInterfaceAttribute", "DetachNetworkInterface", "DeleteNetworkInterface", "CreateTags",
	}
	codes = []string{throttle, throttle, "InternalError", "UnauthorizedOperation", "InsufficientFreeAddressesInSubnet", "InvalidParameterValue"}
)

// trouble is something that goes wrong.
func (s *scene) trouble(r *rand.Rand) {
	second := 20 + r.IntN(200)
	switch r.IntN(9) {
	case 0, 1:
		s.fails(faulty[r.IntN(len(faulty))], pick(r, codes...), 1+r.IntN(2), 3+r.IntN(2), 5)
	case 2:
		s.event(second, validation.Event{Kind: "subnet_occupy", Count: 1 + r.IntN(40)}).event(second+90, validation.Event{Kind: "subnet_release", Count: 1 + r.IntN(40)})
	case 3:
		s.event(second, validation.Event{Kind: "node_unschedulable", Value: true}).event(second+60, validation.Event{Kind: "node_unschedulable"})
	case 4:
		s.event(second, validation.Event{Kind: validation.Restart})
	case 5:
		s.event(second, validation.Event{Kind: "metadata_freeze"}).event(second+40, validation.Event{Kind: "metadata_thaw"})
	case 6:
		s.DefaultEC2 = true
	case 7:
		from := int64(1000 * second)
		s.Tenants = append(s.Tenants, validation.Tenant{Op: faulty[r.IntN(3)], PerSec: float64(20 + r.IntN(60)), FromMS: from, ToMS: from + 120_000})
	case 8:
		s.event(second, validation.Event{Kind: "unassign_external", Count: 1 + r.IntN(3)}).
			event(second+30, validation.Event{Kind: "attach_external_eni", SecondaryIPs: 1 + r.IntN(4)})
	}
}

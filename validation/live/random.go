package live

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"ipamsim/validation"
)

// Random is the scenario of a number: a type, targets, a subnet, pods and trouble
// drawn at random.
func Random(number uint64) *validation.Scenario {
	r := rand.New(rand.NewPCG(number, 1))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	instance := pick("t3.small", "m5.large", "m5.large", "c5.xlarge", "c5.2xlarge")
	pods := map[string]int{"t3.small": 11, "m5.large": 29, "c5.xlarge": 58, "c5.2xlarge": 58}[instance]
	s := on(instance, pods, 6+r.IntN(10))
	if r.IntN(3) == 0 {
		s.Env[prefixes], s.MaxPods, pods = "true", 110, 60
		s.Env[warmPrefix] = strconv.Itoa(r.IntN(3))
	}
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
		s.Env["IP_COOLDOWN_PERIOD"] = pick("0", "10", "60")
	}
	s.Subnets[0].CIDR = "10.0.0.0/" + pick("20", "24", "26", "27")
	if r.IntN(4) == 0 {
		s.subnets(s.Subnets[0], tagged("10.0.16.0/"+pick("24", "27"), roleTag, "1"))
	}
	if r.IntN(4) == 0 {
		s.MetadataLagMS = int64(1000 * r.IntN(15))
	}
	s.churn(number, 2+r.IntN(20), 1+r.IntN(pods))
	for range r.IntN(3) {
		s.trouble(r)
	}
	return s.named(fmt.Sprintf("random-%d", number))
}

// trouble is something that goes wrong.
func (s *scene) trouble(r *rand.Rand) {
	second := 20 + r.IntN(200)
	switch r.IntN(6) {
	case 0:
		ops := []string{"CreateNetworkInterface", "AttachNetworkInterface", "AssignPrivateIpAddresses", "DescribeSubnets", "DetachNetworkInterface"}
		s.fails(ops[r.IntN(len(ops))], throttle, 1+r.IntN(2), 3+r.IntN(2), 5)
	case 1:
		s.event(second, validation.Event{Kind: "subnet_occupy", Count: 1 + r.IntN(40)})
	case 2:
		s.event(second, validation.Event{Kind: "node_unschedulable", Value: true}).event(second+60, validation.Event{Kind: "node_unschedulable"})
	case 3:
		s.event(second, validation.Event{Kind: validation.Restart})
	case 4:
		s.event(second, validation.Event{Kind: "metadata_freeze"}).event(second+40, validation.Event{Kind: "metadata_thaw"})
	case 5:
		s.DefaultEC2 = true
	}
}

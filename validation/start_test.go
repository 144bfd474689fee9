package validation

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/ipamd"
)

// What each failing operation does to the start of a daemon that finds two
// interfaces and too few addresses. Each call takes 100 ms.
func TestWhatAFailingCallDoesToTheStart(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		op, code string
		calls    []int // of the operation; nil for all
		dies     bool
		done     time.Duration // end of the start
		asked    int           // calls of the operation until then
	}{
		// Describe, tags, subnet, tags, subnet, groups, groups, assign.
		{"", "", nil, false, 800 * ms, 0},
		{"DescribeNetworkInterfaces", codeThrottled, nil, true, 12*100*ms + 660*ms, 12}, // 10 ms times 0 to 11
		{"DescribeNetworkInterfaces", codeThrottled, []int{1, 2, 3}, false, 1100*ms + 30*ms, 4},
		// Not found, but no interface is named: the same again without a pause.
		{"DescribeNetworkInterfaces", ec2model.CodeNetworkInterfaceNotFound, nil, true, 1200 * ms, 12},
		{"CreateTags", codeThrottled, nil, true, 100*ms + 5*100*ms + 7500*ms, 5},
		{"CreateTags", codeThrottled, []int{1, 2}, false, 1000*ms + 1500*ms, 4},
		// Six tries for each interface, then it is left as it is; the groups
		// are set on both, and the addresses come from the assign.
		{"DescribeSubnets", codeThrottled, nil, false, 800*ms + 10*100*ms + 2*50*time.Second, 12},
		{"DescribeSubnets", codeThrottled, []int{1}, false, 900*ms + 10*time.Second, 3},
		{"ModifyNetworkInterfaceAttribute", codeThrottled, nil, false, 800 * ms, 2},
		{"AssignPrivateIpAddresses", codeThrottled, nil, true, 900 * ms, 2},
		{"AssignPrivateIpAddresses", codeThrottled, []int{1}, false, 900 * ms, 2},
		{"AssignPrivateIpAddresses", ec2model.CodeInsufficientFreeAddresses, []int{1, 2}, false, 1000 * ms, 3}, // the other interface
		{"AssignPrivateIpAddresses", ec2model.CodePrivateIPAddressLimitExceeded, []int{1}, false, 900 * ms, 1}, // a look at what is there
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.op, " ", test.code, " ", test.calls), func(t *testing.T) {
			s := onNode("m5.large", nil)
			s.InitialENIs = []InitialENI{{SecondaryIPs: 2}}
			if test.op != "" {
				s.Faults = []Fault{{Op: test.op, Code: test.code, Calls: test.calls}}
			}
			r := build(t, s, part{})
			r.run(test.done - time.Nanosecond)
			if r.ready || len(r.deaths) > 0 {
				t.Fatalf("the start ended before %v", test.done)
			}
			r.run(2 * time.Nanosecond)
			if (len(r.deaths) > 0) != test.dies || r.ready == test.dies {
				t.Errorf("at %v: ready %v, died of %v", test.done, r.ready, r.deaths)
			}
			if got := len(r.calls(0, test.op)); test.op != "" && got != test.asked {
				t.Errorf("%d calls, want %d", got, test.asked)
			}
		})
	}
}

// Parking is an optimisation: in no mode and under no policy may it show, in
// what the daemon does or in what it tells of itself.
func TestParkingChangesNothingInAnyMode(t *testing.T) {
	environments := []map[string]string{
		{}, {"WARM_ENI_TARGET": "0"}, {"WARM_IP_TARGET": "2"}, {"WARM_IP_TARGET": "1", "MINIMUM_IP_TARGET": "5"},
		{"ENABLE_PREFIX_DELEGATION": "true"}, {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
		{"DISABLE_NETWORK_RESOURCE_PROVISIONING": "true"}, {"ENABLE_IMDS_ONLY_MODE": "true"},
		{"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", "WARM_IP_TARGET": "3"}, {"MANAGE_UNTAGGED_ENI": "false"},
		{"WARM_IP_TARGET": "1", "IP_COOLDOWN_PERIOD": "100"}, {"ENABLE_PREFIX_DELEGATION": "true", "WARM_IP_TARGET": "3", "IP_COOLDOWN_PERIOD": "0"},
		{"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", "ENI_CONFIG": "none"}, {"MAX_ENI": "1", "ENABLE_SUBNET_DISCOVERY": "false", "WARM_IP_TARGET": "4"},
	}
	type look struct {
		stats         ipamd.Stats
		shortage      ipamd.Shortage
		introspection ipamd.ENIInfos
		metrics       []ipamd.Metric
		checkpoint    []ipamd.Allocation
	}
	for i := range 280 {
		env := environments[i%len(environments)]
		p := ipamd.Policies{LowestDeviceFirst: i%2 == 1, CooldownCountsAsUsed: i/2%2 == 1, LongestFreeFirst: i/4%2 == 1, CooldownSurvivesRestart: i/8%2 == 1}
		run := func(park bool) ([]Call, []look) {
			random := rand.New(rand.NewPCG(uint64(i), 0))
			s := onNode("t3.small", env)
			s.Subnets = []Subnet{{CIDR: "10.0.0.0/24"}, {CIDR: "10.0.1.0/24", Tags: map[string]string{tagRole: "1"}}}
			s.InitialPrimary = &InitialENI{SecondaryIPs: 1, Prefixes: i / 16 % 2}
			if i/3%2 == 1 { // the subnets are full for a time, or EC2 refuses
				s.Subnets[0].CIDR, s.Subnets[1].CIDR = "10.0.0.0/26", "10.0.1.0/28"
				if s.InitialPrimary.Prefixes == 0 {
					s.Subnets[0].ReservedFreeLimit, s.Subnets[1].ReservedFreeLimit = 6, 2
				}
				s.Faults = []Fault{{Op: "AssignPrivateIpAddresses", Code: codeThrottled, FromMS: new(int64(100_000)), ToMS: new(int64(400_000))}}
			}
			x := with(p)
			x.settings = func(s *ipamd.Settings) { s.Policies, s.ParkIdle = p, park }
			r := build(t, s, x)
			if env["ENI_CONFIG"] == "" {
				r.host.ENIConfigSubnetID = r.subnets[1]
			}
			r.restart(nil)
			var looks []look
			var pods []string
			excluded := false
			for step := range 80 {
				r.run(time.Duration(random.IntN([]int{2_000, 40_000, 200_000}[random.IntN(3)])) * time.Millisecond)
				l := look{r.daemon.Stats(), r.daemon.Shortage(), nil, nil, r.daemon.Checkpoint()}
				if random.IntN(3) == 0 { // what makes good what was skipped is not always asked for
					l.introspection, l.metrics = r.daemon.Introspect(), r.daemon.Metrics()
				}
				looks = append(looks, l)
				switch n := random.IntN(24); {
				case !r.ready:
				case n < 10:
					pod := fmt.Sprint("pod-", step)
					if r.add(pod) == 1 {
						pods = append(pods, pod)
					}
				case n < 18:
					if len(pods) > 0 {
						_, _ = r.daemon.DelNetwork(ipamd.SandboxKey(pods[0]), ipamd.PodDeleted) // it may have lost its address
						delete(r.veths, pods[0])
						pods = pods[1:]
					}
				case n < 20:
					r.cordoned = !r.cordoned
					r.daemon.Changed()
				case n < 22:
					if id, err := r.account.AttachNew(r.instance, r.subnets[0], 1, 0, nil); err == nil {
						r.recorder.created(id)
					}
				case n == 22:
					r.account.UnassignHighest(r.account.Metadata(r.instance)[0].ID, 1)
				case i%5 > 1:
					r.restart(nil)
				case i%5 == 1: // in a subnet that pods may not use any more, or may again
					excluded = !excluded
					if err := r.account.SetTags(r.subnets[0], tags(map[string]string{tagRole: map[bool]string{true: "0", false: "1"}[excluded]})); err != nil {
						t.Fatal(err)
					}
					r.restart(nil)
				default: // with the other kind of CIDR
					r.restart(map[string]string{"ENABLE_PREFIX_DELEGATION": strconv.FormatBool(r.env["ENABLE_PREFIX_DELEGATION"] != "true")})
				}
			}
			return r.recorder.calls, looks
		}
		calls, looks := run(true)
		wantCalls, wantLooks := run(false)
		if !reflect.DeepEqual(calls, wantCalls) {
			t.Fatalf("run %d, %v, %+v: %d calls parked, %d ticking", i, env, p, len(calls), len(wantCalls))
		}
		for k := range looks {
			if !reflect.DeepEqual(looks[k], wantLooks[k]) {
				t.Fatalf("run %d, %v, %+v, look %d: parked\n%+v\nticking\n%+v", i, env, p, k, looks[k], wantLooks[k])
			}
		}
	}
}

package ec2model_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/sim/des"
)

// When n nodes need one attachment each at once and retry without pause,
// the last token is taken (n - burst) / refill seconds later: the bucket of
// AttachNetworkInterface is the tightest of an interface's growth.
func TestTheLastOfNNodesAttachesWhenTheBucketSays(t *testing.T) {
	for _, c := range []struct{ nodes, seconds int }{{50, 0}, {100, 10}, {150, 20}, {500, 90}, {1000, 190}} {
		t.Run(fmt.Sprint(c.nodes), func(t *testing.T) {
			cfg := oneSubnet("10.0.0.0/16")
			cfg.Profile = steady()
			cfg.Profile.Throttling = true
			cfg.Profile.Throttled = ec2model.Fixed(50 * time.Millisecond)
			w := newWorld(t, 1, cfg)
			last, throttles := time.Duration(0), 0
			w.Observe(func(at ec2model.Attempt) {
				if at.Throttled {
					throttles++
				} else {
					last = max(last, at.Start)
				}
			})
			for range c.nodes {
				var try func()
				try = func() {
					w.AttachNetworkInterface("test", ec2model.AttachNetworkInterfaceInput{}, func(_ string, err error) {
						if code(err) == ec2model.CodeRequestLimitExceeded {
							try()
						}
					})
				}
				try()
			}
			w.sleep(time.Duration(c.seconds+5) * time.Second)
			want := time.Duration(c.seconds) * time.Second
			if last != want {
				t.Errorf("the last token was taken at %v, want %v", last, want)
			}
			if c.nodes > 50 && throttles == 0 {
				t.Error("nobody was throttled")
			}
		})
	}
}

func TestTokensComeInOneLumpAtEachFullSecond(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile.Requests[ec2model.DescribeSubnets] = ec2model.Bucket{Burst: 2, RefillPerSecond: 0.5}
	w := newWorld(t, 1, cfg)
	var passed []time.Duration
	w.Observe(func(at ec2model.Attempt) {
		if !at.Throttled {
			passed = append(passed, at.Start)
		}
	})
	for ms := time.Duration(300); ms < 9000; ms += 100 {
		w.k.At(ms*time.Millisecond, func() { throttleProbe(w) })
	}
	w.sleep(20 * time.Second)
	slices.Sort(passed) // listeners hear of the ends
	want := []time.Duration{300, 400, 2000, 4000, 6000, 8000}
	if len(passed) != len(want) {
		t.Fatalf("passed at %v, want %v ms", passed, want)
	}
	for i := range want {
		if passed[i] != want[i]*time.Millisecond {
			t.Errorf("passed at %v, want %v ms", passed, want)
		}
	}
}

func TestRejectedRequestsTakeATokenOnlyWhenTheProfileSaysSo(t *testing.T) {
	for _, takes := range []bool{false, true} {
		cfg := oneSubnet("10.0.0.0/24")
		cfg.Profile.RejectedTakesToken = takes
		cfg.Profile.Requests[ec2model.DescribeSubnets] = ec2model.Bucket{Burst: 1, RefillPerSecond: 0.4}
		w := newWorld(t, 1, cfg)
		passed := 0
		w.Observe(func(at ec2model.Attempt) {
			if !at.Throttled {
				passed++
			}
		})
		for s := range 10 { // 0.4 tokens a second, and a request each second
			w.k.At(time.Duration(s)*time.Second, func() { throttleProbe(w) })
		}
		w.sleep(time.Minute)
		want := map[bool]int{false: 4, true: 1}[takes] // at 0 s, then when three refills are there: 3, 6, 8 or 9 s
		if passed != want {
			t.Errorf("rejected takes token %v: %d passed, want %d", takes, passed, want)
		}
	}
}

func throttleProbe(w *world) {
	w.DescribeSubnets("probe", "", "", func([]*types.Subnet, error) {})
}

// Actions that share a bucket take each other's tokens, and nobody else's; who
// is throttled is told by its action.
func TestActionsThatShareABucketTakeEachOthersTokens(t *testing.T) {
	for _, share := range []bool{false, true} {
		cfg := oneSubnet("10.0.0.0/24")
		cfg.Profile = steady()
		cfg.Profile.Throttling = true
		b := ec2model.Bucket{Burst: 3}
		cfg.Profile.Requests[ec2model.DescribeSubnets], cfg.Profile.Requests[ec2model.DescribeInstances] = b, b
		if share {
			cfg.Profile.Share(b, ec2model.DescribeSubnets, ec2model.DescribeInstances)
		}
		w := newWorld(t, 1, cfg)
		got := map[ec2model.Action]int{}
		w.Observe(func(at ec2model.Attempt) {
			if at.Throttled {
				got[at.Action]++
			}
		})
		for range 2 {
			throttleProbe(w)
			w.DescribeInstances("probe", nil, func([]*types.Instance, error) {})
			w.DescribeNetworkInterfaces("probe", ec2model.DescribeNetworkInterfacesInput{}, func(ec2model.DescribeNetworkInterfacesOutput, error) {})
		}
		throttleProbe(w)
		w.sleep(time.Second)
		want := map[ec2model.Action]int{}
		if share {
			want = map[ec2model.Action]int{ec2model.DescribeSubnets: 1, ec2model.DescribeInstances: 1}
		}
		if !maps.Equal(got, want) {
			t.Errorf("in common %v: %v throttled, want %v", share, got, want)
		}
	}
}

// A bucket that is another action's, which has none itself, is no bucket.
func TestAChainOfSharedBucketsIsRefused(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile.DrawsFrom[ec2model.DescribeSubnets] = ec2model.DescribeInstances
	cfg.Profile.DrawsFrom[ec2model.DescribeInstances] = ec2model.CreateTags
	if _, err := ec2model.NewAccount(newWorld(t, 1, oneSubnet("10.0.0.0/24")).k, cfg); err == nil {
		t.Error("it was accepted")
	}
}

func TestRunInstancesTakesResourceTokens(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/20")
	cfg.Profile = steady()
	cfg.Profile.Throttling = true
	w := newWorld(t, 1, cfg)
	in := ec2model.RunInstancesInput{InstanceType: "m5.large", SubnetID: w.subnet("a"), Count: 500}
	if err := run(w, in); err != nil {
		t.Fatal(err)
	}
	if err := run(w, in); err != nil {
		t.Fatal(err)
	}
	in.Count = 3
	expectCode(t, run(w, in), ec2model.CodeRequestLimitExceeded)
	w.sleep(2 * time.Second) // 2 tokens a second
	if err := run(w, in); err != nil {
		t.Fatal(err)
	}
	if n := w.Usage().Instances; n != 1003 {
		t.Errorf("%d instances", n)
	}
}

func TestThrottledAnswersAreQuickAndSayServiceUnavailable(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile.Requests[ec2model.DeleteNetworkInterface] = ec2model.Bucket{}
	w := newWorld(t, 1, cfg)
	for range 200 {
		start := w.k.Now()
		err := w.delete("eni-1")
		expectCode(t, err, "RequestLimitExceeded")
		if took := w.k.Now() - start; took < 50*time.Millisecond || took > 130*time.Millisecond {
			t.Fatalf("a throttled answer took %v", took)
		}
		if err.(*ec2model.Error).HTTPStatus != 503 {
			t.Fatal(err)
		}
	}
}

func TestAFaultIsDeliveredAfterTheNormalLatencyWithoutEffect(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	w := newWorld(t, 1, cfg)
	w.SetFault(func(caller ec2model.Caller, action ec2model.Action, start time.Duration) *ec2model.Error {
		if caller == "test" && action == ec2model.CreateNetworkInterface && start < time.Second {
			return ec2model.NewError("InternalError", "")
		}
		return nil
	})
	_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")})
	expectCode(t, err, "InternalError")
	if w.k.Now() != 100*time.Millisecond || w.Subnets()[0].Allocated != 0 {
		t.Errorf("at %v: %+v", w.k.Now(), w.Subnets()[0])
	}
	w.sleep(time.Second)
	must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")}))
}

// What is asked for in a slow time takes longer, its rejection too; what the
// buckets turn away does not.
func TestASlowRequestTakesLongerWhateverItsAnswer(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	cfg.Profile.Failing[ec2model.DeleteNetworkInterface] = ec2model.Fixed(40 * time.Millisecond)
	cfg.Profile.Throttling = true
	cfg.Profile.Requests[ec2model.CreateNetworkInterface] = ec2model.Bucket{Burst: 2}
	cfg.Profile.Throttled = ec2model.Fixed(10 * time.Millisecond)
	w := newWorld(t, 1, cfg)
	w.SetSlowdown(func(caller ec2model.Caller, action ec2model.Action, start, latency time.Duration) time.Duration {
		if start != 0 && start < 10*time.Second && caller == "test" {
			return 3 * latency
		}
		return latency
	})
	took := func(call func() error) time.Duration {
		start := w.k.Now()
		_ = call()
		return w.k.Now() - start
	}
	create := func() error {
		_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")})
		return err
	}
	remove := func() error {
		return waitErr(w, func(done func(ec2model.Nothing, error)) { w.DeleteNetworkInterface("test", "eni-x", done) })
	}
	for i, test := range []struct {
		call func() error
		want time.Duration
	}{{create, 100 * time.Millisecond}, {create, 300 * time.Millisecond}, {create, 10 * time.Millisecond}, {remove, 120 * time.Millisecond}} {
		if got := took(test.call); got != test.want {
			t.Errorf("request %d took %v, want %v", i, got, test.want)
		}
	}
	w.sleep(10 * time.Second)
	if got := took(remove); got != 40*time.Millisecond {
		t.Errorf("afterwards %v", got)
	}
}

// The effect is at the end: a describe that starts after an assign but ends
// before it does not see it.
func TestEffectsAreAtTheEndOfTheLatency(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	cfg.Profile.SetLatency(ec2model.AssignPrivateIpAddresses, ec2model.Fixed(300*time.Millisecond))
	w := newWorld(t, 1, cfg)
	eni := w.primary(w.launch("m5.large", "a"))
	in := ec2model.AssignPrivateIPAddressesInput{NetworkInterfaceID: eni, SecondaryPrivateIPAddressCount: 2}
	w.AssignPrivateIPAddresses("test", in, func(ec2model.AssignPrivateIPAddressesOutput, error) {})
	w.sleep(299 * time.Millisecond)
	if n := w.Subnets()[0].Secondary; n != 0 {
		t.Fatalf("%d addresses before the end", n)
	}
	if w.sleep(time.Millisecond); w.Subnets()[0].Secondary != 2 {
		t.Fatal("no addresses at the end")
	}
}

// Failing deletes are answered sooner than successful ones, failing creates
// later.
func TestRejectionsHaveTheirOwnLatency(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	cfg.Profile.Failing[ec2model.DeleteNetworkInterface] = ec2model.Fixed(40 * time.Millisecond)
	cfg.Profile.Failing[ec2model.CreateNetworkInterface] = ec2model.Fixed(250 * time.Millisecond)
	w := newWorld(t, 1, cfg)
	took := func(call func() error) (time.Duration, string) {
		start := w.k.Now()
		err := call()
		return w.k.Now() - start, code(err)
	}
	id := ""
	create := func() error {
		e, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a")})
		if err == nil {
			id = *e.NetworkInterfaceId
		}
		return err
	}
	createBadly := func() error {
		_, err := w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: "subnet-1"})
		return err
	}
	for _, c := range []struct {
		call func() error
		took time.Duration
		code string
	}{
		{create, 100, ""}, {createBadly, 250, ec2model.CodeSubnetNotFound},
		{func() error { return w.delete(id) }, 100, ""}, {func() error { return w.delete(id) }, 40, ec2model.CodeNetworkInterfaceNotFound},
	} {
		if d, got := took(c.call); d != c.took*time.Millisecond || got != c.code {
			t.Errorf("%v with %q, want %v ms with %q", d, got, c.took, c.code)
		}
	}
}

func TestBackgroundCallersTakeTokensAndAreCountedApart(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile.Requests[ec2model.AttachNetworkInterface] = ec2model.Bucket{Burst: 50, RefillPerSecond: 5}
	w := newWorld(t, 7, cfg)
	var passed, rejected int
	var first, last time.Duration
	w.Observe(func(at ec2model.Attempt) {
		if !at.Background || at.Action != ec2model.AttachNetworkInterface {
			t.Fatalf("%+v", at)
		}
		if first == 0 {
			first = at.Start
		}
		last = at.Start
		if at.Throttled {
			rejected++
		} else {
			passed++
		}
	})
	w.Background(ec2model.AttachNetworkInterface, 20, 1, 10*time.Second, 110*time.Second)
	w.sleep(200 * time.Second)
	if n := passed + rejected; math.Abs(float64(n)-2000) > 4*math.Sqrt(2000) {
		t.Errorf("%d arrivals in 100 s at 20 a second", n)
	}
	if passed < 540 || passed > 550 { // the burst of 50, and 5 a second for 100 s
		t.Errorf("%d passed, want 550", passed)
	}
	if first < 10*time.Second || last > 110*time.Second {
		t.Errorf("arrivals from %v to %v", first, last)
	}
}

// The trace covers everything that callers can see: equal seeds agree word
// for word, another seed does not.
func TestTheTraceTellsRunsApart(t *testing.T) {
	trace := func(seed uint64) string {
		var f des.Fingerprint
		cfg := oneSubnet("10.0.0.0/20")
		cfg.Trace = f.Add
		w := newWorld(t, seed, cfg)
		for range 10 {
			e := must(w.create(ec2model.CreateNetworkInterfaceInput{SubnetID: w.subnet("a"), SecondaryPrivateIPAddressCount: 5}))
			w.delete(*e.NetworkInterfaceId)
			w.delete(*e.NetworkInterfaceId)
		}
		return f.String()
	}
	if first, again := trace(1), trace(1); first != again {
		t.Error("one seed gives two traces")
	}
	if trace(1) == trace(2) {
		t.Error("two seeds give one trace")
	}
}

// A describe that names nothing draws from a smaller bucket besides its own;
// whether a list of IDs names something is a setting.
func TestUnfilteredDescribesHaveASmallerBucket(t *testing.T) {
	for _, c := range []struct {
		name   string
		strict bool
		in     func(eni string) ec2model.DescribeNetworkInterfacesInput
		passed int
	}{
		{"unfiltered", false, func(string) ec2model.DescribeNetworkInterfacesInput { return ec2model.DescribeNetworkInterfacesInput{} }, 50},
		{"paged", false, func(string) ec2model.DescribeNetworkInterfacesInput {
			return ec2model.DescribeNetworkInterfacesInput{MaxResults: 100}
		}, 100},
		{"by ID", false, byID, 100},
		{"by ID, strictly", true, byID, 50},
	} {
		cfg := oneSubnet("10.0.0.0/24")
		cfg.Profile.StrictIDs = c.strict
		w := newWorld(t, 1, cfg)
		eni, passed := w.primary(w.launch("m5.large", "a")), 0
		for range 200 {
			w.DescribeNetworkInterfaces("test", c.in(eni), func(_ ec2model.DescribeNetworkInterfacesOutput, err error) {
				if err == nil {
					passed++
				}
			})
		}
		if w.sleep(time.Minute); passed != c.passed {
			t.Errorf("%s: %d of 200 at once passed, want %d", c.name, passed, c.passed)
		}
	}
}

func byID(eni string) ec2model.DescribeNetworkInterfacesInput {
	return ec2model.DescribeNetworkInterfacesInput{NetworkInterfaceIDs: []string{eni}}
}

func TestStartsAreThoseOfRequestsThatWillBeServed(t *testing.T) {
	cfg := oneSubnet("10.0.0.0/24")
	cfg.Profile = steady()
	cfg.Profile.Throttling = true
	cfg.Profile.Requests[ec2model.DescribeSubnets] = ec2model.Bucket{Burst: 2}
	w := newWorld(t, 1, cfg)
	var started []string
	w.ObserveStarts(func(by ec2model.Caller, action ec2model.Action) {
		started = append(started, fmt.Sprintf("%s %v %v", by, action, w.k.Now()))
	})
	w.SetFault(func(by ec2model.Caller, _ ec2model.Action, _ time.Duration) *ec2model.Error {
		if by == "unlucky" {
			return ec2model.NewError("InternalError", "")
		}
		return nil
	})
	for _, by := range []ec2model.Caller{"a", "unlucky", "late"} {
		w.DescribeSubnets(by, "", "", func([]*types.Subnet, error) {})
	}
	w.sleep(time.Second)
	if want := []string{"a DescribeSubnets 0s"}; !slices.Equal(started, want) {
		t.Errorf("started %v, want %v", started, want)
	}
}

// Tenants that send throttled requests again send more of them in all, and the
// arrivals of their calls are the same.
func TestBackgroundCallersRetryWhatIsThrottled(t *testing.T) {
	count := func(attempts int) (requests, throttled int) {
		cfg := oneSubnet("10.0.0.0/24")
		cfg.Profile.Requests[ec2model.AttachNetworkInterface] = ec2model.Bucket{Burst: 50, RefillPerSecond: 5}
		w := newWorld(t, 7, cfg)
		w.Observe(func(a ec2model.Attempt) {
			requests++
			if a.Throttled {
				throttled++
			}
		})
		w.Background(ec2model.AttachNetworkInterface, 20, attempts, 0, time.Minute)
		w.sleep(3 * time.Minute)
		return requests, throttled
	}
	once, rejected := count(1)
	thrice, again := count(3)
	if once < 1000 || once > 1400 || thrice <= once || thrice > 3*once || again <= rejected {
		t.Errorf("%d requests, %d throttled, with one attempt; %d, %d with three", once, rejected, thrice, again)
	}
}

// A rate that is so small that no call falls into any run sends none.
func TestTheSmallestBackgroundRatesCallNever(t *testing.T) {
	w := newWorld(t, 7, oneSubnet("10.0.0.0/24"))
	w.Observe(func(at ec2model.Attempt) { t.Errorf("%+v", at) })
	for _, rate := range []float64{1e-15, 1e-30, 5e-324} {
		w.Background(ec2model.DescribeInstances, rate, 3, 0, 1000*time.Hour)
	}
	w.sleep(1000 * time.Hour)
}

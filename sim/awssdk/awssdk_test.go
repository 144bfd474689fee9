package awssdk_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var _ ipamd.EC2 = (*awssdk.Client)(nil)

// world is an account without throttling whose every request takes 100 ms,
// with one instance in one subnet.
type world struct {
	*testing.T
	kernel   *des.Kernel
	account  *ec2model.Account
	subnet   string
	instance string
	attempts []ec2model.Attempt
	calls    []awssdk.Call
}

const latency = 100 * time.Millisecond

func newWorld(t *testing.T, opts awssdk.Options) (*world, *awssdk.Client) {
	t.Helper()
	return newSlowWorld(t, latency, opts)
}

func newSlowWorld(t *testing.T, latency time.Duration, opts awssdk.Options) (*world, *awssdk.Client) {
	t.Helper()
	w := &world{T: t, kernel: des.New(1, 0, des.Limits{})}
	t.Cleanup(w.kernel.Close)
	profile := ec2model.DefaultProfile()
	profile.Throttling = false
	for _, action := range ec2model.Actions() {
		profile.Latency[action], profile.Failing[action] = ec2model.Fixed(latency), ec2model.Fixed(latency)
	}
	var err error
	if w.account, err = ec2model.NewAccount(w.kernel, ec2model.Config{
		CIDRs:   []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")},
		Subnets: []ec2model.SubnetConfig{{Name: "a", CIDR: netip.MustParsePrefix("10.0.0.0/18"), AZ: "zone-a"}},
		Profile: profile,
	}); err != nil {
		t.Fatal(err)
	}
	w.subnet, _ = w.account.SubnetID("a")
	if w.instance, err = w.account.Launch("m5.large", w.subnet); err != nil {
		t.Fatal(err)
	}
	w.account.Observe(func(a ec2model.Attempt) { w.attempts = append(w.attempts, a) })
	if opts.OnCall == nil {
		opts.OnCall = func(c awssdk.Call) { w.calls = append(w.calls, c) }
	}
	return w, awssdk.New(w.kernel, w.account, ec2model.Caller(w.instance), opts)
}

// failing rejects the first n requests.
func (w *world) failing(n int, err *ec2model.Error) {
	w.account.SetFault(func(ec2model.Caller, ec2model.Action, time.Duration) *ec2model.Error {
		if n == 0 {
			return nil
		}
		n--
		return err
	})
}

// process runs body as a process to its end and says how long it took.
func (w *world) process(body func()) time.Duration {
	w.Helper()
	start, end := w.kernel.Now(), time.Duration(-1)
	w.kernel.Go("test", func(p *des.Process) {
		body()
		end = p.Now()
	})
	if err := w.kernel.Run(start + 100*time.Hour); err != nil {
		w.Fatal(err)
	}
	if end < 0 {
		w.Fatal("the process never ended")
	}
	return end - start
}

func (w *world) describe(c *awssdk.Client) (took time.Duration, err error) {
	w.Helper()
	took = w.process(func() { _, err = c.DescribeSubnets("", "") })
	return took, err
}

var throttle = &ec2model.Error{Code: "RequestLimitExceeded", Message: "slow", HTTPStatus: 503}

func code(err error) string {
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) {
		return coded.ErrorCode()
	}
	return ""
}

func TestASuccessIsOneRequestAndBlocksForItsLatency(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	took, err := w.describe(c)
	if err != nil || took != latency || len(w.attempts) != 1 {
		t.Errorf("took %v with %d requests and error %v", took, len(w.attempts), err)
	}
	want := awssdk.Call{Caller: ec2model.Caller(w.instance), Action: ec2model.DescribeSubnets, End: latency, Attempts: 1}
	if len(w.calls) != 1 || w.calls[0] != want {
		t.Errorf("observed %+v, want %+v", w.calls, want)
	}
}

func TestARetrySucceedsAfterItsPause(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	w.failing(2, throttle)
	took, err := w.describe(c)
	if err != nil || len(w.attempts) != 3 || len(w.calls) != 1 || w.calls[0].Attempts != 3 || w.calls[0].Err != nil {
		t.Fatalf("%d requests, calls %+v, error %v", len(w.attempts), w.calls, err)
	}
	first, second := w.attempts[1].Start-w.attempts[0].End, w.attempts[2].Start-w.attempts[1].End
	if first < 0 || first >= 2*time.Second || second < 0 || second >= 4*time.Second || took != 3*latency+first+second {
		t.Errorf("took %v with pauses of %v and %v", took, first, second)
	}
	if first%time.Microsecond != 0 || second%time.Microsecond != 0 {
		t.Errorf("pauses of %v and %v are not in whole microseconds", first, second)
	}
}

func TestPausesAreUniformUpToTheFourthAttemptAndThenFlat(t *testing.T) {
	const n = 2000
	w, c := newWorld(t, awssdk.Options{MaxAttempts: 7, RetryQuota: 1 << 30})
	w.failing(-1, throttle)
	var longest, sum [7]time.Duration
	w.process(func() {
		for range n {
			w.attempts = w.attempts[:0]
			if _, err := c.DescribeSubnets("", ""); code(err) != throttle.Code {
				t.Errorf("error %v", err)
			}
			for i := range w.attempts[1:] {
				pause := w.attempts[i+1].Start - w.attempts[i].End
				longest[i+1] = max(longest[i+1], pause)
				sum[i+1] += pause
			}
		}
	})
	for i := 1; i <= 4; i++ {
		bound := time.Duration(1<<i) * time.Second
		if mean := sum[i] / n; longest[i] >= bound || longest[i] < bound*99/100 || mean < bound*45/100 || mean > bound*55/100 {
			t.Errorf("after attempt %d: mean %v, longest %v, want uniform below %v", i, mean, longest[i], bound)
		}
	}
	for i := 5; i <= 6; i++ {
		if sum[i] != n*20*time.Second {
			t.Errorf("after attempt %d: mean %v, want 20 s each time", i, sum[i]/n)
		}
	}
}

func TestOnlyWhatMayPassIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		err   ec2model.Error
		tries int
	}{
		{ec2model.Error{Code: "RequestLimitExceeded", HTTPStatus: 503}, 3},
		{ec2model.Error{Code: "Throttling", HTTPStatus: 400}, 3},
		{ec2model.Error{Code: "EC2ThrottledException", HTTPStatus: 502}, 3},
		{ec2model.Error{Code: "RequestTimeout", HTTPStatus: 400}, 3},
		{ec2model.Error{Code: "InternalError", HTTPStatus: 500}, 3},
		{ec2model.Error{Code: "Unavailable", HTTPStatus: 503}, 3},
		{ec2model.Error{Code: "InsufficientFreeAddressesInSubnet", HTTPStatus: 400}, 1},
		{ec2model.Error{Code: "InsufficientCidrBlocks", HTTPStatus: 400}, 1},
		{ec2model.Error{Code: "AttachmentLimitExceeded", HTTPStatus: 400}, 1},
		{ec2model.Error{Code: "PrivateIpAddressLimitExceeded", HTTPStatus: 400}, 1},
		{ec2model.Error{Code: "InvalidParameterValue", HTTPStatus: 400}, 1},
		{ec2model.Error{Code: "UnauthorizedOperation", HTTPStatus: 403}, 1},
	} {
		t.Run(c.err.Code, func(t *testing.T) {
			w, client := newWorld(t, awssdk.DefaultOptions())
			w.failing(-1, &c.err)
			_, err := w.describe(client)
			var exhausted *awssdk.MaxAttemptsError
			if len(w.attempts) != c.tries || code(err) != c.err.Code || errors.As(err, &exhausted) != (c.tries == 3) {
				t.Errorf("%d requests, error %v", len(w.attempts), err)
			}
			if c.tries == 3 && !strings.Contains(err.Error(), "exceeded maximum number of attempts, 3") {
				t.Errorf("error %v", err)
			}
			if !errors.Is(err, &c.err) || w.calls[0].Err != err {
				t.Errorf("%v does not wrap EC2's answer, or is not what was observed", err)
			}
		})
	}
}

func TestTheQuotaPaysForRetriesAndSuccessesFillIt(t *testing.T) {
	w, c := newWorld(t, awssdk.Options{MaxAttempts: 3, RetryQuota: 32})
	step := func(what string, failures int, err *ec2model.Error, requests, quota int) {
		t.Helper()
		w.failing(failures, err)
		w.attempts = nil
		_, got := w.describe(c)
		if len(w.attempts) != requests || c.Quota() != quota {
			t.Errorf("%s: %d requests and %d tokens left, want %d and %d (%v)", what, len(w.attempts), c.Quota(), requests, quota, got)
		}
	}
	timeout := &ec2model.Error{Code: "RequestTimeout", HTTPStatus: 400}
	step("a success cannot overfill it", 0, nil, 1, 32)
	step("all attempts fail", -1, throttle, 3, 22)
	step("one retry, which succeeds: its cost and one more", 1, throttle, 2, 23)
	step("two retries, the second succeeds: the first stays paid", 2, throttle, 3, 19)
	step("time-outs cost double, and the second is too dear", -1, timeout, 2, 9)
	step("the last one that can be paid", -1, throttle, 2, 4)
	step("empty: one attempt", -1, throttle, 1, 4)
	for i := range 3 {
		step("successes fill it one by one", 0, nil, 1, 5+i)
	}
	c.Reset()
	if c.Quota() != 32 {
		t.Errorf("a new process has %d tokens", c.Quota())
	}
}

func TestAnEmptyQuotaIsAnErrorThatSaysSoAndKeepsTheCode(t *testing.T) {
	w, c := newWorld(t, awssdk.Options{MaxAttempts: 3, RetryQuota: 4})
	w.failing(-1, throttle)
	took, err := w.describe(c)
	var quota *awssdk.QuotaError
	if !errors.As(err, &quota) || *quota != (awssdk.QuotaError{Available: 4, Requested: 5, Err: throttle}) || took != latency {
		t.Errorf("%v after %v", err, took)
	}
	if !strings.Contains(err.Error(), "retry quota exceeded") || code(err) != throttle.Code {
		t.Errorf("error %v with code %q", err, code(err))
	}
}

// 34 s was measured with the real client: three time-outs of 10 s and two
// pauses.
func TestABlackHoledOperationEndsAfterItsTimeouts(t *testing.T) {
	w, c := newSlowWorld(t, 20*time.Minute, awssdk.DefaultOptions())
	took, err := w.describe(c)
	var timeout *awssdk.TimeoutError
	if took < 30*time.Second || took >= 36*time.Second || !errors.As(err, &timeout) || code(err) != "" || w.calls[0].Attempts != 3 {
		t.Errorf("%v after %v, calls %+v", err, took, w.calls)
	}
	if c.Quota() != 500-2*10 {
		t.Errorf("%d tokens left", c.Quota())
	}
}

func TestAnAnswerAfterTheTimeoutWakesNobody(t *testing.T) {
	w, c := newSlowWorld(t, 15*time.Second, awssdk.Options{MaxAttempts: 1, AttemptTimeout: 10 * time.Second})
	took := w.process(func() {
		p := w.kernel.Current()
		if _, err := c.DescribeSubnets("", ""); p.Now() != 10*time.Second || err == nil {
			t.Errorf("error %v at %v", err, p.Now())
		}
		w.kernel.After(20*time.Second, p.Wake)
		p.Park()
	})
	if took != 30*time.Second {
		t.Errorf("went on after %v", took)
	}
}

func TestAnAnswerAtTheInstantOfTheTimeoutCounts(t *testing.T) {
	w, c := newSlowWorld(t, 10*time.Second, awssdk.DefaultOptions())
	if took, err := w.describe(c); err != nil || took != 10*time.Second {
		t.Errorf("error %v after %v", err, took)
	}
}

func TestAnOperationWaitsForItsAnswerWhoeverWakesTheProcess(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	took := w.process(func() {
		p := w.kernel.Current()
		for i := range 3 {
			w.kernel.After(time.Duration(i)*latency/4, p.Wake)
		}
		if subnets, err := c.DescribeSubnets("", ""); len(subnets) != 1 || err != nil {
			t.Errorf("%d subnets, error %v", len(subnets), err)
		}
	})
	if took != latency {
		t.Errorf("took %v", took)
	}
}

func TestAKilledProcessLeavesTheClientUsable(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	p := w.kernel.Go("victim", func(*des.Process) {
		_, _ = c.DescribeSubnets("", "")
		t.Error("it came back")
	})
	w.kernel.At(latency/2, p.Kill)
	if err := w.kernel.Run(time.Minute); err != nil {
		t.Fatal(err)
	}
	if len(w.calls) != 0 {
		t.Errorf("observed %+v", w.calls)
	}
	if took, err := w.describe(c); err != nil || took != latency {
		t.Errorf("error %v after %v", err, took)
	}
}

func TestAClientIsThrottledWhileAnyOfItsOperationsPausesForIt(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	w.failing(2, throttle)
	var seen []bool
	sample := func() { seen = append(seen, c.Throttled()) }
	victim := w.kernel.Go("victim", func(*des.Process) { _, _ = c.DescribeSubnets("", "") })
	w.kernel.Go("other", func(*des.Process) { _, _ = c.DescribeSubnets("", "") })
	w.kernel.At(latency/2, sample)                             // the first requests are under way
	w.kernel.At(latency+1, sample)                             // both pause
	w.kernel.At(latency+2, func() { victim.Kill(); sample() }) // one still does
	w.kernel.At(time.Minute, sample)                           // its retry has succeeded
	if err := w.kernel.Run(time.Hour); err != nil {
		t.Fatal(err)
	}
	if want := []bool{false, true, true, false}; !slices.Equal(seen, want) {
		t.Errorf("throttled %v, want %v", seen, want)
	}
}

func TestWithoutARetryerErrorsComeThroughAndNothingIsDrawn(t *testing.T) {
	w, c := newWorld(t, awssdk.Options{})
	w.failing(-1, throttle)
	if took, err := w.describe(c); err != throttle || took != latency || c.Drew() {
		t.Errorf("error %v after %v, drew %v", err, took, c.Drew())
	}
}

func TestRandomNumbersAreDrawnOnTheFirstRetryAndNotBefore(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	if _, err := w.describe(c); err != nil || c.Drew() {
		t.Errorf("error %v, drew %v", err, c.Drew())
	}
	w.failing(1, throttle)
	if _, err := w.describe(c); err != nil || !c.Drew() {
		t.Errorf("error %v, drew %v", err, c.Drew())
	}
}

// Measured with the real client: 60 operations that time out at once make 60
// attempts and, with 500 tokens of which each costs 10, 50 more.
func TestProcessesOfAClientShareItsQuota(t *testing.T) {
	w, c := newSlowWorld(t, 20*time.Minute, awssdk.DefaultOptions())
	failed := 0
	for range 60 {
		w.kernel.Go("p", func(*des.Process) {
			if _, err := c.DescribeSubnets("", ""); err != nil {
				failed++
			}
		})
	}
	if err := w.kernel.Run(time.Hour); err != nil {
		t.Fatal(err)
	}
	if failed != 60 || len(w.attempts) != 110 || c.Quota() != 0 {
		t.Errorf("%d of 60 failed with %d requests and %d tokens left", failed, len(w.attempts), c.Quota())
	}
}

func TestCallersDrawDifferentPausesAndTheSameOnesEachTime(t *testing.T) {
	pauses := func(caller ec2model.Caller) (out []time.Duration) {
		w, _ := newWorld(t, awssdk.Options{})
		c := awssdk.New(w.kernel, w.account, caller, awssdk.DefaultOptions())
		w.failing(-1, throttle)
		for range 3 {
			took, _ := w.describe(c)
			out = append(out, took)
		}
		return out
	}
	a, b := pauses("i-a"), pauses("i-b")
	if slices.Equal(a, b) || !slices.Equal(a, pauses("i-a")) {
		t.Errorf("i-a %v, i-b %v, i-a again %v", a, b, pauses("i-a"))
	}
}

func TestCallingOutsideAProcessPanics(t *testing.T) {
	_, c := newWorld(t, awssdk.DefaultOptions())
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	_, _ = c.DescribeSubnets("", "")
}

func tags(pairs ...string) (out []types.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return out
}

// The life of an interface through every method that a daemon has.
func TestAnInterfacesLife(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.process(func() {
		p := w.kernel.Current()
		eni, err := c.CreateNetworkInterface("aws-K8S-x", w.subnet, 3, 0, tags("a", "1"))
		must(err)
		id := *eni.NetworkInterfaceId
		must(c.CreateTags(id, tags("b", "2")))
		attachment, err := c.AttachNetworkInterface(id, w.instance, 1, 0)
		must(err)
		must(c.ModifyDeleteOnTermination(id, attachment, true))
		must(c.ModifySecurityGroups(id, []string{w.account.SecurityGroupID()}))
		ips, err := c.AssignPrivateIPAddresses(id, 2)
		must(err)
		prefixes, err := c.AssignIPv4Prefixes(id, 1)
		must(err)
		found, err := c.DescribeNetworkInterfaces([]string{id})
		must(err)
		e := found[0]
		if len(ips) != 2 || len(prefixes) != 1 || len(e.PrivateIpAddresses) != 1+3+2 || len(e.Ipv4Prefixes) != 1 || len(e.TagSet) != 2 ||
			*e.Attachment.AttachmentId != attachment || !*e.Attachment.DeleteOnTermination {
			t.Errorf("got %v and %v, described as %+v", ips, prefixes, e)
		}
		self, err := c.DescribeInstance(w.instance)
		must(err)
		if len(self.NetworkInterfaces) != 2 {
			t.Errorf("the instance has %d interfaces", len(self.NetworkInterfaces))
		}
		must(c.UnassignPrivateIPAddresses(id, ips))
		must(c.UnassignIPv4Prefixes(id, prefixes))
		must(c.DetachNetworkInterface(attachment))
		p.Sleep(time.Minute)
		must(c.DeleteNetworkInterface(id))
		if err := c.DeleteNetworkInterface(id); code(err) != "InvalidNetworkInterfaceID.NotFound" {
			t.Errorf("deleting it again: %v", err)
		}
	})
}

func TestInstancesAreLaunchedAndTerminated(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	w.process(func() {
		ids, err := c.RunInstances(ec2model.RunInstancesInput{InstanceType: "m5.large", SubnetID: w.subnet, Count: 2})
		if len(ids) != 2 || err != nil {
			t.Errorf("RunInstances: %v, %v", ids, err)
		}
		fleet, err := c.CreateFleet(ec2model.CreateFleetInput{InstanceType: "m5.large", SubnetIDs: []string{w.subnet}, Count: 3})
		if len(fleet.InstanceIDs) != 3 || err != nil {
			t.Errorf("CreateFleet: %+v, %v", fleet, err)
		}
		if err := c.TerminateInstances(append(ids, fleet.InstanceIDs...)); err != nil {
			t.Error(err)
		}
		if _, err := c.DescribeInstance(ids[0]); code(err) != "InvalidInstanceID.NotFound" {
			t.Errorf("a terminated instance: %v", err)
		}
	})
}

func TestLeakedInterfacesAreFoundPageByPage(t *testing.T) {
	const leaked = 1002
	w, c := newWorld(t, awssdk.DefaultOptions())
	w.process(func() {
		create := func(pairs ...string) string {
			eni, err := c.CreateNetworkInterface("aws-K8S-x", w.subnet, 0, 0, tags(pairs...))
			if err != nil {
				t.Fatal(err)
			}
			return *eni.NetworkInterfaceId
		}
		const instance, cluster = "node.k8s.amazonaws.com/instance_id", "cluster.k8s.amazonaws.com/name"
		for i := range leaked {
			create(instance, fmt.Sprint("i-", i), cluster, "mine")
		}
		create(instance, "i-x", cluster, "theirs")
		create("unrelated", "1")
		attached := create(instance, w.instance, cluster, "mine")
		if _, err := c.AttachNetworkInterface(attached, w.instance, 1, 0); err != nil {
			t.Fatal(err)
		}
		for _, q := range []struct {
			vpc, cluster string
			want         int
		}{{w.account.VPCID(), "mine", leaked}, {w.account.VPCID(), "", leaked + 1}, {"vpc-other", "mine", 0}} {
			w.calls = nil
			found, err := c.DescribeLeakedNetworkInterfaces(q.vpc, q.cluster)
			if pages := max(1, (q.want+999)/1000); len(found) != q.want || err != nil || len(w.calls) != pages {
				t.Errorf("%+v: %d found with %d calls, error %v", q, len(found), len(w.calls), err)
			}
		}
		w.failing(-1, &ec2model.Error{Code: "UnauthorizedOperation", HTTPStatus: 403})
		if found, err := c.DescribeLeakedNetworkInterfaces(w.account.VPCID(), ""); found != nil || code(err) != "UnauthorizedOperation" {
			t.Errorf("%d found, error %v", len(found), err)
		}
	})
}

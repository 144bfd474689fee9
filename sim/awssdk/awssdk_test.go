package awssdk_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
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

var throttle = ec2model.NewError("RequestLimitExceeded", "slow")

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

func TestCallingOutsideAProcessPanics(t *testing.T) {
	_, c := newWorld(t, awssdk.DefaultOptions())
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	_, _ = c.DescribeSubnets("", "")
}

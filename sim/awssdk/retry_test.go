package awssdk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/des"
)

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

// A pause is as long as the SDK's but for what is less than a microsecond, which
// it has if it is told to.
func TestPausesAreInWholeMicrosecondsUnlessTheyAreToBeExact(t *testing.T) {
	pauses := func(o awssdk.Options) (list []time.Duration) {
		w, c := newWorld(t, o)
		w.failing(-1, throttle)
		w.describe(c)
		for i := range w.attempts[1:] {
			list = append(list, w.attempts[i+1].Start-w.attempts[i].End)
		}
		return list
	}
	o := awssdk.Options{MaxAttempts: 5, RetryQuota: 500}
	whole := pauses(o)
	o.Nanoseconds = true
	exact := pauses(o)
	if len(whole) != 4 || len(exact) != 4 || slices.Equal(whole, exact) {
		t.Errorf("pauses of %v and of %v", whole, exact)
	}
	for i := range exact {
		if whole[i] != exact[i].Truncate(time.Microsecond) {
			t.Errorf("a pause of %v is one of %v", exact[i], whole[i])
		}
	}
}

// EC2 knows a request for an interface by the token that the SDK sends with it, and
// makes one interface of all its tries. Here each try whose answer comes too late
// has made one.
func TestEachTryForAnInterfaceThatTimesOutMakesOne(t *testing.T) {
	w, c := newSlowWorld(t, 15*time.Second, awssdk.Options{MaxAttempts: 3, RetryQuota: 500, AttemptTimeout: 10 * time.Second})
	before := len(w.account.InterfaceIDs())
	w.process(func() {
		if _, err := c.CreateNetworkInterface("", w.subnet, 1, 0, nil); err == nil {
			t.Error("the answer was waited for")
		}
	})
	if made := len(w.account.InterfaceIDs()) - before; made != 3 {
		t.Errorf("%d interfaces are made", made)
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
		err   *ec2model.Error
		tries int
	}{
		{ec2model.NewError("RequestLimitExceeded", ""), 3},
		{ec2model.NewError("Throttling", ""), 3},
		{&ec2model.Error{Code: "EC2ThrottledException", HTTPStatus: 502}, 3},
		{ec2model.NewError("RequestTimeout", ""), 3},
		{ec2model.NewError("InternalError", ""), 3},
		{ec2model.NewError("Unavailable", ""), 3},
		{ec2model.NewError("InsufficientFreeAddressesInSubnet", ""), 1},
		{ec2model.NewError("InsufficientCidrBlocks", ""), 1},
		{ec2model.NewError("AttachmentLimitExceeded", ""), 1},
		{ec2model.NewError("PrivateIpAddressLimitExceeded", ""), 1},
		{ec2model.NewError("InvalidParameterValue", ""), 1},
		{ec2model.NewError("UnauthorizedOperation", ""), 1},
	} {
		t.Run(c.err.Code, func(t *testing.T) {
			w, client := newWorld(t, awssdk.DefaultOptions())
			w.failing(-1, c.err)
			_, err := w.describe(client)
			var exhausted *awssdk.MaxAttemptsError
			if len(w.attempts) != c.tries || code(err) != c.err.Code || errors.As(err, &exhausted) != (c.tries == 3) {
				t.Errorf("%d requests, error %v", len(w.attempts), err)
			}
			if c.tries == 3 && !strings.Contains(err.Error(), "exceeded maximum number of attempts, 3") {
				t.Errorf("error %v", err)
			}
			if !errors.Is(err, c.err) || w.calls[0].Err != err {
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
	timeout := ec2model.NewError("RequestTimeout", "")
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
	c.Reset(awssdk.Options{MaxAttempts: 3, RetryQuota: 32})
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

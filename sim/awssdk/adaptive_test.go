package awssdk

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// The rates that adaptive_ratelimit_test.go of aws-sdk-go-v2 expects, of the same
// answers at the same times.
func TestTheLimiterHasTheRatesOfTheSDK(t *testing.T) {
	l := newLimiter(0)
	for _, want := range []struct {
		at             time.Duration // ms
		throttled      bool
		measured, fill float64
	}{
		{200, false, 0, 0.5}, {400, false, 0, 0.5}, {600, false, 4.8, 0.5}, {800, false, 4.8, 0.5}, {1000, false, 4.16, 0.5},
		{1200, false, 4.16, 0.6912}, {1400, false, 4.16, 1.0976}, {1600, false, 5.632, 1.6384}, {1800, false, 5.632, 2.3328},
		{2000, true, 4.3264, 3.02848}, {2200, false, 4.3264, 3.4866391734702598}, {2400, false, 4.3264, 3.8218744160402554},
		{2600, false, 5.66528, 4.053385727709987}, {2800, false, 5.66528, 4.200373108479455}, {3000, false, 4.333056, 4.282036558348658},
		{3200, true, 4.333056, 2.99742559084406}, {3400, false, 4.333056, 3.4522263943863463},
	} {
		l.answered(want.at*time.Millisecond, want.throttled)
		if math.Abs(l.measured-want.measured) > 1e-9 || math.Abs(l.fillRate-want.fill) > 1e-9 {
			t.Errorf("after %d ms: measured %v, fill rate %v; the SDK has %v, %v", want.at, l.measured, l.fillRate, want.measured, want.fill)
		}
	}
}

// Nothing waits before the first throttle; after it requests wait for tokens, and
// not longer than the smallest rate says.
func TestTheLimiterWaitsOnlyAfterAThrottle(t *testing.T) {
	l := newLimiter(0)
	for i := range 100 {
		if w := l.wait(time.Duration(i) * time.Millisecond); w != 0 {
			t.Fatalf("request %d waits %v", i, w)
		}
		l.answered(time.Duration(i)*time.Millisecond, false)
	}
	now := time.Second
	l.answered(now, true)
	sent, waited := 0, time.Duration(0)
	for range 20 {
		for w := l.wait(now); w > 0; w = l.wait(now) {
			if w > 2*time.Second {
				t.Fatalf("a wait of %v", w)
			}
			now, waited = now+w, waited+w
		}
		sent++
		l.answered(now, true)
	}
	if waited < 5*time.Second {
		t.Errorf("%d throttled requests waited %v in all", sent, waited)
	}
	if (*limiter)(nil).wait(now) != 0 {
		t.Error("standard mode waits")
	}
}

// testdata/adaptive.txt is what the SDK's own code answered, at other times and
// with other throttles than its tests have.
func TestTheLimiterAnswersAsTheSDKDid(t *testing.T) {
	data, err := os.ReadFile("testdata/adaptive.txt")
	if err != nil {
		t.Fatal(err)
	}
	l, waits := newLimiter(0), 0
	for line := range strings.Lines(string(data)) {
		var ms, throttled, micros int64
		var fill, tokens float64
		if n, _ := fmt.Sscanf(line, "%d ? %d", &ms, &micros); n == 2 {
			got, want := l.wait(time.Duration(ms)*time.Millisecond), time.Duration(micros)*time.Microsecond
			if (got > 0) != (want > 0) || (got-want).Abs() > 2*time.Microsecond {
				t.Fatalf("at %d ms a request waits %v, the SDK's %v", ms, got, want)
			}
			if want > 0 {
				waits++
			}
		} else if n, _ := fmt.Sscanf(line, "%d %d %f %f", &ms, &throttled, &fill, &tokens); n == 4 {
			l.answered(time.Duration(ms)*time.Millisecond, throttled == 1)
			if math.Abs(l.fillRate-fill) > 1e-6 || math.Abs(l.tokens-tokens) > 1e-5 {
				t.Fatalf("at %d ms: fill rate %v with %v tokens, the SDK has %v and %v", ms, l.fillRate, l.tokens, fill, tokens)
			}
		}
	}
	if waits < 100 {
		t.Errorf("%d waits", waits)
	}
}

package ec2model_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/source"
)

func TestLatencyMeans(t *testing.T) {
	for _, c := range []struct {
		name string
		l    ec2model.Latency
	}{
		{"log-normal", ec2model.LogNormal(294*time.Millisecond, 0.35, 10*time.Second)},
		{"uniform", ec2model.Uniform(300*time.Millisecond, 800*time.Millisecond)},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		const n = 200_000
		sum := time.Duration(0)
		for range n {
			d := c.l.Sample(r)
			if d < 0 || d > 10*time.Second || d%time.Microsecond != 0 {
				t.Fatalf("%s: %v", c.name, d)
			}
			sum += d
		}
		if got, want := float64(sum/n), float64(c.l.Mean()); math.Abs(got/want-1) > 0.01 {
			t.Errorf("%s: mean %v, want %v", c.name, time.Duration(got), c.l.Mean())
		}
	}
}

func TestAConstantLatencyIsExactAndDrawsNothing(t *testing.T) {
	if d := ec2model.Fixed(1234567).Sample(nil); d != 1234567 {
		t.Errorf("%v", d)
	}
}

func TestNoDrawIsLongerThanTheLongest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	atMost := 0
	for range 1000 {
		d := ec2model.LogNormal(time.Second, 3, time.Second).Sample(r)
		if d > time.Second {
			t.Fatalf("%v is longer than the longest", d)
		}
		if d == time.Second {
			atMost++
		}
	}
	if atMost == 0 {
		t.Error("the bound was never reached")
	}
}

func TestImpossibleLatenciesAreRefused(t *testing.T) {
	for _, l := range []ec2model.Latency{
		ec2model.Fixed(-1), ec2model.Uniform(2, 1), ec2model.LogNormal(time.Second, -1, 0),
		ec2model.LogNormal(time.Second, math.NaN(), 0), ec2model.LogNormal(time.Second, 1, time.Millisecond),
	} {
		cfg := oneSubnet("10.0.0.0/24")
		cfg.Profile.SetLatency(ec2model.CreateTags, l)
		if _, err := ec2model.NewAccount(newWorld(t, 1, oneSubnet("10.0.0.0/24")).k, cfg); err == nil {
			t.Errorf("%v was accepted", l)
		}
	}
}

// The table of https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html.
func TestDefaultBuckets(t *testing.T) {
	p := ec2model.DefaultProfile()
	for action, want := range map[ec2model.Action]ec2model.Bucket{
		ec2model.CreateNetworkInterface: {100, 5}, ec2model.DeleteNetworkInterface: {100, 5},
		ec2model.ModifyNetworkInterfaceAttribute: {100, 5}, ec2model.AssignPrivateIpAddresses: {100, 5},
		ec2model.UnassignPrivateIpAddresses: {100, 5}, ec2model.CreateTags: {100, 10}, ec2model.RunInstances: {5, 2},
		ec2model.TerminateInstances: {100, 5}, ec2model.AttachNetworkInterface: {50, 5}, ec2model.DetachNetworkInterface: {50, 5},
		ec2model.CreateFleet: {50, 5}, ec2model.DescribeSubnets: {100, 20}, ec2model.DescribeInstances: {100, 20},
		ec2model.DescribeNetworkInterfaces: {100, 20},
	} {
		if p.Requests[action] != want {
			t.Errorf("%v: %v, want %v", action, p.Requests[action], want)
		}
	}
	if got := p.Resources[ec2model.RunInstances]; got != (ec2model.Bucket{Burst: 1000, RefillPerSecond: 2}) {
		t.Errorf("resources of RunInstances: %v", got)
	}
	if p.Resources[ec2model.CreateTags] != ec2model.Unlimited {
		t.Error("CreateTags has a resource bucket")
	}
	if p.Unfiltered[ec2model.DescribeInstances] != (ec2model.Bucket{Burst: 50, RefillPerSecond: 10}) {
		t.Error("unfiltered DescribeInstances has another bucket than 50/10")
	}
	if !p.Throttling || p.RejectedTakesToken || p.Addresses != ec2model.Random || p.Prefixes != ec2model.Random {
		t.Errorf("%+v", p)
	}
}

func TestEveryConstantHasAUniqueNameAKindAndASource(t *testing.T) {
	names := map[string]bool{}
	for _, c := range ec2model.Constants() {
		if names[c.Name] || c.Name == "" || c.Value == "" {
			t.Errorf("%+v", c)
		}
		names[c.Name] = true
		switch c.Kind {
		case source.FromDocs, source.Measured, source.Observed:
			if !strings.Contains(c.Source, "https://") {
				t.Errorf("%s is %s but its source names no address", c.Name, c.Kind)
			}
		case source.Assumption:
			if len(c.Source) < 10 {
				t.Errorf("%s is an assumption without a reason", c.Name)
			}
		default:
			t.Errorf("%s has the kind %q", c.Name, c.Kind)
		}
	}
	for _, action := range ec2model.Actions() {
		for _, row := range []string{"latency." + action.String(), "bucket." + action.String() + ".burst", "bucket." + action.String() + ".refill"} {
			if !names[row] {
				t.Errorf("no row %s", row)
			}
		}
		if a, ok := ec2model.ActionByName(action.String()); !ok || a != action {
			t.Errorf("%v is not found by its name", action)
		}
	}
}

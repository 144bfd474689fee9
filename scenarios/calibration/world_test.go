package calibration_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"ipamsim/reports/answers"
	"ipamsim/reports/cloudtrail"
	"ipamsim/reports/openmetrics"
	"ipamsim/scenarios"
	"ipamsim/scenarios/calibration"
	"ipamsim/scenarios/clusterimport"
	"ipamsim/sim/clusterexport"
	"ipamsim/sim/inspect"
	"ipamsim/sim/scrape"
)

// truth is what a world was made with.
type truth struct {
	assign, attach, lag, boot, pull [2]float64 // mean and sigma
	burst, refill, others           float64
}

// draw has parameters at random, within what accounts may have.
func draw(seed uint64) (w truth) {
	r := rand.New(rand.NewPCG(seed, 11))
	pair := func(low, high float64) [2]float64 {
		return [2]float64{low * math.Pow(high/low, r.Float64()), 0.15 + 0.5*r.Float64()}
	}
	w = truth{assign: pair(0.15, 0.9), attach: pair(0.2, 1.2), lag: pair(0.8, 5), boot: pair(20, 60),
		burst: float64(20 + r.IntN(60)), refill: float64(2 + r.IntN(6)), others: 0.2 + r.Float64()}
	w.pull = pair(1, 6)
	return w
}

// world is a scenario in which nodes join and pods start, with others in the account.
const world = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: world}
seed: %d
warmUp: 2m
duration: 12m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/18, az: a}]}
ec2:
  latency:
    AssignPrivateIpAddresses: {mean: %.6fs, sigma: %.6f, max: 60s}
    AttachNetworkInterface: {mean: %.6fs, sigma: %.6f, max: 60s}
  metadata: {interface: {mean: %.6fs, sigma: %.6f, max: 60s}}
  throttle: {DescribeSubnets: {burst: %v, refillPerSecond: %v}}
  background:
    - {action: DescribeVpcs, rate: %.6f}
    - {action: DescribeSubnets, rate: %v, from: 2m, to: 3m}
nodeGroups:
  - {name: workers, instanceType: m5.large, count: 0, subnets: [a], steps: [{at: 10s, count: 60}], launch: {boot: {mean: %.6fs, sigma: %.6f, max: 10m}, groupDelay: {constant: 1s}}}
workloads: [{name: web, initial: 0, replicas: [{at: 4m, count: 1300, over: 4m}], resources: {cpu: 10m}, imagePull: {mean: %.6fs, sigma: %.6f, max: 10m}}]
`

// measured is what the tools would have collected in that world.
func measured(t *testing.T, w truth, seed uint64) []clusterimport.Source {
	t.Helper()
	text := fmt.Sprintf(world, seed+1, w.assign[0], w.assign[1], w.attach[0], w.attach[1], w.lag[0], w.lag[1], w.burst, w.refill, w.others, 4*w.refill, w.boot[0], w.boot[1], w.pull[0], w.pull[1])
	f, err := scenarios.Load("world.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	list, err := f.Variants(scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := scrape.Collect(t.Context(), list[0], scrape.Options{Every: 5 * time.Second, Requests: true, Events: true})
	if err != nil {
		t.Fatal(err)
	}
	var metrics, trail, events bytes.Buffer
	if err := answers.Events(&events, s); err != nil {
		t.Fatal(err)
	}
	if err := openmetrics.Write(&metrics, []*scrape.Scrapes{s}); err != nil {
		t.Fatal(err)
	}
	if err := cloudtrail.Write(&trail, s); err != nil {
		t.Fatal(err)
	}
	sources := []clusterimport.Source{{Name: "metrics.txt", Reader: &metrics}, {Name: "trail.json", Reader: &trail}, {Name: "events.json", Reader: &events}}
	m, err := inspect.Until(t.Context(), list[0], inspect.When{At: 12 * time.Minute}, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range clusterexport.Of(m).Files {
		if file.Name == "nodes.json" || file.Name == "instances.json" {
			var b bytes.Buffer
			if err := file.Write(&b); err != nil {
				t.Fatal(err)
			}
			sources = append(sources, clusterimport.Source{Name: file.Name, Reader: &b})
		}
	}
	return sources
}

// What a world was made with comes back of what its tools collect: each parameter within
// its interval, of 95 in 100, and never far outside.
func TestWhatAWorldWasMadeWithComesBack(t *testing.T) {
	inside, all := 0, 0
	for seed := range uint64(3) {
		w := draw(seed)
		r, err := calibration.Calibrate(measured(t, w, seed), nil)
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, truth float64, i calibration.Interval) {
			all++
			if i.High == nil {
				t.Errorf("world %d: %s has no upper bound: %+v", seed, what, i)
				return
			}
			if i.Low <= truth && truth <= *i.High {
				inside++
			} else if far := (*i.High - i.Low); truth < i.Low-far || truth > *i.High+far {
				t.Errorf("world %d: %s is %v, and comes back as %v to %v", seed, what, truth, i.Low, *i.High)
			} else {
				t.Logf("world %d: %s is %v, and comes back as %v to %v", seed, what, truth, i.Low, *i.High)
			}
		}
		for key, pair := range map[string][2]float64{"ec2.latency.AssignPrivateIpAddresses": w.assign, "ec2.latency.AttachNetworkInterface": w.attach, "ec2.metadata.interface": w.lag, "launch.boot": w.boot, "imagePull of web:latest": w.pull} {
			found := false
			for _, l := range r.Report.Latencies {
				if l.Key == key {
					found = true
					check(key+" mean", pair[0], l.MeanSeconds)
					check(key+" sigma", pair[1], l.Sigma)
					t.Logf("world %d: %s: %d in %d, distance %v of %v", seed, key, l.Draws, l.Observations, l.Distance, l.Critical)
				}
			}
			if !found {
				t.Errorf("world %d: %s is not fitted: %+v", seed, key, r.Report.Left)
			}
		}
		buckets := 0
		for _, b := range r.Report.Buckets {
			if b.Action == "DescribeSubnets" {
				buckets++
				check("refill", w.refill, b.Refill)
				check("burst", w.burst, b.Burst)
			}
		}
		rates := 0
		for _, b := range r.Report.Background {
			if b.Action == "DescribeVpcs" {
				rates++
				check("rate of others", w.others, b.Rate)
			}
		}
		if buckets != 1 || rates != 1 {
			t.Errorf("world %d: %d buckets, %d rates\n%s", seed, buckets, rates, r.Profile)
		}
		if err := scenarios.CheckProfile("p.yaml", r.Profile); err != nil {
			t.Errorf("%v\n%s", err, r.Profile)
		}
		if seed == 0 {
			t.Logf("\n%s", r.Profile)
		}
	}
	if inside < all-4 { // of 39, of which fewer than 2 are outside on average
		t.Errorf("%d of %d are within their intervals", inside, all)
	}
	t.Logf("%d of %d are within their intervals", inside, all)
}

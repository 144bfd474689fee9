package calibration_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ipamsim/reports/answers"
	"ipamsim/reports/cloudtrail"
	"ipamsim/scenarios"
	"ipamsim/scenarios/calibration"
	"ipamsim/scenarios/clusterimport"
	"ipamsim/sim/scrape"
)

// watchedWorld is a scenario in which interfaces come and go, and instances end.
const watchedWorld = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: world}
seed: %d
duration: 14m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/18, az: a}]}
ec2:
  metadata: {interface: {mean: %.6fs, sigma: %.6f, max: 60s}}
  detachTime: {mean: %.6fs, sigma: %.6f, max: 60s}
  shutdownTime: {mean: %.6fs, sigma: %.6f, max: 15m}
nodeGroups:
  - {name: workers, instanceType: m5.large, count: 40, subnets: [a], steps: [{at: 9m, count: 0}]}
workloads: [{name: web, initial: 0, replicas: [{at: 1m, count: 800, over: 3m}, {at: 5m, count: 0, over: 1m}, {at: 7m, count: 300, over: 1m}], resources: {cpu: 10m}}]
`

// What is asked again and again, and CloudTrail, have in them how late metadata is, how
// long a detach takes and how long an instance shuts down.
func TestWhatIsWatchedComesBack(t *testing.T) {
	inside, all := 0, 0
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 12))
		pair := func(low, high float64) [2]float64 {
			return [2]float64{low * math.Pow(high/low, r.Float64()), 0.15 + 0.5*r.Float64()}
		}
		truth := map[string][2]float64{"ec2.metadata.interface": pair(0.8, 5), "ec2.detachTime": pair(2, 8), "ec2.shutdownTime": pair(20, 120)}
		lag, detach, shutdown := truth["ec2.metadata.interface"], truth["ec2.detachTime"], truth["ec2.shutdownTime"]
		f, err := scenarios.Load("world.yaml", fmt.Appendf(nil, watchedWorld, seed+1, lag[0], lag[1], detach[0], detach[1], shutdown[0], shutdown[1]))
		if err != nil {
			t.Fatal(err)
		}
		list, err := f.Variants(scenarios.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := scrape.Collect(t.Context(), list[0], scrape.Options{Every: 2 * time.Second, Requests: true, Answers: true, NoSeries: true})
		if err != nil {
			t.Fatal(err)
		}
		var trail, watch bytes.Buffer
		if err := cloudtrail.Write(&trail, s); err != nil {
			t.Fatal(err)
		}
		if err := answers.Write(&watch, s); err != nil {
			t.Fatal(err)
		}
		got, err := calibration.Calibrate([]clusterimport.Source{{Name: "trail.json", Reader: &trail}, {Name: "watch.jsonl", Reader: &watch}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range got.Report.Latencies {
			want, ok := truth[l.Key]
			if !ok {
				t.Errorf("world %d: %s", seed, l.Key)
				continue
			}
			delete(truth, l.Key)
			for i, of := range []calibration.Interval{l.MeanSeconds, l.Sigma} {
				all++
				if of.Low <= want[i] && want[i] <= *of.High {
					inside++
				} else if far := *of.High - of.Low; want[i] < of.Low-far || want[i] > *of.High+far {
					t.Errorf("world %d: %s is %v, and comes back as %v to %v", seed, l.Key, want[i], of.Low, *of.High)
				}
				t.Logf("world %d: %s is %.4g, and comes back as %v to %v, of %d", seed, l.Key, want[i], of.Low, *of.High, l.Observations)
			}
		}
		if len(truth) > 0 {
			t.Errorf("world %d: %v is not fitted: %+v", seed, truth, got.Report.Left)
		}
		if notes := strings.Join(got.Report.Notes, "\n"); !strings.Contains(notes, "went from one pod to the next while they were watched, after a rest of ") {
			t.Errorf("world %d: %s", seed, notes)
		}
	}
	if inside < all-3 { // of 12, of which fewer than one is outside on average
		t.Errorf("%d of %d are within their intervals", inside, all)
	}
}

package scrape_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/scrape"
)

// Looking changes nothing: the fingerprint of a run that is scraped is that of
// one that is not.
func TestScrapingChangesNothing(t *testing.T) {
	v := scenariotest.Shipped(t, "ipamd-crash", scenarios.Options{})[1]
	alone, err := fleet.New(v, fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := alone.Run(t.Context(), alone.End, nil); err != nil {
		t.Fatal(err)
	}
	scraped, err := fleet.New(v, fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scrape.From(t.Context(), scraped, scrape.Options{Every: time.Second, Requests: true, Answers: true, Events: true}); err != nil {
		t.Fatal(err)
	}
	if a, b := alone.Outcome().Fingerprint, scraped.Outcome().Fingerprint; a != b {
		t.Errorf("%v without and %v with scrapes", a, b)
	}
}

// What the daemons of a subnet say that they hold, and the nodes' own
// addresses, are what EC2's books have of them, once nothing is under way.
func TestTheDaemonsSumsAreTheSubnets(t *testing.T) {
	v := scenariotest.Shipped(t, "hello", scenarios.Options{})[0]
	s, err := scrape.Collect(t.Context(), v, scrape.Options{Every: scrape.EveryDefault})
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]float64{}
	for _, f := range s.Families {
		for _, each := range f.Series {
			last[f.Name] += each.Points[len(each.Points)-1].Value
		}
	}
	held := last["awscni_total_ip_addresses"] + last["awscni_eni_allocated"]
	if used := last["ipamsim_subnet_usable_addresses"] - last["ipamsim_subnet_free_addresses"]; held != used || held == 0 {
		t.Errorf("the daemons hold %v addresses, their interfaces' own included, and the subnets have given %v", held, used)
	}
	if pods := last["kube_pod_info"]; pods != 12 || last["awscni_assigned_ip_addresses"] != pods {
		t.Errorf("%v pods, and addresses on %v", pods, last["awscni_assigned_ip_addresses"])
	}
}

// Each pod that comes to run is bound, has its image and starts, in this order, once, and
// each node is ready once.
func TestEventsTellOfEachStart(t *testing.T) {
	v := scenariotest.Shipped(t, "latency-cliff", scenarios.Options{})[0]
	w, err := fleet.New(v, fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	running := map[string]time.Time{}
	w.Listener.PodRunning = func(p *cluster.Pod) {
		if p.Bound >= w.WarmUp { // before, nobody tells
			running[p.Key] = w.Epoch.Add(p.Running)
		}
	}
	s, err := scrape.From(t.Context(), w, scrape.Options{Every: time.Minute, NoSeries: true, Events: true})
	if err != nil {
		t.Fatal(err)
	}
	pods, ready, last := map[string][]scrape.Event{}, map[string]int{}, time.Time{}
	for _, e := range s.Events {
		if e.At.Before(last) {
			t.Fatalf("%+v comes after one of %v", e, last)
		}
		if last = e.At; e.Pod == "" {
			ready[e.Node]++
		} else {
			pods[e.Pod] = append(pods[e.Pod], e)
		}
	}
	if len(running) < 500 || len(pods) != len(running) || len(ready) != 30 {
		t.Errorf("%d pods run, events of %d, and %d nodes are ready", len(running), len(pods), len(ready))
	}
	for name, n := range ready {
		if n != 1 {
			t.Errorf("%s was ready %d times", name, n)
		}
	}
	for name, list := range pods {
		if len(list) != 3 || list[0].Reason != "Scheduled" || list[1].Reason != "Pulled" || list[2].Reason != "Started" || list[2].At.After(running[name]) {
			t.Errorf("%s, which ran at %v: %+v", name, running[name], list)
		}
	}
}

// Each series has one sample a scrape at most, in the order of time, and no two
// have the same labels.
func TestSeriesAreInOrderAndApart(t *testing.T) {
	v := scenariotest.Shipped(t, "silent-drop", scenarios.Options{})[0]
	s, err := scrape.Collect(t.Context(), v, scrape.Options{Every: 15 * time.Second, Nodes: []string{"workers-0"}})
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]bool{}
	for _, f := range s.Families {
		seen := map[string]bool{}
		for _, each := range f.Series {
			key := each.Suffix
			for _, l := range each.Labels {
				key += "\x00" + l.Name + "\x00" + l.Value
				if l.Name == "node" {
					nodes[l.Value] = true
				}
			}
			if seen[key] {
				t.Errorf("%s is there twice: %q", f.Name, key)
			}
			seen[key] = true
			for i, p := range each.Points[1:] {
				if !p.At.After(each.Points[i].At) {
					t.Fatalf("%s: %v after %v", f.Name, p.At, each.Points[i].At)
				}
			}
		}
	}
	if want := map[string]bool{"workers-0": true}; !maps.Equal(nodes, want) {
		t.Errorf("there are series of nodes %v, want %v", nodes, want)
	}
}

func TestACollectionIsBounded(t *testing.T) {
	v := scenariotest.Expand(t, scenariotest.Cliff, scenarios.Options{Set: []string{"duration=24h"}})[0]
	if _, err := scrape.Collect(t.Context(), v, scrape.Options{Every: scrape.EveryLeast}); !errors.Is(err, scrape.ErrLimit) {
		t.Errorf("got %v, want %v", err, scrape.ErrLimit)
	}
}

package tuning_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim"
	"ipamsim/sim/experiment"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
	"ipamsim/sim/tuning"
)

const small = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: small}
seed: 7
duration: 3m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/22, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 3}]
workloads:
  - {name: web, initial: 6, replicas: [{at: 20s, count: 60}], resources: {cpu: 20m, memory: 16Mi}}
thresholds:
  pods_never_started: ["count==0"]
`

func found(t rapid.TB, v *scenarios.Expanded, o tuning.Options) *result.Tuning {
	t.Helper()
	if o.Replications == 0 {
		o.Replications = 3
	}
	d, err := tuning.New(v, o).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func asJSON(t testing.TB, d *result.Tuning) []byte {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What is found depends neither on the number of workers, nor on whether the
// search was interrupted, nor on who has run the trials.
func TestASearchFindsTheSameHoweverItIsRun(t *testing.T) {
	v := &scenariotest.Expand(t, small, scenarios.Options{})[0]
	dir := t.TempDir()
	head, err := tuning.Head(v, "test")
	if err != nil {
		t.Fatal(err)
	}
	open := func(name string) *tuning.Store {
		s, err := tuning.OpenStore(filepath.Join(dir, name), head)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	options := tuning.Options{Version: "test", Settings: 12}
	with := func(change func(*tuning.Options)) tuning.Options { o := options; change(&o); return o }
	want := asJSON(t, found(t, v, with(func(o *tuning.Options) { o.Workers = 1; o.Store = open("all") })))
	same := func(what string, d *result.Tuning) {
		t.Helper()
		if got := asJSON(t, d); !bytes.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
		}
	}
	same("four workers", found(t, v, with(func(o *tuning.Options) { o.Workers = 4 })))

	text, err := os.ReadFile(filepath.Join(dir, "all"))
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []int{0, 1, 5, 9} {
		name := fmt.Sprintf("part%d", share)
		if err := os.WriteFile(filepath.Join(dir, name), text[:len(text)*share/10], 0o666); err != nil {
			t.Fatal(err)
		}
		same("interrupted", found(t, v, with(func(o *tuning.Options) { o.Store = open(name) })))
		if again, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(again, text) {
			t.Errorf("after %d tenths the file has other trials (%v)", share, err)
		}
	}

	var paths []string
	for i := range 3 {
		name := fmt.Sprintf("S%d", i)
		paths = append(paths, filepath.Join(dir, name))
		s := tuning.New(v, with(func(o *tuning.Options) { o.Store = open(name); o.Replications = 3 }))
		n, err := s.RunShard(context.Background(), experiment.Shard{Index: i, Of: 3})
		if err != nil || n < 4 {
			t.Fatalf("shard %d: %d settings, %v", i, n, err)
		}
	}
	var merged bytes.Buffer
	if _, err := tuning.Merge(paths, &merged); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "merged"), merged.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	same("shards", found(t, v, with(func(o *tuning.Options) { o.Store = open("merged") })))
	after, err := os.ReadFile(filepath.Join(dir, "merged"))
	if err != nil {
		t.Fatal(err)
	}
	trials := func(text []byte) int { return bytes.Count(text, []byte("\n")) }
	if missing := trials(after) - trials(merged.Bytes()); 2*missing > trials(text) {
		t.Errorf("the shards had not run %d of the %d trials of the search", missing, trials(text))
	}
}

// Several workers bring trials at a time: each is stored once, in an order that
// does not depend on them. Small enough for the race detector.
func TestWorkersStoreTrialsInOneOrder(t *testing.T) {
	v := &scenariotest.Expand(t, small, scenarios.Options{Set: []string{"duration=30s"}})[0]
	head, err := tuning.Head(v, "test")
	if err != nil {
		t.Fatal(err)
	}
	stored := func(workers int) []byte {
		path := filepath.Join(t.TempDir(), "trials")
		store, err := tuning.OpenStore(path, head)
		if err != nil {
			t.Fatal(err)
		}
		o := tuning.Options{Version: "test", Settings: 6, Replications: 2, Workers: workers, Store: store, Progress: func(fleet.Progress) {}}
		if n, err := tuning.New(v, o).RunShard(t.Context(), experiment.Whole); err != nil || n == 0 {
			t.Fatalf("%d settings, %v", n, err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || len(text) == 0 {
			t.Fatal(err)
		}
		return text
	}
	if one, several := stored(1), stored(4); !bytes.Equal(one, several) {
		t.Errorf("several workers:\n%s\nwant\n%s", several, one)
	}
}

// churning is a fleet whose pods come and go all the time, so that what counts is how
// many addresses cool down.
const churning = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: churn}
warmUp: 5m
duration: 8m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/23, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 4}]
workloads:
  - {name: web, initial: 20, resources: {cpu: 50m, memory: 50Mi}}
  - {name: jobs, kind: Job, arrivals: {rate: 0.75}, lifetime: {mean: 40s, sigma: 0.6}, resources: {cpu: 20m, memory: 20Mi}}
thresholds: {pod_start: ["p(99)<5s"], pods_never_started: ["count==0"]}
variants:
  - {name: default}
  - {name: warm-targets, set: {nodeGroups.workers.cni.WARM_IP_TARGET: 10, nodeGroups.workers.cni.MINIMUM_IP_TARGET: 24}}
  - {name: prefix-delegation, set: {nodeGroups.workers.cni.ENABLE_PREFIX_DELEGATION: true}}
`

// The settings of the shipped fixes are found without being told: for each of
// them the front has a setting that holds no more addresses, and starts pods no
// later by more than a twentieth, by the 95 % confidence intervals of the differences
// in the same worlds; in worlds that the search has not seen, too.
func TestWhatIsFoundIsAsGoodAsTheShippedFixes(t *testing.T) {
	for _, c := range []struct {
		scenario string
		fixes    []string
		settings int
		worlds   int
		set      []string
	}{
		{"latency-cliff", []string{"warm-targets", "prefix-delegation"}, 0, 9, nil},
		{"subnet-exhaustion", []string{"warm-targets"}, 20, 3, nil},
		{"cooldown-stall", []string{"more-warm"}, 40, 3, nil},
		// the fleet of 20 nodes with five, so that the test is quick
		{"scale-out-and-in", []string{"warm-targets", "prefix-delegation"}, 40, 3, []string{"nodeGroups.workers.count=5", "workloads.web.initial=100",
			"workloads.web.replicas.0.count=900", "workloads.web.replicas.1.count=100"}},
		{"churn", []string{"warm-targets", "prefix-delegation"}, 30, 3, nil},
	} {
		variant := func(t *testing.T, name string) *scenarios.Expanded {
			o := scenarios.Options{Variants: []string{name}, Set: c.set}
			if c.scenario == "churn" {
				return &scenariotest.Expand(t, churning, o)[0]
			}
			return &scenariotest.Shipped(t, c.scenario, o)[0]
		}
		t.Run(c.scenario, func(t *testing.T) {
			base := variant(t, "default")
			d := found(t, base, tuning.Options{Settings: c.settings, Replications: c.worlds})
			r := d.Recommended
			if r == nil {
				t.Fatal("nothing is recommended")
			}
			for _, name := range c.fixes {
				fix := variant(t, name)
				env, _ := tuning.EnvironmentOf(fix.Scenario)
				then := trialOf(t, base, env, d.Seed, d.Replications)
				at := -1 // the fastest of those with no more addresses: they come fewest first, and the fastest last
				for i := range d.Front {
					if d.Front[i].AddressesPeak <= then.Costs.AddressesPeak {
						at = i
					}
				}
				if at < 0 {
					t.Errorf("%s (%v) has %d addresses, and the front has nothing with as few", name, env, then.Costs.AddressesPeak)
					continue
				}
				for _, seed := range []uint64{d.Seed, heldBack(r).Seed} {
					fixed, other := trialOf(t, base, env, seed, d.Replications), trialOf(t, base, d.Front[at].Env, seed, d.Replications)
					difference := fixed.DifferenceTo(other)["pod_start_p99"]
					t.Logf("seed %d: %s: %d addresses, p99 %.2f s; %v: %d, %.2f s; difference %+.2f to %+.2f s", seed, name, fixed.Costs.AddressesPeak, fixed.Costs.PodStartP99,
						d.Front[at].Env, other.Costs.AddressesPeak, other.Costs.PodStartP99, difference.Low, difference.High)
					if more := fixed.DifferenceTo(other)["addresses_peak"]; more.Low > 0 || difference.Low > 0.05*float64(fixed.Costs.PodStartP99) || !other.Costs.PodStartP99.Reached() {
						t.Errorf("with seed %d %v has %+v, and %s %+v", seed, d.Front[at].Env, other.Costs, name, fixed.Costs)
					}
				}
			}
		})
	}
}

func heldBack(r *result.Recommendation) *result.Probe {
	i := slices.IndexFunc(r.Checks, func(p result.Probe) bool { return p.Name == "held-back seed" })
	return &r.Checks[i]
}

// trialOf runs an environment by itself.
func trialOf(t testing.TB, base *scenarios.Expanded, env map[string]string, seed uint64, replications int) *result.Trial {
	t.Helper()
	var set []string
	for name, value := range env {
		set = append(set, "nodeGroups.workers.cni."+name+"="+value)
	}
	trial := result.MakeTrial(set, seed, "", run(t, base, set, seed, replications))
	return &trial
}

func run(t rapid.TB, base *scenarios.Expanded, set []string, seed uint64, replications int) *result.Variant {
	t.Helper()
	v, err := base.With(append(slices.Clone(set), fmt.Sprintf("seed=%d", seed), fmt.Sprintf("replications=%d", replications))...)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sim.Run(context.Background(), []scenarios.Expanded{v}, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &r.Variants[0]
}

// What is recommended makes no threshold worse than it is now, as a run by itself
// finds: with the seed of the file, and with the seed that was held back.
func TestNothingIsRecommendedThatMakesAThresholdWorse(t *testing.T) {
	recommended := 0
	rapid.Check(t, func(t *rapid.T) {
		text := randomScenario(t)
		f, err := scenarios.Load("random.yaml", []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		list, err := f.Variants(scenarios.Options{})
		if err != nil {
			t.Skip("a scenario that cannot be")
		}
		base := &list[0]
		d := found(t, base, tuning.Options{Settings: 6, Replications: 2})
		if d.Recommended == nil {
			if d.None == nil || d.None.Why == "" {
				t.Fatal("nothing is recommended, and nobody says why")
			}
			return
		}
		if len(d.Recommended.Set) > 0 {
			recommended++
		}
		for _, world := range []struct {
			seed         uint64
			replications int
		}{{d.Seed, base.Scenario.Replications}, {heldBack(d.Recommended).Seed, 2}} {
			now, then := run(t, base, nil, world.seed, world.replications), run(t, base, d.Recommended.Set, world.seed, world.replications)
			for i := range now.Thresholds {
				if then.Thresholds[i].WorseThan(&now.Thresholds[i]) {
					t.Fatalf("%v makes %s %s worse with seed %d: %v, was %v\n%s", d.Recommended.Set, now.Thresholds[i].Metric, now.Thresholds[i].Expression, world.seed, then.Thresholds[i], now.Thresholds[i], text)
				}
			}
		}
	})
	if recommended == 0 {
		t.Error("no change was ever recommended: the property says nothing")
	}
}

// randomScenario is a small fleet with any settings and thresholds on anything.
func randomScenario(t *rapid.T) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	one := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	number := func(name string, least, most int) int { return rapid.IntRange(least, most).Draw(t, name) }
	p("apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: random}\nduration: 4m\nseed: %d", number("seed", 1, 1000))
	p("vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/%d, az: a}]}", number("bits", 22, 26))
	p("nodeGroups:")
	for i := range number("groups", 1, 2) {
		p("  - {name: g%d, instanceType: %s, count: %d, cni: {%s}}", i, one("type", "t3.medium", "m5.large", "m4.large"), number("nodes", 1, 3),
			one("cni", "", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 8", "WARM_IP_TARGET: 20", "WARM_ENI_TARGET: 0", "MAX_ENI: 2", "ENABLE_PREFIX_DELEGATION: true"))
	}
	p("workloads:\n  - {name: web, initial: %d, replicas: [{at: 30s, count: %d}], resources: {cpu: 20m, memory: 20Mi}}", number("initial", 0, 20), number("then", 0, 60))
	if rapid.Bool().Draw(t, "jobs") {
		p("  - {name: jobs, kind: Job, arrivals: {rate: 1, to: 2m}, lifetime: {mean: 15s}, resources: {cpu: 20m, memory: 20Mi}}")
	}
	p("thresholds:")
	for _, of := range [][]string{
		{"pod_start", "p(99)<3s", "p(99)<20s", "max<60s"}, {"pods_never_started", "count==0"}, {"subnet_free_min", "value>10", "value>100"},
		{"api_calls", "count<5", "count<100"}, {"enis_peak", "value<=6"},
	} {
		if rapid.Bool().Draw(t, "threshold "+of[0]) {
			p("  %s: [\"%s\"]", of[0], one(of[0], of[1:]...))
		}
	}
	p("  nodes_failed_launches: [\"count==0\"]")
	return b.String()
}

// A setting that is applied changes what it says, and keeps what else there is.
func TestASettingIsLaidOverWhatTheAddOnHas(t *testing.T) {
	v := &scenariotest.Expand(t, strings.Replace(small, "count: 3}", "count: 3, cni: {WARM_IP_TARGET: 20, MINIMUM_IP_TARGET: 25, AWS_VPC_K8S_CNI_EXTERNALSNAT: true}}", 1), scenarios.Options{})[0]
	for _, c := range []struct{ name, text, keeps string }{
		{"yaml", "nodeAgent: {enabled: true}\nenv:\n  WARM_IP_TARGET: \"20\"\n  MINIMUM_IP_TARGET: 25\n", `"nodeAgent":{"enabled":true}`},
		{"json", `{"env":{"WARM_IP_TARGET":"20","MINIMUM_IP_TARGET":"25","WARM_ENI_TARGET":"1"},"tolerations":[{"operator":"Exists"}]}`, `"tolerations":[{"operator":"Exists"}]`},
		{"empty", "", `{"env":`},
	} {
		addOn, err := tuning.ReadAddOn([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		d := found(t, v, tuning.Options{Settings: 10, AddOn: addOn})
		if d.Recommended == nil || len(d.Recommended.Set) == 0 {
			t.Fatal("45 addresses for 20 pods of a node, and nothing is better")
		}
		var values struct {
			Env map[string]any `json:"env"`
		}
		if err := json.Unmarshal(d.Apply.ConfigurationValues, &values); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(d.Apply.ConfigurationValues), c.keeps) {
			t.Errorf("%s: %s lacks %s", c.name, d.Apply.ConfigurationValues, c.keeps)
		}
		for _, line := range strings.Split(strings.TrimSpace(d.Apply.Diff), "\n") {
			name, value, _ := strings.Cut(line[1:], "=")
			if line[0] == '+' && (values.Env[name] != value || !strings.Contains(d.Apply.Kubectl, " "+name+"="+value)) {
				t.Errorf("%s: %s is in neither %v nor %s", c.name, line, values.Env, d.Apply.Kubectl)
			}
		}
	}
	for _, text := range []string{"[1]", "env: 5", "env: [1]", "env: {A: [1]}", "env: {A: {b: 1}}", "env: {A: 1, A: 2}", "{", "a: !!binary x", "? [1]\n: 2", "env: {A: .nan}"} {
		if a, err := tuning.ReadAddOn([]byte(text)); err == nil {
			t.Errorf("%q was read: %v", text, a)
		}
	}
}

// Every assumption that a recommendation is tried with is one that the language
// takes: of each shipped scenario all but those that it has no handle for.
func TestARecommendationIsTriedUnderEveryAssumption(t *testing.T) {
	d := found(t, &scenariotest.Expand(t, small, scenarios.Options{})[0], tuning.Options{Settings: 4})
	var names []string
	for _, c := range d.Recommended.Checks {
		names = append(names, c.Name)
	}
	want := "as the file has it, held-back seed, attach latency -50 %, metadata lag -50 %, burst -50 %, attach latency +50 %, metadata lag +50 %, burst +50 %"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	given := strings.Replace(small, "workloads:", "ec2: {latency: {AttachNetworkInterface: {min: 1s, max: 3s}}, metadata: {interface: {constant: 4s}, addresses: {mean: 2s, sigma: 0.5}}}\nworkloads:", 1)
	for _, c := range found(t, &scenariotest.Expand(t, given, scenarios.Options{})[0], tuning.Options{Settings: 4}).Recommended.Checks {
		for prefix, want := range map[string]string{
			"attach latency +50 %": "ec2.latency.AttachNetworkInterface={min: 1.5s, max: 4.5s}",
			"metadata lag -50 %":   "ec2.metadata.interface={constant: 2s} ec2.metadata.addresses={mean: 1s, sigma: 0.5}",
			"burst +50 %":          "workloads.web.replicas.0.count=87",
		} {
			if got := strings.Join(c.Set, " "); c.Name == prefix && got != want {
				t.Errorf("%s: %s, want %s", c.Name, got, want)
			}
		}
	}
}

// Prefix delegation is tried only where every type can have prefixes, and a
// release gets only variables that it reads.
func TestOnlyWhatCanBeAppliedIsTried(t *testing.T) {
	prefixes := func(change ...string) bool {
		text := strings.NewReplacer(change...).Replace(small)
		d := found(t, &scenariotest.Expand(t, text, scenarios.Options{})[0], tuning.Options{Replications: 1})
		return slices.ContainsFunc(d.Tried, func(x result.Setting) bool { return x.Env["ENABLE_PREFIX_DELEGATION"] == "true" })
	}
	if !prefixes() {
		t.Error("m5.large is built on Nitro")
	}
	if prefixes("m5.large, count: 3}", "m5.large, count: 3}, {name: old, instanceType: m4.large, count: 1}") {
		t.Error("m4.large is not built on Nitro")
	}
	if prefixes("count: 3}", "count: 3, cniVersion: v1.6.0}") {
		t.Error("v1.6.0 knows no prefixes")
	}
}

// Groups with an environment of their own: each search changes its group alone,
// and all together are run.
func TestAGroupCanBeTunedByItself(t *testing.T) {
	text := strings.Replace(small, "count: 3}", "count: 3}, {name: large, instanceType: m5.4xlarge, count: 1, cni: {WARM_IP_TARGET: 40}}", 1)
	v := &scenariotest.Expand(t, text, scenarios.Options{})[0]
	o := tuning.Options{Settings: 8, Replications: 2}
	d := found(t, v, o)
	if err := tuning.PerGroup(context.Background(), v, o, d); err != nil {
		t.Fatal(err)
	}
	if len(d.PerGroup) != 2 || d.Together == nil {
		t.Fatalf("%d groups", len(d.PerGroup))
	}
	var all []string
	for _, x := range d.PerGroup {
		for _, f := range x.Front {
			for _, set := range f.Set {
				if !strings.HasPrefix(set, "nodeGroups."+x.Group+".cni.") {
					t.Errorf("%s: %s", x.Group, set)
				}
			}
		}
		if x.Recommended != nil {
			all = append(all, x.Recommended.Set...)
		}
	}
	together := result.MakeTrial(all, d.Seed, "", run(t, v, all, d.Seed, 2))
	if together.Costs != d.Together.Then || len(all) == 0 {
		t.Errorf("%v: %+v, want %+v", all, d.Together.Then, together.Costs)
	}
}

// Without a stated preference nothing is recommended that starts pods later than
// now, and what is stated is kept.
func TestPreferencesAreKept(t *testing.T) {
	text := strings.Replace(small, "count: 3}", "count: 3, cni: {WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 26}}", 1)
	v := &scenariotest.Expand(t, text, scenarios.Options{})[0]
	o := tuning.Options{Replications: 2}
	if r := found(t, v, o).Recommended; r.PodStartP99 > 7 {
		t.Errorf("%v: %v s", r.Env, r.PodStartP99)
	}
	few := 75
	o.Preference.MaxAddresses = &few
	if d := found(t, v, o); d.Recommended == nil || d.Recommended.AddressesPeak > few {
		t.Errorf("%+v", d.Recommended)
	}
	p99 := 5.0
	o.Preference = result.Preference{MaxP99: &p99}
	r := found(t, v, o).Recommended
	if r == nil || r.PodStartP99 > 5 || r.AddressesPeak >= 81 {
		t.Errorf("%+v", r)
	}
}

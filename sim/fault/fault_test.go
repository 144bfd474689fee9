package fault

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

const second = time.Second

// of is a fault of all nodes at 10 s.
func of(kind Kind, change func(*Fault)) Fault {
	f := Fault{Kind: kind, At: 10 * second, Until: Forever, Share: 1, NodeShare: 1, Nodes: -1, Addresses: -1, Factor: 1}
	if change != nil {
		change(&f)
	}
	return f
}

func (s *site) expect(want ...string) {
	s.t.Helper()
	if !slices.Equal(s.log, want) {
		s.t.Errorf("got\n%s\nwant\n%s", strings.Join(s.log, "\n"), strings.Join(want, "\n"))
	}
}

func TestATargetIsAGroupANodeASubnetOrAShare(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Fault)
		want   []string
	}{
		"group":            {func(f *Fault) { f.Group = "blue" }, []string{"blue-0", "blue-1", "blue-2", "blue-3"}},
		"node":             {func(f *Fault) { f.Node = "red-3" }, []string{"red-3"}},
		"no such node":     {func(f *Fault) { f.Node = "red-4" }, nil},
		"subnet":           {func(f *Fault) { f.Subnets = []string{"b"} }, []string{"red-1", "red-3", "blue-1", "blue-3"}},
		"subnet and group": {func(f *Fault) { f.Subnets, f.Group = []string{"b"}, "red" }, []string{"red-1", "red-3"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 4, of(scenarios.FaultFlushRules, test.change))
			s.to(60)
			var want []string
			for _, n := range test.want {
				want = append(want, "10 flush "+n)
			}
			s.expect(want...)
			if got := s.Hits()[0]; got != len(want) {
				t.Errorf("%d hits", got)
			}
		})
	}
	s := newSite(t, 10, of(scenarios.FaultFlushRules, func(f *Fault) { f.NodeShare, f.Subnets = 0.5, []string{"a"} }), of(scenarios.FaultFlushRules, func(f *Fault) { f.Nodes = 3 }))
	s.to(60)
	if got := s.Hits(); !slices.Equal(got, []int{5, 3}) {
		t.Errorf("half of the 10 nodes in a, and 3 of all: %v hits", got)
	}
}

func TestAnOccasionComesAgainUntilItsEndOrItsNumber(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Fault)
		at     []int
	}{
		"once":                  {func(f *Fault) {}, []int{10}},
		"until the end":         {func(f *Fault) { f.Every = 20 * second }, []int{10, 30, 50, 70, 90}},
		"for a time":            {func(f *Fault) { f.Every, f.Until = 20*second, 50*second }, []int{10, 30}},
		"so many times":         {func(f *Fault) { f.Every, f.Times = 20*second, 3 }, []int{10, 30, 50}},
		"what comes first":      {func(f *Fault) { f.Every, f.Until, f.Times = 20*second, 31*second, 3 }, []int{10, 30}},
		"with a time of nought": {func(f *Fault) { f.Every, f.Until = 20*second, 10*second }, []int{10}},
	} {
		t.Run(name, func(t *testing.T) {
			f := of(scenarios.FaultFlushTable, test.change)
			f.Node, f.Device = "red-0", 2
			s := newSite(t, 1, f)
			s.to(100)
			var want []string
			for _, at := range test.at {
				want = append(want, fmt.Sprintf("%d table 2 red-0", at))
			}
			s.expect(want...)
			if end, ok := s.LastEnd(); ok != (name != "until the end") || ok && end != time.Duration(test.at[len(test.at)-1])*second {
				t.Errorf("the last end is %v, %v", end, ok)
			}
		})
	}
}

func TestTheLastEndIsThatOfTheFaultThatLastsLongest(t *testing.T) {
	once := of(scenarios.FaultKillNodes, func(f *Fault) { f.At = 70 * second })
	for name, test := range map[string]struct {
		faults []Fault
		end    time.Duration
		ok     bool
	}{
		"none":              {nil, 0, false},
		"at once":           {[]Fault{once}, 70 * second, true},
		"a time":            {[]Fault{once, of(scenarios.FaultCordon, func(f *Fault) { f.For = 100 * second })}, 110 * second, true},
		"times":             {[]Fault{once, of(scenarios.FaultAPIErrors, func(f *Fault) { f.For, f.Every, f.Times = 5*second, 50*second, 4 })}, 165 * second, true},
		"times for ever":    {[]Fault{once, of(scenarios.FaultAPIErrors, func(f *Fault) { f.For, f.Every = 5*second, 50*second })}, 0, false},
		"to the end":        {[]Fault{once, of(scenarios.FaultMetadataDown, func(f *Fault) { f.For = Forever })}, 0, false},
		"waiting":           {[]Fault{once, of(scenarios.FaultKillNodes, func(f *Fault) { f.When, f.Until = Created, 90*second })}, 90 * second, true},
		"waiting for ever":  {[]Fault{once, of(scenarios.FaultKillNodes, func(f *Fault) { f.When = Created })}, 0, false},
		"times beyond time": {[]Fault{once, of(scenarios.FaultKillNodes, func(f *Fault) { f.Every, f.Times = 87600*time.Hour, 1_000_000 })}, 0, false},
	} {
		end, ok := newSite(t, 1, test.faults...).LastEnd()
		if ok != test.ok || ok && end != test.end {
			t.Errorf("%s: %v, %v; want %v, %v", name, end, ok, test.end, test.ok)
		}
	}
}

// systemd-networkd flushes at every interface that comes, whoever attaches
// it; what kills hits a node the first time only.
func TestAFlushIsRepeatedAtEachAttachAndARestartIsNot(t *testing.T) {
	waits := func(f *Fault) { f.When, f.Until, f.Group = Attached, 40*second, "red" }
	s := newSite(t, 2, of(scenarios.FaultFlushRules, waits), of(scenarios.FaultRestartIPAMD, waits), of(scenarios.FaultAttachENI, func(f *Fault) { f.At, f.Group = 20*second, "blue" }),
		of(scenarios.FaultAttachENI, func(f *Fault) { f.At, f.Node = 30*second, "red-1" }))
	s.to(5)
	s.attach(s.node("red-1"), 1) // before the fault
	s.to(11)
	s.attach(s.node("red-0"), 1)
	s.attach(s.node("blue-0"), 1)
	s.to(16)
	s.attach(s.node("red-0"), 2)
	s.to(50)
	s.attach(s.node("red-1"), 3) // after it
	s.to(60)
	s.expect("11 flush red-0", "11 restart red-0", "16 flush red-0", "30 flush red-1")
	if got := s.Hits(); !slices.Equal(got, []int{3, 1, 2, 1}) {
		t.Errorf("hits %v", got)
	}
}

// A node that is not of the share is spared at each attach, and count is of
// nodes, not of attaches.
func TestAFlushAtEachAttachChoosesNodesOnce(t *testing.T) {
	s := newSite(t, 4, of(scenarios.FaultFlushRules, func(f *Fault) { f.When, f.Nodes = Attached, 1 }), of(scenarios.FaultFlushTable, func(f *Fault) { f.When, f.NodeShare = Attached, 0 }))
	s.to(11)
	for device := 1; device <= 2; device++ {
		for _, name := range []string{"red-0", "red-1"} {
			s.attach(s.node(name), device)
			s.to(10 + 20*device)
		}
	}
	if len(s.log) != 2 || s.log[0][3:] != s.log[1][3:] {
		t.Errorf("flushes %v, want one node twice", s.log)
	}
}

func TestAddingIsBetweenTheAnswerAndThePlugin(t *testing.T) {
	s := newSite(t, 2, of(scenarios.FaultRestartIPAMD, func(f *Fault) { f.When, f.Until = Adding, 30*second }), of(scenarios.FaultKillNodes, func(f *Fault) { f.When, f.Node = Adding, "red-1" }))
	s.to(1)
	red := []*cluster.Node{s.node("red-0"), s.node("red-1")}
	for _, at := range []int{5, 15, 20, 40} {
		s.to(at)
		s.Adding(red[0])
		if len(s.log) > 1 {
			t.Fatalf("hit on the caller's stack: %v", s.log)
		}
		if at == 40 {
			s.Adding(red[1])
		}
	}
	s.to(50)
	s.expect("15 restart red-0", "40 gone red-1")
	newSite(t, 1).Adding(red[0]) // nobody waits
}

func TestASilentMetadataServiceIsSoOnChosenNodesForAWhile(t *testing.T) {
	s := newSite(t, 2, of(scenarios.FaultMetadataDown, func(f *Fault) { f.For, f.Every, f.Times, f.Subnets = 10*second, 30*second, 2, []string{"a"} }))
	down := func(want bool, names ...string) {
		t.Helper()
		for _, name := range names {
			if s.MetadataDown(s.node(name)) != want {
				t.Errorf("at %v: %s is down: %v", s.kernel.Now(), name, !want)
			}
		}
	}
	s.to(9)
	down(false, "red-0", "red-1")
	s.to(10)
	down(true, "red-0", "blue-0")
	down(false, "red-1")
	if !s.MetadataDown(s.join("a")) || s.MetadataDown(s.join("b")) {
		t.Error("of nodes that join meanwhile not those in the subnet are hit")
	}
	s.to(20)
	down(false, "red-0", "red-1")
	if s.MetadataDown(s.join("a")) {
		t.Error("a node that joins afterwards is hit")
	}
	s.to(45)
	down(true, "red-0")
	s.to(60)
	down(false, "red-0")
	s.to(75)
	down(false, "red-0")
	if got := s.Hits()[0]; got != 5 {
		t.Errorf("%d hits, want 3 and 2 nodes", got)
	}
	s.expect("10 changed red-0", "10 changed blue-0", "10 changed "+s.late(0), "40 changed red-0", "40 changed blue-0")
}

// late is the name of a node that joined by hand, in their order.
func (s *site) late(k int) string {
	var list []string
	for _, line := range s.log {
		if name := line[strings.LastIndexByte(line, ' ')+1:]; strings.HasPrefix(name, "red-late-") {
			list = append(list, name)
		}
	}
	return list[k]
}

func TestStepsAreRefusedInTheirShareOnTheirNodes(t *testing.T) {
	s := newSite(t, 4, of(scenarios.FaultNetlinkErrors, func(f *Fault) { f.For, f.Step, f.Share, f.NodeShare = 10*second, "to-rule", 0.25, 0.5 }))
	refused := func(step string) (nodes, times int) {
		for _, n := range s.cluster.Select(nil, 1, -1, "") {
			k := 0
			for range 1000 {
				if s.Step(n, step) == Refused {
					k++
				}
			}
			if times += k; k > 0 {
				nodes++
			}
		}
		return nodes, times
	}
	if !s.Disturbs() || newSite(t, 1, of(scenarios.FaultKillNodes, nil)).Disturbs() {
		t.Error("Disturbs does not say whether Step matters")
	}
	s.to(9)
	if nodes, _ := refused("to-rule"); nodes != 0 {
		t.Error("refused before it begins")
	}
	s.to(12)
	nodes, times := refused("to-rule")
	if nodes != 4 || times < 900 || times > 1100 {
		t.Errorf("%d attempts refused on %d nodes, want a quarter of 4000 on half of 8", times, nodes)
	}
	if other, _ := refused("from-rule"); other != 0 {
		t.Error("another step is refused")
	}
	if got := s.Hits()[0]; got != times {
		t.Errorf("%d hits for %d refusals", got, times)
	}
	s.to(20)
	if nodes, _ := refused("to-rule"); nodes != 0 {
		t.Error("refused after the end")
	}
}

func TestAKilledPluginComesToNoRefusal(t *testing.T) {
	s := newSite(t, 1, of(scenarios.FaultKillPlugin, func(f *Fault) { f.For, f.Step = Forever, "host-route" }), of(scenarios.FaultNetlinkErrors, func(f *Fault) { f.For = Forever }))
	s.to(11)
	n := s.node("red-0")
	if got := s.Step(n, "host-route"); got != Killed {
		t.Errorf("host-route: %v", got)
	}
	if got := s.Step(n, "to-rule"); got != Refused {
		t.Errorf("to-rule: %v", got)
	}
	if got := s.Step(s.join("a"), "host-route"); got != Killed {
		t.Errorf("on a node that joined later: %v", got)
	}
}

func TestAZoneTakesItsNodesAndGivesNothing(t *testing.T) {
	s := newSite(t, 2, of(scenarios.FaultZoneDown, func(f *Fault) { f.For, f.Subnets = 20*second, []string{"b"} }))
	s.to(15)
	s.expect("10 gone red-1", "10 gone blue-1")
	if _, err := s.account.Launch("m5.large", s.subnet("b")); err == nil || err.(*ec2model.Error).Code != "InsufficientInstanceCapacity" {
		t.Errorf("a launch: %v", err)
	}
	if _, err := s.account.Launch("m5.large", s.subnet("a")); err != nil {
		t.Errorf("a launch elsewhere: %v", err)
	}
	s.to(31)
	if _, err := s.account.Launch("m5.large", s.subnet("b")); err != nil {
		t.Errorf("a launch afterwards: %v", err)
	}
	if got := s.Hits()[0]; got != 3 {
		t.Errorf("%d hits, want the subnet and 2 nodes", got)
	}
}

func TestAStormTakesTheActionsTokens(t *testing.T) {
	tags := ec2model.CreateTags
	s := newSite(t, 1, of(scenarios.FaultThrottleStorm, func(f *Fault) {
		f.For, f.Every, f.Times, f.Action, f.Rate = 10*second, 30*second, 2, &tags, 100
	}))
	var sent []int
	s.account.Observe(func(a ec2model.Attempt) {
		if a.Background && a.Action == tags {
			sent = append(sent, int(a.Start/second))
		}
	})
	s.to(100)
	in := 0
	for _, at := range sent {
		if at >= 10 && at < 20 || at >= 40 && at < 50 {
			in++
		}
	}
	if in != len(sent) || in < 1800 || in > 2200 {
		t.Errorf("%d requests, %d of them in the two times of 10 s", len(sent), in)
	}
}

func TestASlowActionAnswersLater(t *testing.T) {
	tags := ec2model.CreateTags
	f := of(scenarios.FaultAPISlow, func(f *Fault) { f.For, f.Action, f.Factor, f.Add = 10*second, &tags, 3, 2*second })
	w := &requestWindow{Fault: &f}
	if got := w.slowed(1500 * time.Millisecond); got != 6500*time.Millisecond {
		t.Errorf("1.5 s become %v", got)
	}
	if got := w.slowed(longestLatency); got != longestLatency+2*second {
		t.Errorf("the longest latency becomes %v", got)
	}
	s := newSite(t, 1, f)
	s.account.CreateTags("test", []string{"eni-x"}, nil, func(ec2model.Nothing, error) {})
	s.to(12)
	s.account.CreateTags("test", []string{"eni-x"}, nil, func(ec2model.Nothing, error) {})
	if got := s.Hits()[0]; got != 1 {
		t.Errorf("%d hits", got)
	}
}

func TestWhatFindsNothingHasNoHits(t *testing.T) {
	s := newSite(t, 1, of(scenarios.FaultKillNodes, func(f *Fault) { f.When = Deleting }), of(scenarios.FaultCordon, func(f *Fault) { f.Node, f.For = "red-7", second }),
		of(scenarios.FaultDetachENI, nil), of(scenarios.FaultUnassignAddresses, nil), of(scenarios.FaultSubnetOccupy, func(f *Fault) { f.Subnets, f.Addresses = []string{"a"}, 0 }),
		of(scenarios.FaultSubnetOccupy, func(f *Fault) { f.Subnets, f.Addresses = []string{"a"}, 7 }), of(scenarios.FaultAPIErrors, func(f *Fault) { f.For, f.Code = Forever, "X" }))
	s.to(60)
	if got := s.Hits(); !slices.Equal(got, []int{0, 0, 0, 0, 0, 7, 0}) {
		t.Errorf("hits %v", got)
	}
}

// A kind of the language without an effect would be a fault that nobody
// carries out.
func TestEveryKindHasItsEffect(t *testing.T) {
	var kinds []Kind
	for _, e := range effects {
		kinds = append(kinds, e.kind)
		ways := 0
		for _, given := range []bool{e.plan != nil, e.occasion != nil, e.node != nil} {
			if given {
				ways++
			}
		}
		if ways != 1 {
			t.Errorf("%s acts in %d ways", e.kind, ways)
		}
	}
	if want := scenarios.FaultKinds(); !slices.Equal(kinds, want) {
		t.Errorf("effects %v, of the language %v", kinds, want)
	}
}

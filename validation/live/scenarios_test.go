package live

import (
	"slices"
	"testing"

	"ipamsim/validation"
)

// A scenario that is wanted for one pod and one fault keeps these and its time up
// to the pod, and loses all else.
func TestShrinkingKeepsWhatIsLookedForAndNothingElse(t *testing.T) {
	s := Random(3)
	s.Faults = []validation.Fault{{Op: "CreateTags"}, {Op: "DescribeSubnets"}, {Op: "DeleteNetworkInterface"}}
	at := slices.IndexFunc(s.Workload, func(w validation.Step) bool { return w.AtMS > 100_000 && w.Op == "add" })
	looked := s.Workload[at]
	small, err := Shrink(s, 1000, func(s *validation.Scenario) (bool, error) {
		fault := slices.ContainsFunc(s.Faults, func(f validation.Fault) bool { return f.Op == "DescribeSubnets" })
		return fault && slices.Contains(s.Workload, looked), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(small.Workload) != 1 || len(small.Faults) != 1 || len(small.Events)+len(small.Tenants)+len(small.Env) > 0 || small.DurationMS > looked.AtMS+20_000 {
		t.Errorf("%+v is left", small)
	}
	if len(s.Workload) < 2 || len(s.Faults) != 3 {
		t.Error("the scenario itself has changed")
	}
}

// It asks no more often than it is told.
func TestShrinkingIsBounded(t *testing.T) {
	asked := 0
	if _, err := Shrink(Random(3), 7, func(*validation.Scenario) (bool, error) { asked++; return false, nil }); err != nil || asked > 7 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

// Every random scenario can be played, the same number is the same scenario, and
// among the first ones is each kind of trouble.
func TestRandomScenariosArePlayable(t *testing.T) {
	kinds := map[string]bool{}
	for number := range uint64(200) {
		s := Random(number)
		if _, err := validation.Simulate(s, 1); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		for _, e := range s.Events {
			kinds[e.Kind] = true
		}
		kinds["faults"] = kinds["faults"] || len(s.Faults) > 0
		kinds["tenants"] = kinds["tenants"] || len(s.Tenants) > 0
		kinds["holes"] = kinds["holes"] || len(s.Subnets[0].InUse) > 0
		kinds["custom networking"] = kinds["custom networking"] || s.ENIConfig > 0
		kinds["EC2 as modelled"] = kinds["EC2 as modelled"] || s.DefaultEC2
	}
	for _, kind := range []string{
		"faults", "tenants", "holes", "custom networking", "EC2 as modelled", "subnet_occupy", "subnet_release", "node_unschedulable",
		validation.Restart, "metadata_freeze", "metadata_thaw", "unassign_external", "attach_external_eni",
	} {
		if !kinds[kind] {
			t.Errorf("no scenario has %s", kind)
		}
	}
}

// Each scenario of the set has a name of its own, and ours can be played through it.
func TestTheSetIsPlayable(t *testing.T) {
	names := map[string]bool{}
	for _, s := range Set() {
		if _, err := validation.Simulate(s, 1); err != nil || names[s.Name] {
			t.Errorf("%s: %v, or another has its name", s.Name, err)
		}
		names[s.Name] = true
	}
	if len(names) < 40 {
		t.Errorf("%d scenarios, not forty", len(names))
	}
}

// A mutation is one line that is there, and changes it.
func TestEachMutationHasItsLine(t *testing.T) {
	for _, m := range Mutations() {
		if _, err := m.overlay(".", t.TempDir()); err != nil || m.Old == m.New {
			t.Errorf("%s: %v", m.What, err)
		}
	}
}

package findings

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ipamsim/internal/portable"
	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// A node's network is repaired by steps of the timeline: a start of ipamd, then
// pods that are made again. When somebody does so is our assumption: half a
// minute after the last damage, and the second step as long after the first,
// which is more than ipamd's start takes.
const (
	repairAfter = 30 * time.Second
	// repairSeen is what must be left of a run, so that it shows what came of it.
	repairSeen = time.Minute
	// repairGrid is what moments of repairs are rounded up to.
	repairGrid = 10 * time.Second
)

// What the overrides of repairs begin with.
const (
	restartStep  = "faults.+={kind: restart-ipamd, "
	recreateStep = "faults.+={kind: recreate-pods, "
)

// timeline is what a scenario has on it: when its last fault begins, and when
// it has these steps for the last time, on all nodes.
type timeline struct{ fault, restart, recreate float64 }

func timelineOf(s *scenarios.Scenario) timeline {
	t := timeline{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	for i := range s.Faults {
		f := &s.Faults[i]
		at := time.Duration(f.At).Seconds()
		t.fault = max(t.fault, at)
		if f.When != "" || f.Group+f.Node+f.Subnet+f.Workload != "" || f.Share != nil || f.Count != nil {
			continue
		}
		switch f.Kind {
		case scenarios.FaultRestartIPAMD:
			t.restart = max(t.restart, at)
		case scenarios.FaultRecreatePods:
			t.recreate = max(t.recreate, at)
		}
	}
	return t
}

// repair is a way to mend nodes' networks.
type repair struct {
	restart  bool                   // ipamd, first
	recreate scenarios.IntOrPercent // then the pods, how many may be away; the zero value for not at all
}

// gently is how many of a Deployment's pods may be away where nodes have few
// addresses to spare: those of deleted pods cool down for half a minute.
var gently = scenarios.IntOrPercent{Number: 1, Percent: true}

var (
	restarted                 = []repair{{restart: true}}
	recreated                 = []repair{{false, gently}, {false, scenarios.DeploymentMaxUnavailable}}
	recreatedPerhapsRestarted = []repair{{false, gently}, {true, gently}}
	bothDone                  = []repair{{restart: true}, {true, gently}, {true, scenarios.DeploymentMaxUnavailable}}
)

// repairs are the remedies of defects that last. Their moments are the same for
// all defects of an outcome, so that each is tried once. A step that was done
// since the last damage is not proposed again.
func (f *Facts) repairs(o *result.Outcome, list []result.Episode, ways []repair) (remedies []result.Remedy) {
	if lasting(list) == 0 {
		return nil
	}
	damage := math.Inf(-1)
	for _, e := range o.Network.Episodes {
		if e.Lasting > 0 {
			damage = max(damage, e.LastBegan)
		}
	}
	after := max(damage, f.timeline.fault)
	for _, way := range ways {
		way.restart = way.restart && f.timeline.restart < damage
		if !f.deployments || f.timeline.recreate >= damage {
			way.recreate = scenarios.IntOrPercent{}
		}
		set, last := way.steps(time.Duration(portable.Int64(math.Ceil(after/repairGrid.Seconds()))) * repairGrid)
		known := slices.ContainsFunc(remedies, func(r result.Remedy) bool { return slices.Equal(r.Set, set) })
		if len(set) > 0 && !known && last+repairSeen <= f.duration {
			remedies = append(remedies, Remedy(set))
		}
	}
	return remedies
}

// steps are a repair after a moment as overrides, and when the last one is.
func (r repair) steps(at time.Duration) (set []string, last time.Duration) {
	if r.restart {
		at += repairAfter
		set = append(set, fmt.Sprintf(restartStep+"at: %s}", scenarios.Duration(at)))
	}
	if r.recreate != (scenarios.IntOrPercent{}) {
		at += repairAfter
		share := ""
		if r.recreate != scenarios.DeploymentMaxUnavailable {
			share = ", maxUnavailable: " + r.recreate.String()
		}
		set = append(set, fmt.Sprintf(recreateStep+"at: %s%s}", scenarios.Duration(at), share))
	}
	return set, at
}

// repairCommands are those that do the steps among overrides on a cluster.
func repairCommands(set []string) (commands []string) {
	restart, again, slowly := false, false, false
	for _, s := range set {
		restart = restart || strings.HasPrefix(s, restartStep)
		if strings.HasPrefix(s, recreateStep) {
			again, slowly = true, slowly || strings.Contains(s, "maxUnavailable")
		}
	}
	if restart {
		commands = append(commands, "kubectl rollout restart daemonset aws-node -n kube-system")
	}
	if restart && again {
		commands = append(commands, "kubectl rollout status daemonset aws-node -n kube-system")
	}
	if again {
		command := "kubectl rollout restart deployment"
		if slowly {
			command += fmt.Sprintf(" # of each namespace; with strategy.rollingUpdate {maxSurge: 0, maxUnavailable: %v}", gently)
		}
		commands = append(commands, command)
	}
	return commands
}

// lasting is how many defects of a list do at the end.
func lasting(list []result.Episode) (n int) {
	for _, e := range list {
		n += e.Lasting
	}
	return n
}

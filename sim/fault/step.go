package fault

import (
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// Outcome is what becomes of one step of wiring.
type Outcome uint8

// The outcomes.
const (
	None    Outcome = iota // it is done
	Refused                // the kernel answers with an error
	Killed                 // the process is killed before it
)

func (i *Injector) disturbSteps(f *Fault) { i.steps = append(i.steps, i.newNodeWindow(f)) }

// Disturbs says whether Step has anything to say in this run. A host that
// wires need not ask otherwise.
func (i *Injector) Disturbs() bool { return len(i.steps) > 0 }

// Step decides about an attempt at a step on a node. A process that is killed
// comes to no refusal.
func (i *Injector) Step(n *cluster.Node, step string) Outcome {
	out := None
	for _, w := range i.steps {
		random := w.nodes[n]
		if random == nil || w.Step != "" && w.Step != step || w.Share < 1 && random.Float64() >= w.Share {
			continue
		}
		w.hits++
		if w.Kind == scenarios.FaultKillPlugin {
			out = Killed
		} else {
			out = max(out, Refused)
		}
	}
	return out
}

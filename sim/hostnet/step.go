package hostnet

import (
	"errors"
	"fmt"
)

// Step is one write to the kernel by the CNI plugin or by ipamd. Between any
// two of them the writer may die, and each of them may be refused.
type Step uint8

// The steps, each group in the order in which it is made.
const (
	// ADD, by the plugin (driver.go: setupVeth and setupIPBasedContainerRouteRules).
	StepVeth         Step = iota // the pair, both ends up
	StepPodRoute                 // in the pod: to 169.254.1.1, and the default route by it
	StepPodAddress               // in the pod
	StepPodNeighbour             // in the pod: 169.254.1.1 is the veth's host end
	StepHostRoute                // to the pod, in the main table
	StepToRule                   // 512
	StepFromRule                 // 1536, on secondary interfaces

	// DEL, by the plugin (teardownIPBasedContainerRouteRules).
	StepDelToRule
	StepDelFromRule

	// An attached interface, by ipamd (network.go: setupENINetwork).
	StepENILink    // MTU, up
	StepENIAddress // its primary address, which brings a route in the main table along
	StepENIRoute   // its table, and the route in the main table goes again
	StepENIRule    // 32765

	// ipamd's start (UpdateRuleListBySrc): the old rules from a pod are
	// deleted, the new one is this step.
	StepRefreshRule
)

var stepNames = [...]string{
	StepVeth: "veth", StepPodRoute: "pod-route", StepPodAddress: "pod-address", StepPodNeighbour: "pod-neighbour",
	StepHostRoute: "host-route", StepToRule: "to-rule", StepFromRule: "from-rule",
	StepDelToRule: "del-to-rule", StepDelFromRule: "del-from-rule",
	StepENILink: "eni-link", StepENIAddress: "eni-address", StepENIRoute: "eni-route", StepENIRule: "eni-rule",
	StepRefreshRule: "refresh-rule",
}

func (s Step) String() string { return stepNames[s] }

// ErrKilled ends a sequence of steps whose process dies: what it has done
// stays, and nobody undoes it.
var ErrKilled = errors.New("signal: killed")

// KilledError is ErrKilled with the step that was not reached any more.
type KilledError struct{ Step Step }

func (e *KilledError) Error() string { return ErrKilled.Error() }

// Unwrap returns ErrKilled.
func (e *KilledError) Unwrap() error { return ErrKilled }

// RefusedError is the kernel's refusal of one step.
type RefusedError struct{ Step Step }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s: no buffer space available", refusals[e.Step])
}

// refusals are how the real code words the failure of each step.
var refusals = [...]string{
	StepVeth:         "SetupPodNetwork: failed to setup veth pair: failed to setup veth network",
	StepPodRoute:     "SetupPodNetwork: failed to setup veth pair: failed to setup veth network: setup NS network: failed to add default gateway",
	StepPodAddress:   "SetupPodNetwork: failed to setup veth pair: failed to setup veth network: setup NS network: failed to add IP addr to \"eth0\"",
	StepPodNeighbour: "SetupPodNetwork: failed to setup veth pair: failed to setup veth network: setup NS network: failed to add static ARP",
	StepHostRoute:    "SetupPodNetwork: unable to setup IP based container routes and rules: failed to setup container route",
	StepToRule:       "SetupPodNetwork: unable to setup IP based container routes and rules: failed to setup toContainer rule",
	StepFromRule:     "SetupPodNetwork: unable to setup IP based container routes and rules: failed to setup fromContainer rule",
	StepDelToRule:    "TeardownPodNetwork: unable to teardown IP based container routes and rules: failed to delete toContainer rule",
	StepDelFromRule:  "TeardownPodNetwork: unable to teardown IP based container routes and rules: failed to delete fromContainer rule",
	StepENILink:      "setupENINetwork: failed to bring up ENI",
	StepENIAddress:   "setupENINetwork: failed to add IP addr to ENI",
	StepENIRoute:     "setupENINetwork: unable to replace route entry 0.0.0.0",
	StepENIRule:      "setupENINetwork: unable to add rule for ENI IP",
	StepRefreshRule:  "UpdateRuleListBySrc: failed to add pod rule",
}

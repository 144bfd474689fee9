package fleet_test

import (
	"slices"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// outlived is a node that begins a call in the second minute, gives it up, and
// sees EC2 carry it out ten minutes later.
func outlived(action ec2model.Action, pods int, replicas string, faults ...string) setting {
	late := "{kind: api-slow, action: " + action.String() + ", at: 1m, for: 1m, add: 10m}"
	return setting{Nodes: 1, Pods: pods, CNI: "WARM_IP_TARGET: 3, MINIMUM_IP_TARGET: 4", Replicas: replicas, Faults: append(faults, late)}
}

// returned is a node that gets back into use what it wanted to return.
var returned = outlived(ec2model.UnassignPrivateIpAddresses, 6, "{at: 65s, count: 2}, {at: 150s, count: 6}",
	"{kind: api-errors, action: UnassignPrivateIpAddresses, code: UnauthorizedOperation, at: 2m, for: 3m}") // else it is returned before

var outlivings = map[ec2model.Action]setting{
	ec2model.AssignPrivateIpAddresses:   outlived(ec2model.AssignPrivateIpAddresses, 3, "{at: 65s, count: 6}, {at: 100s, count: 3}"),
	ec2model.UnassignPrivateIpAddresses: returned,
	ec2model.AttachNetworkInterface: outlived(ec2model.AttachNetworkInterface, 6, "{at: 65s, count: 9}, {at: 100s, count: 3}",
		"{kind: api-errors, action: DeleteNetworkInterface, code: InternalError, at: 1m, for: 12m}"), // else it is deleted before
}

// A daemon is idle again when EC2 carries out a call that it has given up: it
// must notice at the same pass whether it is parked or ticks.
func TestAParkedDaemonNoticesWhatBecomesOfCallsThatItGaveUp(t *testing.T) {
	for action, s := range outlivings {
		t.Run(action.String(), func(t *testing.T) {
			run := func(park bool) (result.Replication, uint64) {
				w, err := newTested(scenariotest.Expand(t, s.String(), scenarios.Options{})[0], fleet.Options{TickIdle: !park})
				if err != nil {
					t.Fatal(err)
				}
				late := false
				w.Account.Observe(func(a ec2model.Attempt) {
					late = late || a.Action == action && a.Err == nil && a.End-a.Start > 10*time.Minute
				})
				if err := w.Run(t.Context(), w.WarmUp+20*time.Minute, nil); err != nil {
					t.Fatal(err)
				}
				if !late {
					t.Error("no call had its effect after it was given up")
				}
				if err := w.booksAgree(); err != nil {
					t.Error(err)
				}
				return w.Outcome(), w.Kernel.Executed()
			}
			parked, few := run(true)
			ticking, many := run(false)
			if parked.Fingerprint != ticking.Fingerprint {
				t.Errorf("%s when parked, %s when ticking", parked.Fingerprint, ticking.Fingerprint)
			}
			if parked.Events != ticking.Events || few >= many {
				t.Errorf("%d events are counted when parked, %d when ticking; executed were %d and %d", parked.Events, ticking.Events, few, many)
			}
		})
	}
}

// By then the address is in ipamd's book again, and on a pod.
func TestAReturnThatIpamdGaveUpCutsAPodOffAtOnce(t *testing.T) {
	l := inLab(t, returned)
	var taken time.Duration
	l.Account.Observe(func(a ec2model.Attempt) {
		if a.Action == ec2model.UnassignPrivateIpAddresses && a.Err == nil && a.End-a.Start > 10*time.Minute {
			taken = a.End
		}
	})
	l.to(10 * time.Minute)
	if len(l.pods()) != 6 || len(l.defects) > 0 {
		t.Fatalf("%d pods run, defects %v", len(l.pods()), l.defects)
	}
	l.to(13 * time.Minute)
	if !slices.ContainsFunc(l.defects, func(a *machine.Defect) bool {
		return a.Kind == result.LostAddress && a.Began == taken && a.Cause.Kind == result.AddressReturned
	}) {
		t.Errorf("addresses were taken at %v; %d defects", taken, len(l.defects))
	}
}

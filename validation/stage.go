package validation

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// Stage is what surrounds a daemon in a scenario, whoever plays the daemon: the
// account with its one node, what others do in it, and the notes of what is
// seen.
type Stage struct {
	scenario *Scenario
	clock    ec2model.Scheduler
	account  *ec2model.Account
	instance string
	subnets  []string // IDs
	cordoned bool
	ledger   *ledger
	sampler  sampler
	out      *Recording
}

// NewStage builds the account of a scenario with its node. What fleet runs draw
// is constant in it: latencies and lags are the scenario's, EC2 gives the lowest
// free address, and nothing is throttled.
func NewStage(clock ec2model.Scheduler, s *Scenario) (*Stage, error) {
	config, err := s.account()
	if err != nil {
		return nil, err
	}
	return newStageIn(clock, config, s)
}

// newStageIn is a stage in an account of a configuration.
func newStageIn(clock ec2model.Scheduler, config ec2model.Config, scenario *Scenario) (*Stage, error) {
	s := &Stage{scenario: scenario, clock: clock, ledger: newLedger(clock), out: &Recording{}}
	var err error
	if s.account, err = ec2model.NewAccount(clock, config); err != nil {
		return nil, err
	}
	s.ledger.slots = func(eni string) int {
		n, _ := s.account.Interface(eni)
		return len(n.PrivateIpAddresses) + len(n.Ipv4Prefixes)
	}
	if err := s.furnish(); err != nil {
		return nil, err
	}
	for _, t := range scenario.Tenants {
		action, _ := ec2model.ActionByName(t.Op)
		s.account.Background(action, t.PerSec, 1, milliseconds(t.FromMS), milliseconds(t.ToMS))
	}
	s.account.SetFault(scenario.faults())
	s.account.Observe(func(ec2model.Attempt) { s.sampler.stale = true })
	return s, nil
}

// furnish puts the node and its interfaces into the account.
func (s *Stage) furnish() error {
	for i, state := range s.account.Subnets() {
		s.subnets = append(s.subnets, state.ID)
		if limit := s.scenario.Subnets[i].ReservedFreeLimit; limit > 0 && limit < state.Free {
			if _, err := s.account.Occupy(state.ID, state.Free-limit); err != nil {
				return err
			}
		}
	}
	s.ledger.subnets = s.subnets
	var err error
	if s.instance, err = s.account.Launch(s.scenario.InstanceType, s.subnets[0]); err != nil {
		return err
	}
	primary := s.account.Metadata(s.instance)[0].ID
	s.ledger.created(primary)
	if e := s.scenario.InitialPrimary; e != nil {
		if err := s.fill(primary, *e); err != nil {
			return err
		}
	}
	for _, e := range s.scenario.InitialENIs {
		id, err := s.account.AttachNew(s.instance, s.subnets[e.Subnet], 0, 0, nil)
		if err == nil {
			err = s.fill(id, e)
		}
		if err != nil {
			return fmt.Errorf("initial_enis: %s", err)
		}
		s.ledger.created(id)
	}
	s.account.SettleMetadata(s.instance)
	return nil
}

// fill gives an interface what it holds at the start.
func (s *Stage) fill(id string, e InitialENI) error {
	if e.SecondaryIPs > 0 {
		if _, err := s.account.AssignAddresses(id, e.SecondaryIPs); err != nil {
			return err
		}
	}
	if e.Prefixes > 0 {
		if _, err := s.account.AssignPrefixes(id, e.Prefixes); err != nil {
			return err
		}
	}
	own := maps.Clone(e.Tags)
	for key, value := range own {
		if value == recordedInstance {
			own[key] = s.instance
		}
	}
	return s.account.SetTags(id, tags(own))
}

// tags is a map of tags as EC2 has them, by key.
func tags(m map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, types.Tag{Key: new(key), Value: new(m[key])})
	}
	return list
}

// faults is the scenario's faults as the modelled EC2 asks for them.
func (s *Scenario) faults() func(ec2model.Caller, ec2model.Action, time.Duration) *ec2model.Error {
	calls := map[ec2model.Action]int{}
	return func(_ ec2model.Caller, action ec2model.Action, start time.Duration) *ec2model.Error {
		calls[action]++
		for i := range s.Faults {
			if f := &s.Faults[i]; f.Op == action.String() && f.hits(calls[action], start) {
				return ec2model.NewError(f.Code, "injected")
			}
		}
		return nil
	}
}

// hits says whether a fault strikes the k-th call of its operation. A window
// includes its first instant and excludes its last.
func (f *Fault) hits(k int, start time.Duration) bool {
	if len(f.Calls) > 0 && !slices.Contains(f.Calls, k) {
		return false
	}
	return (f.FromMS == nil || start >= milliseconds(*f.FromMS)) && (f.ToMS == nil || start < milliseconds(*f.ToMS))
}

// play is one change by somebody else. What EC2 refuses does not happen, and
// an interface that was never created cannot change.
func (s *Stage) play(e *Event) {
	s.sampler.stale = true
	subnet := s.subnets[e.Subnet]
	id, known := s.ledger.interfaceOf(e.ENI)
	switch e.Kind {
	case subnetOccupy:
		s.account.Occupy(subnet, e.Count)
	case subnetRelease:
		s.account.Vacate(subnet, e.Count)
	case attachExternalENI:
		if id, err := s.account.AttachNew(s.instance, subnet, e.SecondaryIPs, e.Prefixes, tags(e.Tags)); err == nil {
			s.ledger.created(id)
		}
	case nodeUnschedulable:
		s.cordoned = e.Value
	case metadataFreeze:
		s.account.FreezeMetadata(s.instance, e.Count)
	case metadataThaw:
		s.account.ThawMetadata(s.instance)
	}
	if !known {
		return
	}
	switch e.Kind {
	case detachExternal:
		s.account.RemoveInterface(id)
	case unassignExternal:
		s.account.UnassignHighest(id, e.Count)
	case assignExternal:
		s.account.AssignAddresses(id, e.Count)
	}
}

// Recording is what has been noted.
func (s *Stage) Recording() *Recording {
	s.out.Calls = s.ledger.calls
	return s.out
}

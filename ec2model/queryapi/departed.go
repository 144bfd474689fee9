package queryapi

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// departure is an instance that was terminated: EC2 goes on describing it.
type departure struct {
	shape *types.Instance
	since time.Duration // its state
}

// departs hears of instances that shut down and that are gone.
func (s *Service) departs(i *types.Instance, shuttingDown bool) {
	now := s.clock.Now()
	s.forget(now)
	d := departure{i, now}
	i.StateTransitionReason = new("User initiated (" + s.date(now).Format("2006-01-02 15:04:05") + " GMT)")
	i.StateReason = &types.StateReason{Code: new("Client.UserInitiatedShutdown"), Message: new("Client.UserInitiatedShutdown: User initiated shutdown")}
	if shuttingDown {
		i.State = state(types.InstanceStateNameShuttingDown)
		if at, ok := s.account.LaunchedAt(*i.InstanceId); ok {
			i.LaunchTime = new(s.date(at))
		}
		s.departed = append(s.departed, d)
		return
	}
	i.State = state(types.InstanceStateNameTerminated)
	i.NetworkInterfaces, i.PrivateIpAddress, i.SubnetId, i.VpcId = nil, nil, nil, nil
	if at := s.departureOf(*i.InstanceId); at >= 0 {
		i.LaunchTime = s.departed[at].shape.LaunchTime
		s.departed = slices.Delete(s.departed, at, at+1)
	}
	s.departed = append(s.departed, d)
}

// forget those that have been gone for long.
func (s *Service) forget(now time.Duration) {
	s.departed = slices.DeleteFunc(s.departed, func(d departure) bool {
		gone := d.shape.State.Name == types.InstanceStateNameTerminated && now >= d.since+describedFor
		if gone {
			delete(s.metadataOf, *d.shape.InstanceId)
		}
		return gone
	})
}

func (s *Service) departureOf(id string) int {
	return slices.IndexFunc(s.departed, func(d departure) bool { return *d.shape.InstanceId == id })
}

// instancesNow are those that run and those that have departed.
func (s *Service) instancesNow(ids []string) ([]*types.Instance, error) {
	s.forget(s.clock.Now())
	if len(ids) == 0 {
		list, _ := s.account.InstancesNow(nil)
		for _, d := range s.departed {
			list = append(list, d.shape)
		}
		slices.SortFunc(list, func(a, b *types.Instance) int { return cmp.Compare(*a.InstanceId, *b.InstanceId) })
		return list, nil
	}
	list := make([]*types.Instance, len(ids))
	for k, id := range ids {
		if at := s.departureOf(id); at >= 0 {
			list[k] = s.departed[at].shape
			continue
		}
		found, err := s.account.InstancesNow([]string{id})
		if err != nil {
			return nil, err
		}
		list[k] = found[0]
	}
	return list, nil
}

func terminateInstances(s *Service, p *param) send {
	ids := p.texts("InstanceId")
	if len(ids) == 0 {
		p.fault.report(codeMissingParameter, "The request must contain the parameter InstanceId")
	}
	if len(ids) > pageOf1000 {
		p.fault.report(codeInvalidParameterValue, "A request can name %d instances", pageOf1000)
	}
	for _, id := range ids {
		instanceID.check(p, id)
	}
	p.pass("Force", "SkipOsShutdown")
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.forget(s.clock.Now())
		running := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return s.departureOf(id) >= 0 })
		over := func(_ ec2model.Nothing, err error) { done(s.terminating(ids, running), err) }
		if len(running) == 0 {
			s.account.Ask(caller, ec2model.TerminateInstances, false, func() *ec2model.Error { return nil }, func(err error) { over(ec2model.Nothing{}, err) })
			return
		}
		s.account.TerminateInstances(caller, running, over)
	}
}

// terminating says what becomes of instances, of which some ran before.
func (s *Service) terminating(ids, ran []string) *body {
	var b body
	changes := []types.InstanceStateChange{}
	for _, id := range ids {
		at := s.departureOf(id)
		if at < 0 {
			continue // the request was rejected
		}
		now := s.departed[at].shape.State
		change := types.InstanceStateChange{InstanceId: &id, PreviousState: now, CurrentState: now}
		if slices.Contains(ran, id) {
			change.PreviousState = state(types.InstanceStateNameRunning)
		}
		changes = append(changes, change)
	}
	b.add("instancesSet", changes)
	return &b
}

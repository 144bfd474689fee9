package ec2model

import (
	"cmp"
	"slices"
	"time"
)

// RunInstances launches up to Count equal instances in one subnet, at least
// MinCount of them or none, and answers their IDs. Besides the request it
// takes one resource token per instance asked for. EC2 documents that it
// launches as many above the minimum as it has capacity for; that a subnet's
// free addresses count as such is our reading.
func (a *Account) RunInstances(caller Caller, in RunInstancesInput, done func([]string, error)) (answered time.Duration) {
	return request(a, caller, RunInstances, cost{resources: max(0, in.Count)}, in, done)
}

// least is how many of the instances are all right.
func (in RunInstancesInput) least() int {
	if in.MinCount == 0 {
		return in.Count
	}
	return in.MinCount
}

func (in RunInstancesInput) check(a *Account) *Error {
	least := in.least()
	s, err := a.subnetOf(in.SubnetID)
	if err == nil {
		err = checkTags(nil, in.Tags)
	}
	if err == nil && (least < 1 || least > in.Count) {
		err = reject(CodeInvalidParameterValue, "at least %d and at most %d instances were asked for", least, in.Count)
	}
	if err == nil {
		err = a.roomForInstances(in.InstanceType, s, least)
	}
	return err
}

func (in RunInstancesInput) apply(a *Account, _ Caller) ([]string, *Error) {
	s := a.subnetByID[in.SubnetID]
	var ids []string
	for len(ids) < in.Count && (len(ids) < in.least() || a.roomForInstances(in.InstanceType, s, 1) == nil) {
		ids = append(ids, a.launch(in.InstanceType, s, tagsFrom(in.Tags), in.Keep).id)
	}
	return ids, nil
}

// CreateFleet launches up to Count equal instances as an instant on-demand
// fleet of one instance type does: all of them in one of the subnets, which the
// profile's ZonePolicy picks, and what has no room there in the next one. It
// names each subnet that refused. That it takes no resource tokens of
// RunInstances is our assumption: nothing is published.
func (a *Account) CreateFleet(caller Caller, in CreateFleetInput, done func(CreateFleetOutput, error)) (answered time.Duration) {
	return request(a, caller, CreateFleet, cost{resources: max(0, in.Count)}, in, done)
}

func (in CreateFleetInput) check(a *Account) *Error {
	if in.Count < 1 || len(in.SubnetIDs) == 0 {
		return reject(CodeInvalidParameterValue, "a fleet of %d instances in %d subnets", in.Count, len(in.SubnetIDs))
	}
	for _, id := range in.SubnetIDs {
		if _, err := a.subnetOf(id); err != nil {
			return err
		}
	}
	return checkTags(nil, in.Tags)
}

func (in CreateFleetInput) apply(a *Account, _ Caller) (CreateFleetOutput, *Error) {
	return a.launchFleet(in, a.fleetOrder(in.SubnetIDs)), nil
}

// fleetOrder is the order in which a fleet tries its subnets.
func (a *Account) fleetOrder(ids []string) []*subnet {
	order := make([]*subnet, len(ids))
	for i, id := range ids {
		order[i] = a.subnetByID[id]
	}
	switch {
	case len(order) == 1 || a.profile.FleetZone == FixedZone:
	case a.profile.FleetZone == MostFreeZone:
		slices.SortStableFunc(order, func(s, t *subnet) int { return cmp.Compare(t.freeSingles(), s.freeSingles()) })
	default:
		a.zoneChoice.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return order
}

func (a *Account) launchFleet(in CreateFleetInput, order []*subnet) (out CreateFleetOutput) {
	for _, s := range order {
		for len(out.InstanceIDs) < in.Count {
			if err := a.roomForInstances(in.InstanceType, s, 1); err != nil {
				out.Errors = append(out.Errors, FleetError{SubnetID: s.id, Err: err})
				break
			}
			out.InstanceIDs = append(out.InstanceIDs, a.launch(in.InstanceType, s, tagsFrom(in.Tags), in.Keep).id)
		}
	}
	return out
}

// TerminateInstances ends instances at once, all of those named or none; see
// Terminate. Besides the request it takes one resource token per instance.
func (a *Account) TerminateInstances(caller Caller, ids []string, done func(error)) (answered time.Duration) {
	return request(a, caller, TerminateInstances, cost{resources: len(ids)}, terminateInstances{ids}, ignoring(done))
}

type terminateInstances struct{ ids []string }

func (in terminateInstances) check(a *Account) *Error {
	if len(in.ids) == 0 {
		return reject(CodeInvalidParameterValue, "no instance is named")
	}
	for _, id := range in.ids {
		if _, err := a.instanceOf(id); err != nil {
			return err
		}
	}
	return nil
}

func (in terminateInstances) apply(a *Account, _ Caller) (nothing, *Error) {
	for _, id := range in.ids {
		if i := a.instance(id); i != nil { // an ID may be named twice
			a.terminate(i)
		}
	}
	return nothing{}, nil
}

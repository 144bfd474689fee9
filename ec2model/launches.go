package ec2model

// RunInstances launches up to Count equal instances in one subnet, at least
// MinCount of them or none, and answers their IDs. Besides the request it
// takes one resource token per instance asked for. EC2 documents that it
// launches as many above the minimum as it has capacity for; that a subnet's
// free addresses count as such is our reading.
func (a *Account) RunInstances(caller Caller, in RunInstancesInput, done func([]string, error)) {
	least := in.MinCount
	if least == 0 {
		least = in.Count
	}
	check := func() *Error {
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
	apply := func() ([]string, *Error) {
		s := a.subnetByID[in.SubnetID]
		var ids []string
		for len(ids) < in.Count && (len(ids) < least || a.roomForInstances(in.InstanceType, s, 1) == nil) {
			ids = append(ids, a.launch(in.InstanceType, s, tagsFrom(in.Tags)).id)
		}
		return ids, nil
	}
	request(a, caller, RunInstances, cost{resources: max(0, in.Count)}, check, apply, done)
}

// CreateFleet launches up to Count equal instances as an instant fleet does:
// in the first of the subnets while it has room, then in the next. For each
// instance that found no room it answers the last subnet's error. That it
// takes no resource tokens of RunInstances is our assumption: nothing is
// published.
func (a *Account) CreateFleet(caller Caller, in CreateFleetInput, done func(CreateFleetOutput, error)) {
	check := func() *Error {
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
	apply := func() (CreateFleetOutput, *Error) {
		return a.launchFleet(in), nil
	}
	request(a, caller, CreateFleet, cost{resources: max(0, in.Count)}, check, apply, done)
}

func (a *Account) launchFleet(in CreateFleetInput) (out CreateFleetOutput) {
	next := 0
	for range in.Count {
		var err *Error
		for ; next < len(in.SubnetIDs); next++ {
			s := a.subnetByID[in.SubnetIDs[next]]
			if err = a.roomForInstances(in.InstanceType, s, 1); err == nil {
				out.InstanceIDs = append(out.InstanceIDs, a.launch(in.InstanceType, s, tagsFrom(in.Tags)).id)
				break
			}
		}
		if err != nil {
			next = len(in.SubnetIDs) - 1 // the rest fails in the last subnet too
			out.Errors = append(out.Errors, err)
		}
	}
	return out
}

// TerminateInstances ends instances at once, all of those named or none; see
// Terminate. Besides the request it takes one resource token per instance.
func (a *Account) TerminateInstances(caller Caller, ids []string, done func(error)) {
	check := func() *Error {
		if len(ids) == 0 {
			return reject(CodeInvalidParameterValue, "no instance is named")
		}
		for _, id := range ids {
			if _, err := a.instanceOf(id); err != nil {
				return err
			}
		}
		return nil
	}
	apply := func() (nothing, *Error) {
		for _, id := range ids {
			if i := a.instance(id); i != nil { // an ID may be named twice
				a.terminate(i)
			}
		}
		return nothing{}, nil
	}
	request(a, caller, TerminateInstances, cost{resources: len(ids)}, check, apply, ignoring(done))
}

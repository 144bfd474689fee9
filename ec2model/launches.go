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
		err = a.roomForInstances(in.InstanceType, s, least, in.Spot)
	}
	if err == nil {
		err = in.roomForMore(a, s, least)
	}
	return err
}

// roomForMore finds what forbids the addresses and prefixes that count instances
// are to have besides their primary ones. Of blocks it wants one more for each
// instance, as its primary address may break one.
func (in RunInstancesInput) roomForMore(a *Account, s *subnet, count int) *Error {
	k, more := a.kindOf(in.InstanceType), in.Addresses+in.Prefixes
	switch {
	case more == 0:
		return nil
	case in.Addresses < 0 || in.Prefixes < 0:
		return reject(CodeInvalidParameterValue, "a negative number of addresses")
	case in.Addresses > 0 && in.Prefixes > 0:
		return reject(CodeInvalidParameterCombination, "secondary addresses and prefixes cannot be asked for by count in one request")
	case in.Prefixes > 0 && k.Hypervisor == xen:
		return reject(CodeUnsupportedOperation, "the type %s does not support prefixes", k.name)
	case 1+more > k.IPv4PerENI:
		return reject(CodePrivateIPAddressLimitExceeded, "the type %s has %d addresses on one interface", k.name, k.IPv4PerENI)
	case s.freeSingles() < count*(1+in.Addresses):
		return insufficientAddresses(s)
	case in.Prefixes > 0 && s.freeBlocks() < count*(1+in.Prefixes):
		return insufficientBlocks(s)
	case a.nau+count*(1+more) > a.quotas.NAU:
		return a.nauExceeded()
	}
	return nil
}

func (in RunInstancesInput) apply(a *Account, _ Caller) ([]string, *Error) {
	s := a.subnetByID[in.SubnetID]
	var ids []string
	for len(ids) < in.Count && (len(ids) < in.least() || a.roomForInstances(in.InstanceType, s, 1, in.Spot) == nil && in.roomForMore(a, s, 1) == nil) {
		ids = append(ids, a.launchWith(in, s).id)
	}
	return ids, nil
}

// CreateFleet launches up to Count instances as an instant fleet does. On demand
// it takes the cheapest type first, all of its instances in one zone, which the
// profile's ZonePolicy picks, and what has no room there in the next one, then
// the next type. On spot each request draws the order of its pools:
// price-capacity-optimized goes by what EC2 knows of its capacity, of which
// nothing is published. It names each pool that refused.
//
// A fleet takes no resource tokens of RunInstances, which is our assumption;
// where an account has a bucket of them for fleets, a fleet gets what there is
// and says RequestLimitExceeded of the rest, as
// https://github.com/aws/karpenter-provider-aws/issues/8923 reports.
func (a *Account) CreateFleet(caller Caller, in CreateFleetInput, done func(CreateFleetOutput, error)) (answered time.Duration) {
	return request(a, caller, CreateFleet, cost{}, in, done)
}

func (in CreateFleetInput) check(a *Account) *Error {
	if in.Count < 1 || len(in.Pools) == 0 {
		return reject(CodeInvalidParameterValue, "a fleet of %d instances of %d pools", in.Count, len(in.Pools))
	}
	for _, p := range in.Pools {
		if _, err := a.subnetOf(p.SubnetID); err != nil {
			return err
		}
	}
	return checkTags(nil, in.Tags)
}

func (in CreateFleetInput) apply(a *Account, _ Caller) (CreateFleetOutput, *Error) {
	return a.launchFleet(in, a.fleetOrder(in)), nil
}

// usualPools are as many types, and as many subnets, as most fleets name.
const usualPools = 4

// fleetOrder is the order in which a fleet tries its pools.
func (a *Account) fleetOrder(in CreateFleetInput) []Pool {
	if in.Spot {
		order := slices.Clone(in.Pools)
		if len(order) > 1 {
			a.spotChoice.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		return order
	}
	kinds, subnets := make([]string, 0, usualPools), make([]string, 0, usualPools)
	for _, p := range in.Pools {
		if !slices.Contains(kinds, p.InstanceType) {
			kinds = append(kinds, p.InstanceType)
		}
		if !slices.Contains(subnets, p.SubnetID) {
			subnets = append(subnets, p.SubnetID)
		}
	}
	a.orderZones(subnets)
	order := make([]Pool, 0, len(in.Pools))
	for _, kind := range kinds {
		for _, id := range subnets {
			if p := (Pool{kind, id}); slices.Contains(in.Pools, p) {
				order = append(order, p)
			}
		}
	}
	return order
}

func (a *Account) orderZones(subnets []string) {
	switch {
	case len(subnets) == 1 || a.profile.FleetZone == FixedZone:
	case a.profile.FleetZone == MostFreeZone:
		slices.SortStableFunc(subnets, func(s, t string) int {
			return cmp.Compare(a.subnetByID[t].freeSingles(), a.subnetByID[s].freeSingles())
		})
	default:
		a.zoneChoice.Shuffle(len(subnets), func(i, j int) { subnets[i], subnets[j] = subnets[j], subnets[i] })
	}
}

func (a *Account) launchFleet(in CreateFleetInput, order []Pool) (out CreateFleetOutput) {
	for _, p := range order {
		s := a.subnetByID[p.SubnetID]
		for len(out.InstanceIDs) < in.Count {
			err := a.roomForInstances(p.InstanceType, s, 1, in.Spot)
			if err == nil && !a.takeInstanceToken() {
				err = throttled[CreateFleet]
			}
			if err != nil {
				out.Errors = append(out.Errors, FleetError{p, err})
				break
			}
			out.InstanceIDs = append(out.InstanceIDs, a.launchWith(RunInstancesInput{InstanceType: p.InstanceType, Tags: in.Tags, Keep: in.Keep, Spot: in.Spot}, s).id)
		}
	}
	return out
}

// takeInstanceToken takes one resource token of a fleet, if there is one.
func (a *Account) takeInstanceToken() bool {
	now := a.clock.Now()
	if !a.profile.Throttling || now < a.throttleFrom {
		return true
	}
	bucket := &a.buckets[CreateFleet].resources
	if !bucket.has(1, now) {
		return false
	}
	bucket.take(1)
	return true
}

// TerminateInstances ends instances at once, all of those named or none; see
// Terminate. Besides the request it takes one resource token per instance.
func (a *Account) TerminateInstances(caller Caller, ids []string, done func(Nothing, error)) (answered time.Duration) {
	return request(a, caller, TerminateInstances, cost{resources: len(ids)}, terminateInstances{ids}, done)
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

func (in terminateInstances) apply(a *Account, _ Caller) (Nothing, *Error) {
	for _, id := range in.ids {
		if i := a.instance(id); i != nil { // an ID may be named twice
			a.terminate(i)
		}
	}
	return Nothing{}, nil
}

package ec2model

import "math"

// Shortage is what EC2 has left of some instance types in some zones. Nothing
// that it applies to is launched beyond that: InsufficientInstanceCapacity.
type Shortage struct {
	InstanceType string // every type when empty
	Zone         string // every zone when empty
	Spot         bool   // on spot only
	OnDemand     bool   // on demand only
	Left         int    // instances
}

func (s *Shortage) applies(kind, zone string, spot bool) bool {
	return (s.InstanceType == "" || s.InstanceType == kind) && (s.Zone == "" || s.Zone == zone) && !(s.Spot && !spot) && !(s.OnDemand && spot)
}

// RunShort begins a shortage; the function that it returns ends it.
func (a *Account) RunShort(s Shortage) (end func()) {
	short := &s
	a.shortages = append(a.shortages, short)
	return func() {
		kept := a.shortages[:0]
		for _, other := range a.shortages {
			if other != short {
				kept = append(kept, other)
			}
		}
		a.shortages = kept
	}
}

// Refuses is the code of the error that a launch of one instance would get now
// for want of room; empty when it would get none.
func (a *Account) Refuses(instanceType, subnetID string, spot bool) string {
	s, err := a.subnetOf(subnetID)
	if err == nil {
		err = a.roomForInstances(instanceType, s, 1, spot)
	}
	return err.code()
}

// capacityLeft is how many instances EC2 has for whoever asks for them.
func (a *Account) capacityLeft(kind string, in *subnet, spot bool) int {
	left := math.MaxInt
	for _, s := range a.shortages {
		if s.applies(kind, in.az, spot) {
			left = min(left, s.Left)
		}
	}
	return left
}

func (a *Account) takeCapacity(kind string, in *subnet, spot bool) {
	for _, s := range a.shortages {
		if s.applies(kind, in.az, spot) {
			s.Left--
		}
	}
}

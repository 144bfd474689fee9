package ec2model

import (
	"slices"
	"time"
)

// reservationKind begins the IDs of CIDR reservations.
const reservationKind = "scr-"

// reserved is a CIDR reservation of a subnet.
type reserved struct {
	id, description string
	Reservation
}

// ReservationState is a CIDR reservation as it is.
type ReservationState struct {
	ID, SubnetID, Description string
	Reservation
}

// Reservations are those of a subnet, in the order of their creation. The error
// is an *Error about an unknown subnet.
func (a *Account) Reservations(subnetID string) ([]ReservationState, error) {
	s, err := a.subnetOf(subnetID)
	if err != nil {
		return nil, err
	}
	list := make([]ReservationState, len(s.reservations))
	for i, r := range s.reservations {
		list[i] = ReservationState{r.id, s.id, r.description, r.Reservation}
	}
	return list, nil
}

// CreateReservationInput asks for a CIDR reservation.
type CreateReservationInput struct {
	SubnetID    string
	Description string
	Reservation
}

// CreateSubnetCIDRReservation keeps a block of a subnet for prefixes, or from
// being chosen at all. It evicts nobody.
func (a *Account) CreateSubnetCIDRReservation(caller Caller, in CreateReservationInput, done func(ReservationState, error)) (answered time.Duration) {
	return request(a, caller, CreateSubnetCidrReservation, cost{}, in, done)
}

func (in CreateReservationInput) check(a *Account) *Error {
	s, err := a.subnetOf(in.SubnetID)
	if err != nil {
		return err
	}
	r := in.Reservation
	switch {
	case !r.CIDR.IsValid() || r.CIDR.Masked() != r.CIDR || !contains(s.cidr, r.CIDR):
		return reject(CodeInvalidParameterValue, "the CIDR %v is not a block inside %v", r.CIDR, s.cidr)
	case r.Type != ReservePrefix && r.Type != ReserveExplicit:
		return reject(CodeInvalidParameterValue, "the reservation type %q is not known", r.Type)
	case r.Type == ReservePrefix && r.CIDR.Bits() > prefixLength:
		return reject(CodeInvalidParameterValue, "the CIDR %v is too small for a /%d prefix", r.CIDR, prefixLength)
	case len(s.reservations) >= mostReservations:
		return reject("SubnetCidrReservationLimitExceeded", "the subnet '%s' has its %d reservations", s.id, mostReservations)
	}
	for _, other := range s.reservations {
		if other.CIDR.Overlaps(r.CIDR) {
			return reject(CodeInvalidParameterValue, "the CIDR %v overlaps with %v of %s", r.CIDR, other.CIDR, other.id)
		}
	}
	return nil
}

// mostReservations of a subnet: our bound, as nothing is published.
const mostReservations = 1000

func (in CreateReservationInput) apply(a *Account, _ Caller) (ReservationState, *Error) {
	s := a.subnetByID[in.SubnetID]
	a.reservations++
	r := reserved{idOf(reservationKind, a.reservations), in.Description, in.Reservation}
	s.reservations = append(s.reservations, r)
	s.rezone()
	a.mark(uint64(a.reservations))
	return ReservationState{r.id, s.id, r.description, r.Reservation}, nil
}

// DeleteSubnetCIDRReservation ends a reservation. Who has addresses in it keeps
// them.
func (a *Account) DeleteSubnetCIDRReservation(caller Caller, id string, done func(ReservationState, error)) (answered time.Duration) {
	return request(a, caller, DeleteSubnetCidrReservation, cost{}, deleteReservation{id}, done)
}

type deleteReservation struct{ id string }

func (in deleteReservation) find(a *Account) (*subnet, int) {
	for _, s := range a.subnets {
		if i := slices.IndexFunc(s.reservations, func(r reserved) bool { return r.id == in.id }); i >= 0 {
			return s, i
		}
	}
	return nil, -1
}

func (in deleteReservation) check(a *Account) *Error {
	if s, _ := in.find(a); s == nil {
		return reject(CodeReservationNotFound, "the subnet CIDR reservation '%s' does not exist", in.id)
	}
	return nil
}

func (in deleteReservation) apply(a *Account, _ Caller) (ReservationState, *Error) {
	s, i := in.find(a)
	r := s.reservations[i]
	s.reservations = slices.Delete(s.reservations, i, i+1)
	s.rezone()
	return ReservationState{r.id, s.id, r.description, r.Reservation}, nil
}

// rezone makes the sets of free addresses and blocks anew for the reservations
// that there are now.
func (s *subnet) rezone() {
	s.zones = nil
	clear(s.poolOf)
	s.singles = [2]freeSet{newFreeSet(s.size)}
	s.pools = []freeSet{newFreeSet(len(s.inBlock))}
	list := make([]Reservation, len(s.reservations))
	for i, r := range s.reservations {
		list[i] = r.Reservation
	}
	s.reserve(list)
	for block, held := range s.inBlock {
		if pool := s.poolOf[block]; pool >= 0 && held == 0 {
			s.pools[pool].add(block)
		}
	}
	for offset, by := range s.holders {
		if z := s.zoneOf(offset); by == nobody && z != inExplicitReserv {
			s.singles[z].add(offset)
		}
	}
	s.note()
}

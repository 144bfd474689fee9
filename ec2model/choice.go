package ec2model

import "net/netip"

// chooseSingle picks the offset of a free address. Reservations of type
// explicit are never touched, those of type prefix only when nothing else is
// free.
func (s *subnet) chooseSingle(p Policy) (offset int, ok bool) {
	for i := range s.singles {
		if set := &s.singles[i]; set.length > 0 {
			return s.choose(set, p), true
		}
	}
	return 0, false
}

// chooseBlock picks the offset of a free aligned /28 block: from a random one
// of the prefix reservations that have room, and from the general space when
// none has.
func (s *subnet) chooseBlock(p Policy) (offset int, ok bool) {
	open := 0
	for i := 1; i < len(s.pools); i++ {
		if s.pools[i].length > 0 {
			open++
		}
	}
	pool := 0
	if open > 0 {
		skip := 0
		if p == Random && open > 1 {
			skip = s.choice.IntN(open)
		}
		pool = s.reservationWithRoom(skip)
	}
	if s.pools[pool].length == 0 {
		return 0, false
	}
	return s.choose(&s.pools[pool], p) * blockSize, true
}

// reservationWithRoom is the pool of the reservation after skip others that
// also have room. Reservations are in the order of their addresses.
func (s *subnet) reservationWithRoom(skip int) int {
	for i := 1; ; i++ {
		if s.pools[i].length == 0 {
			continue
		}
		if skip == 0 {
			return i
		}
		skip--
	}
}

func (s *subnet) choose(set *freeSet, p Policy) int {
	if p == Lowest {
		return set.nth(0)
	}
	return set.nth(s.choice.IntN(set.length))
}

// holdBlock gives all addresses of a block to a holder.
func (s *subnet) holdBlock(offset int, by holder) {
	for i := range blockSize {
		s.hold(offset+i, by)
	}
}

func (s *subnet) releaseBlock(offset int, from holder) {
	for i := range blockSize {
		s.release(offset+i, from)
	}
}

// occupy lets others take count free addresses in the given pattern. Random
// ones keep out of CIDR reservations while they can, as EC2 would have given
// them; what was there before a reservation is said explicitly. It returns how many there were, which is less than count when the subnet fills.
func (s *subnet) occupy(count, who int, pattern Pattern, order func(n int) []int) int {
	if count == 0 {
		return 0
	}
	taken := 0
	takeIf := func(offset int) {
		if taken < count && s.holders[offset] == nobody {
			s.holdForOthers(offset, who)
			taken++
		}
	}
	switch pattern {
	case Contiguous:
		for offset := range s.size {
			takeIf(offset)
		}
	case Highest:
		for offset := s.size - 1; offset >= 0; offset-- {
			takeIf(offset)
		}
	default:
		offsets := order(s.size)
		for _, inside := range []bool{false, true} { // as EC2 chooses: outside reservations while there is room
			for _, offset := range offsets {
				if (s.zoneOf(offset) != general) == inside {
					takeIf(offset)
				}
			}
		}
	}
	return taken
}

// occupyExactly lets others take what is free of a prefix.
func (s *subnet) occupyExactly(p netip.Prefix, who int) {
	first := s.offset(p.Masked().Addr())
	for offset := first; offset < first+1<<(32-p.Bits()); offset++ {
		if s.holders[offset] == nobody {
			s.holdForOthers(offset, who)
		}
	}
}

// holdForOthers gives an address to others, of whom it is the one with a number;
// 0 has no name.
func (s *subnet) holdForOthers(offset, who int) {
	by := others
	if who > 0 {
		by = firstNamed - holder(who-1)
	}
	s.hold(offset, by)
	s.held[othersAddress]++
	for len(s.others) <= who {
		s.others = append(s.others, 0)
	}
	s.others[who]++
}

// number is that of who holds an address among the others.
func (h holder) number() int {
	if h == others {
		return 0
	}
	return int(firstNamed-h) + 1
}

// vacate lets others give back their count lowest addresses.
func (s *subnet) vacate(count int) int {
	given := 0
	for offset := 0; offset < s.size && given < count; offset++ {
		if by := s.holders[offset]; by.isOthers() {
			s.release(offset, by)
			s.held[othersAddress]--
			s.others[by.number()]--
			given++
		}
	}
	return given
}

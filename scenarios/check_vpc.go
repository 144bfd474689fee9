package scenarios

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"ipamsim/internal/words"
)

// Sizes that AWS allows for a VPC's blocks and for subnets. The most blocks that
// a VPC can be raised to, 50, is the bound of the list.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
const (
	largestBlockBits  = 16
	smallestBlockBits = 28
)

// reservedAddresses of each subnet: the network's, three for AWS's services,
// the last. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
const reservedAddresses = 5

// Usable is the number of addresses of a subnet that can be given out.
func (s Subnet) Usable() int { return s.CIDR.Size() - reservedAddresses }

// reserves says whether AWS keeps all of a block: the subnet's first four
// addresses and its last.
func (s Subnet) reserves(p Prefix) bool {
	offset := func(a netip.Addr) uint32 {
		from, at := s.CIDR.Addr().As4(), a.As4()
		return binary.BigEndian.Uint32(at[:]) - binary.BigEndian.Uint32(from[:])
	}
	first := int(offset(p.Addr()))
	return first+p.Size() <= reservedAddresses-1 || first == s.CIDR.Size()-1
}

func (c *checker) checkVPC() {
	c.checkBlocks()
	for i, s := range c.s.VPC.Subnets {
		c.checkSubnet(i, s)
	}
	c.unique("vpc.subnets", c.subnetNames())
}

func (c *checker) blockSize(at Position, name string, p Prefix) bool {
	switch {
	case p.Bits() < largestBlockBits:
		c.problem(at, "%s: %s is larger than AWS allows: /%d to /%d was expected", name, p, largestBlockBits, smallestBlockBits)
	case p.Bits() > smallestBlockBits:
		c.problem(at, "%s: %s is smaller than AWS allows: /%d to /%d was expected", name, p.Prefix, largestBlockBits, smallestBlockBits)
	default:
		return true
	}
	return false
}

func (c *checker) checkBlocks() {
	blocks := c.s.VPC.CIDRs
	for i, p := range blocks {
		if !c.usable("vpc.cidrs.%d", i) {
			continue
		}
		c.blockSize(c.at("vpc.cidrs.%d", i), "vpc.cidrs", p)
		for j, q := range blocks[:i] {
			if c.usable("vpc.cidrs.%d", j) && p.Overlaps(q.Prefix) {
				c.problem(c.at("vpc.cidrs.%d", i), "vpc.cidrs: %s overlaps %s", p, q)
			}
		}
	}
}

func (c *checker) checkSubnet(i int, s Subnet) {
	path := fmt.Sprintf("vpc.subnets.%d", i)
	at, name := c.at("%s.cidr", path), entry("vpc.subnets", i, s.Name)
	if !c.usable("%s.cidr", path) || !c.blockSize(at, name, s.CIDR) {
		return
	}
	inside, blocks := false, []string{}
	for j, block := range c.s.VPC.CIDRs {
		if !c.usable("vpc.cidrs.%d", j) {
			inside = true // not to blame the subnet for it
			continue
		}
		inside = inside || block.contains(s.CIDR)
		blocks = append(blocks, block.String())
	}
	if !inside && len(blocks) > 0 {
		c.problem(at, "%s: %s is outside its VPC, which has %s", name, s.CIDR, words.And(blocks))
	}
	for j, other := range c.s.VPC.Subnets[:i] {
		if c.usable("vpc.subnets.%d.cidr", j) && s.CIDR.Overlaps(other.CIDR.Prefix) {
			c.problem(at, "%s: %s overlaps %s of subnet %s in line %d", name, s.CIDR, other.CIDR, other.Name, c.at("vpc.subnets.%d.cidr", j).Line)
		}
	}
	c.checkUsed(path, name, s)
	c.checkReservations(path, name, s)
}

func entry(list string, i int, name string) string {
	if name == "" {
		return fmt.Sprintf("%s[%d]", list, i)
	}
	return list + "." + name
}

func (c *checker) checkUsed(path, name string, s Subnet) {
	total := 0
	for i, u := range s.Used {
		sub := fmt.Sprintf("%s.used.%d", path, i)
		counted, listed := c.given("%s.count", sub), c.given("%s.addresses", sub)
		switch {
		case !c.readable("%s", sub):
			continue
		case counted && listed:
			c.problem(c.keyAt(sub+".addresses"), "%s.used: count and addresses exclude each other: give them as two entries", name)
		case !counted && !listed:
			c.problem(c.at("%s", sub), "%s.used: how many was expected: give count, or addresses", name)
		case listed && u.Pattern != "random":
			c.onlyFor(sub, name+".used: a list of addresses", nil, "pattern")
		}
		total += u.Count
		for j, p := range u.Addresses {
			at := fmt.Sprintf("%s.addresses.%d", sub, j)
			if !c.usable("%s", at) {
				continue
			}
			total += p.Size()
			if !s.CIDR.contains(p) {
				c.problem(c.at("%s", at), "%s.used: %s is outside the subnet, %s", name, p, s.CIDR)
			} else if s.reserves(p) {
				c.warning(c.at("%s", at), "%s.used: AWS reserves %s, the first four addresses and the last of each subnet: it has no effect", name, p)
			}
		}
	}
	if total > s.CIDR.Size() || total > s.Usable() && !hasBlocks(s) {
		c.problem(c.at("%s.used", path), "%s.used: %d addresses are used, but %s has %d that can be", name, total, s.CIDR, s.Usable())
	}
}

// hasBlocks reports whether some used addresses are given as blocks, which
// may cover reserved ones.
func hasBlocks(s Subnet) bool {
	for _, u := range s.Used {
		if len(u.Addresses) > 0 {
			return true
		}
	}
	return false
}

func (c *checker) checkReservations(path, name string, s Subnet) {
	for i, r := range s.Reservations {
		at := c.at("%s.reservations.%d.cidr", path, i)
		if !c.usable("%s.reservations.%d.cidr", path, i) {
			continue
		}
		if !s.CIDR.contains(r.CIDR) {
			c.problem(at, "%s.reservations: %s is outside the subnet, %s", name, r.CIDR, s.CIDR)
		}
		if r.Type == "prefix" && r.CIDR.Bits() > smallestBlockBits {
			c.problem(at, "%s.reservations: %s has no room for a prefix, which is a /%d", name, r.CIDR, smallestBlockBits)
		}
		for j, other := range s.Reservations[:i] {
			if c.usable("%s.reservations.%d.cidr", path, j) && r.CIDR.Overlaps(other.CIDR.Prefix) {
				c.problem(at, "%s.reservations: %s overlaps %s", name, r.CIDR, other.CIDR)
			}
		}
	}
}

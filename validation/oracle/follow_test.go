package oracle

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd/datastore"

	"ipamsim/sim/ipamd"
)

// question is a choice that the real datastore has made: among how many, and
// which one. A choice of one is none.
type question struct{ among, chosen int }

// follower is the Picker of our book. It expects the questions that the real
// datastore has faced and gives the real one's answers.
type follower struct {
	expected []question
	wrong    string // the first thing that went otherwise
}

func (f *follower) expect(questions []question) { *f = follower{expected: questions} }

func (f *follower) Pick(n int) int {
	switch {
	case f.wrong != "":
	case len(f.expected) == 0:
		f.wrong = fmt.Sprintf("ours has a choice of %d where the real one has none", n)
	case f.expected[0].among != n:
		f.wrong = fmt.Sprintf("ours has a choice of %d where the real one has %d", n, f.expected[0].among)
	default:
		q := f.expected[0]
		f.expected = f.expected[1:]
		return q.chosen
	}
	return 0
}

// fault says how the questions differed, if they did.
func (f *follower) fault() string {
	if f.wrong == "" && len(f.expected) > 0 {
		return fmt.Sprintf("ours has no choice where the real one has %d", f.expected[0].among)
	}
	return f.wrong
}

// choices reads from the real datastore's state, as it was before it assigned
// an address, among what it chose the interface, the CIDR and the address.
// Candidates are in the order of their keys, as a Picker sees them. It fails
// when what was chosen is no candidate: the oracle then misreads the state.
func (b *realBook) choices(enis map[string]datastore.ENI, cooldown time.Duration, chosen ipamd.AddReply) ([]question, error) {
	var candidates []string
	var cidrs []netip.Prefix
	var options []netip.Addr
	for _, id := range slices.Sorted(maps.Keys(enis)) {
		onENI, cidr := b.candidates(enis[id], cooldown, chosen.Address)
		if len(onENI) > 0 {
			candidates = append(candidates, id)
		}
		if id == chosen.ENI && cidr != nil {
			cidrs, options = onENI, handOut(cidr, cooldown)
		}
	}
	e := slices.Index(candidates, chosen.ENI)
	c := slices.IndexFunc(cidrs, func(p netip.Prefix) bool { return p.Contains(chosen.Address) })
	a := slices.Index(options, chosen.Address)
	if e < 0 || c < 0 || a < 0 {
		return nil, fmt.Errorf("the oracle misreads the real datastore: %v on %s is none of the candidates %v %v %v",
			chosen.Address, chosen.ENI, candidates, cidrs, options)
	}
	return slices.DeleteFunc([]question{{len(candidates), e}, {len(cidrs), c}, {len(options), a}},
		func(q question) bool { return q.among == 1 }), nil
}

// candidates lists an interface's CIDRs that have an address to hand out, and
// finds among them the one that holds an address.
func (b *realBook) candidates(e datastore.ENI, cooldown time.Duration, address netip.Addr) (list []netip.Prefix, holder *datastore.CidrInfo) {
	if e.IsExcludedForPodIPs {
		return nil, nil
	}
	for _, c := range e.AvailableIPv4Cidrs {
		if c.IsPrefix != b.prefixes || len(handOut(c, cooldown)) == 0 {
			continue
		}
		block := ourBlock(c.Cidr)
		list = append(list, block)
		if block.Contains(address) {
			holder = c
		}
	}
	slices.SortFunc(list, byBlock)
	return list, holder
}

// handOut lists the addresses that a CIDR may hand out next: those that were
// used and have cooled down, or else the lowest that never was.
func handOut(c *datastore.CidrInfo, cooldown time.Duration) []netip.Addr {
	var used []netip.Addr
	for _, a := range c.IPAddresses {
		if !a.Assigned() && time.Since(a.UnassignedTime) > cooldown {
			used = append(used, netip.MustParseAddr(a.Address))
		}
	}
	if len(used) > 0 {
		slices.SortFunc(used, netip.Addr.Compare)
		return used
	}
	block := ourBlock(c.Cidr)
	for a := block.Addr(); block.Contains(a); a = a.Next() {
		if c.IPAddresses[a.String()] == nil {
			return []netip.Addr{a}
		}
	}
	return nil
}

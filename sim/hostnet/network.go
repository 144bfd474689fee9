package hostnet

import (
	"net/netip"
	"slices"
)

// Network is one node's network stack. Addresses are IPv4. It is small, and
// shares its configuration, because a big fleet has many.
type Network struct {
	config *Config
	enis   []eni       // by device; the primary interface is the first
	veths  []veth      // by address
	loose  []looseRule // of no veth, in no order

	lastIndex int32 // of a link
	lastOrder int32 // of an interface's address
	lastRule  int32 // of those from an address
	services  uint8 // rules for the first so many of Config.ExternalServices are there
	marking   bool  // so is the rule for marked packets
	setUp     bool  // ipamd has translated what leaves the VPC

	// Fate says what becomes of a step before it is made: nothing, a
	// *RefusedError or ErrKilled. address is the pod's or, for the steps of
	// an interface, its primary one. Nil is nothing, ever.
	Fate func(step Step, address netip.Addr) error
	// Changed hears of every change to what concerns one pod's address, or
	// with no address of what may concern all. Nil is nobody.
	Changed func(address netip.Addr)
	// Calm says that whoever hears of changes knows of nothing wrong. It then
	// does not hear of what only ends something: a pod's service, its rules, or
	// its veth when nothing of it stays behind.
	Calm bool
}

// New returns the stack of a node that has just booted: the primary link with
// its address, and the kernel's own rules. ipamd's start adds to it; see
// SetupHost. Nodes of one kind share config.
func New(config *Config, primaryIP netip.Addr, subnet netip.Prefix) *Network {
	n := &Network{config: config, lastIndex: loopbackIndex}
	n.enis = []eni{{link: n.nextIndex(), state: addressed | connected | routed}}
	n.enis[0].setAddress(primaryIP, subnet)
	return n
}

// Configure sets what the next SetupHost and the next pods go by.
func (n *Network) Configure(config *Config) { n.config = config }

// SetupHost is what ipamd does to the host at each start: it writes the rule
// for marked packets anew, the translation of what leaves the VPC, and the
// rules for external services.
func (n *Network) SetupHost() {
	n.setUp = true
	n.marking = !n.config.NoNodePort || !n.config.ExternalSNAT
	n.services = 0
	for i, to := range n.config.ExternalServices {
		if slices.Contains(n.config.ExternalServices[:i], to) || i > 0 && to.Bits() == 0 {
			break // the kernel takes it for a rule that it has, and ipamd gives up at the first refusal (UpdateExternalServiceIpRules)
		}
		n.services++
	}
	n.changed(netip.Addr{})
}

// FlushRules removes every rule but the kernel's own three, as
// systemd-networkd does with rules that it did not write. Routes stay.
func (n *Network) FlushRules() {
	for i := range n.veths {
		n.veths[i].state &^= ruledTo | ruledFrom
	}
	n.loose, n.marking, n.services = nil, false, 0
	n.changed(netip.Addr{})
}

// Config is what the next SetupHost and the next pods go by.
func (n *Network) Config() Config { return *n.config }

// attempt asks for the fate of a step.
func (n *Network) attempt(s Step, address netip.Addr) error {
	if n.Fate == nil {
		return nil
	}
	err := n.Fate(s, address)
	if err == ErrKilled {
		return &KilledError{s}
	}
	return err
}

func (n *Network) changed(address netip.Addr) {
	if n.Changed != nil {
		n.Changed(address)
	}
}

func (n *Network) nextIndex() int32 {
	n.lastIndex++
	return n.lastIndex
}

// Outside stands for every address that is not of a VPC: it is one of those
// that documents may use as examples (RFC 5737).
var Outside = netip.AddrFrom4([4]byte{198, 51, 100, 1})

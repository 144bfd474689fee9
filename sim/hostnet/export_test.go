package hostnet

import "net/netip"

// Owner is the interface that an address of the node or of one of its pods is
// on, as far as the node knows.
func (n *Network) Owner(address netip.Addr) (device int, ok bool) {
	for _, e := range n.enis {
		if e.address() == address {
			return int(e.device), true
		}
	}
	if v := n.sender(address); v != nil {
		return int(v.device), true
	}
	return 0, false
}

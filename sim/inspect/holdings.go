package inspect

// Holdings are how many addresses are held at a moment, as EC2's books have them.
type Holdings struct {
	Nodes   map[string]int // by name: of its interfaces, 16 a prefix; branches' not
	Subnets map[string]int // by name, by anybody
}

// Holdings counts the addresses that nodes and subnets hold.
func (m *Snapshot) Holdings() Holdings {
	h := Holdings{map[string]int{}, map[string]int{}}
	account := m.Fleet.Account
	for _, s := range account.Subnets() {
		h.Subnets[s.Name] = s.Allocated
	}
	for _, each := range m.Fleet.Machines {
		n := 0
		for d := range account.Devices(each.Node.Instance.ID) {
			if eni, ok := account.Interface(d.Interface); ok {
				n += len(eni.PrivateIpAddresses) + 16*len(eni.Ipv4Prefixes)
			}
		}
		h.Nodes[each.Node.Name] = n
	}
	return h
}

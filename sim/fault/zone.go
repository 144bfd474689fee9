package fault

import "ipamsim/ec2model"

// crowd lets others take addresses of a subnet or give theirs back.
func (i *Injector) crowd(f *Fault) {
	act := (*ec2model.Account).Occupy
	if f.Kind == SubnetRelease {
		act = (*ec2model.Account).Vacate
	}
	for _, id := range i.subnets(f) {
		n, _ := act(i.Account, id, f.Addresses)
		f.hits += n
	}
}

// zoneDown ends what is in the subnets. It always finds them, nodes or none.
func (i *Injector) zoneDown(f *Fault) {
	ids := i.subnets(f)
	for _, id := range ids {
		f.hits++
		_ = i.Account.CloseSubnet(id)
	}
	for _, n := range i.Cluster.Select(f.covers, 1, -1, "") {
		f.hits++
		i.Cluster.Kill(n)
	}
	i.over(f, func() {
		for _, id := range ids {
			_ = i.Account.OpenSubnet(id)
		}
	})
}

func (i *Injector) subnets(f *Fault) (ids []string) {
	for _, name := range f.Subnets {
		if id, ok := i.Account.SubnetID(name); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

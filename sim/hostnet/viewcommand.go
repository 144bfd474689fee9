package hostnet

// Command is one command that shows a part of a view, and what it prints.
type Command struct {
	Name string // as it is typed
	Text string
	JSON string // of `ip -json` in place of `ip`; empty where this is no `ip` command
}

// Commands are what an engineer would type in the namespace, in this order.
func (v View) Commands() []Command {
	list := []Command{
		{"ip link", v.IPLink(), v.IPLinkJSON()},
		{"ip -4 addr", v.IPAddr(), v.IPAddrJSON()},
		{"ip route", v.IPRoute("main"), v.IPRouteJSON("main")},
	}
	rule := Command{"ip rule", v.IPRule(), v.IPRuleJSON()}
	neigh := Command{"ip neigh", v.IPNeigh(), v.IPNeighJSON()}
	t := v.Translation
	if t == nil {
		return append(list, neigh, rule)
	}
	list = append(list, rule)
	for _, table := range v.Tables {
		if table.Name != "main" {
			list = append(list, Command{"ip route show table " + table.Name, v.IPRoute(table.Name), v.IPRouteJSON(table.Name)})
		}
	}
	return append(list, neigh,
		Command{Name: "iptables-save -t nat | grep AWS", Text: lines(t.NAT)},
		Command{Name: "iptables-save -t mangle | grep AWS", Text: lines(t.Mangle)},
		Command{Name: "nft list table ip aws-cni", Text: lines(t.Connmark)},
		Command{Name: "sysctl net.ipv4.conf." + LinkName(0) + ".rp_filter", Text: lines(t.Sysctls)},
	)
}

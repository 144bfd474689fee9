package hostnet

// Command is one command that shows a part of a view, and what it prints.
type Command struct {
	Name string // as it is typed
	Text string
	JSON string // of `ip -json` in place of `ip`; empty where this is no `ip` command
}

// Commands are what an engineer would type in the namespace: first where its
// packets go.
func (v View) Commands() []Command {
	link := Command{"ip link", v.IPLink(), v.IPLinkJSON()}
	addr := Command{"ip -4 addr", v.IPAddr(), v.IPAddrJSON()}
	rule := Command{"ip rule", v.IPRule(), v.IPRuleJSON()}
	route := Command{"ip route", v.IPRoute("main"), v.IPRouteJSON("main")}
	neigh := Command{"ip neigh", v.IPNeigh(), v.IPNeighJSON()}
	t := v.Translation
	if t == nil {
		return []Command{route, neigh, addr, link, rule}
	}
	list, local := []Command{rule, route}, Command{}
	for _, table := range v.Tables {
		c := Command{"ip route show table " + table.Name, v.IPRoute(table.Name), v.IPRouteJSON(table.Name)}
		switch table.Name {
		case "main":
		case "local":
			local = c
		default:
			list = append(list, c)
		}
	}
	return append(list, link, addr, local, neigh,
		Command{Name: "iptables-save -t nat | grep AWS", Text: lines(t.NAT)},
		Command{Name: "iptables-save -t mangle | grep AWS", Text: lines(t.Mangle)},
		Command{Name: "nft list table ip aws-cni", Text: lines(t.Connmark)},
		Command{Name: "sysctl net.ipv4.conf." + LinkName(0) + ".rp_filter", Text: lines(t.Sysctls)},
	)
}

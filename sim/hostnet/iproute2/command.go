package iproute2

import (
	"strings"

	"ipamsim/sim/hostnet"
)

// Command is one command that shows a part of a view, and what it prints.
type Command struct {
	Name string // as it is typed
	Text string
	JSON string // of `ip -json` in place of `ip`; empty where this is no `ip` command
}

// Commands are what an engineer would type in the namespace: first where its
// packets go.
func Commands(v hostnet.View) []Command {
	link := Command{"ip link", linkText(v.Links), linkJSON(v.Links)}
	addr := Command{"ip -4 addr", addressText(v.Links), addressJSON(v.Links)}
	rule := Command{"ip rule", ruleText(v.Rules), ruleJSON(v.Rules)}
	route := Command{"ip route", routeText(v.Routes("main")), routeJSON(v.Routes("main"))}
	neigh := Command{"ip neigh", neighbourText(v.Neighbours), neighbourJSON(v.Neighbours)}
	t := v.Translation
	if t == nil {
		return []Command{route, neigh, addr, link, rule}
	}
	list, local := []Command{rule, route}, Command{}
	for _, table := range v.Tables {
		c := Command{"ip route show table " + table.Name, routeText(table.Routes), routeJSON(table.Routes)}
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
		Command{Name: "sysctl net.ipv4.conf." + hostnet.LinkName(0) + ".rp_filter", Text: lines(t.Sysctls)},
	)
}

// lines of a command's output.
func lines(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return strings.Join(list, "\n") + "\n"
}

package reports

import (
	"encoding/csv"
	"io"
	"strconv"

	"ipamsim/internal/words"
	"ipamsim/limits"
)

// Limits writes instance types as a table; wide has what the hardware offers
// besides.
func Limits(w io.Writer, rows []limits.Row, wide bool, opts TableOptions) error {
	p := newPrinter(w, opts)
	g := grid{columns: []column{{head: "TYPE", left: true}, {head: "ENIS"}, {head: "ADDRESSES/ENI"}}, fold: true}
	const modes = "MAX PODS"
	if wide {
		g.columns = append(g.columns, column{head: "VCPU"}, column{head: "MEMORY"}, column{head: "CARDS"}, column{head: "ON DEFAULT CARD"},
			column{head: "HYPERVISOR", left: true}, column{head: "TRUNK", left: true}, column{head: "BRANCHES"})
	}
	g.columns = append(g.columns, column{group: modes, head: "SECONDARY"}, column{group: modes, head: "PREFIXES"}, column{group: modes, head: "CUSTOM NETWORKING"})
	if wide {
		g.columns = append(g.columns, column{group: modes, head: "BOTH"}, column{group: modes, head: "NODE AGENT"}, column{group: modes, head: "RECOMMENDED SECONDARY"})
	}
	g.columns = append(g.columns, column{group: modes, head: "RECOMMENDED"})
	for _, r := range rows {
		cells := []cell{text(r.Type), whole(r.ENIs), whole(r.AddressesPerENI)}
		if wide {
			cells = append(cells, known(r.VCPU), memory(r.MemoryMiB), whole(r.NetworkCards), whole(r.DefaultCardENIs), text(r.Hypervisor), text(yesNo(r.Trunk)), known(r.BranchENIs))
		}
		cells = append(cells, whole(r.MaxPods), known(r.MaxPodsPrefix), whole(r.MaxPodsCustom))
		if wide {
			cells = append(cells, known(r.MaxPodsBoth), whole(r.NodeAgent), known(r.RecommendedPlain))
		}
		g.add(append(cells, known(r.Recommended))...)
	}
	g.write(p)
	return p.out.Flush()
}

func whole(n int) cell { return text(words.Count(n)) }

// known is a number, or a dash where there is none.
func known(n *int) cell {
	if n == nil {
		return text("-")
	}
	return whole(*n)
}

func memory(mib *int) cell {
	if mib == nil {
		return text("-")
	}
	return text(strconv.FormatFloat(float64(*mib)/1024, 'f', -1, 64) + " GiB")
}

func yesNo(b *bool) string {
	switch {
	case b == nil:
		return "-"
	case *b:
		return "yes"
	}
	return "no"
}

// LimitsCSV writes instance types with the keys of the JSON as columns. What
// is not known is empty.
func LimitsCSV(w io.Writer, rows []limits.Row) error {
	c := csv.NewWriter(w)
	c.Write([]string{"type", "vcpu", "memory_mib", "enis", "network_cards", "default_card_enis", "addresses_per_eni", "hypervisor", "prefix_delegation", "trunk", "branch_enis",
		"max_pods", "max_pods_prefix", "max_pods_custom_networking", "max_pods_prefix_custom_networking", "recommended_max_pods", "recommended_max_pods_secondary", "max_pods_node_agent"})
	for _, r := range rows {
		trunk := ""
		if r.Trunk != nil {
			trunk = strconv.FormatBool(*r.Trunk)
		}
		c.Write([]string{r.Type, csvInt(r.VCPU), csvInt(r.MemoryMiB), strconv.Itoa(r.ENIs), strconv.Itoa(r.NetworkCards), strconv.Itoa(r.DefaultCardENIs), strconv.Itoa(r.AddressesPerENI),
			r.Hypervisor, strconv.FormatBool(r.PrefixDelegation), trunk, csvInt(r.BranchENIs),
			strconv.Itoa(r.MaxPods), csvInt(r.MaxPodsPrefix), strconv.Itoa(r.MaxPodsCustom), csvInt(r.MaxPodsBoth), csvInt(r.Recommended), csvInt(r.RecommendedPlain), strconv.Itoa(r.NodeAgent)})
	}
	c.Flush()
	return c.Error()
}

func csvInt(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

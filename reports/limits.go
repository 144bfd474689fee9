package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
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
	var keys []string
	for f := range reflect.TypeFor[limits.Row]().Fields() {
		keys = append(keys, f.Tag.Get("json"))
	}
	c.Write(keys)
	for _, r := range rows {
		var values []string
		for _, v := range reflect.ValueOf(r).Fields() {
			values = append(values, csvValue(v))
		}
		c.Write(values)
	}
	c.Flush()
	return c.Error()
}

// csvValue is what a pointer leads to, and nothing where it leads nowhere.
func csvValue(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	return fmt.Sprint(v.Interface())
}

package promql

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"ipamsim/sim/findings"
)

// Each rule is PromQL, and fires on something: it is a vector, and where it joins
// two, what they are joined on is in both.
func TestRulesAreParsed(t *testing.T) {
	rules := 0
	for _, g := range findings.Guides {
		a := g.Alert()
		if a == nil {
			continue
		}
		rules++
		e, err := parser.NewParser(parser.Options{}).ParseExpr(a.PromQL)
		if err != nil {
			t.Errorf("%s: %v\n%s", g.Mode, err, a.PromQL)
			continue
		}
		if e.Type() != parser.ValueTypeVector {
			t.Errorf("%s: a rule that is a %s\n%s", g.Mode, e.Type(), a.PromQL)
		}
		compares := false
		parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
			if b, ok := n.(*parser.BinaryExpr); ok {
				compares = compares || b.Op.IsComparisonOperator()
			}
			if s, ok := n.(*parser.VectorSelector); ok && !strings.Contains(s.Name, "_") && s.Name != "up" { // Prometheus' own
				t.Errorf("%s: a metric %q", g.Mode, s.Name)
			}
			return nil
		})
		if !compares {
			t.Errorf("%s: it fires always\n%s", g.Mode, a.PromQL)
		}
	}
	if rules < 15 {
		t.Errorf("only %d rules", rules)
	}
}

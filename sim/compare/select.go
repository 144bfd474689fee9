package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// shown are the ways to sum up a distribution that are compared unless others are
// asked for: the middle and the slow ones. The others follow them, and the more is
// compared the more is different by chance.
var shown = []string{"p50", "p99"}

// figuresToCompare are the figures that are asked for, or those that are compared
// unless some are, in the order of the metrics.
func figuresToCompare(p variants, wanted []string) ([]figure, error) {
	all := p.figures()
	if len(wanted) == 0 {
		return slices.DeleteFunc(all, func(f figure) bool { return f.How != "" && !slices.Contains(shown, f.How) }), nil
	}
	for _, name := range wanted {
		if err := known(name, all); err != nil {
			return nil, fmt.Errorf("metric %s: %w", name, err)
		}
	}
	return slices.DeleteFunc(all, func(f figure) bool { return !slices.Contains(wanted, f.name()) && !slices.Contains(wanted, f.Name) }), nil
}

// known says what is wrong with a name that is asked for.
func known(name string, all []figure) error {
	plain, _, part := strings.Cut(name, "{")
	if _, why, is := result.FigureNamed(plain); !is {
		return fmt.Errorf("%s", why)
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].name()
	}
	if part && !slices.Contains(names, name) {
		return fmt.Errorf("neither result has it%s", words.DidYouMean(name, names))
	}
	return nil
}

// figures are those that one of two variants has. Where only one action was ever
// called, it is all of them.
func (p *variants) figures() (list []figure) {
	parts := p.old.parts()
	for name := range p.new.parts() {
		parts[name] = true
	}
	for i := range result.Figures {
		f := &result.Figures[i]
		list = append(list, figure{f, nil})
		for _, label := range f.Metric.Parts() {
			var of []string
			for _, name := range slices.Sorted(maps.Keys(parts)) {
				if part, is := strings.CutPrefix(name, f.Name+"{"+label+":"); is {
					of = append(of, strings.TrimSuffix(part, "}"))
				}
			}
			if len(of) < 2 {
				continue
			}
			for _, part := range of {
				list = append(list, figure{f, result.Selector{{Key: label, Value: part}}})
			}
		}
	}
	return list
}

// parts are the names of figures with a selector.
func (v *Variant) parts() map[string]bool {
	set := map[string]bool{}
	for name := range v.Figures {
		if strings.HasSuffix(name, "}") {
			set[name] = true
		}
	}
	return set
}

// values are those of a figure in the replications, or nil where there are none. Of
// an action that was never called they are zeros.
func (v *Variant) values(f figure) []Value {
	if values, is := v.Figures[f.name()]; is {
		return values
	}
	if all, is := v.Figures[f.Name]; is && f.of.Get("action") != "" {
		return make([]Value, len(all))
	}
	return nil
}

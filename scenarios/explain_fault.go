package scenarios

import (
	"fmt"
	"strings"

	"ipamsim/internal/words"
)

func explainFault(s *Scenario, f *Fault) string {
	kind, _ := faultKindNamed(f.Kind)
	text := kind.words(f)
	if f.When != "" {
		text += ", each when its ipamd is at the point " + f.When
		if kind.everyTime {
			text += ", every time"
		}
	}
	if kind.lasts && f.For != nil {
		text += " for " + f.For.String()
	}
	if f.Every != nil {
		text += ", again every " + f.Every.String()
		if f.Times > 0 {
			text += fmt.Sprintf(", %d times in all,", f.Times)
		}
	}
	if !kind.lasts && f.For != nil {
		text += " for " + f.For.String()
	}
	text = strings.TrimSuffix(text, ",")
	if f.When != "" {
		return fmt.Sprintf("From %s on %s.", f.At, text)
	}
	return fmt.Sprintf("At %s %s.", f.At, text)
}

func allOrShare(share *float64) string {
	if share == nil {
		return "all"
	}
	return words.Share(*share)
}

func (f *Fault) action() string {
	if f.Action == "" {
		return "every action"
	}
	return f.Action
}

func (f *Fault) step() string {
	if f.Step == "" {
		return "every step"
	}
	return "the step " + f.Step
}

func (f *Fault) verb(one, many string) string {
	if f.Node != "" {
		return one
	}
	return many
}

// nodes are those that the fault hits, a share of them.
func (f *Fault) nodes(share *float64) string {
	if f.Node != "" {
		return f.Node
	}
	nodes := allOrShare(share) + " of the nodes"
	if f.Group != "" {
		nodes += " of " + f.Group
	}
	if f.Subnet != "" {
		nodes += " in " + f.Subnet
	}
	if f.Count != nil {
		nodes += fmt.Sprintf(" (%d at most)", *f.Count)
	}
	return nodes
}

func allOr(n *int) string {
	if n == nil {
		return "all"
	}
	return fmt.Sprint(*n)
}

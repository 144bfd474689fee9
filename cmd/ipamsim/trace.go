package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/recording"
)

// recordLess is what to do where a recording has no room for a run.
const recordLess = "record less: single nodes with --node NAME, single pods with ipamsim explain --pod NAME --out trace=FILE, a shorter duration or fewer nodes"

// selection is what a trace is to hold.
func (f *runFlags) selection() *recording.Selection {
	if len(f.nodes.values) == 0 {
		return &recording.Selection{}
	}
	nodes := map[string]recording.Span{}
	for _, name := range f.nodes.values {
		nodes[name] = recording.Span{From: recording.Never, To: math.MaxInt64}
	}
	return &recording.Selection{Nodes: nodes, OnNodes: true}
}

// checkTrace says before a run what its trace will hold, and refuses one that
// will not fit.
func (a *app) checkTrace(variants []scenarios.Expanded, flags *runFlags) error {
	if !flags.records() {
		if len(flags.nodes.values) == 0 {
			return nil
		}
		if !flags.scrapes() {
			return usagef("--node chooses what a trace or openmetrics holds: it goes with --out trace=FILE or --out openmetrics=FILE")
		}
		return flags.knowsGroups(variants)
	}
	if err := flags.knowsGroups(variants); err != nil {
		return err
	}
	all, most, of := 0, 0, ""
	for i := range variants {
		n := recording.Expect(&variants[i], *flags.selection())
		if all += n; n > most {
			most, of = n, variants[i].Name
		}
	}
	if most > recording.Limit {
		return usagef("variant %s: a trace of it would hold about %s entries, and %s fit; %s", of, about(most), words.Count(recording.Limit), recordLess)
	}
	if !flags.quiet {
		fmt.Fprintf(a.stderr, "ipamsim: the trace will hold about %s entries: stages of pods, requests, pauses, changes of pools\n", about(all))
	}
	return nil
}

// about is a number to two digits.
func about(n int) string {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return words.Count((n + unit/2) / unit * unit)
}

// knowsGroups finds a node whose group is in none of the variants. Nodes are
// called GROUP-NUMBER.
func (f *runFlags) knowsGroups(variants []scenarios.Expanded) error {
	var groups []string
	for _, v := range variants {
		for _, g := range v.Scenario.NodeGroups {
			if !slices.Contains(groups, g.Name) {
				groups = append(groups, g.Name)
			}
		}
	}
	for _, name := range f.nodes.values {
		group, number := name, ""
		if i := strings.LastIndexByte(name, '-'); i >= 0 {
			group, number = name[:i], name[i:]
		}
		if number == "" || !slices.Contains(groups, group) {
			return usagef("--node %s: want GROUP-NUMBER, such as %s-0%s", name, groups[0], words.DidYouMean(group, groups))
		}
	}
	return nil
}

// tracedAll finds a node that came to be in no variant.
func (f *runFlags) tracedAll(recordings []recording.Recorded) error {
	if !f.records() {
		return nil
	}
	for _, name := range f.nodes.values {
		there := func(r recording.Recorded) bool {
			return slices.ContainsFunc(r.Nodes, func(n *recording.NodeRecord) bool { return n.Name == name })
		}
		if !slices.ContainsFunc(recordings, there) {
			return usagef("--node %s: no node of this name came to the cluster", name)
		}
	}
	return nil
}

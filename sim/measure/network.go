package measure

import (
	"ipamsim/sim/des"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// maxExamples of an episode.
const maxExamples = 5

// network sums up what the run has seen of the nodes' networks.
func (c *Collector) network() result.Network {
	n := result.Network{DroppingPeak: c.census.all.counts().Worst.WithoutNetwork, DroppingEnd: c.census.all.now.WithoutNetwork, Further: c.furtherDefects}
	affected := map[string]bool{}
	sums := episodes{index: map[episode]int{}, ofCause: map[sufferer]bool{}, ofKind: map[sufferer]bool{}}
	for _, d := range c.defects {
		if d.Kind.Dropping() {
			affected[d.Pod] = true
		}
		if d.Ended == des.Never {
			switch d.Kind {
			case result.StaleRule:
				n.StaleRulesEnd++
			case result.LeakedAddress:
				n.LeakedEnd++
			}
		}
		sums.add(d, c.seconds(d.Began), d.Shown(c.from))
	}
	n.Episodes, n.Affected = sums.list, len(affected)
	return n
}

// episode is what defects have in common that are told of together.
type episode struct {
	kind  result.DefectKind
	cause result.NetworkCause
}

// sufferer is a pod in an episode, or an address where no pod has it.
type sufferer struct {
	episode
	who string
}

// episodes sum defects up by kind and cause. A pod may lose its address, get it
// back and lose it again, by the same cause or by another: it is one pod.
type episodes struct {
	list            []result.Episode
	nodes           []map[string]bool // of each
	index           map[episode]int
	ofCause, ofKind map[sufferer]bool // who has been counted
}

// add takes a defect, and how results show it.
func (s *episodes) add(d *machine.Defect, began float64, shown result.Defect) {
	of := episode{d.Kind, d.Cause}
	i, known := s.index[of]
	if !known {
		i = len(s.list)
		s.index[of] = i
		s.list = append(s.list, result.Episode{Kind: d.Kind, Cause: d.Cause, Began: began, LastBegan: began})
		s.nodes = append(s.nodes, map[string]bool{})
	}
	e := &s.list[i]
	e.LastBegan = max(e.LastBegan, began)
	s.nodes[i][d.Node] = true
	e.Nodes = len(s.nodes[i])
	who := d.Pod
	if who == "" {
		who = d.Node + " " + d.Address.String()
	}
	byCause, byKind := sufferer{of, who}, sufferer{episode{kind: d.Kind}, who}
	first := !s.ofCause[byCause]
	addTo(e, d, shown, first)
	if first && s.ofKind[byKind] {
		e.Again++
	}
	s.ofCause[byCause], s.ofKind[byKind] = true, true
}

// addTo counts a defect in its episode, its pod or address only where it is
// the first of it there.
func addTo(e *result.Episode, d *machine.Defect, shown result.Defect, first bool) {
	if first {
		e.Count++
	}
	if d.Misdirects {
		e.Misdirecting++
	}
	switch {
	case shown.Ended == nil:
		e.Lasting++
		e.Ended = nil
	case e.Lasting == 0 && (e.Ended == nil || *e.Ended < *shown.Ended):
		e.Ended = shown.Ended
	}
	if first && len(e.Examples) < maxExamples {
		e.Examples = append(e.Examples, shown)
	}
}

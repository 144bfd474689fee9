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
	n := result.Network{DroppingPeak: c.census.all.Worst.WithoutNetwork, DroppingEnd: c.census.all.now.WithoutNetwork, Further: c.furtherDefects}
	type group struct {
		kind  result.DefectKind
		cause result.NetworkCause
	}
	index := map[group]int{}
	type subject struct {
		group
		who string
	}
	// A pod may lose its address, get it back and lose it again, by the same
	// cause or by another: it is one pod.
	ofCause, ofKind := map[subject]bool{}, map[subject]bool{}
	affected, nodes := map[string]bool{}, map[int]map[string]bool{}
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
		g := group{d.Kind, d.Cause}
		i, known := index[g]
		if !known {
			i = len(n.Episodes)
			index[g], nodes[i] = i, map[string]bool{}
			n.Episodes = append(n.Episodes, result.Episode{Kind: d.Kind, Cause: d.Cause, Began: c.seconds(d.Began), LastBegan: c.seconds(d.Began)})
		}
		n.Episodes[i].LastBegan = max(n.Episodes[i].LastBegan, c.seconds(d.Began))
		nodes[i][d.Node] = true
		who := d.Pod
		if who == "" {
			who = d.Node + " " + d.Address.String()
		}
		addTo(&n.Episodes[i], d, d.Shown(c.from), !ofCause[subject{g, who}])
		if kind := (subject{group{kind: d.Kind}, who}); !ofCause[subject{g, who}] && ofKind[kind] {
			n.Episodes[i].Again++
		} else {
			ofKind[kind] = true
		}
		ofCause[subject{g, who}] = true
		n.Episodes[i].Nodes = len(nodes[i])
	}
	n.Affected = len(affected)
	return n
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

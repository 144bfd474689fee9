package clusterimport

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
)

// Report is what was read, what it comes to, and what the simulation makes of
// it at time 0. Its JSON is what `import --report json=F` writes.
type Report struct {
	Subnets     []SubnetReport `json:"subnets"`
	Nodes       []NodeReport   `json:"nodes"`
	Files       []FileReport   `json:"files"`
	Assumed     []string       `json:"assumed"` // because no file says it
	Notes       []string       `json:"notes"`   // what is in the files and not in the scenario, and what is odd
	NotModelled []NotModelled  `json:"not_modelled"`
	BackTest    *BackTest      `json:"back_test,omitempty"`
}

// SubnetReport counts the addresses of a subnet.
type SubnetReport struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`      // in the scenario
	Usable    int            `json:"usable"`    // of its block, AWS's five left out
	Available int            `json:"available"` // as DescribeSubnets answers it
	Known     int            `json:"known"`     // held by interfaces in the files
	Unknown   int            `json:"unknown"`   // held by nobody that a file names
	Simulated *int           `json:"simulated"` // held at time 0 of the simulation, by anybody; null before
	Holders   map[string]int `json:"holders"`   // of the known ones: nodes, and others by who they are
}

// NodeReport counts the addresses that a node's interfaces hold: their own, 16 a
// prefix, a trunk's; branches' not.
type NodeReport struct {
	Name      string `json:"name"`
	Imported  int    `json:"imported"`
	Simulated *int   `json:"simulated"` // null before the simulation
}

// FileReport says what a file was taken for, and what was taken from it.
type FileReport struct {
	Path     string   `json:"path"`
	TakenFor string   `json:"taken_for"`
	Took     []string `json:"took"`
	Note     string   `json:"note,omitempty"`
}

// Mismatch is how many nodes and subnets do not have at time 0 of the simulation
// what was imported.
func (r *Report) Mismatch() (nodes, subnets int) {
	for _, n := range r.Nodes {
		if n.Simulated != nil && *n.Simulated != n.Imported {
			nodes++
		}
	}
	for _, s := range r.Subnets {
		if s.Simulated != nil && *s.Simulated != s.Known+s.Unknown {
			subnets++
		}
	}
	return nodes, subnets
}

// report is what a file has given.
func (f *file) report() *FileReport {
	r := &FileReport{Path: f.name, TakenFor: f.describe(), Took: []string{}, Note: f.note}
	for kind, n := range f.rows {
		if n > 0 && rowKind(kind) != trailRow && rowKind(kind) != passedRow {
			list := rowKind(kind).list()
			if n == 1 {
				list = strings.TrimSuffix(list, "s")
			}
			r.Took = append(r.Took, fmt.Sprintf("%s %s", words.Count(n), list))
		}
	}
	var nothing []string
	for _, kind := range sorted(f.kinds) {
		if takenKinds[kind] {
			r.Took = append(r.Took, words.Plural(f.kinds[kind], kind))
		} else {
			nothing = append(nothing, words.Printable(kind))
		}
	}
	r.Took = append(r.Took, f.took...)
	if len(nothing) > 0 {
		r.Note = strings.TrimPrefix(r.Note+"; nothing is taken from "+words.And(nothing), "; ")
	}
	return r
}

// takenKinds are the kinds of Kubernetes of which something is taken.
var takenKinds = map[string]bool{
	"Node": true, "Pod": true, "DaemonSet": true, "Deployment": true, "StatefulSet": true, "Job": true, "CronJob": true, "HorizontalPodAutoscaler": true,
	"PodDisruptionBudget": true, "ENIConfig": true, "NodePool": true, "Provisioner": true, "EC2NodeClass": true, "NodeClass": true,
}

// add takes what a world comes to.
func (r *Report) add(w *world) {
	r.Assumed = append(r.Assumed, w.assumed...)
	r.Notes = append(r.Notes, w.notes...)
	if w.doubles > 0 {
		r.Notes = append(r.Notes, words.Plural(w.doubles, "thing")+" given twice, alike each time, and counted once")
	}
	slices.SortFunc(w.not, func(a, b NotModelled) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	r.NotModelled = append(r.NotModelled, w.not...)
	for _, p := range w.places {
		s := SubnetReport{ID: p.id, Name: p.name, Usable: p.usable, Available: p.available, Known: p.known, Unknown: p.unknown, Holders: map[string]int{}}
		if p.nodes > 0 {
			s.Holders["nodes"] = p.nodes
		}
		for h, list := range p.others { // any order: each turn fills its own entry
			for _, b := range list {
				s.Holders[h] += 1 << (32 - b.Bits())
			}
		}
		r.Subnets = append(r.Subnets, s)
	}
	for _, m := range w.machines {
		r.Nodes = append(r.Nodes, NodeReport{Name: m.called(), Imported: m.holds})
	}
}

// counted says how many nodes of each kind are not modelled.
func counted(list []NotModelled) (lines []string) {
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && list[j].Kind == list[i].Kind {
			j++
		}
		lines = append(lines, fmt.Sprintf("%s, %s: %s.", list[i].Kind, words.Plural(j-i, "node"), list[i].Why))
		i = j
	}
	return lines
}

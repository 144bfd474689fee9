package clusterimport

import (
	"maps"
	"reflect"
	"slices"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
)

// file is one source while it is read.
type file struct {
	*collection
	name       string
	rows       [rowKinds]int
	kinds      map[string]int  // of Kubernetes' objects
	suspicious map[rowKind]int // lists of a length that pages have
	takenFor   string          // in place of what rows and kinds say
	note       string
	took       []string // besides rows and objects
}

// collection is what all sources have said, each thing once.
type collection struct {
	nodes       table[node]
	pods        table[pod]
	daemons     table[controller]
	deployments table[controller] // StatefulSets and ReplicaSets of their own, too
	scalers     table[scaler]
	cronJobs    table[cronJob]
	jobs        table[controller]
	budgets     table[budget]
	eniConfigs  table[eniConfig]
	pools       table[nodePool]
	classes     table[nodeClass]
	autoClasses int // of EKS Auto Mode

	subnets      table[subnet]
	interfaces   table[networkInterface]
	instances    table[instance]
	vpcs         table[vpc]
	reservations table[cidrReservation]
	scaling      table[scalingGroup]
	nodegroups   table[nodegroup]
	types        [][]byte // of describe-instance-types
	cooling      map[string][]cooled

	settings   *settings    // of aws-node, of the DaemonSet
	addOn      *settings    // of the add-on's or the chart's configuration
	recordings []*recording // of Prometheus, of replicas
	doubles    int
	suspects   []suspect
}

// suspect is a list that may be a page of several.
type suspect struct {
	file string
	kind rowKind
	rows int
}

// table is things of one kind by their name, in the order in which they came.
type table[T any] struct {
	list  []*T
	byKey map[string]int
	from  []string
}

func (t *table[T]) get(key string) *T {
	if i, ok := t.byKey[key]; ok {
		return t.list[i]
	}
	return nil
}

// add enters a thing. One that is there already is counted if it is the same,
// and an error if it is not.
func add[T any](f *file, t *table[T], what, key string, x *T) error {
	if t.byKey == nil {
		t.byKey = map[string]int{}
	}
	if i, twice := t.byKey[key]; twice {
		if reflect.DeepEqual(t.list[i], x) {
			f.doubles++
			return nil
		}
		where := "twice in this file"
		if t.from[i] != f.name {
			where = "in " + t.from[i] + ", too"
		}
		return &input.Error{Message: what + " " + words.Printable(key) + " is " + where + ", and they differ: files of one moment were expected, each thing in one of them"}
	}
	t.byKey[key] = len(t.list)
	t.list = append(t.list, x)
	t.from = append(t.from, f.name)
	return nil
}

// kindNames are the kinds of Kubernetes' objects in the file.
func (f *file) kindNames() []string {
	names := slices.Sorted(maps.Keys(f.kinds))
	const most = 5
	if len(names) > most {
		rest := words.Plural(len(names)-most, "other kind")
		names = append(names[:most:most], rest)
	}
	return names
}

package experiment

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"ipamsim/scenarios"
)

// mostTold is how many problems of a grid are told apart.
const mostTold = 50

// Check expands every point of a shard, from one of its rows on, so that what is
// wrong with a value is said before anything runs: the error is a
// scenarios.Problems. Runs is how many there will be.
func (s *Sweep) Check(ctx context.Context, shard Shard, from, workers int) (runs int, warnings []scenarios.Problem, err error) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	n := shard.Rows(s.Head.Rows)
	var next, all atomic.Int64
	next.Store(int64(from))
	wrong, doubtful := newNotes(), newNotes()
	var group sync.WaitGroup
	for range min(workers, max(1, n-from)) {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				v, err := s.expand(shard.row(i))
				var problems scenarios.Problems
				if errors.As(err, &problems) {
					wrong.add(i, problems, s.Head.Settings(shard.row(i)))
					continue
				}
				all.Add(int64(v.Scenario.Replications))
				doubtful.add(i, v.Warnings, nil)
			}
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return 0, nil, ctx.Err()
	}
	if list := wrong.list(); len(list) > 0 {
		return 0, nil, scenarios.Problems(list)
	}
	return int(all.Load()), doubtful.list(), nil
}

// notes are problems of many points, each kind once: of the first point that has
// it.
type notes struct {
	mutex sync.Mutex
	first map[noteKey]note
}

type noteKey struct{ flag, message, variant string }

type note struct {
	place int // of the point, and of the problem in it
	scenarios.Problem
	key noteKey // while they are sorted
}

func newNotes() *notes { return &notes{first: map[noteKey]note{}} }

// add takes the problems of the i-th point in. Those that do not name a value of
// it are given them.
func (n *notes) add(i int, problems []scenarios.Problem, point []string) {
	if len(problems) == 0 {
		return
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for k, p := range problems {
		key := noteKey{p.Flag, p.Message, p.Variant}
		if p.Flag != "" {
			key.variant = "" // the value is wrong in all of them
		}
		place := i*mostTold + min(k, mostTold-1)
		if known, is := n.first[key]; is && known.place <= place {
			continue
		}
		if point != nil && p.Flag == "" {
			p.Message += " (with --over " + strings.Join(point, " --over ") + ")"
		}
		n.first[key] = note{place: place, Problem: p}
	}
	if len(n.first) > 20*mostTold { // later ones are not told
		for _, p := range n.sorted()[mostTold:] {
			delete(n.first, p.key)
		}
	}
}

// sorted are they all, in the order of the points.
func (n *notes) sorted() []note {
	all := make([]note, 0, len(n.first))
	for key, p := range n.first { // any order: sorted next
		p.key = key
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b note) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.Flag, b.Flag), cmp.Compare(a.Message, b.Message))
	})
	return all
}

// list are the first ones, in the order of the points.
func (n *notes) list() (list []scenarios.Problem) {
	all := n.sorted()
	for _, p := range all[:min(len(all), mostTold)] {
		list = append(list, p.Problem)
	}
	return list
}

// memory are the points that were expanded last.
type memory struct {
	mutex sync.Mutex
	known map[string]scenarios.Expanded
}

// mostKnown is how many they are: our choice, some megabytes.
const mostKnown = 256

// of is a variant at a point, which is made unless it is known.
func (m *memory) of(variant int, point []string, expand func() (scenarios.Expanded, error)) (scenarios.Expanded, error) {
	key := strconv.Itoa(variant) + "\n" + strings.Join(point, "\n")
	m.mutex.Lock()
	v, known := m.known[key]
	m.mutex.Unlock()
	if known {
		return v, nil
	}
	v, err := expand()
	if err != nil {
		return v, err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.known == nil || len(m.known) >= mostKnown {
		m.known = map[string]scenarios.Expanded{}
	}
	m.known[key] = v
	return v, nil
}

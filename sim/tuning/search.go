package tuning

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ipamsim/scenarios"
	"ipamsim/sim/experiment"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// Options of a search.
type Options struct {
	Version      string
	Workers      int                  // runs at a time; 0 is one per core. The result does not depend on it
	Progress     func(fleet.Progress) // called now and then; nil for nobody
	Store        *Store               // of trials, and where they are kept; nil for none
	Replications int                  // of each setting that is left in the end
	Settings     int                  // most that are tried
	MaxENI       bool                 // MAX_ENI is tuned, too
	Cooldown     bool                 // likewise IP_COOLDOWN_PERIOD
	Preference   result.Preference
	Also         []map[string]string // environments that are tried to the end
	AddOn        *AddOn              // configuration values that are there; nil for what the scenario says

	group string // whose nodes get the settings; empty for all
}

// shrink is how many times fewer settings a rung has than the one before, and how
// many times more random worlds.
const shrink = 3

// Search is the search for settings over a variant.
type Search struct {
	base   *scenarios.Expanded
	o      Options
	trials trials
	space  *space
	rungs  []result.Rung
	left   map[int]point // aside, by place
	n      int           // candidates so far
}

// New is a search over a variant.
func New(base *scenarios.Expanded, o Options) *Search {
	s := &Search{base: base, o: o, left: map[int]point{}}
	s.trials = trials{base: base, o: &s.o, known: map[string]*result.Trial{}}
	if o.Store != nil {
		for i := range o.Store.had {
			t := &o.Store.had[i]
			s.trials.known[(&ask{t.Set, t.Seed, t.Replications}).key()] = t
		}
	}
	return s
}

// rungReplications are the numbers of random worlds of the rungs.
func rungReplications(last int) (list []int) {
	for n := last; n > 0; n /= shrink {
		list = append(list, n)
	}
	slices.Reverse(list)
	return list
}

// Run searches, and says what it has found.
func (s *Search) Run(ctx context.Context) (*result.Tuning, error) {
	now, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	points, err := s.climb(ctx, s.start(s.space.candidates()), mostParents, 0)
	if err != nil {
		return nil, err
	}
	fit := slices.DeleteFunc(slices.Clone(points), func(p point) bool { return p.unfit != "" })
	found := front(fit, fine)
	out := s.document(now, found, points)
	if err := s.recommend(ctx, out, now, found, fit); err != nil {
		return nil, err
	}
	if r := out.Recommended; r != nil && s.o.group == "" {
		out.Apply = s.apply(&r.Setting)
	}
	return out, nil
}

// RunShard runs the trials of a part of the settings, every shard.Of-th one, so
// that a search which finds them in its store has less to do. It takes its settings
// from rung to rung as if there were no others, with a few to spare, as the best of
// a part are nearly the part of the best: what the search wants besides, it runs
// itself. It returns how many settings were tried.
func (s *Search) RunShard(ctx context.Context, shard experiment.Shard) (settings int, err error) {
	if _, err := s.begin(ctx); err != nil {
		return 0, err
	}
	points := s.start(s.space.candidates())
	points = slices.DeleteFunc(points, func(p point) bool { return p.place%shard.Of != shard.Index })
	if len(points) == 0 {
		return 0, nil
	}
	if _, err := s.climb(ctx, points, ceilDiv(mostParents, shard.Of), spare); err != nil {
		return 0, err
	}
	return s.rungs[0].Settings, nil
}

// spare is how many settings more than its share a shard takes to the next rung,
// as chance deals the good ones out unevenly: our choice.
const spare = 1

// begin runs the scenario as it is, from which the candidates follow.
func (s *Search) begin(ctx context.Context) (*result.Trial, error) {
	list, err := s.trials.run(ctx, "as it is", []ask{{[]string{}, s.base.Scenario.Seed, s.o.Replications}})
	if err != nil {
		return nil, err
	}
	now := list[0]
	s.trials.most = max(leastEvents, moreEvents*now.Events/uint64(now.Replications))
	s.space = newSpace(s.base.Scenario, s.o.group, now)
	return now, nil
}

// climb takes points from rung to rung, and returns those of the last one. So many
// of the first rung get relatives, and so many more than their share go on.
func (s *Search) climb(ctx context.Context, points []point, parents, spare int) ([]point, error) {
	worlds := rungReplications(s.o.Replications)
	for i, n := range worlds {
		var err error
		if points, err = s.try(ctx, points, n); err != nil {
			return nil, err
		}
		if i == 0 {
			if points, err = s.widen(ctx, points, parents, n); err != nil {
				return nil, err
			}
		}
		s.rungs = append(s.rungs, result.Rung{Replications: n, Settings: len(points)})
		if i < len(worlds)-1 {
			points = s.keep(points, ceilDiv(len(points), shrink)+spare)
		}
	}
	return points, nil
}

// start are the points of the first rung: those of the space, as many as may be
// tried, what is now the first, and what users have in mind already.
func (s *Search) start(list []candidate) (points []point) {
	list = slices.DeleteFunc(list, func(c candidate) bool { return !s.trials.possible(c.set) })
	points = s.points(thin(list, s.o.Settings))
	points[0].kept = true
	also := newList(s.space)
	for _, env := range s.o.Also {
		also.add(env)
	}
	for _, c := range also.list {
		at := slices.IndexFunc(points, func(p point) bool { return p.key() == c.key() })
		switch {
		case at >= 0:
			points[at].kept = true
		case s.trials.possible(c.set):
			points = append(points, s.points([]candidate{c})...)
			points[len(points)-1].kept = true
		}
	}
	return points
}

func (s *Search) points(list []candidate) (points []point) {
	for _, c := range list {
		points = append(points, point{candidate: c, place: s.n})
		s.n++
	}
	return points
}

// mostParents is how many of the first rung get relatives: our choice.
const mostParents = 12

// widen adds to the best of the first rung their relatives.
func (s *Search) widen(ctx context.Context, points []point, parents, n int) ([]point, error) {
	known := map[string]bool{}
	for i := range points {
		known[points[i].key()] = true
	}
	var more []candidate
	for _, p := range s.best(points, parents) {
		for _, c := range s.space.further(&p.candidate, &s.o) {
			if !known[c.key()] && s.trials.possible(c.set) {
				known[c.key()] = true
				more = append(more, c)
			}
		}
	}
	relatives, err := s.try(ctx, s.points(more), n)
	return append(points, relatives...), err
}

// try runs each point in so many worlds, and judges it against what is now.
func (s *Search) try(ctx context.Context, points []point, n int) ([]point, error) {
	asks := []ask{{[]string{}, s.base.Scenario.Seed, n}}
	for i := range points {
		asks = append(asks, ask{points[i].setOrNone(), s.base.Scenario.Seed, n})
	}
	stage := fmt.Sprintf("%d settings, %d worlds", len(points), n)
	list, err := s.trials.run(ctx, stage, asks)
	if err != nil {
		return nil, err
	}
	points = slices.Clone(points)
	for i := range points {
		points[i].trial = list[i+1]
		points[i].unfit = unfit(list[0], list[i+1])
	}
	return points, nil
}

func (c *candidate) setOrNone() []string { return append([]string{}, c.set...) }

// keep leaves the best points in, and sets the others aside.
func (s *Search) keep(points []point, most int) []point {
	kept := s.best(points, most)
	for i := range points {
		if !slices.ContainsFunc(kept, func(p point) bool { return p.place == points[i].place }) {
			s.left[points[i].place] = points[i]
		}
	}
	return kept
}

// best are so many points: of what is fit the front, then the front without it,
// and so on; of one front those nearest to its best first. What is kept whatever it
// comes to is always among them.
func (s *Search) best(points []point, most int) (best []point) {
	fit := slices.DeleteFunc(slices.Clone(points), func(p point) bool { return p.unfit != "" || p.kept })
	best = slices.DeleteFunc(slices.Clone(points), func(p point) bool { return !p.kept })
	for _, layer := range layers(fit, coarse) {
		for _, i := range nearest(distances(layer)) {
			if len(best) < most {
				best = append(best, layer[i])
			}
		}
	}
	slices.SortFunc(best, func(a, b point) int { return a.place - b.place })
	return best
}

// nearest are the indices of distances, the shortest first.
func nearest(distances []float64) []int {
	order := make([]int, len(distances))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(distances[a], distances[b]) })
	return order
}

// unfit says what a trial makes worse than it is now in the same worlds: a
// threshold, or that more pods never start.
func unfit(now, then *result.Trial) string {
	if then.Unfinished {
		return fmt.Sprintf("its runs take more than %d times the events of those as it is now", moreEvents)
	}
	if list := worse(now, then); len(list) > 0 {
		return "it makes " + list[0] + " worse"
	}
	if then.Costs.NeverStarted > now.Costs.NeverStarted {
		return "more pods never start"
	}
	return ""
}

// worse are the thresholds that a trial makes worse.
func worse(now, then *result.Trial) (list []string) {
	list = []string{}
	for i := range then.Thresholds {
		t := &then.Thresholds[i]
		at := slices.IndexFunc(now.Thresholds, func(b result.Threshold) bool {
			return b.Metric == t.Metric && b.Expression == t.Expression
		})
		if at < 0 && t.Failed() || at >= 0 && t.WorseThan(&now.Thresholds[at]) {
			list = append(list, t.Metric+" "+t.Expression)
		}
	}
	return list
}

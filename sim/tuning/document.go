package tuning

import (
	"fmt"
	"maps"

	"ipamsim/sim/result"
)

// document is what was found, before anything is recommended.
func (s *Search) document(now *result.Trial, found, last []point) *result.Tuning {
	sc := s.base.Scenario
	d := &result.Tuning{
		SchemaVersion: result.TuningSchema, Version: s.o.Version, Scenario: result.Scenario{Name: sc.Metadata.Name, Digest: s.base.Digest},
		Variant: s.base.Name, Overrides: append([]string{}, s.base.Set...), Seed: sc.Seed, Replications: s.o.Replications, Rungs: s.rungs,
		Preference: s.o.Preference, Front: []result.Setting{}, Tried: []result.Setting{}, Warnings: s.warnings(),
	}
	d.Now = s.setting(&point{candidate: candidate{env: maps.Clone(s.space.now)}, trial: now})
	for i := range found {
		d.Front = append(d.Front, s.setting(&found[i]))
	}
	for _, p := range last {
		s.left[p.place] = p
	}
	for i := range s.n {
		p := s.left[i]
		d.Tried = append(d.Tried, s.setting(&p))
	}
	return d
}

func (s *Search) setting(p *point) result.Setting {
	return result.Setting{Env: p.env, Set: p.setOrNone(), Replications: p.trial.Replications, Costs: p.trial.Costs, Intervals: p.trial.Intervals(), Thresholds: p.trial.Thresholds, Unfit: p.unfit}
}

// warnings are what a reader has to know of the scenario.
func (s *Search) warnings() []string {
	list := []string{}
	for i := range s.base.Scenario.Workloads {
		if w := &s.base.Scenario.Workloads[i]; w.Kind == "Trace" {
			list = append(list, "workload "+w.Name+" is a trace: it is the same in every random world, and in the checks with other bursts")
		}
	}
	if s.space.differs {
		list = append(list, "node groups have different environments now, and the DaemonSet has one: each setting is given to all of them")
	}
	if !s.space.nitro {
		list = append(list, "prefix delegation is not tried: not every instance type is built on Nitro")
	}
	if a := s.o.AddOn; a != nil {
		for _, name := range variables {
			value, is := a.env[name]
			if now := s.space.now[name]; is && fmt.Sprint(value) != now && (now != "" || fmt.Sprint(value) != off[name]) {
				list = append(list, fmt.Sprintf("the configuration values have %s=%v, and the scenario %s: the search took the scenario for what is there now", name, value, orNothing(now)))
			}
		}
	}
	return list
}

func orNothing(value string) string {
	if value == "" {
		return "does not set it"
	}
	return "has " + value
}

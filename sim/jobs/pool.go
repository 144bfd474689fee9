package jobs

import (
	"slices"

	"ipamsim/scenarios"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// Header is a result that says of what it is one.
func Header(v *scenarios.Expanded, version string) *result.Result {
	s := v.Scenario
	return &result.Result{
		SchemaVersion: result.SchemaVersion, Version: version,
		Scenario:  result.Scenario{Name: s.Metadata.Name, Digest: v.Digest},
		Overrides: append([]string{}, v.Set...), Seed: s.Seed, Replications: s.Replications, DurationSeconds: fleet.Std(s.Duration).Seconds(),
	}
}

// Pool puts a variant's replications together, and says of what they are.
func Pool(v *scenarios.Expanded, s *Sum) (result.Variant, error) {
	out := result.Variant{Name: v.Name, Replications: s.replications, Stopped: s.stopped}
	out.Pool(s.trends)
	var err error
	if out.Scenario, err = v.EffectiveJSON(); err != nil {
		return out, err
	}
	out.Description, out.Warnings, out.CNIVersions = v.Description, []string{}, map[string]string{}
	out.Series, out.Maps, out.Slowest = s.seen.series, s.seen.maps, s.seen.slowest
	for i := range v.Scenario.NodeGroups {
		g := &v.Scenario.NodeGroups[i]
		out.CNIVersions[g.Name] = g.CNIVersion
	}
	for _, d := range v.Scenario.Deployed {
		input := result.Input{Name: d.File, Digest: d.Digest}
		if !slices.Contains(out.Inputs, input) {
			out.Inputs = append(out.Inputs, input)
		}
	}
	if m := v.Scenario.Measured; m != nil {
		out.Inputs = append(out.Inputs, result.Input{Name: m.File, Digest: m.Digest})
	}
	for _, w := range v.Warnings {
		out.Warnings = append(out.Warnings, w.Message)
	}
	out.Marks = fleet.Marks(v.Scenario, &out.Series, s.replications[0].Rollouts)
	if s.stopped != nil && s.stopped.Replication == 1 {
		out.Marks = slices.DeleteFunc(out.Marks, func(m result.Mark) bool { return m.AtSeconds > s.stopped.AtSeconds })
	}
	return out, nil
}

// Measured is what a variant's replications come to in numbers.
func Measured(v *scenarios.Expanded, s *Sum) result.Variant {
	out := result.Variant{Name: v.Name, Replications: s.replications}
	out.Sum(s.trends)
	return out
}

// AddFingerprints takes a variant's replications into the result's.
func AddFingerprints(all *des.Fingerprint, v *result.Variant) {
	all.AddString(v.Name)
	for i := range v.Replications {
		all.AddString(v.Replications[i].Fingerprint)
	}
}

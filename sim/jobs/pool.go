package jobs

import (
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

// Pool puts a variant's replications together.
func Pool(v *scenarios.Expanded, s *Sum) (result.Variant, error) {
	text, err := v.EffectiveJSON()
	if err != nil {
		return result.Variant{}, err
	}
	out := result.Variant{
		Name: v.Name, Description: v.Description, Scenario: text, Warnings: []string{}, CNIVersions: map[string]string{},
		Series: s.seen.series, Maps: s.seen.maps, Slowest: s.seen.slowest, Replications: s.replications,
	}
	for i := range v.Scenario.NodeGroups {
		g := &v.Scenario.NodeGroups[i]
		out.CNIVersions[g.Name] = g.CNIVersion
	}
	for _, w := range v.Warnings {
		out.Warnings = append(out.Warnings, w.Message)
	}
	out.Marks = fleet.Marks(v.Scenario, &out.Series)
	out.Pool(s.trends)
	return out, nil
}

// AddFingerprints takes a variant's replications into the result's.
func AddFingerprints(all *des.Fingerprint, v *result.Variant) {
	all.AddString(v.Name)
	for i := range v.Replications {
		all.AddString(v.Replications[i].Fingerprint)
	}
}

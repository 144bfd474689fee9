package reports

import (
	"context"
	"ipamsim/reports/chart"
	"ipamsim/sim/result"
)

// TuningPlots draws what a search has found into a folder: tune-front as SVG and
// as PNG, addresses against the p99 of pod starts.
func TuningPlots(ctx context.Context, dir string, t *result.Tuning) error {
	f := TuningFront(t)
	p := chartPicture{&f}
	return WriteFiles(ctx, dir, []NamedFile{{"tune-front.svg", p.svg}, {"tune-front.png", p.png}})
}

// TuningFront has a dot for each setting.
func TuningFront(t *result.Tuning) chart.Figure {
	return chart.Front(t, environment, func(c *result.Costs) string { return tuningCost(c, "pod_start_p99") })
}

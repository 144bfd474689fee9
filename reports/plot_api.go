package reports

import (
	"gonum.org/v1/plot/plotter"

	"ipamsim/sim/result"
)

// apiPicture draws the rate of API requests of all callers, and of those that
// were throttled, on a scale up to the highest rate of all pictures.
func apiPicture(r *result.Result, v *result.Variant, highest float64) (*picture, error) {
	p := newPicture(r.Scenario.Name+", "+v.Name+": EC2 API, all actions and callers", "virtual time", "requests per second")
	rates := requestRates(v.Series.AtSeconds, requestsOf(&v.Series))
	if len(rates) == 0 {
		return p.empty("too short: there are no samples"), nil
	}
	first, last := rates[0], rates[len(rates)-1]
	timeAxis(&p.X, first.from, last.to)
	countAxis(&p.Y, highest)
	p.Add(gridLines())

	requests, err := bars(rates, func(r rate) float64 { return r.attempts })
	if err != nil {
		return nil, err
	}
	requests.Color = skyBlue
	throttled, err := bars(rates, func(r rate) float64 { return r.throttled })
	if err != nil {
		return nil, err
	}
	throttled.Color = vermillion
	p.Add(requests, throttled)
	p.legend.Add("requests", requests)
	p.legend.Add("of these throttled", throttled)
	return p, nil
}

// highestRate of any variant: all pictures have the same scale.
func highestRate(r *result.Result) float64 {
	highest := 0.0
	for i := range r.Variants {
		s := &r.Variants[i].Series
		for _, rate := range requestRates(s.AtSeconds, requestsOf(s)) {
			highest = max(highest, rate.attempts)
		}
	}
	return highest
}

// bars is the outline of neighbouring bars from zero, one for each interval.
func bars(rates []rate, height func(rate) float64) (*plotter.Polygon, error) {
	outline := plotter.XYs{{X: rates[0].from}}
	for _, r := range rates {
		outline = append(outline, plotter.XY{X: r.from, Y: height(r)}, plotter.XY{X: r.to, Y: height(r)})
	}
	outline = append(outline, plotter.XY{X: rates[len(rates)-1].to})
	area, err := plotter.NewPolygon(outline)
	if err != nil {
		return nil, err
	}
	area.LineStyle.Width = 0
	return area, nil
}

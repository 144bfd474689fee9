package reports

import (
	"image/color"

	"gonum.org/v1/plot/plotter"

	"ipamsim/sim/result"
)

// holderLayer is a state of an address, as pictures stack it.
type holderLayer struct {
	name  string
	color color.Color
	of    func(result.Addresses) int
}

// holderLayers are the states as they are stacked, lowest first.
var holderLayers = []holderLayer{
	{"assigned to pods", blue, func(a result.Addresses) int { return a.Assigned }},
	{"cooling", skyBlue, func(a result.Addresses) int { return a.Cooling }},
	{"warm", orange, func(a result.Addresses) int { return a.Warm }},
	{"primaries", green, func(a result.Addresses) int { return a.Primaries }},
	{"unmanaged", vermillion, func(a result.Addresses) int { return a.Unmanaged }},
	{"others", grey, func(a result.Addresses) int { return a.Others }},
	{"free", paleGrey, func(a result.Addresses) int { return a.Free }},
}

// Where less than smallUse of the addresses is ever used, the used ones would
// be a line on the ground: there the scale ends when they fill cutUse of it.
const (
	smallUse = 0.25
	cutUse   = 0.7
)

// addressRange is the most addresses of any sample of any variant, free or
// not, and the most that were not free: all pictures have the same scale.
func addressRange(r *result.Result) (usable, used float64) {
	for i := range r.Variants {
		for _, a := range addressesOf(&r.Variants[i].Series) {
			sum := 0
			for _, layer := range holderLayers {
				sum += layer.of(a)
			}
			usable, used = max(usable, float64(sum)), max(used, float64(sum-a.Free))
		}
	}
	return usable, used
}

// addressPicture stacks the addresses of all subnets by who holds them, on the
// scale of addressRange. States that never occur are left out.
func addressPicture(r *result.Result, v *result.Variant, usable, used float64) (*picture, error) {
	p := newPicture(r.Scenario.Name+", "+v.Name+": addresses of all subnets", "virtual time", "addresses")
	at, samples := thinAddresses(v.Series.AtSeconds, addressesOf(&v.Series))
	if len(at) < 2 {
		return p.empty("too short: there are no samples"), nil
	}
	timeAxis(&p.X, at[0], at[len(at)-1])

	top := usable
	if used > 0 && used < usable*smallUse {
		top = used / cutUse
	}

	floor := make([]float64, len(at))
	var layers []*plotter.Polygon
	var names []string
	for _, layer := range holderLayers {
		area, err := layer.onto(floor, at, samples, top)
		if err != nil {
			return nil, err
		}
		if area != nil {
			layers, names = append(layers, area), append(names, layer.name)
		}
	}
	countAxis(&p.Y, top)
	if top < usable {
		p.Y.Max = top
		p.Y.Label.Text += " (cut off: " + number(usable) + " are usable)"
	}
	for _, area := range layers {
		p.Add(area)
	}
	for i := len(layers) - 1; i >= 0; i-- { // the legend is stacked as the areas are
		p.legend.Add(names[i], layers[i])
	}
	return p, nil
}

// onto is the layer's area on top of a floor, which it raises; nil where nothing
// is ever in that state.
func (l *holderLayer) onto(floor, at []float64, samples []result.Addresses, top float64) (*plotter.Polygon, error) {
	outline := make(plotter.XYs, 0, 2*len(at))
	for i := range at {
		outline = append(outline, plotter.XY{X: at[i], Y: floor[i]})
	}
	seen := false
	for i := len(at) - 1; i >= 0; i-- {
		held := l.of(samples[i])
		seen = seen || held > 0
		floor[i] += float64(held)
		outline = append(outline, plotter.XY{X: at[i], Y: min(floor[i], top)})
	}
	if !seen {
		return nil, nil
	}
	area, err := plotter.NewPolygon(outline)
	if err != nil {
		return nil, err
	}
	area.Color, area.LineStyle.Width = l.color, 0
	return area, nil
}

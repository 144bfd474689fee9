package chart

// Course are requests over time, and those of them that were throttled, each as a
// panel without axes, on one scale, and the highest rate a second. The second is
// nil where none was throttled.
func Course(at []float64, requests, throttled []int, points int) (asked, turned *Panel, highest float64) {
	list := stretches(at, points)
	rates := func(counts []int) (heights []float64, most float64) {
		for _, s := range list {
			heights = append(heights, s.sum(counts)/(s.to-s.from))
			most = max(most, heights[len(heights)-1])
		}
		return heights, most
	}
	all, highest := rates(requests)
	some, any := rates(throttled)
	panel := func(heights []float64, look Look) *Panel {
		p := &Panel{X: Axis{Max: 1}, Y: Axis{Max: max(highest, any, 1e-9)}, Areas: stacked(list, [][]float64{heights}, func(int) Look { return look })}
		if n := len(list); n > 0 {
			p.X = Axis{Min: list[0].from, Max: list[n-1].to}
		}
		return p
	}
	if any > 0 {
		turned = panel(some, requestLooks[1])
	}
	return panel(all, requestLooks[0]), turned, highest
}

// requestLooks are those of requests, and of the throttled ones among them.
var requestLooks = []Look{{Color: SkyBlue}, {Color: Vermillion, Hatch: Falling}}

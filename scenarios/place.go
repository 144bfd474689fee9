package scenarios

// PlaceOf is where the file has a condition of a metric, both as they are written;
// 0 where it has none.
func (f *File) PlaceOf(metric, expression string) (line, column int) {
	for _, list := range []ThresholdList{f.Scenario.Thresholds, f.Scenario.Expect} {
		for i := range list {
			if t := &list[i]; t.Key() == metric && t.Expression == expression && t.at.Flag == "" {
				return t.at.Line, t.at.Column
			}
		}
	}
	return 0, 0
}

package scenarios

import "fmt"

// FaultFlushTable empties the tables of secondary interfaces.
const FaultFlushTable FaultKind = "flush-table"

var flushTable = faultKind{
	name:      FaultFlushTable,
	everyTime: true,
	keys:      ofNodes("when", "device"),
	doc:       "The routes of a secondary interface's table disappear.",
	words: func(f *Fault) string {
		device := "all secondary interfaces"
		if f.Device != 0 {
			device = fmt.Sprintf("interface %d", f.Device)
		}
		return fmt.Sprintf("the routes of %s disappear on %s", device, f.nodes(f.Share))
	},
}

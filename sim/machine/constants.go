package machine

import (
	"time"

	"ipamsim/internal/source"
)

// Constants are the numbers of a node's inside that are no part's own.
func Constants() []source.Constant {
	number := func(name string, value float64, unit, where string) source.Constant {
		return source.Number(name, value, unit, source.Assumption, where)
	}
	return []source.Constant{
		number("ipamd.loopOverhead", float64(loopOverhead)/float64(time.Microsecond), "µs",
			"CPU time of half a pass of ipamd's loop; its size does not matter, only that 12 passes are a little more than 60 s, as on a real node"),
		number("link.pause", linkPause.Seconds(), "s", "between ipamd's looks for the link of an interface that metadata lists: pkg/networkutils/network.go, retryLinkByMacInterval, v1.23.1"),
		number("link.tries", linkTries, "", "of them: maxAttemptsLinkByMac, likewise"),
	}
}

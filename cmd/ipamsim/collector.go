package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// The garbage collector begins when there is as much garbage as these percent
// of what lives. A run's memory grows steadily and little of it becomes
// garbage, so that Go's own 100 looks often for little: a small heap may have
// four times as much garbage. A large one may not: garbageRoom is what it gets,
// until that is less than Go's own. More garbage saves no time: with GOGC=off
// a fleet of 20,000 nodes took as much CPU, because what marking costs the
// system then takes to bring fresh memory.
const (
	mostGarbage  = 400
	leastGarbage = 100
	garbageRoom  = 1536 << 20 // bytes; our choice: 100,000 nodes then stay below 3 GiB
)

// garbagePercent is GOGC when so many bytes live.
func garbagePercent(live uint64) int {
	return int(min(max(100*garbageRoom/max(live, 1), leastGarbage), mostGarbage))
}

// tuneCollector sets GOGC now and after each collection.
func tuneCollector() {
	debug.SetGCPercent(mostGarbage)
	runtime.SetFinalizer(&sentinel{}, (*sentinel).collected)
}

// sentinel is an object that nobody holds: its finalizer runs after each
// collection.
type sentinel struct{ _ *byte } // a pointer, so that it shares its memory with nobody

func (s *sentinel) collected() {
	debug.SetGCPercent(garbagePercent(living()))
	runtime.SetFinalizer(s, (*sentinel).collected)
}

// living is what GOGC is a percentage of: the heap that the last collection
// left, and the stacks.
func living() (bytes uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}
	metrics.Read(samples)
	for _, s := range samples {
		bytes += s.Value.Uint64()
	}
	return bytes
}

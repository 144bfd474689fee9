package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestALargeHeapGetsLessGarbage(t *testing.T) {
	for live, want := range map[uint64]int{0: 400, 100 << 20: 400, 384 << 20: 400, 768 << 20: 200, 1 << 30: 150, 1536 << 20: 100, 1 << 40: 100} {
		if got := garbagePercent(live); got != want {
			t.Errorf("with %d bytes alive GOGC is %d, want %d", live, got, want)
		}
	}
}

func TestTheCollectorIsTunedAfterEachCollection(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	tuneCollector()
	large := make([]byte, 600<<20)
	for range 2 { // the sentinel goes on
		debug.SetGCPercent(mostGarbage)
		for tries := 0; ; tries++ {
			runtime.GC()
			time.Sleep(time.Millisecond) // finalizers have a goroutine of their own
			percent := debug.SetGCPercent(mostGarbage)
			if percent < mostGarbage {
				break
			}
			if tries == 1000 {
				t.Fatal("600 MiB are alive and GOGC is still what it was")
			}
		}
	}
	runtime.KeepAlive(large)
}

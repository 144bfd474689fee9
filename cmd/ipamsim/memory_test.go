package main

import (
	"runtime/debug"
	"testing"
)

func TestSizesOfMemoryAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]int64{"2GiB": 2 << 30, "500MiB": 500 << 20, "1.5 GiB": 3 << 29, "2GB": 2e9, "33554432": 32 << 20} {
		var f memoryFlag
		if err := f.Set(text); err != nil || f.bytes != want {
			t.Errorf("%s: %d, %v", text, f.bytes, err)
		}
	}
	for _, text := range []string{"", "GiB", "much", "-2GiB", "1KiB", "2TiB", "NaNGiB"} {
		if err := new(memoryFlag).Set(text); err == nil {
			t.Errorf("%q is taken for a size", text)
		}
	}
}

func TestTheFlagOfGarbageIsWhatTheCollectorKeepsTo(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for text, want := range map[string]int{"50": 50, "200%": 200, "off": collectorOff} {
		f := memoryFlag{bytes: 1 << 40}
		if err := f.garbage.Set(text); err != nil {
			t.Fatal(err)
		}
		f.apply()
		if got := debug.SetGCPercent(100); got != want {
			t.Errorf("--gogc %s: the collector has %d, want %d", text, got, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "1001", "much", "1.5"} {
		if err := new(garbageFlag).Set(text); err == nil {
			t.Errorf("%q is taken for a percentage", text)
		}
	}
}

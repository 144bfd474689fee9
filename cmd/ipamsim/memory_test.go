package main

import "testing"

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

package scenarios

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQuantitiesAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Duration(rapid.Int64Range(-1<<60, 1<<60).Draw(t, "duration"))
		if got, err := ParseDuration(d.String()); err != nil || got != d {
			t.Fatalf("%s: %v, %v", d, got, err)
		}
		c := CPU(rapid.Int64Range(0, 1e9).Draw(t, "cpu"))
		if got, err := parseCPU(c.String()); err != nil || got != c {
			t.Fatalf("%s: %v, %v", c, got, err)
		}
		m := Memory(rapid.Int64Range(0, 1<<40).Draw(t, "memory"))
		if got, err := parseMemory(m.String()); err != nil || got != m {
			t.Fatalf("%s: %v, %v", m, got, err)
		}
		bytes := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")
		addr := netip.AddrFrom4([4]byte(bytes))
		p := Prefix{netip.PrefixFrom(addr, rapid.IntRange(0, 32).Draw(t, "bits")).Masked()}
		if got, err := parsePrefix(p.String()); err != nil || got != p {
			t.Fatalf("%s: %v, %v", p, got, err)
		}
	})
}

func TestQuantities(t *testing.T) {
	durations := map[string]time.Duration{"5s": 5 * time.Second, "1h30m": 90 * time.Minute, "250ms": 250 * time.Millisecond, "0": 0, "1.5s": 1500 * time.Millisecond}
	for text, want := range durations {
		if got, err := ParseDuration(text); err != nil || time.Duration(got) != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for d, want := range map[time.Duration]string{5 * time.Minute: "5m", time.Hour: "1h", 90 * time.Minute: "1h30m", 0: "0s", time.Hour + 10*time.Second: "1h0m10s", 10 * time.Second: "10s"} {
		if got := Duration(d).String(); got != want {
			t.Errorf("%d is written %s, want %s", d, got, want)
		}
	}
	for text, want := range map[string]CPU{"250m": 250, "2": 2000, "1.5": 1500, "0": 0} {
		if got, err := parseCPU(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]Memory{"512Mi": 512 << 20, "2Gi": 2 << 30, "0": 0, "1.5Gi": 3 << 29, "100M": 100e6, "4k": 4000} {
		if got, err := parseMemory(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// A time of day is no time of a run, and whoever writes one is told what to write.
func TestATimeOfDayIsToldFromADuration(t *testing.T) {
	for text, want := range map[string]string{"9:00": "9:00 is 9h", "09:30:15": "09:30:15 is 9h30m15s", "0:05": "0:05 is 5m"} {
		if _, err := ParseDuration(text); err == nil || !strings.HasSuffix(err.Error(), "if that is midnight, "+want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"9:0", "9:00 Uhr", "9h:00", ":30"} {
		if _, err := ParseDuration(text); err == nil || strings.Contains(err.Error(), "midnight") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

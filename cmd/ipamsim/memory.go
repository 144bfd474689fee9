package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// memoryFlag is the most memory that the program should take.
type memoryFlag struct {
	bytes   int64 // 0 is what the machine allows
	garbage garbageFlag
}

// add makes it a flag of the command, and --gogc with it.
func (f *memoryFlag) add(cmd *cobra.Command) {
	cmd.Flags().Var(f, "memory", "most memory to take, such as 2GiB, at the price of time; by default what the container or GOMEMLIMIT allows")
	freeText(cmd, "memory")
	cmd.Flags().Var(&f.garbage, "gogc", "collect garbage when there is so many percent of what lives, or off; by default GOGC, or 400 that become 100 as the memory grows")
	freeText(cmd, "gogc")
}

func (f *memoryFlag) Type() string { return "size" }

func (f *memoryFlag) String() string {
	if f.bytes == 0 {
		return ""
	}
	return fmt.Sprint(f.bytes)
}

// units of --memory, the longer ones first.
var memoryUnits = []struct {
	name  string
	bytes float64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"B", 1}, {"", 1}}

// leastMemory is less than the smallest run takes.
const leastMemory = 16 << 20

func (f *memoryFlag) Set(s string) error {
	for _, u := range memoryUnits {
		number, is := strings.CutSuffix(s, u.name)
		if !is || number == "" {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		switch {
		case err != nil:
			return errors.New("a size such as 2GiB or 500MiB was expected")
		case !(n*u.bytes >= leastMemory):
			return fmt.Errorf("%s is less than the smallest run needs, 16MiB", s)
		}
		f.bytes = int64(math.Min(n*u.bytes, math.MaxInt64/2))
		return nil
	}
	return errors.New("a size such as 2GiB or 500MiB was expected")
}

// apply tells the garbage collector what the flags say, else the environment.
func (f *memoryFlag) apply() {
	switch {
	case f.garbage.percent != 0:
		debug.SetGCPercent(f.garbage.percent)
	case os.Getenv("GOGC") == "":
		tuneCollector()
	}
	limit := f.bytes
	if limit == 0 && os.Getenv("GOMEMLIMIT") == "" {
		limit = containerMemory() / 10 * 9 // some of it is not Go's
	}
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
}

// garbageFlag is how much garbage there may be before it is collected, as GOGC is
// in the environment.
type garbageFlag struct{ percent int } // 0 is not given, collectorOff never

const collectorOff = -1 // as debug.SetGCPercent takes it

func (f *garbageFlag) Type() string { return "percent" }

func (f *garbageFlag) String() string {
	switch f.percent {
	case 0:
		return ""
	case collectorOff:
		return "off"
	}
	return fmt.Sprint(f.percent)
}

func (f *garbageFlag) Set(s string) error {
	if s == "off" {
		f.percent = collectorOff
		return nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(s, "%"))
	if err != nil || n < 1 || n > mostPercent {
		return fmt.Errorf("a percentage from 1 to %d or off was expected", mostPercent)
	}
	f.percent = n
	return nil
}

// mostPercent bounds --gogc: with ten times what lives hardly anything is collected.
const mostPercent = 1000

// containerMemory is what the control group allows, in bytes, or 0 where there
// is no such bound.
func containerMemory() int64 {
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64); err == nil && n > leastMemory && n < 1<<50 {
			return n
		}
	}
	return 0
}

// Budgets runs the program on large fleets, each in a process of its own on
// one core, and prints what they cost beside what they may cost. It exits with
// 1 when a budget is exceeded.
//
//	go run ./internal/budgets            # the budgets
//	go run ./internal/budgets -growth    # how the cost grows with the fleet
//
// A profile of ultra-scale has no hot spot: no function of ours takes 3 % by
// itself, a third is the runtime's. What was tried at 20,000 nodes and more and
// shows no gain beyond the noise: a build with that profile (-pgo), a collector
// that never runs, huge pages under the heap, which save less in the program
// than the system takes to clear them, and events that are values with a
// receiver in place of closures, with or without a look at the receivers of
// the next events beforehand.
//
// What a run asks memory for costs it most where it is seen least: at 100,000
// nodes a fifth of the time is the system's, which clears each page that is
// touched for the first time, and in a virtual machine the host may have to bring
// it first. An object that is used again, or not made, saves that too. The rest
// waits for memory: a pod's step looks at a dozen things of its node that nobody
// has looked at for seconds.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// budget is a fleet and what it may cost.
type budget struct {
	name    string
	args    []string // of ipamsim run; the scenario's text follows where there is one
	text    string
	seconds float64 // CPU, user and system
	mib     int64   // resident at most
}

func budgets() []budget {
	return []budget{
		{"latency-cliff", []string{"latency-cliff"}, "", 1, 200},
		{"5,000 nodes, 150,000 pods, 30 min", nil, goal(), 3, 600},
		{"ultra-scale: 100,000 nodes, 900,000 pods", []string{"ultra-scale"}, "", 12, 2048},
		{"the same, WARM_ENI_TARGET=1", nil, growing("eni", 100_000), 25, 2560},
		{"30,000 fixed nodes with churn", nil, churning(30_000), 12, 2048},
		{"100,000 nodes, all pods at once", nil, growing("burst", 100_000), 60, 3072},
	}
}

// sizes of the fleets of which the growth is shown.
var sizes = []int{1000, 3000, 10_000, 30_000, 100_000}

func main() {
	growth := flag.Bool("growth", false, "show the cost of fleets of 1,000 to 100,000 nodes and the exponent of its growth")
	flag.Parse()
	dir, err := os.MkdirTemp("", "budgets")
	if err != nil {
		fail(err)
	}
	bin := filepath.Join(dir, "ipamsim")
	build := exec.Command("go", "build", "-o", bin, "./cmd/ipamsim")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fail(err)
	}
	over := false
	if *growth {
		showGrowth(bin, dir)
	} else {
		over = showBudgets(bin, dir)
	}
	os.RemoveAll(dir)
	if over {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "budgets:", err)
	os.Exit(1)
}

func showBudgets(bin, dir string) (over bool) {
	fmt.Println(machine())
	fmt.Printf("%-44s %9s %9s %9s %9s\n", "FLEET (one core)", "CPU (s)", "BUDGET", "MIB", "BUDGET")
	for _, b := range budgets() {
		seconds, mib := cost(bin, dir, b)
		verdict := "ok"
		if seconds > b.seconds || mib > b.mib {
			verdict, over = "over", true
		}
		fmt.Printf("%-44s %9.2f %9.0f %9d %9d  %s\n", b.name, seconds, b.seconds, mib, b.mib, verdict)
	}
	return over
}

// machine is what the figures were measured on: the budgets are for a core of a
// server of about 2023.
func machine() string {
	name := runtime.GOOS + "/" + runtime.GOARCH
	data, _ := os.ReadFile("/proc/cpuinfo") // Linux; elsewhere the architecture is all there is to say
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return "on " + strings.TrimSpace(value) + ", " + name
		}
	}
	return "on " + name
}

func showGrowth(bin, dir string) {
	fmt.Printf("%-8s", "CPU (s)")
	for _, n := range sizes {
		fmt.Printf(" %9d", n)
	}
	fmt.Printf(" %9s\n", "EXPONENT")
	for _, family := range []string{"ultra", "eni", "burst", "churn"} {
		fmt.Printf("%-8s", family)
		var first, last float64
		for _, n := range sizes {
			text := ""
			if family == "churn" {
				text = churning(n)
			} else {
				text = growing(family, n)
			}
			last, _ = cost(bin, dir, budget{text: text})
			if first == 0 {
				first = last
			}
			fmt.Printf(" %9.2f", last)
		}
		nodes := float64(sizes[len(sizes)-1]) / float64(sizes[0])
		fmt.Printf(" %9.2f\n", math.Log(last/first)/math.Log(nodes))
	}
}

// cost runs a fleet in a process of its own.
func cost(bin, dir string, b budget) (seconds float64, mib int64) {
	args := append([]string{"run", "--quiet", "--remedies", "none"}, b.args...) // trying remedies is further runs
	if b.text != "" {
		file := filepath.Join(dir, "fleet.yaml")
		if err := os.WriteFile(file, []byte(b.text), 0o644); err != nil {
			fail(err)
		}
		args = append(args, file)
	}
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		fail(fmt.Errorf("%s: %w", b.name, err))
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), int64(usage.Maxrss) >> 10
}

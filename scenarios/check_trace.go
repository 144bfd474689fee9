package scenarios

import (
	"errors"
	"fmt"
	"time"

	"ipamsim/internal/words"
)

// traceReading is a trace, kept so that variants and replications that share a
// file read it once.
type traceReading struct {
	pods     []TracePod
	requests map[Resources]int // rows by what they ask for
	problems Problems
}

func readTraceOnce(dir, file string, known map[string]traceReading) traceReading {
	if t, ok := known[file]; ok {
		return t
	}
	t := traceReading{requests: map[Resources]int{}}
	var err error
	if t.pods, err = traceFile(dir, file); err != nil && !errors.As(err, &t.problems) {
		t.problems = Problems{{File: file, Message: err.Error()}}
	}
	for _, p := range t.pods {
		t.requests[Resources{CPU: p.CPU, Memory: p.Memory}]++
	}
	known[file] = t
	return t
}

// readTraces reads the trace files, so that what is wrong with them is known
// before anything runs, and returns their pods by workload.
func (f *File) readTraces(x *expansion, variant string, known map[string]traceReading, problems *Problems) map[string][]TracePod {
	pods := map[string][]TracePod{}
	c := *x.checker
	c.problem, c.warning = f.reportTo(problems, variant), f.warnTo(&x.warnings, variant)
	for i := range x.scenario.Workloads {
		w := &x.scenario.Workloads[i]
		if w.Kind != "Trace" || w.File == "" {
			continue
		}
		path := fmt.Sprintf("workloads.%d", i)
		at, name := c.at("%s.file", path), entry("workloads", i, w.Name)
		trace := readTraceOnce(f.Dir, w.File, known)
		for _, p := range trace.problems {
			if p.Line > 0 {
				*problems = append(*problems, p)
			} else {
				c.problem(at, "%s: %s: %s", name, p.File, p.Message)
			}
		}
		if len(trace.problems) == 0 {
			c.checkTrace(at, path, name, w, trace)
			pods[w.Name] = trace.pods
		}
	}
	return pods
}

// checkTrace warns of rows that come to nothing.
func (c *checker) checkTrace(at Position, path, name string, w *Workload, trace traceReading) {
	if len(trace.pods) == 0 {
		c.warning(at, "%s: %s lists no pods", name, w.File)
		return
	}
	late := 0
	for _, p := range trace.pods {
		if p.Created > time.Duration(c.s.Duration) {
			late++
		}
	}
	if late > 0 && c.usable("duration") {
		c.warning(at, "%s: %d of the %s of %s are after the end of the run, %s: they are never created", name, late, words.Plural(len(trace.pods), "pod"), w.File, c.s.Duration)
	}
	if !c.readable("%s.resources.cpu", path) || !c.readable("%s.resources.memory", path) {
		return
	}
	stuck, example := 0, ""
	// any order: of the examples the first by the alphabet stays
	for request, rows := range trace.requests {
		if request == (Resources{}) {
			request = w.Resources
		}
		if why := c.misfit(w, request); why != "" {
			stuck += rows
			if example == "" || why < example {
				example = why
			}
		}
	}
	if stuck > 0 {
		c.warning(at, "%s: %d of the %s of %s never start: one %s", name, stuck, words.Plural(len(trace.pods), "pod"), w.File, example)
	}
}

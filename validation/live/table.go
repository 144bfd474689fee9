package live

import (
	"fmt"
	"io"
	"time"

	"ipamsim/validation"
)

// The kinds of findings.
const (
	equal          = "equal"
	inDistribution = "equal in distribution"
	different      = "different"
)

// Kind is how a scenario compares, in one word or three.
func (f *Finding) Kind() string {
	switch {
	case !f.Equal():
		return different
	case f.Stable:
		return equal
	}
	return inDistribution
}

// Write writes a line about a scenario, and what differs below it.
func (f *Finding) Write(w io.Writer) {
	fmt.Fprintf(w, "%-30s %-22s %2d runs, %4d calls, %3d of %3d ADDs get an address", f.Trace.Scenario.Name, f.Kind(), f.Runs, len(f.Trace.Calls), f.served(), len(f.Trace.Adds))
	if f.Unordered > 0 {
		fmt.Fprintf(w, ", %d of %d orders found", f.Followed, f.Unordered)
	}
	fmt.Fprintln(w)
	for _, lost := range f.Lost {
		fmt.Fprintf(w, "  an order is not found: %s\n", lost)
	}
	if !f.Verdict.Conforms {
		f.Verdict.WriteLine(w, true)
	}
	if !f.Released.Conforms {
		fmt.Fprint(w, "as released: ")
		f.Released.WriteLine(w, true)
	}
}

func (f *Finding) served() (n int) {
	for _, p := range f.Trace.Adds {
		if p.OK {
			n++
		}
	}
	return n
}

// Table is what has been compared.
type Table []*Finding

// sums of a table.
type sums struct {
	kinds                     map[string]int
	runs, calls, samples, pod int
	unordered, followed       int
	virtual, real, ours       time.Duration
}

func (t Table) sums() sums {
	s := sums{kinds: map[string]int{}}
	for _, f := range t {
		s.kinds[f.Kind()]++
		s.runs += f.Runs
		s.calls += len(f.Trace.Calls)
		s.samples += int(f.lasts() / validation.SampleInterval)
		s.pod += len(f.Trace.Adds) + len(f.Trace.Dels)
		s.unordered, s.followed = s.unordered+f.Unordered, s.followed+f.Followed
		s.virtual, s.real, s.ours = s.virtual+f.lasts(), s.real+f.Real, s.ours+f.Ours
	}
	return s
}

func (f *Finding) lasts() time.Duration {
	return time.Duration(f.Trace.Scenario.DurationMS) * time.Millisecond
}

// perHour is CPU time per virtual node-hour, in ms.
func perHour(cpu, virtual time.Duration) string {
	if virtual <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f ms", float64(cpu)/float64(time.Millisecond)/virtual.Hours())
}

// Write writes it in Markdown: the scenarios, then the sums.
func (t Table) Write(w io.Writer) {
	fmt.Fprintln(w, "| scenario | | runs of the real daemon | calls to EC2 | ADDs served | CPU per virtual node-hour, real | ours |\n|---|---|---:|---:|---:|---:|---:|")
	for _, f := range t {
		fmt.Fprintf(w, "| %s | %s | %d | %d | %d of %d | %s | %s |\n", f.Trace.Scenario.Name, f.Kind(), f.Runs, len(f.Trace.Calls), f.served(), len(f.Trace.Adds),
			perHour(f.Real, f.lasts()), perHour(f.Ours, f.lasts()))
	}
	fmt.Fprintln(w)
	t.WriteSums(w)
}

// WriteSums writes what the table comes to.
func (t Table) WriteSums(w io.Writer) {
	s := t.sums()
	fmt.Fprintf(w, "%d scenarios: %d equal, %d equal in distribution, %d different. %d runs of the real daemon; in one run of each scenario %d calls to EC2, %d ADDs and DELs and %d samples of the pool are compared.\n",
		len(t), s.kinds[equal], s.kinds[inDistribution], s.kinds[different], s.runs, s.calls, s.pod, s.samples)
	if s.unordered > 0 {
		fmt.Fprintf(w, "Of %d runs whose order of maps is random, an order was found for %d with which ours is the same to the millisecond.\n", s.unordered, s.followed)
	}
	fmt.Fprintf(w, "CPU per virtual node-hour: %s of the real daemon, the start of its processes aside, with the modelled EC2 and its HTTP; %s of ours with the same EC2.\n",
		perHour(s.real, s.virtual), perHour(s.ours, s.virtual))
}

package live

import (
	"fmt"
	"io"
	"time"
)

// Kind is how a scenario compares, in one word or three.
func (f *Finding) Kind() string {
	switch {
	case !f.Equal():
		return "different"
	case f.Trace.FullyStable:
		return "equal"
	}
	return "equal in distribution"
}

// Write writes a line about a scenario, and what differs below it.
func (f *Finding) Write(w io.Writer) {
	fmt.Fprintf(w, "%-30s %-22s %4d calls, %3d of %3d ADDs get an address\n", f.Trace.Scenario.Name, f.Kind(), len(f.Trace.Calls), f.served(), len(f.Trace.Adds))
	if !f.Verdict.Conforms {
		f.Verdict.WriteLine(w, true)
	}
	if f.Judged && !f.Released.Conforms {
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

// Write writes it in Markdown.
func (t Table) Write(w io.Writer) {
	fmt.Fprintln(w, "| scenario | | calls | ADDs served | virtual time | CPU of the real daemon |\n|---|---|---:|---:|---:|---:|")
	var cpu, virtual time.Duration
	for _, f := range t {
		lasts := time.Duration(f.Trace.Scenario.DurationMS) * time.Millisecond
		fmt.Fprintf(w, "| %s | %s | %d | %d of %d | %v | %v |\n",
			f.Trace.Scenario.Name, f.Kind(), len(f.Trace.Calls), f.served(), len(f.Trace.Adds), lasts, f.CPU.Round(10*time.Millisecond))
		cpu, virtual = cpu+f.CPU, virtual+lasts
	}
	if virtual > 0 {
		fmt.Fprintf(w, "| a virtual node-hour | | | | | %v |\n", time.Duration(float64(cpu)/virtual.Hours()).Round(10*time.Millisecond))
	}
}

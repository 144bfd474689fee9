package serving

import (
	"encoding/json"
	"io"
	"math"
)

// Trace writes requests in the trace event format of Chrome and Perfetto, as a
// list of asynchronous events: a process of the trace is a caller, a row of it an
// action. Time 0 is that of the scenario. The format lets a list be without its
// end, so that what is there when the process is killed can be looked at.
func Trace(w io.WriteCloser) Sink {
	t := &trace{out: w, processes: map[string]int{}}
	return &sink{write: t.add, end: t.close}
}

// mostCallers have a process of their own in a trace; what they are called is up
// to clients.
const mostCallers = 1000

type trace struct {
	out       io.WriteCloser
	processes map[string]int
	requests  int
}

// event is a part of a request, or the name of a process.
type event struct {
	Phase    string  `json:"ph"` // b begins, e ends, M names
	Name     string  `json:"name"`
	Category string  `json:"cat,omitempty"`
	ID       int     `json:"id,omitempty"`
	At       float64 `json:"ts"` // microseconds
	Process  int     `json:"pid"`
	Args     any     `json:"args,omitempty"`
}

func (t *trace) add(l Line) error {
	process, err := t.process(l.Caller)
	if err != nil {
		return err
	}
	t.requests++
	at := event{Phase: "b", Name: l.Action, Category: "request", ID: t.requests, Process: process, At: micros(l.Time),
		Args: map[string]any{"status": l.Status, "code": l.Code, "request": l.RequestID}}
	end := at
	end.Phase, end.At, end.Args = "e", micros(l.Time+l.Duration), nil
	return t.write(at, end)
}

func micros(seconds float64) float64 { return math.Round(seconds * 1e6) }

// process is that of a caller. Of very many the last share one.
func (t *trace) process(caller string) (int, error) {
	if len(t.processes) >= mostCallers && t.processes[caller] == 0 {
		caller = "others"
	}
	if n := t.processes[caller]; n != 0 {
		return n, nil
	}
	n := len(t.processes) + 1
	t.processes[caller] = n
	return n, t.write(event{Phase: "M", Name: "process_name", Process: n, Args: map[string]string{"name": caller}})
}

// write puts events on lines of their own, at once.
func (t *trace) write(events ...event) error {
	var text []byte
	for _, e := range events {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		before := ",\n"
		if e.Phase == "M" && e.Process == 1 {
			before = "[\n" // of the first of all
		}
		text = append(append(text, before...), line...)
	}
	_, err := t.out.Write(text)
	return err
}

func (t *trace) close() error {
	end := "\n]\n"
	if len(t.processes) == 0 {
		end = "[]\n"
	}
	if _, err := io.WriteString(t.out, end); err != nil {
		return err
	}
	return t.out.Close()
}

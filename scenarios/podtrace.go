package scenarios

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// TracePod is one row of a pod trace.
type TracePod struct {
	Created  time.Duration // from time 0
	Lifetime time.Duration // from running to completion; negative for one that runs on
	CPU      CPU           // 0 takes the workload's request
	Memory   Memory        // likewise
}

// maxTraceRows bounds a trace: more pods than any cluster starts in a day.
const maxTraceRows = 5_000_000

// ReadTrace reads a CSV file with a header: created_s and lifetime_s, and
// optionally cpu and memory, in any order. The rows come back in the order of
// creation. Errors are Problems that name line and column.
func ReadTrace(dir, file string) ([]TracePod, error) {
	path := file
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, file)
	}
	f, err := os.Open(path)
	if err != nil {
		var pathError *os.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err
		}
		return nil, Problems{{File: path, Message: "cannot read the trace: " + err.Error()}}
	}
	defer f.Close()
	return readTrace(path, f)
}

func readTrace(path string, r io.Reader) ([]TracePod, error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	rows.TrimLeadingSpace = true
	t := traceReader{rows: rows, path: path}
	header, err := rows.Read()
	if err != nil {
		return nil, t.problem(1, 1, "a header was expected: created_s,lifetime_s[,cpu][,memory]")
	}
	if err := t.readHeader(header); err != nil {
		return nil, err
	}
	var pods []TracePod
	for {
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			slices.SortStableFunc(pods, func(a, b TracePod) int { return int(a.Created - b.Created) })
			return pods, nil
		case err != nil:
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				return nil, t.problem(parse.Line, parse.Column, parse.Err.Error())
			}
			return nil, t.problem(0, 0, err.Error())
		case len(pods) == maxTraceRows:
			return nil, t.problem(0, 0, fmt.Sprintf("more than %d pods", maxTraceRows))
		}
		pod, err := t.pod(row)
		if err != nil {
			return nil, err
		}
		pods = append(pods, pod)
	}
}

type traceReader struct {
	rows    *csv.Reader
	path    string
	columns []string
}

var traceColumns = []string{"created_s", "lifetime_s", "cpu", "memory"}

func (t *traceReader) readHeader(header []string) error {
	t.columns = slices.Clone(header)
	for i, name := range t.columns {
		if !contains(traceColumns, name) {
			line, column := t.rows.FieldPos(i)
			return t.problem(line, column, fmt.Sprintf("unknown column %q%s; columns are created_s, lifetime_s, cpu and memory", name, didYouMean(name, traceColumns)))
		}
	}
	for _, name := range traceColumns[:2] {
		if !contains(t.columns, name) {
			return t.problem(1, 1, "the column "+name+" is missing")
		}
	}
	return nil
}

func (t *traceReader) pod(row []string) (pod TracePod, err error) {
	for i, text := range row {
		switch t.columns[i] {
		case "created_s":
			pod.Created, err = traceSeconds(text)
		case "lifetime_s":
			if pod.Lifetime = -1; text != "" {
				pod.Lifetime, err = traceSeconds(text)
			}
		case "cpu":
			if text != "" {
				pod.CPU, err = ParseCPU(text)
			}
		case "memory":
			if text != "" {
				pod.Memory, err = ParseMemory(text)
			}
		}
		if err != nil {
			line, column := t.rows.FieldPos(i)
			return pod, t.problem(line, column, t.columns[i]+": "+err.Error())
		}
	}
	return pod, nil
}

// traceSeconds reads seconds, to the microsecond.
func traceSeconds(text string) (time.Duration, error) {
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || !(s >= 0 && s <= 1e8) {
		return 0, fmt.Errorf("%q is not a number of seconds of at least 0", text)
	}
	return time.Duration(s*1e6) * time.Microsecond, nil
}

func (t *traceReader) problem(line, column int, message string) error {
	return Problems{{File: t.path, Position: Position{Line: line, Column: column}, Message: message}}
}

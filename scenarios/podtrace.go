package scenarios

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ipamsim/internal/portable"
	"ipamsim/internal/words"
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

// traceFile reads a CSV file with a header: created_s and lifetime_s, and
// optionally cpu and memory, in any order. The rows come back in the order of
// creation. Errors are Problems: those about the text name line and column,
// those about the file as a whole do not.
func traceFile(dir, file string) ([]TracePod, error) {
	path := besidePath(dir, file)
	pods, err := readTraceFile(path)
	var problems Problems
	switch {
	case err == nil:
		return pods, nil
	case errors.As(err, &problems):
		for i := range problems {
			if problems[i].Line == 0 {
				continue // about the file as a whole
			}
			problems[i].Source = lineOf(path, problems[i].Line)
			problems[i].Column = characters(problems[i].Source, problems[i].Column)
		}
		return nil, problems
	}
	return nil, Problems{{File: path, Message: "cannot read the trace: " + withoutPath(err).Error()}}
}

func readTraceFile(path string) ([]TracePod, error) {
	f, err := openRegular(path, "a CSV file")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readTrace(path, f)
}

// longestRow bounds a row in bytes: four numbers need far less.
const longestRow = 64 << 10

var errLongRow = errors.New("too long")

// boundedRows is a file of which no row may be endless.
type boundedRows struct {
	from  io.Reader
	left  int // bytes that the row that is being read may still have
	lines int // that have ended in what was read
}

func (b *boundedRows) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongRow
	}
	n, err := b.from.Read(p)
	b.left -= n
	b.lines += bytes.Count(p[:n], []byte("\n"))
	return n, err
}

// next begins a row.
func (b *boundedRows) next() { b.left = longestRow }

// withoutMark passes over a byte order mark, which spreadsheets write.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		b.Discard(len(byteOrderMark))
	}
	return b
}

const byteOrderMark = "\uFEFF"

const traceHeader = "a header was expected: created_s,lifetime_s[,cpu][,memory]"

func readTrace(path string, r io.Reader) ([]TracePod, error) {
	bounded := &boundedRows{from: withoutMark(r), left: longestRow}
	rows := csv.NewReader(bounded)
	rows.ReuseRecord = true
	rows.TrimLeadingSpace = true
	t := traceReader{rows: rows, bounded: bounded, path: path}
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, t.problem(1, 1, "the file is empty: "+traceHeader)
	}
	if err != nil {
		return nil, t.foreign()
	}
	if err := t.readHeader(header); err != nil {
		return nil, err
	}
	var pods []TracePod
	for {
		bounded.next()
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			slices.SortStableFunc(pods, func(a, b TracePod) int { return cmp.Compare(a.Created, b.Created) })
			return pods, nil
		case err != nil:
			return nil, t.broken(row, err)
		case len(pods) == maxTraceRows:
			line, column := rows.FieldPos(0)
			return nil, t.problem(line, column, fmt.Sprintf("more than %d pods", maxTraceRows))
		}
		pod, err := t.pod(row)
		if err != nil {
			return nil, err
		}
		pods = append(pods, pod)
	}
}

// broken is the error of what is no CSV, or cannot be read at all.
func (t *traceReader) broken(row []string, err error) error {
	var parse *csv.ParseError
	switch {
	case errors.Is(err, errLongRow):
		return t.problem(t.bounded.lines+1, 1, fmt.Sprintf("a row of more than %d KiB", longestRow>>10))
	case errors.Is(err, csv.ErrFieldCount):
		line, column := t.rows.FieldPos(0)
		return t.problem(line, column, fmt.Sprintf("%s expected, as in the header, got %d", wereFields(len(t.columns)), len(row)))
	case errors.As(err, &parse):
		return t.problem(parse.Line, parse.Column, parse.Err.Error())
	}
	return err
}

// foreign is the error of a file that does not begin as a trace does. It does
// not show what is in it: that may be a secret, of a file that was not meant.
func (t *traceReader) foreign() error {
	return Problems{{File: t.path, Message: "no trace of pods: " + traceHeader}}
}

// wereFields is "1 field was", "4 fields were".
func wereFields(n int) string {
	if n == 1 {
		return "1 field was"
	}
	return fmt.Sprintf("%d fields were", n)
}

// longestShown bounds what is read of a line to show it.
const longestShown = 1 << 20

// lineOf is a line of a file, or nothing when it cannot be had.
func lineOf(path string, number int) string {
	f, err := os.Open(path)
	if err != nil || number < 1 {
		return ""
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestShown)
	for i := 1; lines.Scan(); i++ {
		if i == number {
			return strings.TrimPrefix(lines.Text(), byteOrderMark)
		}
	}
	return ""
}

// characters turns a column in bytes into one in characters.
func characters(line string, column int) int {
	if column < 1 || column > len(line)+1 {
		return column
	}
	return utf8.RuneCountInString(line[:column-1]) + 1
}

type traceReader struct {
	rows    *csv.Reader
	bounded *boundedRows
	path    string
	columns []string
}

var traceColumns = []string{"created_s", "lifetime_s", "cpu", "memory"}

func (t *traceReader) readHeader(header []string) error {
	t.columns = slices.Clone(header)
	ours := func(name string) bool { return slices.Contains(traceColumns, name) }
	if !slices.ContainsFunc(header, ours) {
		return t.foreign()
	}
	for i, name := range t.columns {
		line, column := t.rows.FieldPos(i)
		switch {
		case slices.Contains(t.columns[:i], name):
			return t.problem(line, column, fmt.Sprintf("the column %s is given twice", name))
		case strings.Contains(name, "\r"):
			return t.problem(line, column, "lines end in a carriage return alone: save the file with line feeds")
		case !ours(name):
			return t.problem(line, column, fmt.Sprintf("unknown column %q%s; columns are created_s, lifetime_s, cpu and memory", name, words.DidYouMean(name, traceColumns)))
		}
	}
	for _, name := range traceColumns[:2] {
		if !slices.Contains(t.columns, name) {
			return t.problem(1, 1, "the column "+name+" is missing")
		}
	}
	return nil
}

func (t *traceReader) pod(row []string) (pod TracePod, err error) {
	for i, text := range row {
		switch t.columns[i] {
		case "created_s":
			pod.Created, err = traceSeconds(text, -1e8)
		case "lifetime_s":
			if pod.Lifetime = -1; text != "" {
				pod.Lifetime, err = traceSeconds(text, 0)
			}
		case "cpu":
			if text != "" {
				pod.CPU, err = parseCPU(text)
			}
		case "memory":
			if text != "" {
				pod.Memory, err = parseMemory(text)
			}
		}
		if err != nil {
			line, column := t.rows.FieldPos(i)
			return pod, t.problem(line, column, t.columns[i]+": "+quoted(text, err).Error())
		}
	}
	return pod, nil
}

// traceSeconds reads seconds from a least number on, to the microsecond.
func traceSeconds(text string, least float64) (time.Duration, error) {
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || !(s >= least && s <= 1e8) {
		return 0, fmt.Errorf("%q is not a number of seconds of at least %g", text, least)
	}
	return portable.Microseconds(s * 1e6), nil
}

func (t *traceReader) problem(line, column int, message string) error {
	return Problems{{File: t.path, Position: Position{Line: line, Column: column}, Message: message}}
}

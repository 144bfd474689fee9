package serving

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"ipamsim/ec2model/queryapi"
	"ipamsim/internal/words"
)

// Line is a request in the log.
type Line struct {
	Time      float64 `json:"time_seconds"` // of the scenario, when it came
	Duration  float64 `json:"duration_seconds"`
	Caller    string  `json:"caller"`
	Action    string  `json:"action"`
	Status    int     `json:"status"` // 0: the client had gone
	Code      string  `json:"code,omitempty"`
	RequestID string  `json:"request_id,omitempty"` // none of instance metadata
}

func (s *Session) line(e queryapi.Entry) Line {
	return Line{
		Time: seconds(e.Start - s.fleet.WarmUp), Duration: seconds(e.End - e.Start),
		Caller: string(e.Caller), Action: e.Action, Status: e.Status, Code: e.Code, RequestID: e.RequestID,
	}
}

// seconds are rounded to microseconds.
func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)/time.Microsecond) / 1e6
}

// String is the line for people: what a client sends is no command to their
// terminal.
func (l Line) String() string {
	return fmt.Sprintf("%9.3fs %6.3fs %3d %-32s %s %s", l.Time, l.Duration, l.Status, words.Printable(l.Action), words.Printable(l.Caller), l.Code)
}

// Sink is where lines go, from any goroutine. Close makes it whole, and returns
// the first error that there was; no line may come after it.
type Sink interface {
	Add(Line)
	Close() error
}

// Text writes lines for people.
func Text(w io.Writer) Sink {
	return &sink{write: func(l Line) error {
		_, err := fmt.Fprintln(w, l)
		return err
	}}
}

// JSON writes each line as one of JSON, at once: whoever follows the file sees
// it, and what is there when the process is killed is whole.
func JSON(w io.WriteCloser) Sink {
	return &sink{write: func(l Line) error {
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		_, err = w.Write(append(text, '\n'))
		return err
	}, end: w.Close}
}

// sink is one that writes line by line.
type sink struct {
	mutex sync.Mutex
	write func(Line) error
	end   func() error
	err   error // the first
}

// Add implements Sink.
func (s *sink) Add(l Line) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.err == nil {
		s.err = s.write(l)
	}
}

// Close implements Sink.
func (s *sink) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.end == nil {
		return s.err
	}
	return errors.Join(s.err, s.end())
}

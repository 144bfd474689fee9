package calibration

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
)

// watch is what was seen by asking again and again: ipamd for its interfaces, and EC2 for
// the interfaces of instances. Each answer is a line of its own, with its time.
type watch struct {
	nodes map[string]*seen
	came  map[string]window // an interface, into /v1/enis
	at    time.Time         // of the last list of interfaces
	held  map[string]bool   // instances that had an interface then
	gone  map[string]window // an instance, out of the lists
	rests []float64         // seconds from a pod's end to the next pod, of addresses
}

// window is between two answers: after one, and at the other at the latest.
type window struct{ after, until time.Time }

// seen is what one ipamd has answered.
type seen struct {
	at   time.Time
	enis map[string]bool      // that it ever had
	free map[string]time.Time // since when addresses have been free
}

func newWatch() watch {
	return watch{nodes: map[string]*seen{}, came: map[string]window{}, held: map[string]bool{}, gone: map[string]window{}}
}

// Bounds of what is kept.
const (
	longestLine  = 64 << 20
	mostWatched  = 100_000 // nodes
	mostAnswers  = 4_000_000
	mostObserved = 1_000_000 // rests of addresses
)

// answer is a line.
type answer struct {
	Time              *time.Time
	Node              string
	ENIs              *json.RawMessage `json:"enis"`
	NetworkInterfaces *[]struct {
		NetworkInterfaceID string `json:"NetworkInterfaceId"`
		Attachment         *struct {
			InstanceID string `json:"InstanceId"`
		}
	}
}

// answers takes lines that begin with {"time":.
func (f *file) answers(r *bufio.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	number := 0
	for lines.Scan() {
		number++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		if err := f.answer(text); err != nil {
			return placed(number, err)
		}
		if f.took["answer of ipamd"]+f.took["list of interfaces"] > mostAnswers {
			return &input.Error{Line: number, Column: 1, Message: fmt.Sprintf("more than %d answers, the most that are read of a file", mostAnswers)}
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return &input.Error{Line: number + 1, Column: 1, Message: fmt.Sprintf("a line of more than %d MiB, the most that one may have", longestLine>>20)}
	}
	return lines.Err()
}

// placed is an error with its line, and its column where JSON has one.
func placed(line int, err error) error {
	column := 1
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		column = int(syntax.Offset)
		if syntax.Error() == "unexpected end of JSON input" {
			err = errors.New("the line ends in the middle: it was cut short")
		}
	case errors.As(err, &kind):
		column = int(kind.Offset)
		err = fmt.Errorf("%s: unexpected %s", kind.Field, kind.Value)
	}
	return &input.Error{Line: line, Column: max(column, 1), Message: err.Error()}
}

func (f *file) answer(text []byte) error {
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return err
	}
	switch {
	case a.Time == nil || a.Time.IsZero():
		return errors.New("an answer without its time")
	case a.ENIs != nil:
		if a.Node == "" {
			return errors.New("an answer of ipamd without its node")
		}
		return f.introspected(*a.Time, a.Node, *a.ENIs)
	case a.NetworkInterfaces != nil:
		return f.interfaces(&a)
	}
	return errors.New("enis or NetworkInterfaces was expected beside the time")
}

// card is a network card's part of /v1/enis, as far as it is read.
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.2/pkg/ipamd/introspect.go
type card struct {
	ENIs map[string]struct {
		AvailableIPv4Cidrs map[string]struct {
			IPAddresses map[string]struct {
				IPAMKey                      struct{ NetworkName string }
				AssignedTime, UnassignedTime time.Time
			}
		}
	}
}

// introspected takes an answer to GET /v1/enis.
func (f *file) introspected(at time.Time, node string, text []byte) error {
	cards := map[string]card{}
	if err := json.Unmarshal(text, &cards); err != nil {
		return errors.New("no answer of /v1/enis, which is an object of network cards, each with ENIs")
	}
	enis := 0
	for _, c := range cards { // any order: they are counted
		enis += len(c.ENIs)
	}
	if enis == 0 {
		return errors.New("no answer of /v1/enis: network cards with ENIs were expected")
	}
	s := f.watch.nodes[node]
	if s == nil {
		if len(f.watch.nodes) == mostWatched {
			return fmt.Errorf("more than %d nodes, the most that are watched", mostWatched)
		}
		s = &seen{enis: map[string]bool{}, free: map[string]time.Time{}}
		f.watch.nodes[node] = s
	} else if !at.After(s.at) {
		return fmt.Errorf("an answer of %s at %s, and the one before is of %s: they were expected in the order of time, each once", words.Printable(node), at.Format(time.RFC3339Nano), s.at.Format(time.RFC3339Nano))
	}
	for _, name := range slices.Sorted(maps.Keys(cards)) {
		f.card(at, s, cards[name])
	}
	s.at = at
	f.take("answer of ipamd")
	return nil
}

func (f *file) card(at time.Time, s *seen, c card) {
	for id, eni := range c.ENIs { // any order: each by itself, and rests are sorted
		if !s.enis[id] && !s.at.IsZero() {
			f.watch.came[id] = window{s.at, at}
		}
		s.enis[id] = true
		for _, cidr := range eni.AvailableIPv4Cidrs {
			for addr, a := range cidr.IPAddresses {
				since, rested := s.free[addr]
				switch {
				case a.IPAMKey.NetworkName == "" && !a.UnassignedTime.IsZero():
					s.free[addr] = a.UnassignedTime
				case rested && a.AssignedTime.After(since):
					if len(f.watch.rests) < mostObserved {
						f.watch.rests = append(f.watch.rests, a.AssignedTime.Sub(since).Seconds())
					}
					delete(s.free, addr)
				}
			}
		}
	}
}

// interfaces takes what describe-network-interfaces has said.
func (f *file) interfaces(a *answer) error {
	w, at := &f.watch, *a.Time
	if !w.at.IsZero() && !at.After(w.at) {
		return fmt.Errorf("a list of interfaces at %s, and the one before is of %s: they were expected in the order of time, each once", at.Format(time.RFC3339Nano), w.at.Format(time.RFC3339Nano))
	}
	now := map[string]bool{}
	for _, i := range *a.NetworkInterfaces {
		if i.NetworkInterfaceID == "" {
			return errors.New("an interface without NetworkInterfaceId")
		}
		if i.Attachment != nil && i.Attachment.InstanceID != "" {
			now[i.Attachment.InstanceID] = true
			delete(w.gone, i.Attachment.InstanceID)
		}
	}
	for id := range w.held { // any order: each by itself
		if !now[id] {
			w.gone[id] = window{w.at, at}
		}
	}
	w.held, w.at = now, at
	f.take("list of interfaces")
	return nil
}

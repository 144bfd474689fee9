package calibration

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
	"ipamsim/scenarios/clusterimport"
)

const commandHint = "`ipamsim calibrate --print-commands` prints the commands whose output is read"

// file is one source while it is read.
type file struct {
	*collection
	name  string
	took  map[string]int
	order []string
	note  string
}

// take counts something that was taken from the file: a noun, and behind it, with "of"
// before it, what it is of.
func (f *file) take(what string) {
	if f.took[what] == 0 {
		f.order = append(f.order, what)
	}
	f.took[what]++
}

// errUnknown is about a file in which nothing is that is read.
var errUnknown = errors.New("nothing that is read: " + commandHint)

// read reads one source and says what it was taken for.
func (c *collection) read(s clusterimport.Source) (FileReport, error) {
	f := &file{collection: c, name: words.Printable(s.Name), took: map[string]int{}}
	d := clusterimport.Documents{Lists: []string{"items", "Records", "Events", "Reservations", "result"}, Row: f.row, Whole: f.whole, Text: f.text, Lines: f.answers}
	err := d.Read(s.Reader)
	about := FileReport{Path: s.Name, Took: []string{}, Note: f.note}
	for _, what := range f.order {
		noun, of, _ := strings.Cut(what, " of ")
		if of != "" {
			of = " of " + of
		}
		about.Took = append(about.Took, words.Plural(f.took[what], noun)+of)
	}
	if err == nil && len(about.Took) == 0 && f.note == "" {
		err = errUnknown
	}
	if errors.Is(err, errUnknown) && s.Related {
		about.Note, err = "passed over: nothing that is read", nil
	}
	if err != nil {
		about.Note = "refused"
	}
	return about, err
}

// row takes one row of a list.
func (f *file) row(list string, row clusterimport.Row) error {
	switch list {
	case "items":
		return f.object(row)
	case "Records":
		return f.record(row)
	case "Events":
		return f.lookup(row)
	case "Reservations":
		return f.reservation(row)
	case "result":
		return f.series(row)
	}
	var is map[string]json.RawMessage // a list of records alone, as jq makes it
	if err := row.Decode(&is); err != nil {
		return err
	}
	switch {
	case is["eventName"] != nil:
		return f.record(row)
	case is["metadata"] != nil:
		return f.object(row)
	}
	return errUnknown
}

// whole takes what an object has besides its lists.
func (f *file) whole(members map[string][]byte) error {
	if token := members["NextToken"]; token != nil && members["Reservations"] != nil {
		return &input.Error{Message: "one page of several (NextToken is set): the AWS CLI prints all of them without --max-items and --no-paginate"}
	}
	if len(members) > 0 && len(f.took) == 0 && bytes.Contains(members["0"], []byte(`"ENIs"`)) {
		return &input.Error{Message: `an answer of /v1/enis without its time: {"time":"…","node":"…","enis":…} was expected, one a line; ` + commandHint}
	}
	if bytes.Equal(members["status"], []byte(`"error"`)) {
		return &input.Error{Message: "Prometheus has answered with an error"}
	}
	for _, list := range []string{"items", "Records", "Events", "Reservations", "result"} {
		if members[list] != nil && len(f.took) == 0 && f.note == "" {
			f.note = "nothing in it that is read"
		}
	}
	return nil
}

// object is one of Kubernetes, as far as it is read.
type object struct {
	Kind     string
	Metadata struct {
		Name              string
		CreationTimestamp time.Time
	}
	Spec struct {
		ProviderID string
	}
	Status struct {
		ProviderID string
		Conditions []struct {
			Type, Status       string
			LastTransitionTime time.Time
		}
	}
}

func (f *file) object(row clusterimport.Row) error {
	var o object
	if err := row.Decode(&o); err != nil {
		return err
	}
	since := func(condition string) time.Time {
		for _, c := range o.Status.Conditions {
			if c.Type == condition && c.Status == "True" {
				return c.LastTransitionTime
			}
		}
		return time.Time{}
	}
	switch o.Kind {
	case "Node":
		if id := instanceOf(o.Spec.ProviderID); id != "" && !o.Metadata.CreationTimestamp.IsZero() {
			f.registered[id] = o.Metadata.CreationTimestamp
			f.starts.registered[o.Metadata.Name] = o.Metadata.CreationTimestamp
			f.take("node")
		}
	case "NodeClaim":
		launched, registered := since("Launched"), since("Registered")
		if id := instanceOf(o.Status.ProviderID); id != "" && !launched.IsZero() && !registered.IsZero() {
			f.launched[id] = launched
			if f.registered[id].IsZero() {
				f.registered[id] = registered
			}
			f.take("NodeClaim")
		}
	case "Event":
		var e event
		if err := row.Decode(&e); err != nil {
			return err
		}
		return f.event(&e)
	}
	return nil
}

// instanceOf is the instance in a provider's ID: aws:///us-east-1a/i-0123.
func instanceOf(id string) string {
	if i := strings.LastIndexByte(id, '/'); strings.HasPrefix(id, "aws://") && strings.HasPrefix(id[i+1:], "i-") {
		return id[i+1:]
	}
	return ""
}

// systemImages are in the names of the images that launch.systemImagePull is about.
var systemImages = []string{"/kube-proxy", "/amazon-k8s-cni-init", "/amazon-k8s-cni"}

// reservation takes when its instances were launched.
func (f *file) reservation(row clusterimport.Row) error {
	var r struct {
		Instances []struct {
			InstanceID string `json:"InstanceId"`
			LaunchTime time.Time
		}
	}
	if err := row.Decode(&r); err != nil {
		return err
	}
	for _, i := range r.Instances {
		if i.InstanceID != "" && !i.LaunchTime.IsZero() {
			f.launched[i.InstanceID] = i.LaunchTime
			f.take("instance")
		}
	}
	return nil
}

// text takes scrapes.
func (f *file) text(r *bufio.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		if err := f.line(lines.Text()); err != nil {
			return &input.Error{Line: number, Column: 1, Message: err.Error()}
		}
		if number%4096 == 0 && f.points > mostPoints {
			return &input.Error{Line: number, Column: 1, Message: fmt.Sprintf("more than %d samples, the most that are read", mostPoints)}
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return errUnknown
	} else if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// nodeAt is the node and the time in a file's name: NODE@1767225600.prom. A name without
// both is the node.
func nodeAt(name string) (node string, at float64) {
	base := filepath.Base(name)
	node, rest, ok := strings.Cut(base, "@")
	if !ok {
		return name, 0
	}
	var seconds int64
	if _, err := fmt.Sscanf(rest, "%d", &seconds); err != nil || seconds <= 0 {
		return name, 0
	}
	return filepath.Join(filepath.Dir(name), node), float64(seconds)
}

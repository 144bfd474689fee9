package clusterimport

import (
	"io"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
)

// The metrics of the VPC CNI that a back-test reads: gauges of each node.
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/utils/prometheusmetrics/prometheusmetrics.go
const (
	metricAssigned = "awscni_assigned_ip_addresses"
	metricTotal    = "awscni_total_ip_addresses"
)

// History is what Prometheus has recorded of a cluster: of each node how many
// addresses were on pods, and how many ipamd held, over time.
type History struct {
	nodes map[string]*course
	times []int64 // all moments with a sample, in seconds

	gauges []recordedNode // in the order of names, once everything is read
}

// recordedNode is a node's recording in the order of time.
type recordedNode struct {
	name            string
	assigned, total gauge
}

// course is one node's.
type course struct {
	assigned, total map[int64]int
}

// rangeMost is how many bytes the answer to a range query may have: 1,000 nodes
// with a sample a minute over a week are half of it.
const rangeMost = 256 << 20

// Read takes an answer of Prometheus' /api/v1/query_range. A series is told by the
// name of its metric; one without a name and with a node is pods of the node.
func (h *History) Read(r io.Reader) error {
	opened, err := opened(r)
	if err != nil {
		return err
	}
	text, err := input.ReadAll(opened, rangeMost, "an answer of Prometheus")
	if err != nil {
		return err
	}
	var answer struct {
		Status, Error string
		Data          struct {
			ResultType string
			Result     []struct {
				Metric map[string]string
				Values [][2]any
			}
		}
	}
	if err := input.DecodeJSON(text, &answer); err != nil {
		return err
	}
	const want = "what /api/v1/query_range of Prometheus answers to " + metricAssigned + ", and to " + metricTotal + ", was expected"
	switch {
	case answer.Status != "success" || answer.Data.ResultType == "":
		return &input.Error{Message: "no answer of Prometheus, or an error (" + words.Printable(answer.Error) + "): " + want}
	case answer.Data.ResultType != "matrix":
		return &input.Error{Message: "a " + words.Printable(answer.Data.ResultType) + ", which is one moment and no range: " + want}
	case len(answer.Data.Result) == 0:
		return &input.Error{Message: "an answer without any series: " + want}
	}
	if h.nodes == nil {
		h.nodes = map[string]*course{}
	}
	for i, s := range answer.Data.Result {
		node := nodeLabel(s.Metric)
		name := s.Metric["__name__"]
		if node == "" {
			return &input.Error{Message: sprintf("data.result[%d] has neither a label node nor instance: sums over nodes say too little; %s", i, want)}
		}
		if name != metricAssigned && name != metricTotal && name != "" {
			return &input.Error{Message: sprintf("data.result[%d] is of %s: %s", i, words.Printable(name), want)}
		}
		c := h.nodes[node]
		if c == nil {
			c = &course{map[int64]int{}, map[int64]int{}}
			h.nodes[node] = c
		}
		into := c.assigned
		if name == metricTotal {
			into = c.total
		}
		for k, v := range s.Values {
			at, n, ok := sample(v)
			if !ok {
				return &input.Error{Message: sprintf("data.result[%d].values[%d]: a time and a number of addresses in quotes were expected", i, k)}
			}
			into[at] = n
		}
	}
	return nil
}

// nodeLabel names the node of a series: by node, or by the host of instance.
func nodeLabel(labels map[string]string) string {
	if n := labels["node"]; n != "" {
		return n
	}
	at := labels["instance"]
	if a, err := netip.ParseAddrPort(at); err == nil {
		return a.Addr().String()
	}
	host, _, _ := strings.Cut(at, ":")
	return host
}

func sample(v [2]any) (at int64, n int, ok bool) {
	seconds, isNumber := v[0].(float64)
	text, isText := v[1].(string)
	value, err := strconv.ParseFloat(text, 64)
	if !isNumber || !isText || err != nil || seconds < 0 || seconds > 1<<40 || value < 0 || value > 1<<20 || math.IsNaN(value) {
		return 0, 0, false
	}
	return int64(math.Round(seconds)), int(math.Round(value)), true
}

// settle puts the moments into their order, and says what is missing.
func (h *History) settle() error {
	all := map[int64]bool{}
	assigned, total := 0, 0
	for _, c := range h.nodes { // any order: sums, and a set is filled
		for at := range c.assigned { // any order: a set is filled
			all[at] = true
		}
		assigned += len(c.assigned)
		total += len(c.total)
	}
	for _, m := range []struct {
		n    int
		name string
	}{{assigned, metricAssigned}, {total, metricTotal}} {
		if m.n == 0 {
			return Faults{"no range of " + m.name + " is given: the back-test needs those of " + metricAssigned + " and " + metricTotal + ", each by node"}
		}
	}
	for at := range all { // any order: sorted below
		h.times = append(h.times, at)
	}
	slices.Sort(h.times)
	for _, name := range sorted(h.nodes) {
		c := h.nodes[name]
		h.gauges = append(h.gauges, recordedNode{name, gaugeOf(c.assigned), gaugeOf(c.total)})
	}
	if span := h.times[len(h.times)-1] - h.times[0]; span < 60 {
		return Faults{"the range is shorter than a minute"}
	} else if span > 30*24*3600 {
		return Faults{"the range is longer than 30 days, the longest that a scenario runs"}
	}
	return nil
}

// gauge is one metric of a node, in the order of time.
type gauge struct {
	times  []int64
	values []int
}

func gaugeOf(samples map[int64]int) (g gauge) {
	for at := range samples { // any order: sorted below
		g.times = append(g.times, at)
	}
	slices.Sort(g.times)
	for _, at := range g.times {
		g.values = append(g.values, samples[at])
	}
	return g
}

// at is the last value that is not after a moment, between the first and the last
// sample: a scrape that failed in between leaves the value as it was.
func (g *gauge) at(moment int64) (n int, ok bool) {
	i, found := slices.BinarySearch(g.times, moment)
	switch {
	case found:
		return g.values[i], true
	case i == 0 || i == len(g.times):
		return 0, false
	}
	return g.values[i-1], true
}

// sums are over the nodes that are there at a moment.
func (h *History) sums(at int64) (nodes, assigned, total int) {
	for i := range h.gauges {
		if n, ok := h.gauges[i].assigned.at(at); ok {
			nodes++
			assigned += n
		}
		n, _ := h.gauges[i].total.at(at)
		total += n
	}
	return nodes, assigned, total
}

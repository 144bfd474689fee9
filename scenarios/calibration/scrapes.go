package calibration

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/input"
	"ipamsim/scenarios/calibration/fit"
	"ipamsim/scenarios/clusterimport"
)

// latencyMetric is a summary without quantiles, by API, error and status.
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.2/utils/prometheusmetrics/prometheusmetrics.go
const latencyMetric = "awscni_aws_api_latency_ms"

// Bounds of what is kept.
const (
	mostPoints = 4_000_000
	mostLabels = 100
)

// summaryKey is one summary of one daemon.
type summaryKey struct{ target, api, failed, status string }

// point is a sample; at is 0 where nothing says when, and then order counts.
type point struct{ at, value float64 }

// summary is the samples of both its series.
type summary struct{ sums, counts []point }

// enter keeps a sample.
func (c *collection) enter(key summaryKey, sum bool, p point) {
	s := c.summaries[key]
	if s == nil {
		s = new(summary)
		c.summaries[key] = s
	}
	c.points++
	if sum {
		s.sums = append(s.sums, p)
	} else {
		s.counts = append(s.counts, p)
	}
}

// line takes a line of a scrape, if it is of the summary.
func (f *file) line(text string) error {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), latencyMetric)
	if !ok {
		return nil
	}
	sum := strings.HasPrefix(rest, "_sum")
	if !sum && !strings.HasPrefix(rest, "_count") {
		if strings.HasPrefix(rest, "_bucket") {
			return errors.New(latencyMetric + " with buckets, which no release of the VPC CNI has")
		}
		return nil
	}
	open := strings.IndexByte(rest, '{')
	if open < 0 {
		return errors.New(latencyMetric + " without labels: api, error and status were expected")
	}
	labels, rest, err := labelsOf(rest[open+1:])
	if err != nil {
		return err
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return errors.New("a sample without a value: the scrape was cut short")
	}
	node, at := nodeAt(f.name)
	p := point{at: at}
	if p.value, err = number(fields[0]); err != nil {
		return err
	}
	if len(fields) > 1 && fields[1] != "#" {
		if p.at, err = number(fields[1]); err != nil {
			return err
		}
		if p.at > 1e11 { // Prometheus' own text has milliseconds, OpenMetrics seconds
			p.at /= 1000
		}
	}
	f.sample(node, labels, sum, p)
	return nil
}

func number(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
		return 0, fmt.Errorf("a number from 0 on was expected, got %.40q", text)
	}
	return x, nil
}

// labelsOf reads labels up to their closing brace.
func labelsOf(text string) (labels map[string]string, rest string, err error) {
	labels = map[string]string{}
	for {
		text = strings.TrimLeft(text, " ,")
		if rest, ok := strings.CutPrefix(text, "}"); ok {
			return labels, rest, nil
		}
		name, after, ok := strings.Cut(text, `="`)
		if !ok || len(labels) == mostLabels {
			return nil, "", errors.New("labels that do not end: the scrape was cut short")
		}
		end := 0
		for end < len(after) && after[end] != '"' {
			if after[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(after) {
			return nil, "", errors.New("labels that do not end: the scrape was cut short")
		}
		labels[strings.TrimSpace(name)] = after[:end]
		text = after[end+1:]
	}
}

// sample keeps one of a target that labels name, or else the file.
func (f *file) sample(node string, labels map[string]string, sum bool, p point) {
	key := summaryKey{node, labels["api"], labels["error"], labels["status"]}
	for _, name := range []string{"__name__", "api", "error", "status"} {
		delete(labels, name)
	}
	if len(labels) > 0 {
		var own []string
		for name, value := range labels { // any order: they are sorted below
			own = append(own, name+"="+value)
		}
		slices.Sort(own)
		key.target = strings.Join(own, ",")
	}
	f.enter(key, sum, p)
	f.take("sample of " + latencyMetric)
}

// series takes one of what Prometheus answers, a matrix or a vector.
func (f *file) series(row clusterimport.Row) error {
	var s struct {
		Metric map[string]string
		Values [][2]json.RawMessage
		Value  *[2]json.RawMessage
	}
	if err := row.Decode(&s); err != nil {
		return err
	}
	suffix, ok := strings.CutPrefix(s.Metric["__name__"], latencyMetric)
	if !ok || suffix != "_sum" && suffix != "_count" {
		if s.Metric["__name__"] == "" {
			return row.Wrong("a series without a name, as rate() and sum() leave it: the samples themselves are read, " + latencyMetric + "_sum and _count")
		}
		return nil
	}
	if s.Value != nil {
		s.Values = append(s.Values, *s.Value)
	}
	if f.points+len(s.Values) > mostPoints {
		return row.Wrong(fmt.Sprintf("more than %d samples, the most that are read", mostPoints))
	}
	for _, v := range s.Values {
		var at float64
		var text string
		if json.Unmarshal(v[0], &at) != nil || json.Unmarshal(v[1], &text) != nil {
			return row.Wrong("a sample that is no pair of a time and a text")
		}
		value, err := number(text)
		if err != nil {
			return row.Wrong(err.Error())
		}
		labels := map[string]string{}
		for name, value := range s.Metric { // any order: a map is copied
			labels[name] = value
		}
		f.sample(f.name, labels, suffix == "_sum", point{at, value})
	}
	return nil
}

// intervals are the totals between two scrapes, and before the first one, in seconds. A
// counter that falls has begun anew. The daemon cuts each duration to whole milliseconds.
func (s *summary) intervals() (list []fit.Sum, err error) {
	if len(s.sums) != len(s.counts) {
		return nil, &input.Error{Message: fmt.Sprintf("%d samples of the sum and %d of the count: both were expected, of the same scrapes", len(s.sums), len(s.counts))}
	}
	byTime := func(a, b point) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(s.sums, byTime)
	slices.SortStableFunc(s.counts, byTime)
	var sum, count float64
	for i := range s.sums {
		n, total := s.counts[i].value, s.sums[i].value
		if n < count || total < sum {
			sum, count = 0, 0
		}
		if draws := n - count; draws >= 1 && draws < 1e9 {
			list = append(list, fit.Sum{Draws: int(draws), Total: (total - sum + draws/2) / 1000})
		}
		sum, count = total, n
	}
	return list, nil
}

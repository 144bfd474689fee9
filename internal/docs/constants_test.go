package docs

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/source"
	"ipamsim/model"
	"ipamsim/sim/kubelet"
)

func find(in, name string) (source.Constant, error) {
	for _, p := range model.Parts() {
		if p.Name != in {
			continue
		}
		for _, c := range p.Constants {
			if c.Name == name {
				return c, nil
			}
		}
	}
	return source.Constant{}, fmt.Errorf("%s has no constant %q", in, name)
}

// table is all constants of a part.
func table(in string) (string, error) {
	var b strings.Builder
	b.WriteString("| Name | Value | Unit | Kind | Source |\n|---|---:|---|---|---|\n")
	for _, p := range model.Parts() {
		if p.Name == in {
			for _, c := range p.Constants {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", c.Name, cell(c.Value), cell(c.Unit), c.Kind, cell(c.Source))
			}
			return strings.TrimSuffix(b.String(), "\n"), nil
		}
	}
	return "", fmt.Errorf("the model has no part %q", in)
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// value is a constant with its unit.
func value(in, name string) (string, error) {
	c, err := find(in, name)
	return strings.TrimSpace(c.Value + " " + c.Unit), err
}

// numberOf is a constant that is one number.
func numberOf(in, name string) (float64, error) {
	c, err := find(in, name)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(c.Value, 64)
}

// span is a constant that is a duration or a range of them, in seconds.
func span(in, name string) (low, high float64, err error) {
	c, err := find(in, name)
	if err != nil {
		return 0, 0, err
	}
	from, to, isRange := strings.Cut(c.Value, " to ")
	if low, err = strconv.ParseFloat(from, 64); err != nil || !isRange {
		return low, low, err
	}
	high, err = strconv.ParseFloat(to, 64)
	return low, high, err
}

// sum adds durations and ranges of a part up.
func sum(in string, names ...string) (string, error) {
	low, high := 0.0, 0.0
	for _, name := range names {
		a, b, err := span(in, name)
		if err != nil {
			return "", err
		}
		low, high = low+a, high+b
	}
	return rangeText(low, high), nil
}

func rangeText(low, high float64) string {
	return fmt.Sprintf("%.1f to %.1f s", low, high)
}

// failedSandbox is what n failed sandboxes cost a pod, from the first look at
// it until it runs: each is a network namespace, an ADD and a DEL of the
// plugin and the clearing, and then kubelet's pause up to its next tick.
func failedSandbox(n float64) string {
	t := kubelet.DefaultTimings()
	low, high := 0.0, 0.0
	add := func(times float64, r kubelet.Range) {
		low += times * r.Min.Seconds()
		high += times * r.Max.Seconds()
	}
	for _, r := range []kubelet.Range{t.Netns, t.Plugin, t.Plugin, t.Teardown, t.SyncRetry, {Max: t.Ticker}} {
		add(n, r)
	}
	for _, r := range []kubelet.Range{t.Sync, t.Netns, t.Plugin, t.Wiring, t.Pause, t.Start} {
		add(1, r)
	}
	return rangeText(low, high)
}

// again is how long after a failed sandbox the next one comes.
func again() string {
	t := kubelet.DefaultTimings()
	return fmt.Sprintf("%g to %g s", t.SyncRetry.Min.Seconds(), (t.SyncRetry.Max + t.Ticker).Seconds())
}

// instance is an instance type's limits as pages speak of them.
type instance struct{ ec2model.InstanceLimits }

// Usable is how many slots of an interface are for pods.
func (i instance) Usable() int { return i.IPv4PerENI - 1 }

func limits(instanceType string) (instance, error) {
	l, known := ec2model.Limits(instanceType)
	if !known {
		return instance{}, fmt.Errorf("no instance type %s", instanceType)
	}
	return instance{l}, nil
}

// tries are the times of a back-off's tries without jitter, in seconds.
func tries(name string) ([]float64, error) {
	pause, err := numberOf("ipamd", name+".firstPause")
	if err != nil {
		return nil, err
	}
	n, err := numberOf("ipamd", name+".tries")
	if err != nil {
		return nil, err
	}
	longest, err := numberOf("ipamd", "backoff.longest")
	if err != nil {
		return nil, err
	}
	at := 0.0
	list := make([]float64, int(n))
	for i := range list {
		list[i] = at
		at += pause
		pause = min(2*pause, longest)
	}
	return list, nil
}

// schedule prints the first tries, and when the last one is.
func schedule(name string, first int) (string, error) {
	list, err := tries(name)
	if err != nil || first >= len(list) {
		return "", fmt.Errorf("the first %d tries of %s: %w", first, name, err)
	}
	words := make([]string, first)
	for i := range words {
		words[i] = fmt.Sprintf("%.3g", list[i])
	}
	return fmt.Sprintf("%s, … %.4g s", strings.Join(words, ", "), list[len(list)-1]), nil
}

// calls is the sum of the mean latencies of EC2 calls, in seconds.
func calls(actions ...string) (float64, error) {
	total := 0.0
	for _, a := range actions {
		ms, err := numberOf("ec2", "latency."+a)
		if err != nil {
			return 0, err
		}
		total += ms / 1000
	}
	return total, nil
}

// lag is the median time from the end of an attach until metadata lists the
// interface: what the calls between leave of the time from its creation.
func lag() (float64, error) {
	median, err := numberOf("ec2", "metadata.createToVisible.median")
	if err != nil {
		return 0, err
	}
	between, err := calls("DescribeInstances", "AttachNetworkInterface")
	return median/1000 - between, err
}

// noticed is when ipamd sees an interface that shows after the given time
// from the start of its wait: at the next try.
func noticed(after float64) (float64, error) {
	list, err := tries("waitForENI")
	for _, at := range list {
		if at >= after {
			return at, err
		}
	}
	return 0, fmt.Errorf("%v s is after the last try", after)
}

func secondsText(s float64) string {
	switch {
	case s >= 100:
		return fmt.Sprintf("%.0f s", s)
	case s >= 10:
		return fmt.Sprintf("%.1f s", s)
	}
	return fmt.Sprintf("%.2f s", s)
}

func TestTriesDoubleUpToTheLongestPause(t *testing.T) {
	got, err := schedule("waitForENI", 7)
	if err != nil || got != "0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3, … 162.3 s" {
		t.Errorf("%s, %v", got, err)
	}
	if at, err := noticed(1.6); err != nil || at < 3.09 || at > 3.11 {
		t.Errorf("what shows after 1.6 s is noticed at %v, %v", at, err)
	}
	if _, err := noticed(time.Hour.Seconds()); err == nil {
		t.Error("an interface that shows after an hour is noticed")
	}
}

func TestUnknownConstantsAndPartsAreErrors(t *testing.T) {
	if _, err := value("ipamd", "pool.quarterPass"); err == nil {
		t.Error("a constant that does not exist has a value")
	}
	if _, err := table("ebs"); err == nil {
		t.Error("a part that does not exist has a table")
	}
	if _, _, err := span("kubelet", "PullBurst"); err != nil {
		t.Error(err)
	}
}

func TestThePageExplainsEveryKindOfSource(t *testing.T) {
	page, err := pages.ReadFile("pages/model.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range source.Kinds() {
		if !strings.Contains(string(page), fmt.Sprintf("\n| %s | ", kind)) {
			t.Errorf("the page does not explain the kind %q", kind)
		}
	}
}

func TestThePageHasATableForEachPart(t *testing.T) {
	page, err := pages.ReadFile("pages/model.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range model.Parts() {
		if !strings.Contains(string(page), fmt.Sprintf("{{table %q}}", p.Name)) {
			t.Errorf("the page has no table of %s", p.Name)
		}
	}
}

package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
)

// checker looks for what is well-formed and makes no sense. What could not be
// read has been reported and is passed over.
type checker struct {
	s       *Scenario
	d       *decoder
	problem report
	warning report
	rooms   map[*NodeGroup]groupRoom // as far as they were asked for
}

// check reports problems, and what is accepted but probably not meant.
func (c *checker) check() {
	c.checkVPC()
	c.checkEC2()
	c.checkNodeGroups()
	c.checkAutoscaler()
	c.checkControlPlane()
	c.checkWorkloads()
	c.checkJobs()
	c.checkExisting()
	c.checkCapacity()
	c.checkFaults()
	c.checkVariants()
	c.checkIncident()
	c.checkConditions("expect", c.s.Expect)
	c.checkConditions("thresholds", c.s.Thresholds)
}

// at is where a path stands in the file, or where the nearest thing around it
// does.
func (c *checker) at(format string, args ...any) Position {
	path := fmt.Sprintf(format, args...)
	for c.d.nodes[path] == nil && path != "" {
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
	if n := c.d.nodes[path]; n != nil {
		return n.at
	}
	return Position{}
}

// keyAt is where a path's key stands.
func (c *checker) keyAt(path string) Position {
	if at, ok := c.d.keys[path]; ok {
		return at
	}
	return c.at("%s", path)
}

// given reports whether a key is in the file.
func (c *checker) given(format string, args ...any) bool {
	return c.d.nodes[fmt.Sprintf(format, args...)] != nil
}

// readable reports whether a key's value could be read, or is absent.
func (c *checker) readable(format string, args ...any) bool {
	return !c.d.broken[fmt.Sprintf(format, args...)]
}

// usable reports whether a key is in the file and could be read.
func (c *checker) usable(format string, args ...any) bool {
	return c.given(format, args...) && c.readable(format, args...)
}

// unique reports entries of a list that share a name.
func (c *checker) unique(path string, names []string) {
	seen := map[string]int{}
	for i, name := range names {
		if name == "" {
			continue
		}
		if first, twice := seen[name]; twice {
			c.problem(c.at("%s.%d.name", path, i), "%s: the name %q is given twice; the first is in line %d", path, name, c.at("%s.%d.name", path, first).Line)
			continue
		}
		seen[name] = i
	}
}

// known reports a name that is not one of those defined elsewhere.
func (c *checker) known(path, what, name string, names []string) bool {
	return c.knownAt(c.at("%s", path), what, name, names)
}

func (c *checker) knownAt(at Position, what, name string, names []string) bool {
	if slices.Contains(names, name) {
		return true
	}
	c.problem(at, "unknown %s %q%s", what, name, words.DidYouMeanOr(name, names))
	return false
}

// onlyFor reports keys that mean nothing for a kind.
func (c *checker) onlyFor(path, what string, meaningful []string, keys ...string) {
	for _, key := range keys {
		if sub := path + "." + key; c.given("%s", sub) && !slices.Contains(meaningful, key) {
			c.problem(c.keyAt(sub), "%s has no %s", what, key)
		}
	}
}

// needs reports a key that a kind cannot do without.
func (c *checker) needs(path, what, key, why string) bool {
	if c.given("%s.%s", path, key) {
		return true
	}
	c.problem(c.at("%s", path), "%s needs %s: %s", what, key, why)
	return false
}

// latency checks the combination of a distribution's keys.
func (c *checker) latency(l *Latency, path, name string) {
	if l == nil || !c.given("%s", path) || !c.readable("%s", path) {
		return
	}
	form := ""
	for _, key := range []string{"constant", "mean", "min"} {
		if !c.given("%s.%s", path, key) {
			continue
		}
		if form != "" {
			c.problem(c.keyAt(path+"."+key), "%s: %s and %s exclude each other: give constant, or mean with sigma and max, or min with max", name, form, key)
			return
		}
		form = key
	}
	switch {
	case form == "":
		c.problem(c.at("%s", path), "%s: no duration: give constant, or mean with sigma and max, or min with max", name)
	case form == "constant":
		c.onlyFor(path, name+": a constant", nil, "sigma", "max")
	case form == "mean":
		switch {
		case l.Mean != nil && *l.Mean <= 0 && c.readable("%s.mean", path):
			c.problem(c.at("%s.mean", path), "%s: a mean above 0 was expected; for no time at all write constant: 0s", name)
		case l.Max != nil && l.Mean != nil && c.usable("%s.max", path) && *l.Max < *l.Mean:
			c.problem(c.at("%s.max", path), "%s: the longest value kept, %s, is below the mean, %s", name, *l.Max, *l.Mean)
		}
	case l.Max == nil:
		c.problem(c.at("%s", path), "%s: min needs max", name)
	default:
		c.onlyFor(path, name+": a uniform distribution", nil, "sigma")
		if c.usable("%s.max", path) && l.Min != nil && *l.Max < *l.Min {
			c.problem(c.at("%s.max", path), "%s: max, %s, is below min, %s", name, *l.Max, *l.Min)
		}
	}
}

// interval checks that something begins before it ends.
func (c *checker) interval(path, name string, from Duration, to *Duration) {
	if to != nil && c.usable("%s.to", path) && c.readable("%s.from", path) && *to <= from {
		c.problem(c.at("%s.to", path), "%s: to, %s, is not after from, %s", name, *to, from)
	}
	c.within(path+".from", name, from)
}

// within checks that something begins in the warm-up or in the run.
func (c *checker) within(path, name string, at Duration) {
	if at < -c.s.WarmUp && c.usable("%s", path) {
		c.problem(c.at("%s", path), "%s: %s is before the warm-up, which begins at -%s", name, at, c.s.WarmUp)
	}
	c.late(path, name, at)
}

// late warns of what would happen after the run.
func (c *checker) late(path, name string, at Duration) {
	if c.usable("%s", path) && c.usable("duration") && at > c.s.Duration {
		c.warning(c.at("%s", path), "%s: %s is after the end of the run, %s: it never happens", name, at, c.s.Duration)
	}
}

// steps checks that changes of a number follow one another.
func (c *checker) steps(steps []CountStep, path, name string) {
	for i, step := range steps {
		c.late(fmt.Sprintf("%s.%d.at", path, i), name, step.At)
		if i == 0 || !c.usable("%s.%d.at", path, i) || !c.usable("%s.%d.at", path, i-1) {
			continue
		}
		before := steps[i-1]
		end := before.At
		if before.Over != nil {
			end += *before.Over
		}
		switch {
		case step.At <= before.At:
			c.problem(c.at("%s.%d.at", path, i), "%s: %s is not after the step before it, at %s", name, step.At, before.At)
		case step.At < end:
			c.problem(c.at("%s.%d.at", path, i), "%s: at %s the ramp before it still runs, until %s", name, step.At, end)
		}
	}
}

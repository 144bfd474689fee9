package ipamd

import (
	"fmt"
	"strconv"
	"strings"
)

// release is what may differ from one release of the VPC CNI to the next: how
// its log looks, and where it behaves otherwise. Each has a file of its own.
type release struct {
	version string

	// setupNeedsExclusionCheck: setupENI gives up when it cannot look at the
	// interface's subnet; see Daemon.setup.
	setupNeedsExclusionCheck bool

	// heedsSDKEnvironment: the client of EC2 is made of the SDK's environment
	// variables AWS_MAX_ATTEMPTS and AWS_RETRY_MODE.
	heedsSDKEnvironment bool

	lines [lines]template
	moved moves // where callers of the plugin stand; see Caller
}

// releases are all that a daemon can be, the default first.
var releases = []*release{&v1_23_1, &v1_23_2}

// Releases are the releases of the VPC CNI that a daemon can be, the default
// first.
func Releases() []string {
	list := make([]string, len(releases))
	for i, r := range releases {
		list[i] = r.version
	}
	return list
}

// releaseOf is a release by its version; the default one for an empty one.
func releaseOf(version string) *release {
	if version == "" {
		return releases[0]
	}
	for _, r := range releases {
		if r.version == version {
			return r
		}
	}
	panic("ipamd: no release " + version)
}

// Version is the release that the daemon is of, v1.23.1 for example.
func (c *Config) Version() string { return c.release.version }

// Caller is where what stands at a place of the default release's source,
// directory/file.go:line, stands in the source of another one.
func Caller(version, caller string) string { return releaseOf(version).moved.of(caller) }

// template is a line without its arguments.
type template struct {
	level  string
	format string
	spots  spots
}

// spots are from where a line is written, the first before all others.
type spots []spot

// spot is a place in the source: directory/file.go:line, as the log has it.
type spot struct {
	place  place
	caller string
}

// caller is the spot of a place; of the first for those that have none.
func (t *template) caller(p place) string {
	for _, s := range t.spots {
		if s.place == p {
			return s.caller
		}
	}
	return t.spots[0].caller
}

// moves are, by file, how far its lines have moved from one release to the
// next: what stood at a line or after it stands so many lines further down. The
// last entry that begins before a line counts.
type moves map[string][]move

type move struct{ from, by int }

// of is where a caller has gone.
func (m moves) of(caller string) string {
	file, at, _ := strings.Cut(caller, ":")
	line, err := strconv.Atoi(at)
	if err != nil {
		return caller
	}
	by := 0
	for _, step := range m[file] {
		if step.from <= line {
			by = step.by
		}
	}
	return fmt.Sprintf("%s:%d", file, line+by)
}

// after are a release's lines at the places where they stand after moves.
func (r *release) after(m moves) [lines]template {
	list := r.lines
	for i := range list {
		list[i].spots = make(spots, len(r.lines[i].spots))
		for j, s := range r.lines[i].spots {
			list[i].spots[j] = spot{s.place, m.of(s.caller)}
		}
	}
	return list
}

// Lines lists what a daemon of a release may write: level, caller and, as the
// message, the format.
func Lines(version string) []Line {
	var list []Line
	for _, t := range releaseOf(version).lines {
		for _, s := range t.spots {
			list = append(list, Line{Level: t.level, Caller: s.caller, Message: t.format})
		}
	}
	return list
}

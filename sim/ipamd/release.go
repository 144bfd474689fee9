package ipamd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// release is what may differ from one release of the VPC CNI to the next: how
// its log looks, and where it behaves otherwise. Each has a file of its own.
type release struct {
	version string
	switches

	lines [lines]template
	moved moves // where callers of the plugin stand; see Caller
}

// switches are where releases behave otherwise than v1.23.1, of which all are
// off but the first three. Functions are those of the release that has the
// switch on.
type switches struct {
	// setupNeedsExclusionCheck: setupENI gives up when it cannot look at the
	// interface's subnet; see Daemon.setup.
	setupNeedsExclusionCheck bool

	// apiServer is how the process looks for the API server before nodeInit.
	apiServer apiServerCheck

	// heedsSDKEnvironment: the client of EC2 is made of the SDK's environment
	// variables AWS_MAX_ATTEMPTS and AWS_RETRY_MODE.
	heedsSDKEnvironment bool

	// retriesV1: the client of EC2 is of the SDK for Go v1, and tries again so
	// many times; 0 is the client of v2.
	retriesV1 int
	// addressRetriesV1 are those of AssignPrivateIpAddresses and
	// ModifyNetworkInterfaceAttribute, for which service/ec2/customizations.go of
	// the SDK has a retryer of its own.
	addressRetriesV1 int
	// noTimeout: a request of it waits for its answer for ever.
	noTimeout bool

	// ignores are variables that it does not read, as a process that has not
	// got them.
	ignores []string
	// noSubnetDiscovery: interfaces are made in the node's subnet, and nothing
	// asks about subnets.
	noSubnetDiscovery bool
	// ignoresMaxPods and ignoresCordon: neither is looked at before the pool
	// grows.
	ignoresMaxPods, ignoresCordon bool
	// noInsufficientPause: a subnet without addresses is asked again at each
	// pass.
	noInsufficientPause bool

	// fillsAtStart: nodeInit ends with a call to assign addresses to an
	// attached interface that has room, whether or not the pool is low, and
	// never with a new interface.
	fillsAtStart bool
	// groupsLast: security groups are applied after nodeInit.
	groupsLast bool
	// plainStart: nodeInit neither tags interfaces nor applies groups.
	plainStart bool

	// assignsOnOne: one interface with room is tried; when that fails a new
	// interface is made at once.
	assignsOnOne bool
	// fillsInterface: it is filled, whatever the IP targets say, and is the
	// first by ID.
	fillsInterface bool
	// describesAfterAssign: what was assigned is read from EC2.
	describesAfterAssign bool

	// assignsAfterAttach: AllocENI makes an interface without addresses, and
	// AllocIPAddresses follows, whose failure is passed over.
	assignsAfterAttach bool
	// tagsAfterAttach: it is tagged by a call of its own, and not dated.
	tagsAfterAttach bool
	// waitsUncapped: the wait for a new interface is for as many addresses as
	// the targets ask for, though they may not fit on it.
	waitsUncapped bool
	// fixedWait: waitENIAttached looks for the interface alone, and sleeps 10 s
	// between its looks.
	fixedWait bool

	// describesEach: every sweep over metadata asks EC2 about each interface,
	// and what EC2 says counts.
	describesEach bool
	// comparesCounts: a reconcile compares how many addresses there are, not
	// which.
	comparesCounts bool
	// datesFromStart: the gates of reconciles and decreases count from the
	// beginning of the last one, not from its end.
	datesFromStart bool
	// overOnEach: a decrease takes what is over the targets from each
	// interface, and ends at one where nothing is free.
	overOnEach bool
	// coolsENI: an interface is not deleted for so long after a pod has left
	// it; 0 is while one of its addresses cools.
	coolsENI time.Duration

	// cleansAnyAge: leaked interfaces are deleted whatever their age and cluster.
	cleansAnyAge bool
	// alwaysCleans: DISABLE_NETWORK_RESOURCE_PROVISIONING does not stop that.
	alwaysCleans bool
}

// releases are all that a daemon can be, the default first.
var releases = []*release{&v1_23_1, &v1_23_2, &v1_9_0, &v1_6_3, &v1_6_0}

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

// Reads says whether a release of the VPC CNI reads an environment variable of the
// default one.
func Reads(version, variable string) bool {
	return !slices.Contains(releaseOf(version).ignores, variable)
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

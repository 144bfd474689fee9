package ipamd

// release is what may differ from one release of the VPC CNI to the next: how
// its log looks, and where it behaves otherwise. Each has a file of its own.
type release struct {
	version string

	// setupNeedsExclusionCheck: setupENI gives up when it cannot look at the
	// interface's subnet; see Daemon.setup.
	setupNeedsExclusionCheck bool

	lines [lines]template
}

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

// Lines lists what a daemon may write: level, caller and, as the message, the
// format.
func Lines() []Line {
	var list []Line
	for _, t := range v1_23_1.lines {
		for _, s := range t.spots {
			list = append(list, Line{Level: t.level, Caller: s.caller, Message: t.format})
		}
	}
	return list
}

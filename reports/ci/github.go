package ci

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/suite"
)

// mostAnnotations is how many errors, and how many warnings, GitHub shows of a
// step; further ones are dropped without a word.
// Source: https://docs.github.com/en/rest/checks/runs, "Limitations" of the
// Actions runner's annotations: 10 errors and 10 warnings a step.
const mostAnnotations = 10

// GitHub writes annotations of a suite as workflow commands: errors, then
// warnings, at file and line, the worst first. The last one of more than GitHub
// shows says how many those are. Paths are seen from the folder root of the
// repository, where there is one.
func GitHub(w io.Writer, s *suite.Suite, root string) error {
	out := bufio.NewWriter(w)
	list := notices(s)
	failures := 0
	for failures < len(list) && list[failures].fails {
		failures++
	}
	annotate(out, "error", list[:failures], root)
	annotate(out, "warning", list[failures:], root)
	return out.Flush()
}

// annotate writes commands of a kind.
func annotate(out *bufio.Writer, command string, list []notice, root string) {
	for i, n := range list {
		if left := len(list) - i; i == mostAnnotations-1 && left > 1 {
			fmt.Fprintf(out, "::%s title=%s::%s\n", command, property("ipamsim"), data(more(left, map[string]string{"error": "failure", "warning": "warning"}[command])+": see the output of this step"))
			return
		}
		at := "file=" + property(relative(n.path, root))
		if n.line > 0 {
			at += fmt.Sprintf(",line=%d", n.line)
		}
		if n.column > 0 {
			at += fmt.Sprintf(",col=%d", n.column)
		}
		fmt.Fprintf(out, "::%s %s,title=%s::%s\n", command, at, property(n.title), data(n.text))
	}
}

// data is a command's text as the runner takes it, and property a value before it.
// Source: packages/core/src/command.ts of https://github.com/actions/toolkit.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(plain(text))
}

func property(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(plain(text))
}

// plain is a text fit for a log, whose lines stay lines.
func plain(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = words.Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

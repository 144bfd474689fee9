package inspect

import (
	"fmt"
	"strings"

	"ipamsim/sim/hostnet/iproute2"
)

// Exec is what one command prints there: any that the view shows, and those
// of ip that ask the same namespace something else.
func (v *View) Exec(command string) (string, error) {
	words := strings.Fields(command)
	line := plainly(words)
	var names []string
	for _, t := range v.Terminals {
		for _, c := range t.Commands {
			if plainly(strings.Fields(c.Name)) == line {
				return c.Text, nil
			}
			if !strings.HasPrefix(c.Name, "ip ") {
				names = append(names, c.Name)
			}
		}
	}
	if len(words) > 0 && words[0] == "ip" && !strings.ContainsAny(command, "|;&<>") {
		return iproute2.IP(v.inside, words[1:])
	}
	return "", &UnknownCommandError{Command: command, Names: names}
}

// UnknownCommandError is a command that Exec does not know.
type UnknownCommandError struct {
	Command string
	Names   []string // of those that there are beside ip's
}

func (e *UnknownCommandError) Error() string {
	return fmt.Sprintf("%q is not a command that is known here", e.Command)
}

// plainly is a command line without what makes no difference.
func plainly(words []string) string {
	var list []string
	for i, w := range words {
		switch {
		case i > 0 && words[0] == "curl" && w == "-s":
			continue
		case strings.HasPrefix(w, "localhost:"):
			w = "http://" + w
		}
		list = append(list, w)
	}
	return strings.Join(list, " ")
}

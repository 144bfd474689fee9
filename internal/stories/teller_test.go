package stories

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/explain"
	"ipamsim/sim/findings"
	"ipamsim/sim/fleet"
	"ipamsim/sim/inspect"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
)

// teller answers the commands of a page.
type teller struct {
	scenario string
	set      []string // path=value

	variant  scenarios.Expanded
	fleet    *fleet.Fleet // nil until something runs
	attempts []ec2model.Attempt
	looked   map[string]int // how many of the attempts "calls" has shown, by its argument
}

// close ends the fleet's coroutines.
func (t *teller) close() {
	if t.fleet != nil {
		t.fleet.Kernel.Close()
		t.fleet = nil
	}
}

// begin makes the fleet anew.
func (t *teller) begin() error {
	t.close()
	f, err := scenarios.Load("story.yaml", []byte(t.scenario))
	if err != nil {
		return err
	}
	variants, err := f.Variants(scenarios.Options{Set: t.set})
	if err != nil {
		return err
	}
	t.variant = variants[0]
	if t.fleet, err = fleet.New(t.variant, fleet.Options{}); err != nil {
		return err
	}
	t.attempts, t.looked = nil, map[string]int{}
	t.fleet.Account.Observe(func(a ec2model.Attempt) {
		if !a.Background {
			t.attempts = append(t.attempts, a)
		}
	})
	t.fleet.Start()
	return nil
}

// answer does what a command says. Its words are those of the table.
func (t *teller) answer(command string) (string, error) {
	for _, c := range commands {
		if rest, is := strings.CutPrefix(command+" ", c.begins+" "); is {
			if t.fleet == nil && c.begins != "set" {
				if err := t.begin(); err != nil {
					return "", err
				}
			}
			return c.do(t, strings.Fields(rest))
		}
	}
	return "", errors.New("no such command")
}

var commands = []struct {
	begins string
	do     func(*teller, []string) (string, error)
}{
	{"set", (*teller).setTo},
	{"run to", (*teller).runTo},
	{"pods", (*teller).pods},
	{"pool", (*teller).pool},
	{"calls", (*teller).calls},
	{"path from", (*teller).path},
	{"can", (*teller).can},
	{"inspect", (*teller).inspect},
	{"explain", (*teller).explain},
	{"stop", (*teller).stop},
}

// setTo changes the scenario, as --set does. The story begins again.
func (t *teller) setTo(args []string) (string, error) {
	t.set = append(t.set, strings.Join(args, " "))
	return "From the beginning.", t.begin()
}

// runTo runs until a virtual time and says where the fleet stands.
func (t *teller) runTo(args []string) (string, error) {
	if len(args) != 1 {
		return "", errors.New("want a time, such as 90s")
	}
	at, err := time.ParseDuration(args[0])
	if err != nil {
		return "", err
	}
	f := t.fleet
	if f.WarmUp+at < f.Kernel.Now() || f.WarmUp+at > f.End {
		return "", fmt.Errorf("it is %v now, and the run ends at %v", t.virtual(f.Kernel.Now()), t.virtual(f.End))
	}
	if err := f.Kernel.Run(f.WarmUp + at); err != nil {
		return "", err
	}
	c := f.Cluster.Counts()
	text := fmt.Sprintf("At %s: %s, %d Ready; %d pods run", words.Duration(at), words.Plural(c.Nodes, "node"), c.Ready, c.Running)
	if c.Pending > 0 {
		text += fmt.Sprintf(", %d do not yet", c.Pending)
	}
	return text + ".", f.Cluster.Err()
}

// pods lists the pods that have not ended: all of them, or with the words
// "waiting" and "on NODE" some.
func (t *teller) pods(args []string) (string, error) {
	waiting, node := false, ""
	for i, a := range args {
		switch {
		case a == "waiting":
			waiting = true
		case a == "on" && i+2 == len(args):
			node = args[i+1]
		case i > 0 && args[i-1] == "on":
		default:
			return "", fmt.Errorf("%q is neither waiting nor on NODE", a)
		}
	}
	rows := [][]string{{"pod", "node", "address", "created", "bound", "running"}}
	for _, p := range t.fleet.Cluster.Pods() {
		name := "-"
		if p.Node != nil {
			name = p.Node.Name
		}
		if waiting && p.State() >= cluster.Running || node != "" && name != node {
			continue
		}
		address := "-"
		if a := p.Address(); p.State() == cluster.Running && a.IsValid() {
			address = a.String()
		}
		rows = append(rows, []string{p.Name(), name, address, t.instant(p.Created), t.instant(p.Bound), t.instant(p.Running)})
	}
	if len(rows) == 1 {
		return "None.", nil
	}
	return columns(rows), nil
}

// pool shows what the ipamd of a node has, by interface.
func (t *teller) pool(args []string) (string, error) {
	m, err := t.machine(args)
	if err != nil {
		return "", err
	}
	if m.Daemon == nil {
		return "ipamd has not started.", nil
	}
	device := map[string]int{}
	for index, id := range m.Devices() {
		device[id] = index
	}
	rows := [][]string{{"interface", "addresses", "on pods", "cooling", "free"}}
	row := func(name string, total, assigned, cooling int) {
		rows = append(rows, []string{name, fmt.Sprint(total), fmt.Sprint(assigned), fmt.Sprint(cooling), fmt.Sprint(total - assigned - cooling)})
	}
	list := slices.Collect(m.Daemon.ENIs)
	slices.SortFunc(list, func(a, b ipamd.ENIStats) int { return cmp.Compare(device[a.ID], device[b.ID]) })
	var sum ipamd.ENIStats
	for _, e := range list {
		row(fmt.Sprintf("eth%d", device[e.ID]), e.Total, e.Assigned, e.Cooling)
		sum.Total, sum.Assigned, sum.Cooling = sum.Total+e.Total, sum.Assigned+e.Assigned, sum.Cooling+e.Cooling
	}
	row("in all", sum.Total, sum.Assigned, sum.Cooling)
	text := columns(rows)
	if s := m.Daemon.Stats(); s.Total != sum.Total {
		text += fmt.Sprintf("ipamd steers by what it has in prefixes: %d addresses, %d of them on pods.\n", s.Total, s.Assigned)
	}
	if !m.Serving() {
		text += "ipamd does not serve.\n"
	}
	return text, nil
}

// calls shows EC2's requests since the last look: those of a node one by one,
// those of everybody by action.
func (t *teller) calls(args []string) (string, error) {
	key := strings.Join(args, " ")
	list := slices.Clone(t.attempts[t.looked[key]:])
	t.looked[key] = len(t.attempts)
	if len(args) == 0 {
		return t.byAction(list), nil
	}
	m, err := t.machine(args)
	if err != nil {
		return "", err
	}
	list = slices.DeleteFunc(list, func(a ec2model.Attempt) bool { return string(a.Caller) != m.Node.Instance.ID })
	slices.SortStableFunc(list, func(a, b ec2model.Attempt) int { return cmp.Compare(a.Start, b.Start) })
	rows := [][]string{{"at", "request", "took", "answer"}}
	for _, a := range list {
		answer := "ok"
		if a.Err != nil {
			answer = a.Err.Code
		}
		rows = append(rows, []string{t.instant(a.Start), a.Action.String(), (a.End - a.Start).Round(time.Millisecond).String(), answer})
	}
	if len(rows) == 1 {
		return "None.", nil
	}
	return columns(rows), nil
}

func (t *teller) byAction(list []ec2model.Attempt) string {
	rows := [][]string{{"request", "sent", "throttled", "failed otherwise"}}
	for _, action := range ec2model.Actions() {
		sent, throttled, failed := 0, 0, 0
		for _, a := range list {
			switch {
			case a.Action != action:
				continue
			case a.Throttled:
				throttled++
			case a.Err != nil:
				failed++
			}
			sent++
		}
		if sent > 0 {
			rows = append(rows, []string{action.String(), fmt.Sprint(sent), fmt.Sprint(throttled), fmt.Sprint(failed)})
		}
	}
	if len(rows) == 1 {
		return "None."
	}
	return columns(rows)
}

// path follows a connection, as the command of that name does.
func (t *teller) path(args []string) (string, error) {
	if len(args) != 3 || args[1] != "to" {
		return "", errors.New("want: path from A to B")
	}
	way, err := t.way(args[0], args[2])
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := reports.Path(&b, way, reports.TableOptions{}); err != nil {
		return "", err
	}
	_, text, _ := strings.Cut(b.String(), "\n\n") // what scenario it is, the page has said
	return text, nil
}

// can says how a connection ends, which is the last line of path.
func (t *teller) can(args []string) (string, error) {
	if len(args) != 3 || args[1] != "reach" {
		return "", errors.New("want: can A reach B")
	}
	way, err := t.way(args[0], args[2])
	if err != nil {
		return "", err
	}
	return strings.Join(reports.Wrap(way.Verdict, reports.DefaultWidth), "\n"), nil
}

func (t *teller) way(from, to string) (*inspect.PacketPath, error) {
	target := inspect.Target{Name: to}
	if address, err := netip.ParseAddr(to); err == nil {
		target = inspect.Target{Address: address}
	}
	m := &inspect.Snapshot{
		Scenario: t.variant.Scenario.Metadata.Name, Variant: t.variant.Name, Replication: 1,
		Seed: t.variant.Scenario.Seed, At: t.virtual(t.fleet.Kernel.Now()), Fleet: t.fleet,
	}
	return m.Path(from, target)
}

// inspect prints what a command prints on a node or in a pod: ip's, ipamd's
// introspection, and so on.
func (t *teller) inspect(args []string) (string, error) {
	look := inspect.Node
	switch {
	case len(args) < 3 || args[0] != "node" && args[0] != "pod":
		return "", errors.New("want: inspect node NODE COMMAND, or inspect pod POD COMMAND")
	case args[0] == "pod":
		look = inspect.Pod
	}
	when := inspect.When{Replication: 1, At: t.virtual(t.fleet.Kernel.Now())}
	view, err := look(context.Background(), t.variant, when, args[1], 10, inspect.Options{})
	if err != nil {
		return "", err
	}
	return view.Exec(strings.Join(args[2:], " "))
}

// explain says where a pod waited, over the whole run.
func (t *teller) explain(args []string) (string, error) {
	if len(args) != 1 {
		return "", errors.New("want a pod")
	}
	e, err := explain.Explain(context.Background(), t.variant, explain.Question{Replication: 1, Pod: args[0]}, explain.Options{})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := reports.Timeline(&b, e, reports.TableOptions{}); err != nil {
		return "", err
	}
	_, text, _ := strings.Cut(b.String(), "\n\n")
	return text, nil
}

// stop sums up what went wrong until now.
func (t *teller) stop([]string) (string, error) {
	o := t.fleet.Outcome().Outcome
	var b strings.Builder
	for _, f := range findings.Find(&o, findings.FactsOf(t.variant.Scenario)) {
		fmt.Fprintln(&b, f.Mode)
		for _, text := range []string{f.Summary, "What would change it: " + f.Remedy} {
			for _, line := range reports.Wrap(text, reports.DefaultWidth-2) {
				fmt.Fprintln(&b, "  "+line)
			}
		}
	}
	t.close()
	return cmp.Or(b.String(), "Nothing went wrong."), nil
}

func (t *teller) machine(args []string) (*machine.Machine, error) {
	if len(args) != 1 {
		return nil, errors.New("want a node")
	}
	var names []string
	for _, m := range t.fleet.Machines {
		if names = append(names, m.Node.Name); m.Node.Name == args[0] {
			return m, nil
		}
	}
	return nil, fmt.Errorf("no node %s; there are %v", args[0], names)
}

// virtual is a kernel time as people see it.
func (t *teller) virtual(at time.Duration) time.Duration { return at - t.fleet.WarmUp }

// instant is a kernel time in a table.
func (t *teller) instant(at time.Duration) string {
	if at == des.Never {
		return "-"
	}
	return words.Duration(t.virtual(at).Round(time.Millisecond))
}

func columns(rows [][]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	w.Flush()
	return b.String()
}

package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/hostnet/iproute2"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// viewSchema is the version of a View's JSON.
const viewSchema = "ipamsim.view/v2"

// View is a node or a pod as an engineer on the machine would see it. Its JSON
// is what `inspect -o json` writes.
type View struct {
	Head
	Kind      string          `json:"kind"` // node or pod
	Name      string          `json:"name"`
	About     []Fact          `json:"about"`
	Defects   []result.Defect `json:"defects"` // what is wrong now, as far as the model knows
	Terminals []Terminal      `json:"terminals"`

	inside hostnet.View // where commands of Exec are run
}

// Fact is one line of a view's head.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Terminal is a place with what one would type there.
type Terminal struct {
	Place    string    `json:"place"` // node workers-0, pod web-3
	Commands []Command `json:"commands"`
}

// Command is a command of the real machine and what it prints there.
type Command struct {
	Name string `json:"command"`
	Text string `json:"output"`
	// JSON is the output as a value: of an ip command what `ip -json` prints,
	// of one that prints JSON the same. Others have none.
	JSON json.RawMessage `json:"json,omitempty"`
}

// logSpan is how long before the moment the logs of a view begin, at most: a
// bound on what is kept.
const logSpan = 30 * time.Minute

// Node looks at a node. lines is how many lines of each log it shows.
func Node(ctx context.Context, v scenarios.Expanded, when When, name string, lines int, opts Options) (*View, error) {
	opts.Record = &recording.Selection{Pods: map[string]bool{}, Nodes: map[string]recording.Span{name: upTo(when.At)}, Lines: true}
	moment, err := Until(ctx, v, when, opts)
	if err != nil {
		return nil, err
	}
	at, err := moment.machine(name)
	if err != nil {
		return nil, err
	}
	m := moment.at(at)
	view := moment.view("node", name, m.namespace())
	view.About, view.Defects = m.about(), m.defectsShown("")
	view.Terminals = []Terminal{{"node " + name, slices.Concat(commands(view.inside), []Command{m.ipamdLog(lines), m.pluginLog(lines)}, m.documents())}}
	return view, nil
}

// Pod looks at a pod, and at what its node has for it. A pod whose node came
// after it costs one run; where the node was there before, the run begins again
// when its name is known, to hear what it logs.
func Pod(ctx context.Context, v scenarios.Expanded, when When, pod string, lines int, opts Options) (*View, error) {
	view, err := podOn(ctx, v, when, pod, "", lines, opts)
	var older *recording.OlderNodeError
	if errors.As(err, &older) {
		return podOn(ctx, v, when, pod, older.Node, lines, opts)
	}
	return view, err
}

// podOn looks at a pod on a node, or on one that is not known yet.
func podOn(ctx context.Context, v scenarios.Expanded, when When, pod, node string, lines int, opts Options) (*View, error) {
	span := upTo(when.At)
	opts.Record = &recording.Selection{
		Pods: map[string]bool{}, Nodes: map[string]recording.Span{}, Lines: true,
		Follow: &recording.Follow{Pod: pod, Span: func(_, _ recording.Time) recording.Span { return span }},
	}
	if node != "" {
		opts.Record.Nodes[node] = span
	}
	moment, err := Until(ctx, v, when, opts)
	if err != nil {
		return nil, err
	}
	p, at, err := moment.pod(pod)
	if err != nil {
		return nil, err
	}
	m := moment.at(at)
	inside, _ := m.Network.PodView(pod)
	view := moment.view("pod", pod, inside)
	view.About, view.Defects = m.aboutPod(moment, p), m.defectsShown(pod)
	view.Terminals = []Terminal{{"pod " + pod, commands(inside)}, {"node " + m.Node.Name, m.aroundPod(p, lines)}}
	return view, nil
}

// view is one of something at the moment.
func (m *Snapshot) view(kind, name string, inside hostnet.View) *View {
	return &View{Head: m.head(viewSchema), Kind: kind, Name: name, inside: inside}
}

// commands that show a namespace.
func commands(v hostnet.View) (out []Command) {
	for _, c := range iproute2.Commands(v) {
		out = append(out, Command{c.Name, c.Text, json.RawMessage(strings.TrimSpace(c.JSON))})
	}
	return out
}

// about is a node's head.
func (m inside) about() []Fact {
	facts := []Fact{
		{"instance", fmt.Sprintf("%s, %s, in %s", m.Node.Instance.ID, m.Node.Type(), m.Node.Instance.Subnet)},
		{"state", stateOf(m.Node)},
		{"ipamd", "does not serve"},
		{"pods", fmt.Sprintf("%d with an address", m.Kubelet.Holding())},
	}
	if m.Agent != nil && m.Agent.Serving() {
		s := m.Daemon.Stats()
		facts[2].Value = fmt.Sprintf("serves: %d addresses, %d on pods, %d cooling", s.Total, s.Assigned, s.Cooling)
	}
	devices := m.Devices()
	for _, device := range ordered(devices) {
		facts = append(facts, Fact{hostnet.LinkName(device), devices[device]})
	}
	return facts
}

// stateOf says where a node is in its life, and why it takes no pods if it is Ready.
func stateOf(n *cluster.Node) string {
	switch state := n.State().String(); {
	case n.State() != cluster.Ready:
		return state
	case n.Unschedulable():
		return state + ", cordoned"
	case n.Tainted():
		return state + ", closed for new pods: it is being replaced"
	default:
		return state
	}
}

func (m inside) aboutPod(moment *Snapshot, p *kubelet.Pod) []Fact {
	place := moment.place(p.Key, p.Address(), m.Machine)
	return []Fact{
		{"node", m.Node.Name},
		{"address", fmt.Sprintf("%v, of %s", p.Address(), place.Interface)},
		{"veth", m.VethName(p.Key) + " is the node's end"},
		{"sandbox", kubelet.ContainerID(p.Sandbox())},
		{"namespace", kubelet.Netns(p.Sandbox())},
	}
}

// defectsShown are those that the machine has, of one pod or of all for "".
func (m inside) defectsShown(pod string) []result.Defect {
	list := []result.Defect{}
	for _, d := range m.Defects {
		if pod == "" || d.Pod == pod {
			list = append(list, d.Shown(m.fleet.WarmUp))
		}
	}
	return list
}

// namespace is the node's own, as the kernel's tools show it.
func (m inside) namespace() hostnet.View {
	var attached []hostnet.Attachment
	for e := range m.Links() {
		attached = append(attached, hostnet.Attachment{Device: e.Index, MAC: e.MAC})
	}
	slices.SortFunc(attached, func(a, b hostnet.Attachment) int { return a.Device - b.Device })
	v := m.Network.NodeView(attached)
	namespaces := m.namespaces()
	for _, l := range v.Links {
		if name, known := namespaces[l.Name]; known {
			l.Peer.Namespace = name
		}
	}
	return v
}

// namespaces are what the runtime calls those of the pods, by the node's end
// of their veths.
func (m inside) namespaces() map[string]string {
	names := map[string]string{}
	for _, p := range m.Node.Pods() {
		if m.Network.HasVeth(p.Key) {
			names[m.VethName(p.Key)] = path.Base(kubelet.Netns(p.Sandbox()))
		}
	}
	return names
}

// upTo is the time before a moment whose log is shown.
func upTo(at time.Duration) recording.Span {
	return recording.Span{From: recording.Time(at - logSpan), To: recording.Time(at)}
}

package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
)

// View is a node or a pod as an engineer on the machine would see it.
type View struct {
	Kind      string     `json:"kind"` // node or pod
	Name      string     `json:"name"`
	About     []Fact     `json:"about"`
	Ailments  []Ailment  `json:"ailments"` // what is wrong now, as far as the model knows
	Terminals []Terminal `json:"terminals"`
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
	JSON string `json:"-"` // what `ip -json` prints in place of `ip`; empty for other commands
}

// logSpan is how long before the moment the logs of a view begin, at most: a
// bound on what is kept.
const logSpan = 30 * time.Minute

// InspectNode looks at a node. lines is how many lines of each log it shows.
func InspectNode(ctx context.Context, v scenarios.Expanded, when When, node string, lines int, opts Options) (*View, error) {
	opts.Record = &Selection{Pods: map[string]bool{}, Nodes: map[string]Span{node: {when.At - logSpan, when.At}}, Lines: true}
	moment, err := Until(ctx, v, when, opts)
	if err != nil {
		return nil, err
	}
	m, err := moment.machine(node)
	if err != nil {
		return nil, err
	}
	return &View{
		Kind: "node", Name: node, About: m.about(), Ailments: m.ailments(""),
		Terminals: []Terminal{{"node " + node, append(m.shell(), m.documents(lines)...)}},
	}, nil
}

// InspectPod looks at a pod, and at what its node has for it. It runs twice:
// once to find the node, and again to hear what that one logs.
func InspectPod(ctx context.Context, v scenarios.Expanded, when When, pod string, lines int, opts Options) (*View, error) {
	moment, err := Until(ctx, v, when, opts)
	if err != nil {
		return nil, err
	}
	_, m, err := moment.pod(pod)
	if err != nil {
		return nil, err
	}
	opts.Record = &Selection{Pods: map[string]bool{}, Nodes: map[string]Span{m.node.Name: {when.At - logSpan, when.At}}, Lines: true}
	if moment, err = Until(ctx, v, when, opts); err != nil {
		return nil, err
	}
	p, m, err := moment.pod(pod)
	if err != nil {
		panic("sim: a recording has changed its run: " + err.Error())
	}
	inside, _ := m.network.PodView(pod)
	return &View{
		Kind: "pod", Name: pod, About: m.aboutPod(moment, p), Ailments: m.ailments(pod),
		Terminals: []Terminal{
			{"pod " + pod, commands(inside.Commands())},
			{"node " + m.node.Name, m.aroundPod(p, lines)},
		},
	}, nil
}

// commands are those of hostnet.
func commands(list []hostnet.Command) (out []Command) {
	for _, c := range list {
		out = append(out, Command(c))
	}
	return out
}

// about is a node's head.
func (m *machine) about() []Fact {
	facts := []Fact{
		{"instance", fmt.Sprintf("%s, %s, in %s", m.node.Instance.ID, m.node.Group.InstanceType, m.node.Instance.Subnet)},
		{"state", m.node.State().String()},
		{"ipamd", "does not serve"},
		{"pods", fmt.Sprintf("%d with an address", m.kubelet.Holding())},
	}
	if m.agent != nil && m.agent.Serving() {
		s := m.ipamd.Stats()
		facts[2].Value = fmt.Sprintf("serves: %d addresses, %d on pods, %d cooling", s.Total, s.Assigned, s.Cooling)
	}
	devices := m.devices()
	for _, device := range ordered(devices) {
		facts = append(facts, Fact{hostnet.LinkName(device), devices[device]})
	}
	return facts
}

func (m *machine) aboutPod(moment *Moment, p *kubelet.Pod) []Fact {
	place := moment.place(p.Key, p.Address, m)
	return []Fact{
		{"node", m.node.Name},
		{"address", fmt.Sprintf("%v, of %s", p.Address, place.Interface)},
		{"host's end of the veth", m.vethName(p.Key)},
	}
}

// ailments are those that the machine has, of one pod or of all for "".
func (m *machine) ailments(pod string) []Ailment {
	list := []Ailment{}
	for _, a := range m.ill {
		if pod == "" || a.pod == pod {
			list = append(list, m.world.collector.seconds(a))
		}
	}
	return list
}

// shell is what the kernel's tools show on the node.
func (m *machine) shell() []Command {
	var attached []hostnet.Attachment
	instance, _ := m.world.account.Instance(m.node.Instance.ID)
	for _, e := range instance.NetworkInterfaces {
		attached = append(attached, hostnet.Attachment{Device: int(*e.Attachment.DeviceIndex), MAC: *e.MacAddress})
	}
	slices.SortFunc(attached, func(a, b hostnet.Attachment) int { return a.Device - b.Device })
	return commands(m.network.NodeView(attached).Commands())
}

// The files and end points of the real daemon.
const (
	introspectURL = "http://localhost:61679/v1/enis"
	metricsURL    = "http://localhost:61678/metrics"
	ipamdLog      = "/var/log/aws-routed-eni/ipamd.log"
	checkpointAt  = "/var/run/aws-node/ipam.json"
)

// documents are what ipamd has to say of itself.
func (m *machine) documents(lines int) []Command {
	list := []Command{
		{Name: "curl -s " + introspectURL, Text: m.introspection()},
		{Name: "curl -s " + metricsURL, Text: m.metrics()},
		{Name: "cat " + checkpointAt, Text: ipamd.CheckpointFile(m.files.Read(), containerID, m.date) + "\n"},
	}
	return append(list, m.logs(lines, "")...)
}

// serving says whether the daemon's end points answer.
func (m *machine) answers() bool { return m.agent != nil && m.agent.Serving() }

const refused = "curl: (7) Failed to connect to localhost port %d after 0 ms: Couldn't connect to server\n"

func (m *machine) introspection() string {
	if !m.answers() {
		return fmt.Sprintf(refused, 61679)
	}
	text, err := json.Marshal(m.ipamd.Introspect())
	if err != nil {
		panic(err) // plain data
	}
	return string(text) + "\n"
}

// introspected is what the daemon's book says of one address.
func (m *machine) introspected(address string) Command {
	c := Command{Name: fmt.Sprintf("curl -s %s | jq '.[].ENIs[].AvailableIPv4Cidrs[].IPAddresses[%q] | values'", introspectURL, address)}
	if !m.answers() {
		return c // curl -s is silent, and jq has nothing to read
	}
	for _, eni := range m.ipamd.Introspect()[0].ENIs {
		for _, cidr := range eni.AvailableIPv4Cidrs {
			if info, known := cidr.IPAddresses[address]; known {
				text, err := json.MarshalIndent(info, "", "  ")
				if err != nil {
					panic(err) // plain data
				}
				c.Text = string(text) + "\n"
			}
		}
	}
	return c
}

func (m *machine) metrics() string {
	if !m.answers() {
		return fmt.Sprintf(refused, 61678)
	}
	var b strings.Builder
	if err := ipamd.WriteMetrics(&b, m.ipamd.Metrics()); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return b.String()
}

// aroundPod is what the node has for a pod.
func (m *machine) aroundPod(p *kubelet.Pod, lines int) []Command {
	var list []Command
	for _, c := range m.shell() {
		switch c.Name {
		case "ip rule", "ip route", "ip link":
			list = append(list, only(c, p.Address, m.vethName(p.Key)))
		}
	}
	if p.Device != 0 {
		table := fmt.Sprintf("ip route show table %d", hostnet.Table(p.Device))
		shown := slices.IndexFunc(m.shell(), func(c Command) bool { return c.Name == table })
		if shown >= 0 {
			list = append(list, m.shell()[shown])
		}
	}
	list = append(list, m.introspected(p.Address.String()))
	return append(list, m.logs(lines, p.Key)...)
}

// only is a command whose lines are those about an address or a link.
func only(c Command, address netip.Addr, link string) Command {
	out := Command{Name: fmt.Sprintf("%s | grep -w -A1 -e %v -e %s", c.Name, address, link)}
	if c.Name != "ip link" {
		out.Name = strings.Replace(out.Name, " -A1", "", 1)
	}
	kept := 0
	for line := range strings.Lines(c.Text) {
		if hasWord(line, address.String()) || hasWord(line, link) {
			kept = 1
			if c.Name == "ip link" {
				kept = 2
			}
		}
		if kept > 0 {
			out.Text += line
			kept--
		}
	}
	return out
}

// hasWord is grep -w for a word of letters, digits and dots.
func hasWord(line, word string) bool {
	for from := 0; ; {
		at := strings.Index(line[from:], word)
		if at < 0 {
			return false
		}
		start := from + at
		end := start + len(word)
		if (start == 0 || !inWord(line[start-1])) && (end == len(line) || !inWord(line[end])) {
			return true
		}
		from = end
	}
}

func inWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_'
}

// logs are the last lines of ipamd's log, about one pod when it is named.
func (m *machine) logs(lines int, pod string) []Command {
	name := fmt.Sprintf("tail -n %d %s", lines, ipamdLog)
	var all []string
	if m.recorder != nil {
		for _, l := range m.recorder.out.Lines {
			if pod == "" || hasWord(l.Message, pod) {
				all = append(all, l.JSON(m.world.dateOf(l.At)))
			}
		}
	}
	if pod != "" {
		name = fmt.Sprintf("grep -w %s %s | tail -n %d", pod, ipamdLog, lines)
	}
	all = all[max(0, len(all)-lines):]
	text := ""
	for _, l := range all {
		text += l + "\n"
	}
	return []Command{{Name: name, Text: text}}
}

// date is a kernel time on the machine's clock.
func (m *machine) date(at time.Duration) time.Time { return m.world.dateOf(at - m.world.warmUp) }

package inspect

import (
	"encoding/json"
	"fmt"
	"strings"

	"ipamsim/sim/hostnet"
	"ipamsim/sim/hostnet/iproute2"
	"ipamsim/sim/kubelet"
)

// aroundPod is what the node has for a pod.
func (m inside) aroundPod(p *kubelet.Pod, lines int) []Command {
	address, outside := p.Address().String(), m.namespace()
	questions := []string{"ip rule list to " + address, "ip rule list from " + address, "ip route show " + address}
	if p.Device() != 0 {
		questions = append(questions, fmt.Sprintf("ip route show table %d", hostnet.Table(p.Device())))
	}
	var list []Command
	for _, q := range append(questions, "ip link show "+m.VethName(p.Key)) {
		list = append(list, asked(outside, q))
	}
	container := kubelet.ContainerID(p.Sandbox())
	return append(list,
		m.ipamdLog(lines, p.Key, container),
		m.pluginLog(lines, p.Key, container, address),
		m.introspected(address))
}

// asked is an ip command and its answer.
func asked(v hostnet.View, question string) Command {
	args := strings.Fields(question)[1:]
	text, err := iproute2.IP(v, args)
	if err != nil {
		panic("sim: " + question + ": " + err.Error()) // a question of ours
	}
	data, _ := iproute2.IP(v, append([]string{"-json"}, args...))
	return Command{question, text, json.RawMessage(strings.TrimSpace(data))}
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

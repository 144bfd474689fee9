package inspect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
	"ipamsim/sim/recording"
)

// The files and end points of the real daemon.
const (
	introspectURL  = "http://localhost:61679/v1/enis"
	metricsURL     = "http://localhost:61678/metrics"
	checkpointPath = "/var/run/aws-node/ipam.json"
)

// documents are what ipamd has to say of itself.
func (m inside) documents() []Command {
	list := []Command{
		{Name: "cat " + checkpointPath, Text: ipamd.CheckpointFile(m.Files.Read(), machine.ContainerID, m.date) + "\n"},
		{Name: "curl -s " + introspectURL, Text: m.introspection()},
		{Name: "curl -s " + metricsURL, Text: m.metrics()},
	}
	for i := range list {
		if text := []byte(strings.TrimSpace(list[i].Text)); json.Valid(text) {
			list[i].JSON = text
		}
	}
	return list
}

// answers says whether the daemon's end points answer.
func (m inside) answers() bool { return m.Agent != nil && m.Agent.Serving() }

func (m inside) introspection() string {
	if !m.answers() {
		return "" // curl -s is silent
	}
	text, err := json.Marshal(m.Daemon.Introspect())
	if err != nil {
		panic(err) // plain data
	}
	return string(text) + "\n"
}

// introspected is what the daemon's book says of one address.
func (m inside) introspected(address string) Command {
	c := Command{Name: fmt.Sprintf("curl -s %s | jq '.[].ENIs[].AvailableIPv4Cidrs[].IPAddresses[%q] | values'", introspectURL, address)}
	if !m.answers() {
		return c // curl -s is silent, and jq has nothing to read
	}
	// any order: a datastore has an address once
	for _, eni := range m.Daemon.Introspect()[0].ENIs {
		// any order: likewise
		for _, cidr := range eni.AvailableIPv4Cidrs {
			if info, known := cidr.IPAddresses[address]; known {
				text, err := json.MarshalIndent(info, "", "  ")
				if err != nil {
					panic(err) // plain data
				}
				c.Text, c.JSON = string(text)+"\n", text
			}
		}
	}
	return c
}

func (m inside) metrics() string {
	if !m.answers() {
		return ""
	}
	var b strings.Builder
	if err := ipamd.WriteMetrics(&b, m.Daemon.Metrics()); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return b.String()
}

// ipamdLog and pluginLog are the last lines of the two logs; with words, of
// the lines that have one of them.
func (m inside) ipamdLog(lines int, words ...string) Command {
	return m.tail(recording.InIPAMDLog, m.record.Lines, lines, words)
}

func (m inside) pluginLog(lines int, words ...string) Command {
	return m.tail(recording.InPluginLog, m.record.Plugin, lines, words)
}

func (m inside) tail(file string, list []recording.LineRecord, lines int, words []string) Command {
	c := Command{Name: fmt.Sprintf("tail -n %d %s", lines, file)}
	if len(words) > 0 {
		c.Name = fmt.Sprintf("grep -wF -e %s %s | tail -n %d", strings.Join(words, " -e "), file, lines)
		list = slices.DeleteFunc(slices.Clone(list), func(l recording.LineRecord) bool {
			return !slices.ContainsFunc(words, func(word string) bool { return hasWord(l.Message, word) })
		})
	}
	for _, l := range list[max(0, len(list)-lines):] {
		c.Text += l.JSON(m.date(m.fleet.WarmUp+time.Duration(l.At))) + "\n"
	}
	return c
}

// date is a kernel time on the machine's clock.
func (m inside) date(at time.Duration) time.Time { return m.Site.Epoch.Add(at) }

package scrape

import (
	"bytes"
	"encoding/json"
	"time"

	"ipamsim/sim/machine"
)

// Answer is what somebody was told at a moment: by the ipamd of a node, to GET /v1/enis,
// or by EC2, of the interfaces that instances have at device 0. Its text is JSON, and is shared with other answers
// that say the same: do not modify it.
type Answer struct {
	At   time.Time
	Node string // nothing where EC2 answers
	Text []byte
}

// answerGrain is how many bytes of answers count as a sample, of which there are [Limit]
// at most.
const answerGrain = 100

// ask asks each ipamd that serves, and EC2.
func (c *collector) ask() {
	if c.last == nil {
		c.last = map[*machine.Machine][]byte{}
	}
	for _, m := range c.fleet.Machines {
		if m.Agent == nil || !m.Agent.Serving() || c.nodes != nil && !c.nodes[m.Node.Name] {
			continue
		}
		text := marshalled(m.Daemon.Introspect())
		if bytes.Equal(text, c.last[m]) {
			text = c.last[m]
			c.points++
		} else {
			c.last[m] = text
			c.points += 1 + len(text)/answerGrain
		}
		c.out.Answers = append(c.out.Answers, Answer{c.at, m.Node.Name, text})
	}
	text := marshalled(c.first())
	c.points += 1 + len(text)/answerGrain
	c.out.Answers = append(c.out.Answers, Answer{At: c.at, Text: text})
}

// marshalled is a document of types that can be.
func marshalled(of any) []byte {
	text, err := json.Marshal(of)
	if err != nil {
		panic(err)
	}
	return text
}

// listed is an interface as describe-network-interfaces has it, as far as it says who
// holds it.
type listed struct {
	NetworkInterfaceID string `json:"NetworkInterfaceId"`
	Attachment         struct {
		InstanceID string `json:"InstanceId"`
	}
}

// first are the interfaces at device 0 of all instances, those that shut down included.
func (c *collector) first() []listed {
	all, err := c.fleet.Account.InterfacesNow(nil)
	if err != nil {
		panic(err) // none is named
	}
	list := []listed{}
	for _, i := range all {
		if i.Attachment == nil || *i.Attachment.DeviceIndex != 0 {
			continue
		}
		l := listed{NetworkInterfaceID: *i.NetworkInterfaceId}
		l.Attachment.InstanceID = *i.Attachment.InstanceId
		list = append(list, l)
	}
	return list
}

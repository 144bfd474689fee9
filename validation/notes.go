package validation

import (
	"cmp"
	"slices"

	"ipamsim/ec2model"
)

// Whoever plays a daemon that is not ours writes down with these what it does.

// Scenario is what is played.
func (s *Stage) Scenario() *Scenario { return s.scenario }

// Account is the modelled EC2.
func (s *Stage) Account() *ec2model.Account { return s.account }

// Instance is the node's ID.
func (s *Stage) Instance() string { return s.instance }

// Subnets are the IDs of the scenario's subnets, in its order.
func (s *Stage) Subnets() []string { return s.subnets }

// Cordoned says whether the Node is unschedulable now.
func (s *Stage) Cordoned() bool { return s.cordoned }

// Play does what an event of the scenario says.
func (s *Stage) Play(e *Event) { s.play(e) }

// Begin enters a call that begins now, and returns its place in the list. eni is
// the ID of the interface that it is about, or empty.
func (s *Stage) Begin(op, eni, what string, asked int) int {
	return s.ledger.begin(op, s.ledger.ordinal(eni), what, asked)
}

// Again enters a further request of a call.
func (s *Stage) Again(call int) { s.ledger.calls[call].Tries++ }

// End completes a call with EC2's error code, if there is one. Another End of the
// same call replaces it.
func (s *Stage) End(call, got int, code string) {
	c := &s.ledger.calls[call]
	c.EndMS, c.Got, c.Err = roundToMS(s.clock.Now()), got, code
	if code != "" {
		c.Got = 0
	}
}

// Made gives an interface that a call has made the next ordinal.
func (s *Stage) Made(call int, eni string) {
	s.ledger.created(eni)
	s.ledger.calls[call].ENI = s.ledger.ordinal(eni)
}

// WhatOfCreate is what the creation of an interface is about.
func (s *Stage) WhatOfCreate(subnetID string, prefixes bool) string {
	return s.ledger.whatOfCreate(subnetID, prefixes)
}

// Slots is how many addresses and prefixes EC2 has on an interface.
func (s *Stage) Slots(eni string) int { return s.ledger.slots(eni) }

// Attached remembers the interface of an attachment.
func (s *Stage) Attached(attachment, eni string) { s.ledger.attached[attachment] = eni }

// Attachment is the interface of an attachment.
func (s *Stage) Attachment(attachment string) string { return s.ledger.attached[attachment] }

// Initialised notes the end of nodeInit and its error, if any.
func (s *Stage) Initialised(err error) {
	s.out.InitDoneMS = roundToMS(s.clock.Now())
	if err != nil {
		s.out.InitError = new(err.Error())
	}
}

// Fill takes what the pool held at samples at which nobody could look from another
// recording of the same scenario, which lasts so long; what EC2 had is known. A row
// is there only where something has changed.
func (r *Recording) Fill(from *Recording, unseen []int64, lastsMS int64) {
	if len(unseen) == 0 {
		return
	}
	var times []int64
	for _, rows := range [][]Stat{r.Stats, from.Stats} {
		for i := range rows {
			times = append(times, rows[i].AtMS)
		}
	}
	for _, at := range unseen {
		times = append(times, at)
		if next := at + SampleInterval.Milliseconds(); next <= lastsMS+FirstSample.Milliseconds() {
			times = append(times, next)
		}
	}
	slices.Sort(times)
	var rows []Stat
	for _, at := range slices.Compact(times) {
		row, other := rowAt(r.Stats, at), rowAt(from.Stats, at)
		if row != nil && other != nil && slices.Contains(unseen, at) {
			row = other.beside(row)
		}
		if row == nil || len(rows) > 0 && rows[len(rows)-1].equal(row) {
			continue
		}
		rows = append(rows, *row)
		rows[len(rows)-1].AtMS = at
	}
	r.Stats = rows
}

// rowAt is what holds at an instant; nil before the first row.
func rowAt(rows []Stat, at int64) *Stat {
	n, _ := slices.BinarySearchFunc(rows, at+1, func(s Stat, at int64) int { return cmp.Compare(s.AtMS, at) })
	return inForce(rows, n)
}

// beside is a pool beside what another row says of EC2.
func (s *Stat) beside(ec2 *Stat) *Stat {
	row := *s
	row.EC2ENIs, row.EC2IPs, row.SubnetFree = ec2.EC2ENIs, ec2.EC2IPs, ec2.SubnetFree
	return &row
}

// The words of the recordings for an ADD or a DEL that fails.
const (
	NoAddress  = "no IP available"
	UnknownPod = "unknown pod"
	NotReady   = "ipamd not ready"
)

// Outcome notes that of an ADD or a DEL: the interface of its address, or why it
// failed.
func (s *Stage) Outcome(step *Step, eni, failure string) {
	p := Pod{AtMS: step.AtMS, Pod: step.Pod, OK: failure == "", Err: failure, ENI: noENI}
	if p.OK {
		p.ENI = s.ledger.ordinal(eni)
	}
	if step.Op == "add" {
		s.out.Adds = append(s.out.Adds, p)
	} else {
		s.out.Dels = append(s.out.Dels, p)
	}
}

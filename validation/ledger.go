package validation

import (
	"fmt"

	"ipamsim/ec2model"
)

// ledger is the calls of a daemon in the terms of the traces, and the interfaces
// by the order in which they were made.
type ledger struct {
	clock    ec2model.Scheduler
	subnets  []string // IDs, in the scenario's order
	calls    []Call
	ids      []string // of interfaces, by ordinal
	ordinals map[string]ordinal
	attached map[string]string    // attachment ID to interface ID
	slots    func(eni string) int // addresses and prefixes that EC2 has on an interface
}

func newLedger(clock ec2model.Scheduler) *ledger {
	return &ledger{clock: clock, ordinals: map[string]ordinal{}, attached: map[string]string{}}
}

// created gives a new interface the next ordinal.
func (l *ledger) created(id string) {
	l.ordinals[id] = ordinal(len(l.ids))
	l.ids = append(l.ids, id)
}

// interfaceOf is the interface with an ordinal, if one was ever created.
func (l *ledger) interfaceOf(o ordinal) (id string, ok bool) {
	if o < 0 || int(o) >= len(l.ids) {
		return "", false
	}
	return l.ids[o], true
}

func (l *ledger) ordinal(id string) ordinal {
	if o, ok := l.ordinals[id]; ok {
		return o
	}
	return noENI
}

// begin enters a call that runs, and returns its place in the list.
func (l *ledger) begin(op string, eni ordinal, what string, asked int) int {
	l.calls = append(l.calls, Call{StartMS: roundToMS(l.clock.Now()), EndMS: -1, Op: op, ENI: eni, What: what, Asked: asked})
	return len(l.calls) - 1
}

// end completes a call. What it got does not count if it failed.
func (l *ledger) end(call, got int, err error) {
	c := &l.calls[call]
	c.EndMS, c.Got = roundToMS(l.clock.Now()), got
	if err != nil {
		c.Got, c.Err = 0, errorCode(err)
	}
}

// whatOfCreate is what the creation of an interface is about: the kind of its
// addresses and, where there are several, its subnet.
func (l *ledger) whatOfCreate(subnetID string, prefixes bool) string {
	what := "ips"
	if prefixes {
		what = "prefixes"
	}
	if len(l.subnets) > 1 {
		for i, id := range l.subnets {
			if id == subnetID {
				what = fmt.Sprintf("%s,subnet=%d", what, i)
			}
		}
	}
	return what
}

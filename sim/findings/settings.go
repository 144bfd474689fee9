package findings

import (
	"fmt"

	"ipamsim/sim/result"
)

// These are settings that come into question, from what the daemon compares:
// the addresses on the pods of a node when all had most, and the most that
// cooled down on one node at once, which the daemon counts as available.

// spare is what WARM_IP_TARGET leaves besides what cools down: enough for a
// pod that is replaced, and far from an interface's worth. Our choice.
const spare = 2

// targets are WARM_IP_TARGET with MINIMUM_IP_TARGET.
func targets(warm, minimum int) environment {
	return environment{"WARM_IP_TARGET": fmt.Sprint(warm), "MINIMUM_IP_TARGET": fmt.Sprint(minimum)}
}

// smallerPools keep less than the scenario does, the smallest first: for as
// many pods as given, and for as many as a node had at most, without and with
// what cools down.
func (f *Facts) smallerPools(o *result.Outcome, pods int) (list []environment) {
	most, cooling := o.Nodes.AssignedP90, o.Nodes.CoolingPeak
	for _, t := range [][2]int{
		{spare, pods}, {spare, most}, {spare + cooling, pods}, {spare + cooling, most}, {spare + cooling, most + cooling},
	} {
		warm, minimum := t[0], t[1]
		if minimum == 0 || f.ipTargets && (warm >= max(1, f.warmIP) && minimum >= f.minimumIP || warm > f.warmIP+spare || minimum > f.minimumIP) {
			continue
		}
		list = append(list, targets(warm, minimum))
	}
	if f.prefixes && most > 0 {
		single := targets(spare+cooling, most)
		single["ENABLE_PREFIX_DELEGATION"] = "false"
		list = append(list, single)
	}
	return list
}

// largerPools keep more than the scenario does: what a node's pods had at most
// and what cooled down meanwhile, or an interface more.
func (f *Facts) largerPools(o *result.Outcome) (list []environment) {
	most, cooling := o.Nodes.AssignedP90, o.Nodes.CoolingPeak
	if most > 0 && (!f.ipTargets || most+cooling > f.minimumIP || spare+cooling > f.warmIP) {
		list = append(list, targets(max(f.warmIP, spare+cooling), max(f.minimumIP, most+cooling)))
	}
	if !f.ipTargets && !f.prefixes {
		list = append(list, environment{"WARM_ENI_TARGET": "2"})
	}
	return list
}

// againstStalls are settings with which fewer pods wait for addresses that
// cool down.
func (f *Facts) againstStalls(o *result.Outcome) (list []environment) {
	if cooling := o.Nodes.CoolingPeak; f.warmIP > 0 && cooling > 0 {
		more := environment{"WARM_IP_TARGET": fmt.Sprint(f.warmIP + cooling)}
		if f.minimumIP > 0 { // it hides a lower warm target
			more["MINIMUM_IP_TARGET"] = fmt.Sprint(f.minimumIP + cooling)
		}
		list = append(list, more)
	} else {
		list = append(list, f.largerPools(o)...)
	}
	if f.canPrefix && !f.prefixes {
		list = append(list, environment{"ENABLE_PREFIX_DELEGATION": "true"})
	}
	return append(list, environment{"IP_COOLDOWN_PERIOD": "0"})
}

// fewerCalls are settings that take fewer requests for as many addresses.
func (f *Facts) fewerCalls() (list []environment) {
	if f.canPrefix && !f.prefixes {
		list = append(list, environment{"ENABLE_PREFIX_DELEGATION": "true"})
	}
	if f.ipTargets { // whole interfaces or prefixes in place of single addresses
		list = append(list, environment{"WARM_IP_TARGET": "", "MINIMUM_IP_TARGET": ""})
	}
	return list
}

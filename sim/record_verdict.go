package sim

import (
	"fmt"
	"slices"
	"time"
)

// Verdict says whose side a slow start is on.
type Verdict struct {
	Side     string   // capacity, node network, scheduler, ipamd, EC2, subnet, node size, kubelet, image, or none
	Sentence string   // why it took so long
	Plugin   string   // "ipamd or plugin?", where an ADD failed
	Evidence []string // measured on this pod
	Remedy   string   // what would change it; empty where nothing need be
	Settings map[string]string
}

// sides are whose a boundary is.
var sides = map[Boundary]string{
	AtCapacity: "capacity", AtBoot: "capacity", AtNetwork: "node network", AtScheduler: "scheduler",
	AtKubelet: "kubelet", AtSandbox: "kubelet", AtPlugin: "kubelet", AtPool: "address", AtDown: "address", AtBackoff: "address",
	AtPull: "image", AtStart: "image",
}

// parts are the values of sides.
var parts = []string{"address", "capacity", "node network", "scheduler", "image", "kubelet"}

// partWords end a sentence on them.
var partWords = map[string]string{
	"address": "the wait for an address", "capacity": "the wait for a node", "node network": "the start of the node's network",
	"scheduler": "the wait for the scheduler", "image": "the image and the start of the containers", "kubelet": "volumes and sandboxes",
}

// sideOf is whose it is when an ADD fails for a cause, and the findings that
// speak of it, the likeliest first.
var sideOf = map[string]struct {
	side     string
	findings []string
}{
	"refilling":   {"ipamd", []string{"latency-cliff"}},
	"throttled":   {"EC2", []string{"api-throttling", "latency-cliff"}},
	"cooling":     {"ipamd", []string{"cooldown-stall"}},
	"cordoned":    {"ipamd", nil},
	"subnet_full": {"subnet", []string{"subnet-exhaustion"}},
	"no_block":    {"subnet", []string{"fragmentation", "subnet-exhaustion"}},
	"api_error":   {"EC2", []string{"quota", "api-errors"}},
	"node_full":   {"node size", []string{"eni-limit"}},
	"ipamd_down":  {"ipamd", nil},
}

// quick is a start with nothing to explain: the most that a pod takes on a
// node with room and addresses.
const quick = 5 * time.Second

// judge reads a pod's phases. The outcome of its run has the remedies.
func (p *ExplainedPod) judge(o *Outcome, f facts) Verdict {
	share := map[string]time.Duration{}
	for _, ph := range p.Phases {
		share[sides[ph.Boundary]] += ph.Took()
	}
	side, most := "", time.Duration(0)
	for _, s := range parts {
		if share[s] > most {
			side, most = s, share[s]
		}
	}
	v := Verdict{Side: side}
	total := p.End - p.Created
	switch {
	case p.Outcome == "running" && total < quick && side != "address":
		v.Side, v.Sentence = "none", fmt.Sprintf("Nothing held it up: every stage took what it takes on a node that has room and addresses, %s in all.", took1(total))
	case side == "address":
		p.judgeAddress(&v, most, total)
	default:
		v.Sentence = fmt.Sprintf(sideWords[side], took1(most), took1(total))
	}
	for _, s := range parts {
		if s != side && share[s] > time.Second && 5*share[s] >= total {
			v.Evidence = append(v.Evidence, fmt.Sprintf("Another %s went with %s.", took1(share[s]), partWords[s]))
		}
	}
	p.judgePlugin(&v)
	v.remedy(p, o, f)
	return v
}

// sideWords have the longest part and the whole.
var sideWords = map[string]string{
	"capacity":     "Capacity: %s of %s it waited for a node with room to exist and boot. No part of the pod network was involved.",
	"node network": "The node's network: %s of %s it waited for aws-node to come up on a node that was there already.",
	"scheduler":    "The scheduler: %s of %s it waited for its turn to be bound; there was room.",
	"image":        "The image: %s of %s went with the pull and the start of the containers, after the pod had its address.",
	"kubelet":      "Kubelet and the container runtime: %s of %s went with volumes, sandbox and wiring, at their usual pace.",
}

// failed are the ADDs that failed.
func (p *ExplainedPod) failed() (list []AddRecord) {
	for _, a := range p.Adds {
		if a.Cause != "" {
			list = append(list, a)
		}
	}
	return list
}

// cause is the one that cost most: each failed ADD costs the time until the
// next.
func (p *ExplainedPod) cause() string {
	cost := map[string]time.Duration{}
	best := ""
	for i, a := range p.Adds {
		if a.Cause == "" {
			continue
		}
		next := p.End
		if i+1 < len(p.Adds) {
			next = p.Adds[i+1].At
		}
		cost[a.Cause] += next - a.At
		if best == "" || cost[a.Cause] > cost[best] {
			best = a.Cause
		}
	}
	return best
}

// judgeAddress is about a pod that mostly waited for an address.
func (p *ExplainedPod) judgeAddress(v *Verdict, most, total time.Duration) {
	cause, failed := p.cause(), p.failed()
	v.Side = sideOf[cause].side
	who := v.Side
	switch who {
	case "node size":
		who = "the node's size"
	case "subnet":
		who = "the subnet"
	}
	v.Sentence = fmt.Sprintf("The cause is %s: %s failed while %s. It cost %s of %s.",
		who, plural(len(failed), "CNI ADD"), causeWords[cause], took1(most), took1(total))
	wait, parts := p.withoutAddress()
	if free := wait[AtBackoff]; free > 0 {
		v.Evidence = append(v.Evidence, fmt.Sprintf("For %s of it ipamd had a free address, and kubelet's pause went on.", took1(free)))
	}
	for _, b := range parts {
		if b != AtBackoff {
			v.Evidence = append(v.Evidence, fmt.Sprintf("For %s ipamd had none: %s.", took1(wait[b]), withoutWords[b]))
		}
	}
}

// withoutWords say what ipamd did while it had no address to give.
var withoutWords = map[Boundary]string{
	InCall: "its requests to EC2 were in flight", InThrottle: "EC2 rejected its requests for their rate",
	InRetry: "the SDK paused before it asked again", InMetadata: "instance metadata did not show the new interface yet",
	InLoop: "its loop slept until the next pass", InPause: "it asked for nothing for 120 s, because EC2 had no address",
	InRetries: "it paused between its own tries", InCooling: "freed addresses were cooling down", InFull: "every interface of the node was full",
	InCordon: "the node was cordoned", AtDown: "its process was not there", AtNetwork: "its pod was starting",
}

// withoutAddress adds up what ipamd did in the pauses after failed ADDs, the
// longest first.
func (p *ExplainedPod) withoutAddress() (map[Boundary]time.Duration, []Boundary) {
	sum := map[Boundary]time.Duration{}
	var order []Boundary
	for _, ph := range p.Phases {
		if ph.Boundary != AtBackoff {
			continue
		}
		for _, m := range ph.Meanwhile {
			if sum[m.Boundary] == 0 {
				order = append(order, m.Boundary)
			}
			sum[m.Boundary] += m.Took()
		}
	}
	slices.SortStableFunc(order, func(a, b Boundary) int { return int((sum[b] - sum[a]) / time.Microsecond) })
	return sum, order
}

// judgePlugin answers the question that an engineer with a failed sandbox
// has.
func (p *ExplainedPod) judgePlugin(v *Verdict) {
	failed := p.failed()
	if len(failed) == 0 {
		return
	}
	var plugin time.Duration
	for _, ph := range p.Phases {
		switch ph.Boundary {
		case AtPlugin, AtPool, AtDown:
			plugin += ph.Took()
		}
	}
	down := 0
	for _, a := range failed {
		if a.Cause == "ipamd_down" {
			down++
		}
	}
	says := "ipamd answered at once that its pool was empty, and the plugin passed that on"
	switch {
	case down == len(failed):
		says = "nobody answered on ipamd's socket, and the plugin said so"
	case down > 0:
		says = fmt.Sprintf("ipamd answered that its pool was empty, or %s not at all, and the plugin passed that on", plural(down, "time"))
	}
	v.Plugin = fmt.Sprintf("ipamd, not the plugin: %s. Of the whole way %s were the plugin's own, in %s.", says, took1(plugin), plural(len(p.Adds), "ADD"))
}

// remedy takes the run's own, where a finding speaks of this pod's trouble.
func (v *Verdict) remedy(p *ExplainedPod, o *Outcome, f facts) {
	modes := sideOf[p.cause()].findings
	switch v.Side {
	case "none", "scheduler", "image", "kubelet":
		return
	case "capacity", "node network":
		modes = []string{"unschedulable"}
	}
	for _, mode := range modes {
		for _, finding := range o.findings(f) {
			if finding.Mode == mode {
				v.Remedy, v.Settings = finding.Remedy, finding.Settings
				return
			}
		}
	}
	switch {
	case len(modes) > 0 && modes[0] == "latency-cliff":
		v.Remedy, v.Settings = cliffRemedy(o, &f)
	case v.Side == "capacity":
		v.Remedy = "Have room before the pods: nodes that are Ready ahead of a known peak, or placeholder pods of low priority. No warm-pool setting changes it."
	}
}

// took1 is a duration in seconds to the hundredth.
func took1(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

package explain

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ipamsim/internal/words"
	"ipamsim/sim/findings"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Verdict says whose side a slow start is on.
type Verdict struct {
	Side     result.Side `json:"side"`
	Sentence string      `json:"sentence"` // why it took so long
	Plugin   string      `json:"plugin"`   // "ipamd or plugin?", where an ADD failed
	Evidence []string    `json:"evidence"` // measured on this pod
	Remedy   string      `json:"remedy"`   // what would change it; empty where nothing need be
}

// sideAddress is the side of a wait for one, until its cause is known.
const sideAddress result.Side = "address"

// sides are whose a boundary is.
var sides = map[Boundary]result.Side{
	AtCapacity: result.SideCapacity, AtBoot: result.SideCapacity, AtNetwork: result.SideNodeNetwork, AtScheduler: result.SideScheduler,
	AtKubelet: result.SideKubelet, AtToken: result.SideKubelet, AtReport: result.SideKubelet, AtSandbox: result.SideKubelet, AtPlugin: result.SideKubelet, AtPool: sideAddress, AtDown: sideAddress, AtError: sideAddress, AtBackoff: sideAddress,
	AtPullLimit: result.SideImage, AtPull: result.SideImage, AtStart: result.SideImage,
}

// parts are the values of sides.
var parts = []result.Side{sideAddress, result.SideCapacity, result.SideNodeNetwork, result.SideScheduler, result.SideImage, result.SideKubelet}

// partWords end a sentence on them.
var partWords = map[result.Side]string{
	sideAddress: "the wait for an address", result.SideCapacity: "the wait for a node", result.SideNodeNetwork: "the start of the node's network",
	result.SideScheduler: "the wait for the scheduler", result.SideImage: "the image and the start of the containers", result.SideKubelet: "volumes and sandboxes",
}

// quick is a start with nothing to explain: the most that a pod takes on a
// node with room and addresses.
const quick = recording.Time(5 * time.Second)

// judge reads a pod's phases. The outcome of its run has the remedies.
func (p *Pod) judge(o *result.Outcome, f findings.Facts) Verdict {
	total, spent := p.End-p.Created, map[result.Side]recording.Time{}
	for _, ph := range p.Phases {
		spent[sides[ph.Boundary]] += ph.Took()
	}
	side := parts[0]
	for _, s := range parts {
		if spent[s] > spent[side] {
			side = s
		}
	}
	v := Verdict{Side: side}
	var modes []result.Mode
	switch {
	case p.Outcome == "running" && total < quick && side != sideAddress:
		v.Side, v.Sentence = result.SideNone, fmt.Sprintf("Nothing held it up: every stage took what it takes on a node that has room and addresses, %s in all.", inSeconds(total))
	case side == sideAddress:
		modes = p.judgeAddress(&v, spent[side], total)
	case side == result.SideNodeNetwork:
		modes = p.judgeNetwork(&v, spent[side], total)
	case side == result.SideKubelet && 2*p.spentAtClient() > spent[side]:
		v.Sentence = fmt.Sprintf("Kubelet's client of the API server: %s of %s its requests for the pod waited for their turn (kubeAPIQPS). From Kubernetes 1.27 on it sends 50 a second.",
			inSeconds(p.spentAtClient()), inSeconds(total))
	default:
		v.Sentence = fmt.Sprintf(sideWords[side], inSeconds(spent[side]), inSeconds(total))
	}
	for _, s := range parts {
		if s != side && v.Side != result.SideNone && 5*spent[s] >= total {
			v.Evidence = append(v.Evidence, fmt.Sprintf("Another %s went with %s.", inSeconds(spent[s]), partWords[s]))
		}
	}
	p.judgePlugin(&v)
	v.remedy(modes, o, f)
	return v
}

// spentAtClient is how long kubelet's client of the API server kept the pod waiting.
func (p *Pod) spentAtClient() (d recording.Time) {
	for _, ph := range p.Phases {
		if ph.Boundary == AtToken || ph.Boundary == AtReport {
			d += ph.Took()
		}
	}
	return d
}

// sideWords have the longest part and the whole.
var sideWords = map[result.Side]string{
	result.SideCapacity:    "Capacity: %s of %s it waited for a node with room to exist and boot. No part of the pod network was involved.",
	result.SideNodeNetwork: "The node's network: %s of %s it waited for aws-node to come up on a node that was there already.",
	result.SideScheduler:   "The scheduler: %s of %s it waited for its turn to be bound; there was room.",
	result.SideImage:       "The image: %s of %s went with the pull and the start of the containers, after the pod had its address.",
	result.SideKubelet:     "Kubelet and the container runtime: %s of %s went with volumes, sandbox and wiring, at their usual pace.",
}

// failedAdds are the ADDs that failed.
func (p *Pod) failedAdds() (list []recording.AddRecord) {
	for _, a := range p.Adds {
		if a.Cause != "" {
			list = append(list, a)
		}
	}
	return list
}

// cause is the one that cost most: each failed ADD costs the time until the
// next.
func (p *Pod) cause() result.Cause {
	cost := map[result.Cause]recording.Time{}
	best := result.Cause("")
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

// judgeAddress is about a pod that mostly waited for an address. It returns
// the findings that speak of its trouble.
func (p *Pod) judgeAddress(v *Verdict, most, total recording.Time) (modes []result.Mode) {
	cause, failed := p.cause(), p.failedAdds()
	wait, order := p.meanwhile(AtBackoff)
	if without := most - wait[AtBackoff]; cause == result.CauseRefilling && 2*(wait[InThrottle]+wait[InRetry]) > without {
		cause = result.CauseThrottled // at its ADD no request was out, and most of the time one was
	}
	v.Side = cause.About().Side
	vain := 2*wait[InVain] > most-wait[AtBackoff]
	if vain {
		v.Side = result.SideIPAMD
	}
	who := cmp.Or(map[result.Side]string{result.SideNodeSize: "the node's size", result.SideSubnet: "the subnet", result.SidePlugin: "the plugin"}[v.Side], string(v.Side))
	v.Sentence = fmt.Sprintf("The cause is %s: %s failed%s %s. It cost %s of %s.",
		who, words.Plural(len(failed), "CNI ADD"), ofThem(failed, p.cause()), recording.AddRecord{Cause: cause}.Clause(), inSeconds(most), inSeconds(total))
	if vain {
		v.Evidence = append(v.Evidence, fmt.Sprintf("For %s ipamd waited for an interface that it had deleted again after a failed call, which it does not notice.", inSeconds(wait[InVain])))
	}
	if first := failed[0]; slices.Contains(first.Cause.About().Modes, result.ModeLatencyCliff) || first.Cause == result.CauseCooling {
		v.Evidence = append(v.Evidence, fmt.Sprintf("At the first of them ipamd held %s: %s on pods, %s cooling, none free.",
			words.Plural(first.Pool.Total, "address"), words.Count(first.Pool.Assigned), words.Count(first.Pool.Cooling)))
	}
	if cause == result.CausePlugin {
		first := failed[slices.IndexFunc(failed, func(a recording.AddRecord) bool { return a.Cause == cause })]
		v.Evidence = append(v.Evidence, fmt.Sprintf("The first of them: %s.", first.Error))
		return cause.About().Modes
	}
	if free := wait[AtBackoff]; free > 0 {
		v.Evidence = append(v.Evidence, fmt.Sprintf("For %s of it ipamd had a free address, and kubelet's pause went on.", inSeconds(free)))
	}
	for _, b := range order {
		switch {
		case b == AtBackoff, vain && b == InVain:
		case b == AtDown:
			v.Evidence = append(v.Evidence, fmt.Sprintf("For %s of it ipamd did not serve, whatever its pool held.", inSeconds(wait[b])))
		case b == AtError:
			v.Evidence = append(v.Evidence, fmt.Sprintf("For %s of it an address was in the pool, ipamd had answered with an error, and kubelet's pause went on.", inSeconds(wait[b])))
		default:
			v.Evidence = append(v.Evidence, fmt.Sprintf("For %s ipamd had none: %s.", inSeconds(wait[b]), withoutWords[b]))
		}
	}
	return cause.About().Modes
}

// ofThem leads over to the cause: with how many ADDs have it, unless all do.
func ofThem(failed []recording.AddRecord, cause result.Cause) string {
	n := 0
	for _, a := range failed {
		if a.Cause == cause {
			n++
		}
	}
	link := "while"
	if cause == result.CausePlugin {
		link = "because"
	}
	if n < len(failed) {
		return fmt.Sprintf(", %s of them %s", words.Count(n), link)
	}
	return " " + link
}

// judgeNetwork is about a pod that mostly waited for its node's aws-node.
func (p *Pod) judgeNetwork(v *Verdict, most, total recording.Time) (modes []result.Mode) {
	v.Sentence = fmt.Sprintf(sideWords[result.SideNodeNetwork], inSeconds(most), inSeconds(total))
	wait, order := p.meanwhile(AtNetwork)
	if 2*(wait[InThrottle]+wait[InRetry]) > most {
		v.Side, modes = result.SideEC2, result.CauseThrottled.About().Modes
	}
	for _, b := range order {
		if b != AtNetwork {
			v.Evidence = append(v.Evidence, fmt.Sprintf("For %s of it: %s.", inSeconds(wait[b]), withoutWords[b]))
		}
	}
	return modes
}

// withoutWords say what ipamd did while it had no address to give.
var withoutWords = map[Boundary]string{
	InCall: "its requests to EC2 were in flight", InThrottle: "EC2 rejected its requests for their rate",
	InRetry: "the SDK paused before it asked again", InMetadata: "instance metadata did not show the new interface yet",
	InVain: "it waited for an interface that it had deleted again",
	InLoop: "its loop slept until the next pass", InPause: "it asked for nothing for 120 s, because EC2 had no address",
	InRetries: "it paused between its own tries", InCooling: "freed addresses were cooling down", InFull: "every interface of the node was full",
	InCordon: "the node was cordoned", InMet: "its pool held what its targets ask for", InNoSubnet: "no subnet could be used for a new interface",
	AtDown: "its process was not there", AtNetwork: "its pod was starting",
}

// meanwhile adds up what ipamd did in the phases at a boundary, the longest
// first.
func (p *Pod) meanwhile(at Boundary) (map[Boundary]recording.Time, []Boundary) {
	sum := map[Boundary]recording.Time{}
	var order []Boundary
	for _, ph := range p.Phases {
		if ph.Boundary != at {
			continue
		}
		for _, m := range ph.Meanwhile {
			if sum[m.Boundary] == 0 {
				order = append(order, m.Boundary)
			}
			sum[m.Boundary] += m.Took()
		}
	}
	slices.SortStableFunc(order, func(a, b Boundary) int { return cmp.Compare(sum[b], sum[a]) })
	return sum, order
}

// judgePlugin answers the question that an engineer with a failed sandbox
// has.
func (p *Pod) judgePlugin(v *Verdict) {
	failed := p.failedAdds()
	if len(failed) == 0 {
		return
	}
	var plugin recording.Time
	for _, ph := range p.Phases {
		switch ph.Boundary {
		case AtPlugin, AtPool, AtDown, AtError:
			plugin += ph.Took()
		}
	}
	down, broken, silent := 0, 0, 0
	for _, a := range failed {
		switch a.Cause {
		case result.CauseIPAMDDown:
			down++
		case result.CausePlugin:
			broken++
		case result.CauseMetadataDown:
			silent++
		}
	}
	says := "ipamd, not the plugin: ipamd answered at once that its pool was empty, and the plugin passed that on"
	switch {
	case broken == len(failed):
		says = "The plugin, not ipamd: ipamd had an address each time, and the plugin failed to wire the pod"
	case broken > 0:
		says = fmt.Sprintf("Both: %s failed in the plugin's wiring, and for the others ipamd had no address", words.Plural(broken, "ADD"))
	case silent == len(failed):
		says = "ipamd, not the plugin: ipamd could not read instance metadata, answered with an error, and the plugin passed that on"
	case down == len(failed):
		says = "ipamd, not the plugin: nobody answered on ipamd's socket, and the plugin said so"
	case down > 0:
		says = fmt.Sprintf("ipamd, not the plugin: ipamd answered that its pool was empty, or %s not at all, and the plugin passed that on", words.Plural(down, "time"))
	}
	v.Plugin = fmt.Sprintf("%s. Of the whole way %s were the plugin's own, in %s.", says, inSeconds(plugin), words.Plural(len(p.Adds), "ADD"))
}

// remedy takes the run's own, where a finding speaks of this pod's trouble.
func (v *Verdict) remedy(modes []result.Mode, o *result.Outcome, f findings.Facts) {
	if v.Side == result.SideCapacity {
		modes = []result.Mode{result.ModeUnschedulable}
	}
	alone := *o
	alone.Pods.Wanted = 1 // what too few pods met to be found is worth a word here
	for _, mode := range modes {
		for _, finding := range findings.Find(&alone, f) {
			if finding.Mode == mode {
				v.Remedy = finding.Remedy
				return
			}
		}
	}
	switch {
	case slices.Contains(modes, result.ModeLatencyCliff):
		v.Remedy = findings.CliffRemedy(o, &f)
	case v.Side == result.SideCapacity:
		v.Remedy = "Have room before the pods: nodes that are Ready ahead of a known peak, or placeholder pods of low priority. No warm-pool setting changes it."
	}
}

// inSeconds is a duration in seconds to the hundredth.
func inSeconds(d recording.Time) string { return words.Seconds(d.Seconds(), 2) }

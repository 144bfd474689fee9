package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Clue is what an engineer would find of a boundary on a real cluster, and
// where.
type Clue struct {
	Where string         `json:"where"` // a file on the node, or a command
	At    recording.Time `json:"at_seconds"`
	Text  string         `json:"text"`
	Times int            `json:"times"` // how often the same is there
}

// The texts of a failed ADD: VPC CNI v1.23.1 cmd/routed-eni-cni-plugin/cni.go,
// gRPC's status, and around them those of containerd (RunPodSandbox) and
// kubelet (createPodSandbox).
const (
	sandboxText = `FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "%s": plugin type="aws-cni" name="aws-cni" failed (add): `
	emptyText   = "add cmd: failed to assign an IP address to container"
	downText    = `add cmd: Error received from AddNetwork gRPC call: `
	wiringText  = "add command: failed to setup network: "
	killedText  = "netplugin failed with no error message: " // libcni
	downStatus  = `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /var/run/aws-node/ipamd.sock: connect: connection refused"`

	// Kubelet's status and event while the runtime has no CNI configuration
	// (pkg/kubelet/runtime.go, containerd's message).
	networkText = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"
	// kubelet's pkg/kubelet/images: ErrRegistryUnavailable aside, what the
	// limiter of pulls says.
	pullText = "Failed: Failed to pull image …: pull QPS exceeded"
)

// findClues lists them in the order of a search: the pod, its node, the plugin,
// ipamd, EC2.
func (p *Pod) findClues() []Clue {
	var list []Clue
	add := func(where string, at recording.Time, text string) {
		for i := range list {
			if list[i].Where == where && sameButForSandbox(list[i].Text, text) {
				list[i].Times++
				return
			}
		}
		list = append(list, Clue{where, at, text, 1})
	}
	for _, ph := range p.Phases {
		switch ph.Boundary {
		case AtCapacity:
			add(recording.InEvents+" "+p.Name, ph.From, "FailedScheduling: 0/… nodes are available")
		case AtNetwork:
			add(recording.InNode+" "+p.Node, ph.From, networkText)
		case AtPullLimit:
			add(recording.InEvents+" "+p.Name, ph.From, pullText)
		}
	}
	for _, a := range p.failedAdds() {
		event := emptyText
		switch {
		case a.Cause == result.CauseIPAMDDown:
			event = downText + downStatus
		case a.Cause == result.CausePlugin && a.Error == hostnet.ErrKilled.Error():
			event = killedText + a.Error
		case a.Cause == result.CausePlugin:
			event = wiringText + a.Error
		}
		add(recording.InEvents+" "+p.Name, a.At, fmt.Sprintf(sandboxText, a.Sandbox)+event)
	}
	p.pluginClues(add)
	p.nodeClues(add)
	return grouped(list)
}

// grouped puts what is at one place together, the places as they come.
func grouped(list []Clue) []Clue {
	var out []Clue
	for len(list) > 0 {
		var rest []Clue
		where := list[0].Where
		for _, c := range list {
			if c.Where == where {
				out = append(out, c)
			} else {
				rest = append(rest, c)
			}
		}
		list = rest
	}
	return out
}

// sameButForSandbox says whether two texts differ in container IDs at most:
// each sandbox has another.
func sameButForSandbox(a, b string) bool {
	return a == b || len(a) == len(b) && sandboxID.ReplaceAllString(a, "") == sandboxID.ReplaceAllString(b, "")
}

var sandboxID = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// pluginClues are the errors that the plugin has logged for the pod.
func (p *Pod) pluginClues(add func(where string, at recording.Time, text string)) {
	if p.On == nil {
		return
	}
	for _, l := range p.On.Plugin {
		if l.Pod == p.Name && l.Level == "error" && l.At >= p.Created && l.At <= p.End {
			add(recording.InPluginLog, l.At, quoted(l))
		}
	}
}

// quoted is a line as it is shown among others.
func quoted(l recording.LineRecord) string {
	return fmt.Sprintf("%s %s: %s", l.Level, l.Caller, l.Message)
}

// nodeClues are those that ipamd and EC2 leave.
func (p *Pod) nodeClues(add func(where string, at recording.Time, text string)) {
	if p.On == nil {
		return
	}
	for _, l := range p.On.Lines {
		if l.At >= p.Created && l.At <= p.End && p.telling(l) {
			add(recording.InIPAMDLog, l.At, quoted(l))
		}
	}
	for _, process := range p.On.Processes {
		if process.End != recording.Never && process.End >= p.Created && process.End <= p.End {
			add("kubectl describe pod -n kube-system aws-node-…", process.End, "the container ended: "+process.Reason)
		}
	}
	for _, c := range p.On.Calls {
		for _, a := range c.Attempts {
			if a.Code != "" && a.End >= p.Created && a.Start <= p.End {
				add(recording.InCloudTrail, a.End, fmt.Sprintf("eventName %s, errorCode %s.%s, by %s", c.Action, ec2model.SideOf(a.Code), a.Code, p.On.Instance))
			}
		}
	}
}

// telling lines are the warnings and errors of the pool's own work and of this
// pod's ADDs, and what the pool says when it is too low.
func (p *Pod) telling(l recording.LineRecord) bool {
	if l.PoolTooLow() {
		return true
	}
	if l.Level != "warn" && l.Level != "error" {
		return false
	}
	own := slices.ContainsFunc(p.failedAdds(), func(a recording.AddRecord) bool { return a.At == l.At })
	return own || !answers(l)
}

// answers says whether a line is part of the answer to some ADD or DEL: those
// are called from the server of the RPC, or from what it calls.
func answers(l recording.LineRecord) bool {
	for _, caller := range []string{"rpc/", "datastore/", "ipamd/rpc_handler.go"} {
		if strings.HasPrefix(l.Caller, caller) {
			return true
		}
	}
	return false
}

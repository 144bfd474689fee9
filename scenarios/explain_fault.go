package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
)

func explainFault(s *Scenario, f *Fault) string {
	text := f.happening()
	if f.When != "" {
		text += ", each when its ipamd is at the point " + f.When
		if strings.HasPrefix(f.Kind, "flush-") {
			text += ", every time"
		}
	}
	if f.Lasts() && f.For != nil {
		text += " for " + f.For.String()
	}
	if f.Every != nil {
		text += ", again every " + f.Every.String()
		if f.Times > 0 {
			text += fmt.Sprintf(", %d times in all,", f.Times)
		}
	}
	if !f.Lasts() && f.For != nil {
		text += " for " + f.For.String()
	}
	text = strings.TrimSuffix(text, ",")
	if f.When != "" {
		return fmt.Sprintf("From %s on %s.", f.At, text)
	}
	return fmt.Sprintf("At %s %s.", f.At, text)
}

// happening is what the fault does, as the rest of a sentence.
func (f *Fault) happening() string {
	switch f.Kind {
	case "api-errors":
		return fmt.Sprintf("%s of the calls to %s fail with %s", f.share(), f.action(), f.Code)
	case "api-slow":
		return fmt.Sprintf("calls to %s take %s", f.action(), f.slower())
	case "throttle-storm":
		return fmt.Sprintf("other tenants call %s %g times a second", f.Action, f.Rate)
	case "subnet-occupy":
		return fmt.Sprintf("others take %s free addresses of %s", allOr(f.Count), f.Subnet)
	case "subnet-release":
		return fmt.Sprintf("others give %s of their addresses of %s back", allOr(f.Count), f.Subnet)
	case "zone-down":
		return fmt.Sprintf("the instances in %s die and EC2 gives nothing there", f.place())
	case "cordon":
		return f.nodes() + f.verb(" is cordoned", " are cordoned")
	case "kill-nodes":
		return f.nodes() + f.verb(" dies", " die")
	case "restart-ipamd":
		return "ipamd restarts on " + f.nodes()
	case "roll-aws-node":
		return f.rollout()
	case "metadata-down":
		return "instance metadata answers nothing on " + f.nodes()
	case "stale-metadata":
		return "instance metadata is stale on " + f.nodes() + f.hidden()
	case "attach-eni":
		return "somebody attaches an interface to " + f.nodes()
	case "detach-eni":
		return "somebody deletes a secondary interface of " + f.nodes()
	case "unassign-addresses":
		return fmt.Sprintf("somebody takes %s secondary addresses from %s", allOr(f.Addresses), f.nodes())
	case "flush-rules":
		return "systemd-networkd drops the policy rules of " + f.nodes()
	case "flush-table":
		return fmt.Sprintf("the routes of %s disappear on %s", f.device(), f.nodes())
	case "netlink-errors":
		return fmt.Sprintf("the kernel refuses %s of the attempts at %s on %s", f.share(), f.step(), f.nodes())
	case "kill-plugin":
		return fmt.Sprintf("the CNI plugin is killed before %s in %s of the attempts on %s", f.step(), f.share(), f.nodes())
	}
	return f.Kind
}

func (f *Fault) share() string { return allOrShare(f.Share) }

func allOrShare(share *float64) string {
	if share == nil {
		return "all"
	}
	return words.Share(*share)
}

func (f *Fault) action() string {
	if f.Action == "" {
		return "every action"
	}
	return f.Action
}

func (f *Fault) slower() string {
	var parts []string
	if f.Factor != nil {
		parts = append(parts, fmt.Sprintf("%g times as long", *f.Factor))
	}
	if f.Add != nil {
		parts = append(parts, f.Add.String()+" more")
	}
	return words.And(parts)
}

func (f *Fault) place() string {
	if f.Zone != "" {
		return "the Availability Zone " + f.Zone
	}
	return f.Subnet
}

func (f *Fault) hidden() string {
	if f.Interfaces == 0 {
		return ""
	}
	return fmt.Sprintf(", without the %s attached last", words.Plural(f.Interfaces, "interface"))
}

func (f *Fault) device() string {
	if f.Device == 0 {
		return "all secondary interfaces"
	}
	return fmt.Sprintf("interface %d", f.Device)
}

func (f *Fault) step() string {
	if f.Step == "" {
		return "every step"
	}
	return "the step " + f.Step
}

func (f *Fault) verb(one, many string) string {
	if f.Node != "" {
		return one
	}
	return many
}

func (f *Fault) nodes() string {
	if f.Node != "" {
		return f.Node
	}
	share := f.Share
	if k, _ := faultKindNamed(f.Kind); slices.Contains(k.keys, "nodeShare") {
		share = f.NodeShare
	}
	nodes := allOrShare(share) + " of the nodes"
	if f.Group != "" {
		nodes += " of " + f.Group
	}
	if f.Subnet != "" {
		nodes += " in " + f.Subnet
	}
	if f.Count != nil {
		nodes += fmt.Sprintf(" (%d at most)", *f.Count)
	}
	return nodes
}

func (f *Fault) rollout() string {
	share := 0.1
	if f.MaxUnavailable != nil {
		share = *f.MaxUnavailable
	}
	text := "aws-node is rolled"
	if f.Group != "" {
		text += " on " + f.Group
	}
	text += fmt.Sprintf(", %s of its pods at a time", words.Share(share))
	for _, key := range sortedKeys(f.CNI) {
		text += fmt.Sprintf(", %s=%s", key, f.CNI[key])
	}
	return text
}

func allOr(n *int) string {
	if n == nil {
		return "all"
	}
	return fmt.Sprint(*n)
}

package findings

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// These findings are about answers of EC2 that are not what was asked for.

// throttledAction is an action some of whose requests were throttled.
type throttledAction struct {
	name string
	*result.Action
}

func apiThrottling(o *outcome, f *Facts) (result.Finding, bool) {
	var rows []throttledAction
	throttled, attempts := 0, 0
	other := result.Tenants{}
	for _, name := range slices.Sorted(maps.Keys(o.API)) {
		a := o.API[name]
		attempts += a.Attempts
		other.Attempts += a.Other.Attempts
		other.Throttled += a.Other.Throttled
		if a.Throttled > 0 {
			rows = append(rows, throttledAction{name, a})
			throttled += a.Throttled
		}
	}
	if throttled == 0 {
		return result.Finding{}, false
	}
	slices.SortStableFunc(rows, func(a, b throttledAction) int { return cmp.Compare(b.Throttled, a.Throttled) })
	found := result.Finding{
		Mode: result.ModeAPIThrottling, PodsAffected: o.met(result.CauseThrottled),
		Summary: fmt.Sprintf("EC2 rejected %s of the fleet's %s for their rate: the account's token buckets were empty.",
			words.Count(throttled), words.Plural(attempts, "request")),
	}
	if f.injected[ec2model.CodeRequestLimitExceeded] {
		found.Summary = fmt.Sprintf("EC2 rejected %s of the fleet's %s for their rate.", words.Count(throttled), words.Plural(attempts, "request"))
		found.Evidence = append(found.Evidence, "A fault of the scenario answers RequestLimitExceeded, whatever the token buckets hold.")
	}
	found.Remedies = f.candidates(f.fewerCalls()...)
	for _, r := range rows[:min(3, len(rows))] {
		found.Evidence = append(found.Evidence, fmt.Sprintf("%s: %s of %s throttled (%s).",
			r.name, words.Count(r.Throttled), words.Plural(r.Attempts, "request"), words.Percent(r.Throttled, r.Attempts)))
	}
	if other.Attempts > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("Other tenants sent %s to the same buckets, %s of them throttled.", words.Plural(other.Attempts, "request"), words.Count(other.Throttled)))
	}
	found.Remedy = throttleRemedy(rows, f)
	for _, r := range rows {
		if code, n := r.forNothing(); n > 0 {
			found.Evidence = append(found.Evidence, fmt.Sprintf("Of the others of %s, EC2 answered %s with %s: %s again as long as there is none.", r.name, words.Count(n), code, r.asker()))
			found.Remedy = "Cure first what is asked for in vain, which is what most of these requests are: see the finding about the subnets. " + found.Remedy
			break
		}
	}
	return found, true
}

// forNothing is the code with which EC2 has refused most of an action's
// requests that it did not throttle, where that is a want of addresses.
func (a throttledAction) forNothing() (code string, n int) {
	for _, code := range []string{ec2model.CodeInsufficientCidrBlocks, ec2model.CodeInsufficientFreeAddresses} {
		if n := a.Errors[code]; 2*n > a.Attempts-a.Throttled {
			return code, n
		}
	}
	return "", 0
}

// launches are the actions by which instances come and go: their buckets have
// nothing to do with interfaces.
var launches = map[string]bool{
	ec2model.RunInstances.String(): true, ec2model.CreateFleet.String(): true, ec2model.TerminateInstances.String(): true,
}

// asker says who sends an action's requests.
func (a throttledAction) asker() string {
	if launches[a.name] {
		return "nodes are asked for"
	}
	return "ipamd asks"
}

// throttleRemedy is what helps where the actions of these rows were throttled.
func throttleRemedy(rows []throttledAction, f *Facts) string {
	var ofLaunches, ofInterfaces bool
	for _, r := range rows {
		ofLaunches = ofLaunches || launches[r.name]
		ofInterfaces = ofInterfaces || !launches[r.name]
	}
	fewer := "prefix delegation; a MINIMUM_IP_TARGET that fits the first interface"
	if f.prefixes {
		fewer = "a WARM_PREFIX_TARGET that the first interface meets"
	}
	var ways []string
	if ofInterfaces {
		ways = append(ways, "Spread the scale-out or the roll-out over time, need fewer calls per node ("+fewer+"), move other tenants' calls to another account, or ask AWS for larger buckets ahead of the event. Raising WARM_IP_TARGET adds calls.")
	}
	if ofLaunches {
		ways = append(ways, "Launches have buckets of their own, of requests and of instances: start fewer and larger nodes, or over more time, or ask AWS for larger ones ahead of the event. No setting of the VPC CNI changes that.")
	}
	return strings.Join(ways, " ")
}

// quota is about the limits of the account and the VPC that AWS raises on
// request.
func quota(o *outcome, f *Facts) (result.Finding, bool) {
	interfaces, usage := o.Errors(ec2model.CodeNetworkInterfaceLimitExceeded), o.Errors(ec2model.CodeNetworkAddressUsageExceeded)
	if interfaces+usage == 0 {
		return result.Finding{}, false
	}
	found := result.Finding{Mode: result.ModeQuota, PodsAffected: o.met(result.CauseAPIError) + withoutNode(o)}
	saving := "smaller warm pools, or fewer and larger nodes"
	if !f.prefixes {
		saving = "prefix delegation, where 16 addresses count once and need fewer interfaces, " + saving
	}
	named := fmt.Sprintf("network interfaces per Region (%s, L-DF5E4CA3)", words.Count(f.quotas.NetworkInterfaces))
	if usage > 0 {
		found.Evidence = append(found.Evidence, f.answered(ec2model.CodeNetworkAddressUsageExceeded, usage))
		if interfaces == 0 {
			named = fmt.Sprintf("Network Address Usage of the VPC (%s)", words.Count(f.quotas.NAU))
		} else {
			named += fmt.Sprintf(" and Network Address Usage of the VPC (%s)", words.Count(f.quotas.NAU))
		}
	}
	if interfaces > 0 {
		found.Evidence = append(found.Evidence, f.answered(ec2model.CodeNetworkInterfaceLimitExceeded, interfaces), fmt.Sprintf("The account had %s at the peak.", words.Plural(o.Interfaces.Peak, "interface")))
	}
	found.Summary = "The fleet reached a quota: " + named + "."
	found.Evidence = append(found.Evidence, notStarted(o)...)
	found.Remedy = "Ask AWS to raise the quota ahead of the event, or need less of it: " + saving + "."
	var list []environment
	if f.canPrefix && !f.prefixes {
		list = append(list, environment{"ENABLE_PREFIX_DELEGATION": "true"})
	}
	found.Remedies = f.candidates(append(list, f.smallerPools(o.Outcome, o.Nodes.AssignedP90)...)...)
	return found, true
}

// ordinary are codes that other findings speak of, or that a healthy fleet
// meets in passing: what is being detached, or went with its node.
var ordinary = map[string]bool{
	ec2model.CodeRequestLimitExceeded:          true,
	ec2model.CodeInsufficientFreeAddresses:     true,
	ec2model.CodeInsufficientCidrBlocks:        true,
	ec2model.CodeNetworkInterfaceLimitExceeded: true,
	ec2model.CodeNetworkAddressUsageExceeded:   true,
	ec2model.CodeNetworkInterfaceInUse:         true,
	ec2model.CodeNetworkInterfaceNotFound:      true,
	ec2model.CodeAttachmentNotFound:            true,
	ec2model.CodeInstanceNotFound:              true,
}

// inPassing says the same of InvalidParameterValue: EC2's answer to deleting
// an interface that is not detached yet, and to creating one with prefixes
// where no block is free.
func inPassing(action, code string, f *Facts) bool {
	return code == ec2model.CodeInvalidParameterValue && !f.injected[code] &&
		(action == ec2model.DeleteNetworkInterface.String() || action == ec2model.CreateNetworkInterface.String() && f.prefixes)
}

func apiErrors(o *outcome, f *Facts) (result.Finding, bool) {
	codes := map[string]int{}
	failed, attempts := 0, 0
	// any order: integers are summed up
	for name, a := range o.API {
		attempts += a.Attempts
		// any order: likewise
		for code, n := range a.Errors {
			if !ordinary[code] && !inPassing(name, code, f) {
				codes[code] += n
				failed += n
			}
		}
	}
	causes, affected := o.Pods.FailedAddCauses[result.CauseAPIError], o.met(result.CauseAPIError)
	if o.Errors(ec2model.CodeNetworkInterfaceLimitExceeded)+o.Errors(ec2model.CodeNetworkAddressUsageExceeded) > 0 {
		causes, affected = 0, 0 // ADDs that fail for a quota have the same cause
	}
	kept := causes > 0 && (o.Pods.NeverStarted > o.Pods.NotCreated || common(o, affected))
	if failed == 0 || !kept && 100*failed < attempts {
		return result.Finding{}, false
	}
	found := result.Finding{
		Mode: result.ModeAPIErrors, PodsAffected: affected,
		Summary: fmt.Sprintf("%s of the fleet's %s failed for reasons other than their rate or a want of addresses.", words.Count(failed), words.Plural(attempts, "request")),
		Remedy:  "Look the code up in EC2's list of errors: it is a permission, a limit, or a disturbance of EC2 itself. No warm-pool setting changes it.",
	}
	for i, code := range mostFirst(codes) {
		if i == 3 {
			found.Evidence = append(found.Evidence, fmt.Sprintf("%s besides.", words.Plural(len(codes)-i, "other code")))
			break
		}
		found.Evidence = append(found.Evidence, f.answered(code, codes[code]))
	}
	if causes > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("%s failed after such a call.", words.Plural(causes, "CNI ADD")))
	}
	found.Evidence = append(found.Evidence, notStarted(o)...)
	return found, true
}

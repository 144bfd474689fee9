package sim

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/scenarios"
	"ipamsim/sim/ipamd"
)

// The properties that hold whatever happens: random workloads on random
// nodes with random settings, while the API fails, others take addresses,
// nodes are killed and daemons crash.

func randomFleet(t *rapid.T) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: random}")
	p("seed: %d\nwarmUp: 1m\nduration: 3h", rapid.Uint64Range(1, 1<<40).Draw(t, "seed"))
	bits := rapid.IntRange(22, 26).Draw(t, "subnet size")
	p("vpc:\n  cidrs: [10.0.0.0/16]\n  subnets:")
	p("    - {name: a, cidr: 10.0.0.0/%d, az: a, used: [{count: %d}]}", bits, rapid.IntRange(0, 20).Draw(t, "used"))
	p("    - {name: b, cidr: 10.0.64.0/%d, az: b}", bits)
	cni := rapid.SampledFrom([]string{
		"WARM_ENI_TARGET: 1", "WARM_ENI_TARGET: 0", "WARM_IP_TARGET: 3", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 8",
		"ENABLE_PREFIX_DELEGATION: true", "ENABLE_PREFIX_DELEGATION: true, WARM_IP_TARGET: 5",
	}).Draw(t, "cni")
	instance := rapid.SampledFrom([]string{"t3.small", "m5.large", "c5.xlarge"}).Draw(t, "type")
	p("nodeGroups:")
	p("  - {name: janitor, instanceType: m5.large, count: 1, subnets: [b], labels: {role: janitor}}")
	p("  - {name: nodes, instanceType: %s, count: %d, cni: {%s}, labels: {role: work}, steps: [{at: 20m, count: %d}, {at: 50m, count: 0}]}",
		instance, rapid.IntRange(1, 4).Draw(t, "nodes"), cni, rapid.IntRange(0, 6).Draw(t, "later"))
	p("workloads:")
	p("  - {name: web, initial: %d, nodeSelector: {role: work}, replicas: [{at: 5m, count: %d}, {at: 15m, count: %d}, {at: 40m, count: 0}]}",
		rapid.IntRange(0, 30).Draw(t, "initial"), rapid.IntRange(0, 60).Draw(t, "up"), rapid.IntRange(0, 20).Draw(t, "down"))
	p("  - {name: jobs, kind: Job, nodeSelector: {role: work}, arrivals: {rate: %g, to: 40m}, lifetime: {min: 5s, max: %ds}}",
		rapid.Float64Range(0.01, 0.5).Draw(t, "rate"), rapid.IntRange(10, 200).Draw(t, "lifetime"))
	p("faults:")
	p("  - {kind: api-errors, code: %s, share: %g, at: 0s, for: 45m}",
		rapid.SampledFrom([]string{"RequestLimitExceeded", "InternalError", "UnauthorizedOperation"}).Draw(t, "code"), rapid.Float64Range(0, 0.4).Draw(t, "share"))
	p("  - {kind: subnet-occupy, subnet: a, at: 10m, count: %d}", rapid.IntRange(0, 60).Draw(t, "taken"))
	p("  - {kind: subnet-release, subnet: a, at: 30m}")
	for i := range rapid.IntRange(0, 3).Draw(t, "faults") {
		kind := rapid.SampledFrom([]string{"kill-nodes", "restart-ipamd", "cordon"}).Draw(t, fmt.Sprint("fault", i))
		lasts := ""
		if kind == "cordon" {
			lasts = ", for: 5m"
		}
		p("  - {kind: %s, group: nodes, share: %g, at: %ds%s}", kind,
			rapid.Float64Range(0, 1).Draw(t, fmt.Sprint("part", i)), rapid.IntRange(0, 2400).Draw(t, fmt.Sprint("when", i)), lasts)
	}
	return b.String()
}

func TestInvariantsHoldUnderAnyFaults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := randomFleet(t)
		f, err := scenarios.Load("random.yaml", []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		variants, err := f.Variants(scenarios.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w, err := newWorld(variants[0], 0, true)
		if err != nil {
			t.Fatal(err)
		}
		err = w.run(func(at time.Duration, _ uint64) error {
			if err := w.account.CheckBooks(); err != nil {
				return err
			}
			return w.oneOwner()
		})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := w.booksAgree(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := w.nothingLeaked(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}

// oneOwner: no two pods of the fleet have one address.
func (w *world) oneOwner() error {
	owner := map[netip.Addr]string{}
	for _, m := range w.machines {
		if m.ipamd == nil {
			continue
		}
		for _, a := range m.ipamd.Allocations() {
			if other, taken := owner[a.Address]; taken {
				return fmt.Errorf("%v belongs to %s and to %s on %s", a.Address, other, a.Pod, m.node.Name)
			}
			owner[a.Address] = a.Pod
		}
	}
	return nil
}

// booksAgree: after the faults and a reconcile, each daemon lists exactly
// what EC2 has on its instance's managed interfaces.
func (w *world) booksAgree() error {
	for _, m := range w.machines {
		if !m.agent.Serving() {
			return fmt.Errorf("%s: ipamd does not serve at the end", m.node.Name)
		}
		byENI := map[string]int{}
		m.ipamd.Holdings(func(e ipamd.ENIStats) { byENI[e.ID] = e.Total })
		instance, _ := w.account.Instance(m.node.Instance.ID)
		if len(instance.NetworkInterfaces) != len(byENI) {
			return fmt.Errorf("%s: %d interfaces in EC2, %d in ipamd's book", m.node.Name, len(instance.NetworkInterfaces), len(byENI))
		}
		for _, n := range instance.NetworkInterfaces {
			eni, _ := w.account.Interface(*n.NetworkInterfaceId)
			has := len(eni.PrivateIpAddresses) - 1 + 16*len(eni.Ipv4Prefixes)
			if byENI[*n.NetworkInterfaceId] != has {
				return fmt.Errorf("%s, %s: %d addresses in EC2, %d in ipamd's book", m.node.Name, *n.NetworkInterfaceId, has, byENI[*n.NetworkInterfaceId])
			}
		}
	}
	return nil
}

// nothingLeaked: two hours after the last worker has gone, the interfaces
// that are left are the janitor's, whose hourly job has deleted the others;
// and when it goes too, nothing is held.
func (w *world) nothingLeaked() error {
	for _, id := range w.account.InterfaceIDs() {
		if eni, _ := w.account.Interface(id); eni.Attachment == nil {
			return fmt.Errorf("%s has leaked (%s)", id, eni.Status)
		}
	}
	for _, id := range w.account.InstanceIDs() {
		if err := w.account.Terminate(id); err != nil {
			return err
		}
	}
	for _, s := range w.account.Subnets() {
		if s.Primaries+s.Secondary != 0 {
			return fmt.Errorf("subnet %s: %d addresses are held by nobody's interfaces", s.Name, s.Primaries+s.Secondary)
		}
	}
	if u := w.account.Usage(); u.NetworkInterfaces != 0 || u.Instances != 0 {
		return fmt.Errorf("left over: %+v", u)
	}
	return w.account.CheckBooks()
}

package fleet_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/sim/cluster"
)

// An Elastic Fabric Adapter carries pods and is never given back; one without an
// ENA device has no address and takes a place of its network card; interfaces on
// other cards are left alone and take none of the first one's.
func TestAdaptersKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	w := load(t, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: adapters}
warmUp: 2m
duration: 30m
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/22, az: a}]
nodeGroups:
  - name: one
    instanceType: m5.large
    labels: {own: one}
    cni: {WARM_IP_TARGET: 1}
    nodes: [{interfaces: [{addressCount: 1}, {kind: efa}, {kind: efa-only}]}]
  - name: cards
    instanceType: p4d.24xlarge
    labels: {own: cards}
    cni: {WARM_IP_TARGET: 30}
    nodes: [{interfaces: [{addressCount: 30}, {kind: efa-only, count: 14, card: 1}, {kind: efa, count: 15, card: 2}, {kind: other, card: 3}]}]
workloads:
  - {name: web, nodeSelector: {own: one}, replicas: [{at: 1m, count: 27}, {at: 10m, count: 0}]}
  - {name: far, nodeSelector: {own: cards}, replicas: [{at: 1m, count: 60}, {at: 10m, count: 0}]}
`)
	interfaces := func(group string) (list []types.NetworkInterfaceType, addresses int) {
		for _, m := range w.Machines {
			if m.Node.Group.Name != group {
				continue
			}
			for d := range w.Account.Devices(m.Node.Instance.ID) {
				eni, _ := w.Account.Interface(d.Interface)
				list = append(list, eni.InterfaceType)
				addresses += len(eni.PrivateIpAddresses)
			}
		}
		return list, addresses
	}
	check := func(at time.Duration, group string, running, attached, addresses int) {
		w.Kernel.At(w.WarmUp+at, func() {
			runs := 0
			for _, m := range w.Machines {
				for _, p := range m.Node.Pods() {
					if m.Node.Group.Name == group && p.State() == cluster.Running {
						runs++
					}
				}
			}
			list, held := interfaces(group)
			if runs != running || len(list) != attached || held != addresses {
				t.Errorf("%s at %v: %d pods run with %d addresses on %d interfaces; %d with %d on %d were expected", group, at, runs, held, len(list), running, addresses, attached)
			}
		})
	}
	check(9*time.Minute, "one", 18, 3, 2*10)
	check(9*time.Minute, "cards", 60, 2+14+15+1, 2+90+15+1)
	check(29*time.Minute, "one", 0, 3, 2+1)
	check(29*time.Minute, "cards", 0, 2+14+15+1, 2+30+15+1) // what is given back is given back by both
	if err := w.Run(background(), w.WarmUp+30*time.Minute, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Account.CheckBooks(); err != nil {
		t.Fatal(err)
	}
	if list, _ := interfaces("one"); !slices.Contains(list, types.NetworkInterfaceTypeEfa) || !slices.Contains(list, types.NetworkInterfaceTypeEfaOnly) {
		t.Errorf("of the adapters there is left %v", list)
	}
}

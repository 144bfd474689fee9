// Package controlplane holds what a cluster's control plane does by its
// configuration: how fast its controllers and its scheduler may ask the API
// server, by tier of EKS, and when the loss of a node is noticed.
package controlplane

import (
	"slices"

	"ipamsim/internal/source"
)

// Rate is how many requests a client of the API server may send: a token
// bucket that fills evenly. The zero value is no limit.
type Rate struct {
	PerSecond float64
	Burst     int // tokens in a full bucket; at least 1
}

// Tier is a size of control plane.
type Tier struct {
	Name string
	// PodCreation is of each controller of kube-controller-manager that creates
	// and deletes pods. Each has a client, and a bucket, of its own.
	PodCreation Rate
	// Scheduling is of the scheduler's client, which sends the bindings.
	Scheduling Rate
}

// standard is the tier that every cluster has unless it pays for another.
const standard = "standard"

// tiers are EKS's, and one that nobody has. AWS publishes the scheduler's rate
// of those that one pays for, and nothing else of the numbers here.
var tiers = []Tier{
	{standard, Rate{20, 30}, Rate{50, 100}},
	provisioned("xl", 167),
	provisioned("2xl", 283),
	provisioned("4xl", 400),
	{Name: "unlimited"},
}

// provisioned is a tier of which the scheduler's rate is known. That the
// controllers have the same and that bursts are to rates as upstream has them
// is our assumption.
func provisioned(name string, rate int) Tier {
	return Tier{name, Rate{float64(rate), rate * 3 / 2}, Rate{float64(rate), rate * 2}}
}

// TierNamed is the tier of that name; ok is false without one.
func TierNamed(name string) (t Tier, ok bool) {
	i := slices.IndexFunc(tiers, func(t Tier) bool { return t.Name == name })
	if i < 0 {
		return Tier{}, false
	}
	return tiers[i], true
}

// ProvisionedTiers are the names of those that one pays for, the smallest first.
func ProvisionedTiers() (names []string) {
	for _, t := range tiers {
		if t.Name != standard && t.PodCreation != (Rate{}) {
			names = append(names, t.Name)
		}
	}
	return names
}

const (
	kubernetes = "https://github.com/kubernetes/kubernetes/blob/v1.37.2/"
	eksTiers   = "https://docs.aws.amazon.com/eks/latest/userguide/eks-provisioned-control-plane.html"
	eksDefault = "https://docs.aws.amazon.com/eks/latest/userguide/control-plane-configuration.html says that EKS runs upstream's defaults"
)

// Constants are the package's numbers with their sources.
func Constants() []source.Constant {
	list := nodeConstants()
	for _, t := range tiers {
		if t.Scheduling == (Rate{}) {
			continue // no limit is no number
		}
		name := "tier." + t.Name + "."
		if t.Name == standard {
			list = append(list,
				source.Number(name+"podCreation.rate", t.PodCreation.PerSecond, "requests/s", source.FromCode, "ClientConnection.QPS, for each controller: "+kubernetes+"pkg/controller/apis/config/v1alpha1/defaults.go; "+eksDefault),
				source.Number(name+"podCreation.burst", t.PodCreation.Burst, "requests", source.FromCode, "ClientConnection.Burst: "+kubernetes+"pkg/controller/apis/config/v1alpha1/defaults.go"),
				source.Number(name+"scheduling.rate", t.Scheduling.PerSecond, "pods/s", source.FromCode, "ClientConnection.QPS; one request binds a pod: "+kubernetes+"pkg/scheduler/apis/config/v1/defaults.go; "+eksDefault),
				source.Number(name+"scheduling.burst", t.Scheduling.Burst, "pods", source.FromCode, "ClientConnection.Burst: "+kubernetes+"pkg/scheduler/apis/config/v1/defaults.go"),
			)
			continue
		}
		list = append(list,
			source.Number(name+"podCreation.rate", t.PodCreation.PerSecond, "requests/s", source.Assumption, "AWS does not publish it: as the scheduler's, so that neither holds the other up"),
			source.Number(name+"podCreation.burst", t.PodCreation.Burst, "requests", source.Assumption, "AWS does not publish it: one and a half times the rate, as upstream has it"),
			source.Number(name+"scheduling.rate", t.Scheduling.PerSecond, "pods/s", source.FromDocs, "the pod scheduling rate of tier-"+t.Name+" from Kubernetes 1.30 on, which is the scheduler's QPS: "+eksTiers),
			source.Number(name+"scheduling.burst", t.Scheduling.Burst, "pods", source.Assumption, "AWS does not publish it: twice the rate, as upstream has it"),
		)
	}
	return list
}

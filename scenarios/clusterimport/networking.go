package clusterimport

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/internal/portable"
	"ipamsim/internal/words"
)

// custom says whether custom networking is on.
func (w *world) custom() bool {
	return truth(w.env()["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"])
}

func truth(s string) bool { return slices.Contains([]string{"1", "t", "T", "true", "TRUE", "True"}, s) }

// env is the environment of aws-node in the files.
func (w *world) env() map[string]string {
	switch {
	case w.settings != nil:
		return w.settings.env
	case w.addOn != nil:
		return w.addOn.env
	}
	return nil
}

// usualConfig is what names a node's ENIConfig unless variables say otherwise:
// pkg/eniconfig/eniconfig.go of amazon-vpc-cni-k8s.
const usualConfig = "k8s.amazonaws.com/eniConfig"

// configOf is the name of a node's ENIConfig: that of its annotation, or label.
func (w *world) configOf(n *node) string {
	if !w.custom() {
		return ""
	}
	env := w.env()
	if v := n.Metadata.Annotations[cmp.Or(env["ENI_CONFIG_ANNOTATION_DEF"], usualConfig)]; v != "" {
		return v
	}
	return cmp.Or(n.Metadata.Labels[cmp.Or(env["ENI_CONFIG_LABEL_DEF"], usualConfig)], "default")
}

// configure finds the subnet for the pods of a node's zone.
func (w *world) configure(g *group, m *machine) {
	zone := m.place.az
	if c := w.eniConfigs.get(g.config); c != nil {
		p := w.byID[c.Spec.Subnet]
		switch before := g.configs[zone]; {
		case p == nil:
			w.problem("the ENIConfig %s names %s, which is not among the subnets: give what `aws ec2 describe-subnets --output json` prints, of the whole VPC", words.Printable(g.config), words.Printable(c.Spec.Subnet))
		case before == "":
			g.configs[zone] = p.name
		}
		return
	}
	if g.configs[zone] != "" {
		return
	}
	for _, i := range m.interfaces[1:] {
		if p := w.byID[*i.SubnetId]; p != m.place && !i.trunk() {
			g.configs[zone] = p.name
			w.assume("custom networking: no file has the ENIConfig %s (kubectl get eniconfigs -o json); in %s pods are in %s, as the interfaces are", words.Printable(g.config), zone, p.id)
			return
		}
	}
}

// mayGrow says whether a group's pool makes nodes in a subnet, as its EC2NodeClass,
// its managed group or its Auto Scaling group says.
func (w *world) mayGrow(g *group, p *place) bool {
	if pool := w.pools.get(g.pool); pool != nil && strings.HasPrefix(g.label, "karpenter.sh/") {
		if c := w.classes.get(pool.Spec.Template.Spec.NodeClassRef.Name); c != nil {
			return c.selects(w.subnets.get(p.id))
		}
	}
	if n := w.nodegroups.get(g.pool); n != nil && slices.Contains(n.Subnets, p.id) {
		return true
	}
	for _, a := range w.scaling.list {
		if a.of(g.pool) && slices.Contains(strings.Split(a.VPCZoneIdentifier, ","), p.id) {
			return true
		}
	}
	return false
}

// of says whether an Auto Scaling group is that of a pool.
func (a *scalingGroup) of(pool string) bool {
	return pool != "" && (tagOf(a.Tags, "eks:nodegroup-name") == pool || tagOf(a.Tags, "alpha.eksctl.io/nodegroup-name") == pool)
}

// selects says whether one of an EC2NodeClass's terms selects a subnet: by its ID,
// or by tags, of which * is any value.
func (c *nodeClass) selects(s *subnet) bool {
	return slices.ContainsFunc(c.Spec.SubnetSelectorTerms, func(t subnetTerm) bool {
		if t.ID != "" {
			return t.ID == *s.SubnetId
		}
		for k, v := range t.Tags { // any order: all have to
			i := slices.IndexFunc(s.Tags, func(tag types.Tag) bool { return text(tag.Key) == k })
			if i < 0 || v != "*" && text(s.Tags[i].Value) != v {
				return false
			}
		}
		return len(t.Tags) > 0
	})
}

// bound finds how many nodes a group's pool may have.
func (w *world) bound(g *group) {
	switch g.label {
	case "eks.amazonaws.com/nodegroup", "alpha.eksctl.io/nodegroup-name":
		w.boundOfScaling(g)
	case "karpenter.sh/nodepool":
		if n, limited := w.boundOfPool(g); limited {
			g.most = max(n, len(g.machines)) // beyond its limits a pool keeps what it has
		}
	}
	if g.most > 0 && slices.ContainsFunc(w.groups, func(o *group) bool { return o != g && o.pool == g.pool }) {
		w.say("%s may have %s in all: not carried, since it is several groups", words.Printable(g.pool), words.Plural(g.most, "node"))
		g.most = 0
	}
	if g.most < len(g.machines) {
		g.most = 0
	}
}

// vmMemory is the share of an instance type's memory that Karpenter reckons with:
// without vmMemoryOverheadPercent, 0.075 unless it is told otherwise.
// https://karpenter.sh/docs/reference/settings/
const vmMemory = 1 - 0.075

// boundOfPool is how many nodes of a group's type the limits of its NodePool allow,
// if there are any. Karpenter launches a type if what the pool's nodes
// have and what that one has are within the limits: capacities, not what is
// allocatable (filterByRemainingResources in
// pkg/controllers/provisioning/scheduling/scheduler.go of sigs.k8s.io/karpenter).
func (w *world) boundOfPool(g *group) (nodes int, limited bool) {
	pool := w.pools.get(g.pool)
	if pool == nil {
		return 0, false
	}
	nodes = mostNodes
	l, _ := w.types.Limits(g.instanceType)
	for _, limit := range []struct {
		name string
		of   float64 // a node's, in the limit's unit
	}{{"cpu", float64(l.VCPU)}, {"memory", float64(l.MemoryMiB<<20) * vmMemory}, {"nodes", 1}} {
		q, given := pool.Spec.Limits[limit.name]
		if !given {
			continue
		}
		n, err := q.thousandths()
		switch {
		case err != nil:
			w.problem("the limit of %s of the NodePool %s: %v", limit.name, words.Printable(pool.Metadata.Name), err)
			return 0, false
		case limit.of == 0:
			w.say("the limit of %s of the NodePool %s is not carried: what a %s has is not known", limit.name, words.Printable(pool.Metadata.Name), words.Printable(g.instanceType))
			continue
		}
		nodes, limited = min(nodes, portable.Int(math.Floor(float64(n)/1000/limit.of))), true
	}
	return nodes, limited
}

// mostNodes is how many a group of a scenario may have.
const mostNodes = 200_000

// boundOfScaling takes it from an EKS node group, or from its Auto Scaling group.
func (w *world) boundOfScaling(g *group) {
	if n := w.nodegroups.get(g.pool); n != nil {
		g.most = n.ScalingConfig.MaxSize
	}
	for _, a := range w.scaling.list {
		if a.of(g.pool) {
			g.most = max(g.most, a.MaxSize)
		}
	}
}

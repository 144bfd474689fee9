package clusterimport

import (
	"cmp"
	"slices"

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

// bound finds how many nodes a group's pool may have.
func (w *world) bound(g *group) {
	if g.label != "eks.amazonaws.com/nodegroup" && g.label != "alpha.eksctl.io/nodegroup-name" {
		return
	}
	if n := w.nodegroups.get(g.pool); n != nil {
		g.most = n.ScalingConfig.MaxSize
	}
	for _, a := range w.scaling.list {
		if tagOf(a.Tags, "eks:nodegroup-name") == g.pool || tagOf(a.Tags, "alpha.eksctl.io/nodegroup-name") == g.pool {
			g.most = max(g.most, a.MaxSize)
		}
	}
	alone := !slices.ContainsFunc(w.groups, func(o *group) bool { return o != g && o.pool == g.pool })
	if g.most > 0 && !alone {
		w.say("%s may have %d nodes in all: not carried, since it is several groups", words.Printable(g.pool), g.most)
		g.most = 0
	}
	if g.most < len(g.machines) {
		g.most = 0
	}
}

package clusterimport

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
)

// hasher makes names that say nothing, the same for the same name. Its key is of
// all that was handed in: who has not got that cannot try names.
type hasher struct{ key []byte }

// public names are no secrets, and what they name is told by them.
var public = map[string]bool{
	"": true, "default": true, "kube-system": true, "karpenter": true, "aws-node": true, "kube-proxy": true, "coredns": true, "cluster-autoscaler": true,
	"eks-pod-identity-agent": true, "ebs-csi-node": true, "efs-csi-node": true,
}

func (h hasher) name(what, name string) string {
	if public[name] {
		return name
	}
	mac := hmac.New(sha256.New, h.key)
	mac.Write([]byte(what + "\x00" + name))
	return what + "-" + hex.EncodeToString(mac.Sum(nil)[:6])
}

// publicDomains of labels, whose keys are Kubernetes', Karpenter's and AWS's.
var publicDomains = []string{"kubernetes.io", "k8s.io", "karpenter.sh", "amazonaws.com", "eksctl.io", "k8s.aws"}

func (h hasher) labelKey(key string) string {
	domain, _, _ := strings.Cut(key, "/")
	for _, d := range publicDomains {
		if domain == d || strings.HasSuffix(domain, "."+d) {
			return key
		}
	}
	return h.name("label", key)
}

// publicValues are labels whose values name no person's things.
var publicValues = map[string]bool{
	"node.kubernetes.io/instance-type": true, "beta.kubernetes.io/instance-type": true, "kubernetes.io/os": true, "beta.kubernetes.io/os": true,
	"kubernetes.io/arch": true, "beta.kubernetes.io/arch": true, "karpenter.sh/capacity-type": true, "eks.amazonaws.com/capacityType": true,
	"topology.kubernetes.io/zone": true, "failure-domain.beta.kubernetes.io/zone": true, "topology.kubernetes.io/region": true, computeType: true,
}

func (h hasher) labels(m map[string]string) map[string]string {
	hashed := make(map[string]string, len(m))
	for k, v := range m { // any order: a map is filled
		if !publicValues[k] {
			v = h.value(k, v)
		}
		hashed[h.labelKey(k)] = v
	}
	return hashed
}

// zone is how AWS calls its Availability Zones and Local Zones.
var zone = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d(-[a-z]{3}-\d)?[a-z]$`)

// few are numbers that name nobody, and that rules of affinity compare.
var few = regexp.MustCompile(`^-?\d{1,6}$`)

// value hashes the value of a label. A group's is a group's name; zones stay, which
// name ENIConfigs, too.
func (h hasher) value(key, v string) string {
	switch {
	case zone.MatchString(v), few.MatchString(v):
		return v
	case slices.Contains(groupLabels, key):
		return h.name("group", v)
	}
	return h.name("value", v)
}

func (h hasher) metadata(m *metadata, what string) {
	m.Name, m.Namespace = h.name(what, m.Name), h.name("namespace", m.Namespace)
	for i := range m.OwnerReferences {
		m.OwnerReferences[i].Name = h.name("owner", m.OwnerReferences[i].Name)
	}
}

// anonymise hashes the names of nodes, workloads, namespaces, groups, labels,
// subnets and instances. Addresses, zones and types stay: the plan is about them.
func (c *collection) anonymise(key []byte) {
	h := hasher{key}
	for _, n := range c.nodes.list {
		n.Metadata.Name = h.name("node", n.Metadata.Name)
		n.Metadata.Labels = h.labels(n.Metadata.Labels)
		for k, v := range n.Metadata.Annotations { // any order: each turn changes its own entry
			n.Metadata.Annotations[k] = h.value(k, v)
		}
		for i := range n.Spec.Taints {
			t := &n.Spec.Taints[i]
			t.Key = h.labelKey(t.Key)
			if t.Value != "" {
				t.Value = h.name("value", t.Value)
			}
		}
		if id := instanceOf(n); id != "" {
			n.Spec.ProviderID = "aws:///" + h.name("i", id)
		}
	}
	h.keepers(c)
	h.groups(c)
	h.aws(c)
	for _, s := range []*settings{c.settings, c.addOn} {
		if s != nil {
			delete(s.env, "ADDITIONAL_ENI_TAGS")
			delete(s.env, "CLUSTER_NAME")
			s.unknown = nil
		}
	}
}

// keepers hashes pods, and who keeps them.
func (h hasher) keepers(c *collection) {
	for _, p := range c.pods.list {
		h.pod(p)
	}
	for _, t := range []*table[controller]{&c.daemons, &c.deployments, &c.jobs} {
		for _, d := range t.list {
			h.metadata(&d.Metadata, "owner")
			h.placement(&d.Spec.Template.Spec)
		}
	}
	c.jobs.rekey(func(d *controller) string { return d.kind + " " + d.Metadata.Namespace + "/" + d.Metadata.Name })
	for _, s := range c.scalers.list {
		h.metadata(&s.Metadata, "owner")
		s.Spec.ScaleTargetRef.Name = h.name("owner", s.Spec.ScaleTargetRef.Name)
	}
	for _, b := range c.budgets.list {
		h.metadata(&b.Metadata, "owner")
	}
	for _, r := range c.recordings {
		r.namespace, r.name = h.name("namespace", r.namespace), h.name("owner", r.name)
	}
	for _, s := range c.cronJobs.list {
		h.metadata(&s.Metadata, "owner")
		h.placement(&s.Spec.JobTemplate.Spec.Template.Spec)
	}
}

// groups hashes groups of nodes, and where nodes and their interfaces are made.
func (h hasher) groups(c *collection) {
	for _, e := range c.eniConfigs.list {
		e.Metadata.Name, e.Spec.Subnet = h.value("", e.Metadata.Name), h.name("subnet", e.Spec.Subnet)
	}
	c.eniConfigs.rekey(func(e *eniConfig) string { return e.Metadata.Name })
	for _, p := range c.pools.list {
		h.metadata(&p.Metadata, "group")
	}
	c.pools.rekey(func(p *nodePool) string { return p.Metadata.Name })
	for _, x := range c.classes.list {
		for i, t := range x.Spec.SubnetSelectorTerms {
			if t.ID != "" {
				x.Spec.SubnetSelectorTerms[i].ID = h.name("subnet", t.ID)
			}
		}
	}
	for _, n := range c.nodegroups.list {
		for i := range n.Subnets {
			n.Subnets[i] = h.name("subnet", n.Subnets[i])
		}
		n.NodegroupName = h.name("group", n.NodegroupName)
	}
	c.nodegroups.rekey(func(n *nodegroup) string { return n.NodegroupName })
	for _, a := range c.scaling.list {
		ids := strings.Split(a.VPCZoneIdentifier, ",")
		for i := range ids {
			ids[i] = h.name("subnet", ids[i])
		}
		a.VPCZoneIdentifier = strings.Join(ids, ",")
		for i := range a.Tags {
			if v := text(a.Tags[i].Value); v != "" {
				hashed := h.name("group", v)
				a.Tags[i].Value = &hashed
			}
		}
	}
}

// pod hashes the names in a pod. Its owner's are cut to those of what keeps the
// owner before, since a hash cannot be cut.
func (h hasher) pod(p *pod) {
	for i := range p.Metadata.OwnerReferences {
		o := &p.Metadata.OwnerReferences[i]
		switch o.Kind {
		case "ReplicaSet":
			if short := replicaHash.ReplaceAllString(o.Name, ""); short != o.Name {
				o.Kind, o.Name = "Deployment", short
			}
		case "Job":
			if short := timeHash.ReplaceAllString(o.Name, ""); short != o.Name {
				o.Kind, o.Name = "CronJob", short
			}
		}
		o.Name = h.name("owner", o.Name)
	}
	p.Metadata.Name, p.Metadata.Namespace = h.name("pod", p.Metadata.Name), h.name("namespace", p.Metadata.Namespace)
	if p.Spec.NodeName != "" {
		p.Spec.NodeName = h.name("node", p.Spec.NodeName)
	}
	h.placement(&p.Spec)
}

// placement hashes where pods may go, as the labels and taints of nodes are hashed.
func (h hasher) placement(s *podSpec) {
	s.NodeSelector = h.labels(s.NodeSelector)
	for i := range s.Tolerations {
		t := &s.Tolerations[i]
		if t.Key != "" {
			t.Key = h.labelKey(t.Key)
		}
		if t.Value != "" {
			t.Value = h.name("value", t.Value)
		}
	}
	if s.Affinity == nil {
		return
	}
	for _, term := range s.Affinity.NodeAffinity.Required.NodeSelectorTerms {
		for i := range term.MatchExpressions {
			e := &term.MatchExpressions[i]
			for k, v := range e.Values {
				if !publicValues[e.Key] {
					e.Values[k] = h.value(e.Key, v)
				}
			}
			e.Key = h.labelKey(e.Key)
		}
	}
}

// aws hashes IDs and names of what the AWS CLI prints.
func (h hasher) aws(c *collection) {
	hash := func(what string, s *string) *string {
		if s == nil {
			return nil
		}
		hashed := h.name(what, *s)
		return &hashed
	}
	for _, s := range c.subnets.list {
		s.SubnetId, s.VpcId = hash("subnet", s.SubnetId), hash("vpc", s.VpcId)
	}
	c.subnets.rekey(func(s *subnet) string { return *s.SubnetId })
	for _, i := range c.interfaces.list {
		i.SubnetId = hash("subnet", i.SubnetId)
		if i.Attachment != nil {
			i.Attachment.InstanceId = hash("i", i.Attachment.InstanceId)
		}
	}
	for _, i := range c.instances.list {
		i.InstanceId = hash("i", i.InstanceId)
	}
	c.instances.rekey(func(i *instance) string { return *i.InstanceId })
	for _, v := range c.vpcs.list {
		v.VpcId = hash("vpc", v.VpcId)
	}
	c.vpcs.rekey(func(v *vpc) string { return *v.VpcId })
	for _, r := range c.reservations.list {
		r.SubnetId = hash("subnet", r.SubnetId)
	}
}

// rekey finds things by other names than before.
func (t *table[T]) rekey(key func(*T) string) {
	t.byKey = map[string]int{}
	for i, x := range t.list {
		t.byKey[key(x)] = i
	}
}

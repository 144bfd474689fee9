package clusterimport

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/internal/words"
)

// NotModelled is what is in the files and not in the model. Its addresses count
// as held, and are said to be.
type NotModelled struct {
	Kind string `json:"kind"` // Fargate, Windows and so on
	Name string `json:"name"` // of the node
	Why  string `json:"why"`
}

// outside is why a node is not modelled, and what its addresses count as.
type outside struct{ kind, holder, why string }

// Labels and values that say what a node is.
// https://docs.aws.amazon.com/eks/latest/userguide/automode.html
// https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-overview.html
const computeType = "eks.amazonaws.com/compute-type"

func unmodelled(n *node) outside {
	labels := n.Metadata.Labels
	system := n.Status.NodeInfo.OperatingSystem
	if s := first(labels, "kubernetes.io/os", "beta.kubernetes.io/os"); s != "" {
		system = s
	}
	four, six := 0, 0
	for _, a := range n.Status.Addresses {
		if addr, err := netip.ParseAddr(a.Address); err == nil && a.Type == "InternalIP" {
			if addr.Is4() {
				four++
			} else {
				six++
			}
		}
	}
	switch {
	case labels[computeType] == "fargate":
		return outside{"Fargate", "fargate", "each pod has an interface of its own, outside the VPC CNI: one address"}
	case labels[computeType] == "auto":
		return outside{"EKS Auto Mode", "other", "its addresses are not ipamd's; since April 2026 lists of the EC2 API leave its interfaces out, and then they count as unknown"}
	case labels[computeType] == "hybrid":
		return outside{"hybrid node", "", "it is outside of AWS and has no address of the VPC"}
	case system == "windows":
		return outside{"Windows", "windows", "the VPC resource controller gives its pods addresses"}
	case six > 0 && four == 0:
		return outside{"IPv6", "other", "its pods have IPv6 addresses; its own IPv4 ones count"}
	}
	return outside{}
}

// leaveOut notes a node that is not modelled, and whose its interface is.
func (w *world) leaveOut(n *node, why outside, byAddress map[netip.Addr]*networkInterface) {
	w.not = append(w.not, NotModelled{why.kind, n.Metadata.Name, why.why})
	if w.outsiders == nil {
		w.outsiders, w.outsideAddress = map[string]string{}, map[string]string{}
	}
	if why.holder == "" {
		return
	}
	if id := instanceOf(n); id != "" {
		w.outsiders[id] = why.holder
	}
	for _, a := range n.Status.Addresses {
		if addr, err := netip.ParseAddr(a.Address); err == nil && byAddress[addr] != nil {
			w.outsideAddress[*byAddress[addr].NetworkInterfaceId] = why.holder
		}
	}
}

// described are holders by how the description of an interface begins. AWS's
// services write them; the SDK's InterfaceType says less, and old interfaces have
// none.
var described = []struct {
	begin  *regexp.Regexp
	holder string
}{
	{regexp.MustCompile(`^Amazon EKS `), "control-plane"},
	{regexp.MustCompile(`^ELB `), "load-balancer"},
	{regexp.MustCompile(`^AWS Lambda VPC ENI`), "lambda"},
	{regexp.MustCompile(`^VPC Endpoint Interface`), "vpc-endpoint"},
	{regexp.MustCompile(`^Interface for NAT Gateway`), "nat"},
	{regexp.MustCompile(`^(RDSNetworkInterface|RDS |ElastiCache|ES |DAX |DMSNetworkInterface|RedshiftNetworkInterface|DocDB|OpenSearch)`), "database"},
	{regexp.MustCompile(`^(EFS mount target|Created By Amazon FSx|Amazon FSx)`), "file-system"},
}

// byType are holders by InterfaceType, in the SDK's words and in those that the
// API answers.
var byType = map[types.NetworkInterfaceType]string{
	types.NetworkInterfaceTypeNatGateway: "nat", "nat_gateway": "nat",
	types.NetworkInterfaceTypeLoadBalancer: "load-balancer", types.NetworkInterfaceTypeNetworkLoadBalancer: "load-balancer", types.NetworkInterfaceTypeGatewayLoadBalancer: "load-balancer",
	types.NetworkInterfaceTypeVpcEndpoint: "vpc-endpoint", types.NetworkInterfaceTypeGatewayLoadBalancerEndpoint: "vpc-endpoint",
	types.NetworkInterfaceTypeLambda: "lambda",
}

// byRequester are holders by the service that has asked for the interface.
var byRequester = map[string]string{
	"amazon-elb": "load-balancer", "amazon-rds": "database", "amazon-elasticache": "database", "amazon-redshift": "database", "amazon-es": "database",
	"amazon-efs": "file-system", "amazon-eks": "control-plane",
}

const (
	tagInstance  = "node.k8s.amazonaws.com/instance_id"
	tagCluster   = "cluster.k8s.amazonaws.com/name"
	tagOwner     = "eks:eni:owner"
	tagEKS       = "eks:cluster-name"
	ownedCluster = "kubernetes.io/cluster/"
	cniBegins    = "aws-K8S-" // the VPC CNI's descriptions: aws-K8S-i-…
)

// holder says who has an interface that is on no node of the cluster: by its
// tags, then its description, its type, and who has asked for it.
func (w *world) holder(i *networkInterface) string {
	if h := w.outsideAddress[*i.NetworkInterfaceId]; h != "" {
		return h
	}
	if h := w.outsiders[i.instanceID()]; h != "" {
		return h
	}
	available := i.Status == types.NetworkInterfaceStatusAvailable
	ofCNI := strings.HasPrefix(i.description(), cniBegins) || i.tag(tagInstance) != ""
	switch other := w.otherCluster(i); {
	case ofCNI && available:
		return "leaked"
	case other:
		return "other-cluster"
	case i.branch():
		return "branch"
	}
	for _, d := range described {
		if d.begin.MatchString(i.description()) {
			return d.holder
		}
	}
	if h := byType[i.InterfaceType]; h != "" {
		return h
	}
	if h := byRequester[text(i.RequesterId)]; h != "" {
		return h
	}
	if id := i.instanceID(); ofCNI && id != "" && !w.saidOf[id] {
		w.saidOf[id] = true
		w.say("the instance %s has interfaces of the VPC CNI and is no node of the file: they count as other", words.Printable(id))
	}
	return "other"
}

// otherCluster says whether an interface, or the instance that it is on, is
// tagged as another cluster's.
func (w *world) otherCluster(i *networkInterface) bool {
	tags := i.TagSet
	if x := w.instances.get(i.instanceID()); x != nil {
		tags = append(tags[:len(tags):len(tags)], x.Tags...)
	}
	found := false
	for _, name := range clusterNames(tags) {
		if name == w.cluster {
			return false
		}
		found = true
	}
	if name, ok := strings.CutPrefix(i.description(), "Amazon EKS "); ok && w.cluster != "" {
		return name != w.cluster
	}
	return found && w.cluster != ""
}

// clusterNames are those that tags name.
func clusterNames(tags []types.Tag) (names []string) {
	for _, t := range tags {
		key, value := text(t.Key), text(t.Value)
		if key == tagCluster || key == tagEKS {
			names = append(names, value)
		} else if name, ok := strings.CutPrefix(key, ownedCluster); ok && value == "owned" {
			names = append(names, name)
		}
	}
	return names
}

// nameCluster finds the name of the cluster on its nodes' interfaces and
// instances, the one that most have.
func (w *world) nameCluster() {
	w.saidOf = map[string]bool{}
	if w.settings != nil && w.settings.env["CLUSTER_NAME"] != "" {
		w.cluster = w.settings.env["CLUSTER_NAME"]
		return
	}
	count := map[string]int{}
	for _, m := range w.machines {
		var tags []types.Tag
		for _, i := range m.interfaces {
			tags = append(tags, i.TagSet...)
		}
		if x := w.instances.get(m.instance); x != nil {
			tags = append(tags, x.Tags...)
		}
		seen := map[string]bool{}
		for _, name := range clusterNames(tags) {
			if !seen[name] {
				seen[name] = true
				if count[name]++; count[name] > count[w.cluster] || count[name] == count[w.cluster] && name < w.cluster {
					w.cluster = name
				}
			}
		}
	}
}

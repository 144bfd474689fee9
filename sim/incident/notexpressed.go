package incident

// Left is a public report that no scenario is made after.
type Left struct {
	What   string `json:"what"`
	Source string `json:"source"`
	Why    string `json:"why"` // there is none
}

// Where reports are.
const (
	cni        = "https://github.com/aws/amazon-vpc-cni-k8s/issues/"
	controller = "https://github.com/aws/amazon-vpc-resource-controller-k8s/issues/"
	cilium     = "https://github.com/cilium/cilium/issues/"
)

// Why several are left out.
const (
	branches = "security groups for pods, trunk and branch interfaces, are not modelled"
	noCilium = "Cilium's allocation is not modelled"
)

// notExpressed are reports with numbers that the language cannot say, or the
// model does not have.
var notExpressed = []Left{
	{"The first warm-up of v1.5.0 is 62 s late: ipamd waits 12 times 5 s for pods without an address", cni + "525",
		"the recovery of v1.5 and v1.6, which asks for pods, is left out of the profiles of old releases"},
	{"t3.medium: Ready after 80 to 90 s, pods in ContainerCreating for 3 min more", "https://github.com/aws/karpenter-provider-aws/issues/1639",
		"the settings are not reported, and with the default ones the release has no such wait; with a target above 5 it would be wait-175-1872 again"},
	{"More than five changes of interfaces at a time are throttled", "https://github.com/aws/aws-sdk-go/issues/3374",
		"it is Terraform that asks: of callers besides the fleet there are requests, and no metric of their answers"},
	{"v1.5.3 to v1.5.5: 3 of 8 pods have their rule after a restart", cni + "705", "a fault of that release's plugin; the plugin is that of v1.23.1 in all profiles"},
	{"The detach of an interface and its deletion are 2 to 3 s apart", cni + "608", "no metric has the time between two calls; inspect and the trace show it"},
	{"Addresses are used again after 30 s, and conntrack keeps connections for 120 s", cni + "3634", "no metric has the time between two uses of an address"},
	{"25 nodes come to the account's quota of interfaces, by leaked ones", cni + "123", "neither the quota of 2018 nor how many others there were is reported"},
	{"12 m5.large with about 500 pods fail in bursts", cni + "2804", "the numbers contradict each other: 42 pods a node, where the type takes 29"},
	{"A VPC of /20 is used up by about 1,200 pods", "https://readmedium.com/kubernetes-cluster-running-out-of-ip-addresses-on-aws-eks-c7b8e5dd8606", "what the subnets and nodes are is in pictures only"},
	{"Four nodes alone in a VPC find no block for a prefix", cni + "2045", "the size of the subnet is not reported"},
	{"130 nodes with almost 2,000 containers stuck, none with fewer than 30 nodes", cni + "59", "how many pods came, and in which time, is not reported, and the number of those that wait is just that"},
	{"The table of limits says more interfaces than EC2 lets a d3en.12xlarge have", cni + "2309", "ipamd and EC2 share one table here"},
	{"170 pods with security groups of their own wait 1 to 3 min for their interfaces", controller + "124", branches},
	{"2,000 pods with security groups and four workers", controller + "295", branches},
	{"Pods with security groups that are bound before their node is Ready wait 30 min", controller + "99", branches},
	{"About 2,500 interfaces in four days on five nodes", cilium + "15877", noCilium},
	{"An interface of t3.medium is made with one address too many", cilium + "9730", noCilium},
	{"A /16 of pods is 256 nodes", "https://deploy.live/blog/when-gke-ran-out-of-ip-addresses/", "it is another cloud"},
	{"450 requests of Calico's allocator take more than 90 s", "https://github.com/projectcalico/libcalico-go/issues/1236", "it is another allocator"},
}

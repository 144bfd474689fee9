package hostnet

import "fmt"

// Constant is one number of the host's network and where it comes from.
type Constant struct {
	Name   string // dotted
	Value  string
	Unit   string // empty for pure numbers
	Kind   string // code or documented
	Source string
}

// Constants are the priorities of the rules and the numbers of the tables.
func Constants() []Constant {
	const (
		cni    = "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/networkutils/network.go"
		driver = "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/cmd/routed-eni-cni-plugin/driver/driver.go"
		kernel = "the kernel's own rules, https://man7.org/linux/man-pages/man8/ip-rule.8.html"
	)
	row := func(name string, value int, kind, source string) Constant {
		return Constant{Name: name, Value: fmt.Sprint(value), Kind: kind, Source: source}
	}
	return []Constant{
		row("rule.local", priorityLocal, "documented", kernel),
		row("rule.toPod", priorityToPod, "code", "to the pod's address, every pod: "+driver),
		row("rule.mark", priorityMark, "code", "fwmark 0x80, replies to NodePort traffic and traffic to be translated: "+cni),
		row("rule.externalService", priorityService, "code", "to AWS_EXTERNAL_SERVICE_CIDRS: "+cni),
		row("rule.fromPod", priorityFromPod, "code", "from the pod's address, pods on secondary interfaces only: "+driver),
		row("rule.eni", priorityENI, "code", "from the primary address of a secondary interface: "+cni),
		row("rule.main", priorityMain, "documented", kernel),
		row("rule.default", priorityDefault, "documented", kernel),
		row("table.primary", Table(0), "code", "the main table: "+cni),
		row("table.firstSecondary", Table(1), "code", "device index + 1: "+cni),
		row("device.highest", maxDevice, "code", "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/awsutils/awsutils.go (awsGetFreeDeviceNumber)"),
	}
}

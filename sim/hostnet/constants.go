package hostnet

import "ipamsim/internal/source"

// Constants are the priorities of the rules and the numbers of the tables.
func Constants() []source.Constant {
	const (
		cni    = "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/networkutils/network.go"
		driver = "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/cmd/routed-eni-cni-plugin/driver/driver.go"
		kernel = "the kernel's own rules, https://man7.org/linux/man-pages/man8/ip-rule.8.html"
	)
	return []source.Constant{
		source.Number("rule.local", priorityLocal, "", source.FromDocs, kernel),
		source.Number("rule.toPod", priorityToPod, "", source.FromCode, "to the pod's address, every pod: "+driver),
		source.Number("rule.mark", priorityMark, "", source.FromCode, "fwmark 0x80, replies to NodePort traffic and traffic to be translated: "+cni),
		source.Number("rule.externalService", priorityService, "", source.FromCode, "to AWS_EXTERNAL_SERVICE_CIDRS: "+cni),
		source.Number("rule.fromPod", priorityFromPod, "", source.FromCode, "from the pod's address, pods on secondary interfaces only: "+driver),
		source.Number("rule.eni", priorityENI, "", source.FromCode, "from the primary address of a secondary interface: "+cni),
		source.Number("rule.main", priorityMain, "", source.FromDocs, kernel),
		source.Number("rule.default", priorityDefault, "", source.FromDocs, kernel),
		source.Number("table.primary", Table(0), "", source.FromCode, "the main table: "+cni),
		source.Number("table.firstSecondary", Table(1), "", source.FromCode, "device index + 1: "+cni),
		source.Number("device.highest", maxDevice, "", source.FromCode, "https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/awsutils/awsutils.go (awsGetFreeDeviceNumber)"),
	}
}

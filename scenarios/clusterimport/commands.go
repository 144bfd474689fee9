package clusterimport

import "fmt"

// Commands is a script that collects what an import reads. It reads only.
func Commands() string {
	const about = `# What ipamsim import reads, collected into ./cluster. Each command only reads: it
# needs get and list on these objects of Kubernetes, and the named Describe and Get
# actions of EC2, Auto Scaling and EKS.
# Set the cluster's name and its VPC, and AWS_REGION if the AWS CLI has no default.
CLUSTER=my-cluster
VPC=$(aws eks describe-cluster --name "$CLUSTER" --query cluster.resourcesVpcConfig.vpcId --output text)
mkdir -p cluster
`
	text := about
	for _, part := range []struct {
		why      string
		commands [][2]string // file and command
	}{
		{"needed: who has which address", [][2]string{
			{"nodes.json", "kubectl get nodes -o json"},
			{"subnets.json", `aws ec2 describe-subnets --filters "Name=vpc-id,Values=$VPC" --output json`},
			{"interfaces.json", `aws ec2 describe-network-interfaces --filters "Name=vpc-id,Values=$VPC" --output json`},
		}},
		{"what runs, and with which settings: assumed where it is missing", [][2]string{
			{"pods.json", "kubectl get pods -A -o json"},
			{"aws-node.json", "kubectl get daemonset -n kube-system aws-node -o json"},
			{"vpc.json", `aws ec2 describe-vpcs --vpc-ids "$VPC" --output json`},
			{"instances.json", `aws ec2 describe-instances --filters "Name=vpc-id,Values=$VPC" "Name=instance-state-name,Values=pending,running" --output json`},
		}},
		{"where there are any", [][2]string{
			{"workloads.json", "kubectl get deployments,statefulsets,horizontalpodautoscalers,cronjobs,jobs,poddisruptionbudgets -A -o json"},
			{"eniconfigs.json", "kubectl get eniconfigs -o json"},
			{"karpenter.json", "kubectl get nodepools,ec2nodeclasses -o json"},
			{"addon.json", `aws eks describe-addon --cluster-name "$CLUSTER" --addon-name vpc-cni --output json`},
			{"groups.json", "aws autoscaling describe-auto-scaling-groups --output json"},
		}},
	} {
		text += "\n# " + part.why + "\n"
		for _, c := range part.commands {
			text += fmt.Sprintf("%s > cluster/%s\n", c[1], c[0])
		}
	}
	return text + `for subnet in $(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$VPC" --query 'Subnets[].SubnetId' --output text); do
  aws ec2 get-subnet-cidr-reservations --subnet-id "$subnet" --output json
done > cluster/reservations.json
# only for types that ipamsim limits does not know, or knows otherwise
aws ec2 describe-instance-types --filters "Name=instance-type,Values=m5.*" --output json > cluster/types.json

ipamsim import cluster > scenario.yaml
`
}

package clusterimport_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ipamsim/scenarios/clusterimport"
)

// Real files, one by one: what each is taken for, what is taken from it, or why it
// is refused. None is a cluster by itself: an import of one asks for the others.
func TestRealFilesAreRecognised(t *testing.T) {
	const nothing = "nothing is taken from it"
	for _, c := range []struct{ file, takenFor, took, note, refused string }{
		{"addon-configuration-values.json", "configuration of the VPC CNI, of its add-on or chart", "2 variables of aws-node", "", ""},
		{"addon-placebo-config-is-yaml-string.json", "aws eks describe-addon, of metrics-server", "", nothing, ""},
		{"aws-node-ds-v1.23.0-multidoc.yaml", "kubectl get ClusterRole, ClusterRoleBinding, ConfigMap, CustomResourceDefinition, DaemonSet and 1 other kind", "1 DaemonSet, the settings of aws-node v1.23.0", "nothing is taken from ClusterRole", ""},
		{"awscni-metrics-scrape-1.prom", "metrics of one ipamd, which do not name its node", "", nothing, ""},
		{"awscni-metrics-scrape-2.prom", "metrics of one ipamd, which do not name its node", "", nothing, ""},
		{"cloudtrail-ec2-eni-events.json", "events of CloudTrail", "", nothing, ""},
		{"cninode.yaml", "kubectl get CNINode", "", "nothing is taken from CNINode", ""},
		{"eni-awscli-docs-2013.json", "aws ec2 describe-network-interfaces", "2 NetworkInterfaces", "", ""},
		{"eni-placebo-2016-mixed-owners.json", "aws ec2 describe-network-interfaces", "4 NetworkInterfaces", "", ""},
		{"eniconfig-kustomize-envsubst.yaml", "", "", "", ":1:1: in the document that begins here: the ENIConfig has the placeholder ${SUBNET_AZ_1}"},
		{"helm-values-aws-vpc-cni.yaml", "configuration of the VPC CNI, of its add-on or chart", "25 variables of aws-node", "", ""},
		{"instance-info-nodeadm-head.jsonl", "the node agent's table of instance types", "", nothing, ""},
		{"instance-types-25-paginated.json", "aws ec2 describe-instance-types", "25 InstanceTypes", "", ""},
		{"instance-types-old-pv.json", "aws ec2 describe-instance-types", "19 InstanceTypes", "", ""},
		{"instance-types-two.json", "aws ec2 describe-instance-types", "2 InstanceTypes", "", ""},
		{"instances-query-prefixes-only.json", "", "", "", ":2:5: a list of objects with InstanceId and Prefixes, as --query reshapes an answer"},
		{"ipamd-log-2025-ip-stats.log", "the log of one ipamd", "", nothing, ""},
		{"k8s-115-nodes-without-instance-type.json", "kubectl get Node", "7 Nodes", "", ""},
		{"k8s-116-list-mixed-kinds.json", "kubectl get ClusterRole, ClusterRoleBinding, ConfigMap, CustomResourceDefinition, DaemonSet and 3 other kinds", "2 DaemonSets, 1 Deployment, the settings of aws-node v1.6.1", "nothing is taken from ClusterRole", ""},
		{"karpenter-al2023-custom-userdata.yaml", "kubectl get EC2NodeClass and NodePool", "1 EC2NodeClass, 1 NodePool", "", ""},
		{"karpenter-general-purpose.yaml", "kubectl get EC2NodeClass and NodePool", "1 EC2NodeClass, 1 NodePool", "", ""},
		{"karpenter-windows-2022.yaml", "kubectl get EC2NodeClass and NodePool", "1 EC2NodeClass, 1 NodePool", "", ""},
		{"node-labels-karpenter-provisioner-2022.json", "", "", "", ":1:1: labels alone, of one node: what `kubectl get nodes -o json` prints"},
		{"nodeclass-automode-static-eni.yaml", "kubectl get NodeClass", "1 NodeClass", "", ""},
		{"nodes-awkward-four.json", "kubectl get Node", "4 Nodes", "", ""},
		{"subnet-cidr-reservations.json", "aws ec2 get-subnet-cidr-reservations", "1 SubnetIpv4CidrReservation", "", ""},
		{"subnets-awscli-docs-invalid.json", "", "", "", `:17:39: not JSON: invalid character '\''`},
		{"subnets-placebo-2017-old-tags.json", "aws ec2 describe-subnets", "3 Subnets", "", ""},
		{"subnets-placebo-cross-az.json", "", "", "", ":112:9: subnet-aabbccddee: 10.0.1.192/30 is a /30, and subnets of AWS are /16 to /28"},
		{"subnets-placebo-impossible-slash30.json", "aws ec2 describe-subnets", "4 Subnets", "", ""},
		{"vpc-secondary-cidr.json", "aws ec2 describe-vpcs", "1 Vpc", "", ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", "samples", c.file))
			if err != nil {
				t.Fatal(err)
			}
			r, err := clusterimport.Import([]clusterimport.Source{{Name: c.file, Reader: bytes.NewReader(text)}}, clusterimport.Options{})
			if err == nil {
				t.Fatal("one file is a cluster")
			}
			f := r.Report.Files[0]
			if c.refused != "" {
				if !strings.HasPrefix(err.Error(), c.file+c.refused) || f.TakenFor != "refused" {
					t.Errorf("refused with\n%v\nnot\n%s%s", err, c.file, c.refused)
				}
				return
			}
			if !strings.Contains(err.Error(), "no file has the subnets: give what `aws ec2 describe-subnets --output json` prints") && !strings.Contains(err.Error(), "no file has the nodes: give what `kubectl get nodes -o json` prints") {
				t.Errorf("nothing is asked for: %v", err)
			}
			if f.TakenFor != c.takenFor || strings.Join(f.Took, ", ") != c.took || !strings.Contains(f.Note, c.note) {
				t.Errorf("taken for %q, took %q, noted %q", f.TakenFor, f.Took, f.Note)
			}
		})
	}
	entries, err := os.ReadDir("testdata/samples")
	if err != nil || len(entries) != 32 {
		t.Errorf("%d files are there, %v", len(entries), err)
	}
}

package ami

import (
	"fmt"

	"ipamsim/internal/source"
)

const (
	nodeLatency = "https://github.com/awslabs/node-latency-for-k8s, both samples in its README"
	imageIssues = "https://github.com/awslabs/amazon-eks-ami/issues/"
	imagePulls  = "https://github.com/awslabs/amazon-eks-ami/pull/"
)

// Constants are the numbers of boots with their sources.
func Constants() []source.Constant {
	list := []source.Constant{source.Span("instance", instance.Min, instance.Max, source.Observed, "launch call until the machine runs, 11 and 13 s, and up to 16 s elsewhere: "+nodeLatency+"; https://github.com/aws/karpenter-provider-aws/issues/3102")}
	for _, f := range families {
		list = append(list,
			source.Span(f.Name+".kubelet", f.Kubelet.Min, f.Kubelet.Max, kubeletKind[f.Name], "machine runs until kubelet starts: "+kubeletSource[f.Name]),
			source.Rule(f.Name+".cached", fmt.Sprint(f.Cached), source.FromCode, "images of kube-proxy and aws-node are on the disk: "+cachedSource[f.Name]),
			source.Rule(f.Name+".kubernetes", f.Kubernetes, versionKind[f.Name], "version of kubelet unless told otherwise: "+versionSource[f.Name]),
		)
	}
	for _, c := range clients {
		list = append(list, source.Rule(fmt.Sprintf("client.1.%d", c.from), fmt.Sprintf("%d a second, %d at once", c.QPS, c.Burst), source.FromCode,
			fmt.Sprintf("kubelet's requests to the API server from Kubernetes 1.%d on: %s", c.from, clientSource[c.from])))
	}
	return append(list,
		source.Duration("slow", extras[Slow], source.Assumption, "more with the slow profile, as a c5.xlarge before the image was optimised took 15 s longer to kubelet: "+imageIssues+"1099"),
		source.Duration("metal", extras[Metal], source.Assumption, "nothing is published: more with the metal profile, whose firmware starts first"),
		source.Rule("relist.onDemand", fmt.Sprintf("1.%d", onDemand), source.FromCode, "first version with PLEGOnDemandRelist on by default: Kubernetes v1.36.0 pkg/features/kube_features.go"),
	)
}

var (
	clientSource = map[int]string{
		Oldest: "kubeAPIQPS and kubeAPIBurst of pkg/kubelet/apis/config/v1beta1/defaults.go, v1.20.15; a pod's status is read and patched for each change, in turn (pkg/kubelet/status/status_manager.go)",
		21:     "as before, and one request more for each pod, its token: BoundServiceAccountTokenVolume of pkg/features/kube_features.go, v1.21.14",
		22:     "AWS's images since September 2022, AL2 and Bottlerocket; Kubernetes itself has 5 and 10 up to 1.26: " + imagePulls + "1030, https://github.com/bottlerocket-os/bottlerocket/pull/2436",
		27:     "defaults.go of v1.27.16, which AWS's images leave alone (" + imagePulls + "1241); statuses that have changed meanwhile are told as they are, once (status_manager.go)",
	}
	kubeletKind   = map[string]source.Kind{"AL2": source.Observed, "AL2023": source.Observed, "Bottlerocket": source.Assumption}
	kubeletSource = map[string]string{
		"AL2":          "8 and 7 s, December 2022: " + nodeLatency,
		"AL2023":       "24.0 and 29.7 s of kubelet_node_startup_pre_kubelet_duration_seconds in two versions of 2025, in images with a little added: " + imageIssues + "2210",
		"Bottlerocket": "no run until kubelet is published; between systemd's 9.1 s for a whole start (https://github.com/bottlerocket-os/bottlerocket/issues/4163) and 41 s from an Auto Scaling group's change until kubelet reports, of which the group and EC2 are a part (https://github.com/keikoproj/instance-manager/pull/290); there are two humps (https://github.com/bottlerocket-os/bottlerocket/issues/2878), and a flat span here",
	}
	cachedSource = map[string]string{
		"AL2":          imagePulls + "938, and CACHE_CONTAINER_IMAGES of templates/al2/provisioners/install-worker.sh up to its removal in " + imagePulls + "2645",
		"AL2023":       "only the pause image is: templates/al2023/provisioners, " + imagePulls + "2000",
		"Bottlerocket": "kubelet.service has the pause image alone pulled before kubelet starts, or has it: https://github.com/bottlerocket-os/bottlerocket packages/kubernetes-*",
	}
	versionKind   = map[string]source.Kind{"AL2": source.FromDocs, "AL2023": source.FromCode, "Bottlerocket": source.Assumption}
	versionSource = map[string]string{
		"AL2":          "the last that EKS publishes such images for: https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html",
		"AL2023":       "the newest in templates/al2023/variables-*.json of https://github.com/awslabs/amazon-eks-ami, July 2026",
		"Bottlerocket": "as AL2023's",
	}
)

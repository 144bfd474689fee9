package clusterimport

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"ipamsim/internal/input"
)

// metadata is what is read of any object's.
type metadata struct {
	Name, Namespace string
	Labels          map[string]string
	OwnerReferences []owner
	Deleted         string `json:"deletionTimestamp"`
}

type owner struct {
	Kind, Name string
	Controller bool
}

// node is a Node.
type node struct {
	Metadata struct {
		metadata
		Annotations map[string]string
	}
	Spec struct {
		ProviderID    string
		Unschedulable bool
		Taints        []taint
	}
	Status struct {
		Allocatable map[string]quantity
		Addresses   []struct{ Type, Address string }
		Conditions  []struct{ Type, Status string }
		NodeInfo    struct{ KubeletVersion, OsImage, OperatingSystem string }
	}
}

type taint struct{ Key, Value, Effect string }

// quantity is an amount, as text; JSON may have a number.
type quantity string

// UnmarshalJSON implements json.Unmarshaler.
func (q *quantity) UnmarshalJSON(text []byte) error {
	*q = quantity(bytes.Trim(text, `"`))
	return nil
}

// pod is a Pod. Its containers have no environment here, and its annotations are
// those that say how it gets its address.
type pod struct {
	Metadata struct {
		Name, Namespace string
		Labels          map[string]string
		Annotations     struct {
			Branch string `json:"vpc.amazonaws.com/pod-eni"`
		}
		OwnerReferences []owner
		Deleted         string `json:"deletionTimestamp"`
	}
	Spec   podSpec
	Status struct {
		Phase, PodIP, StartTime string
		ContainerStatuses       []struct {
			State struct{ Terminated *struct{ FinishedAt string } }
		}
	}
}

type podSpec struct {
	NodeName                   string
	HostNetwork                bool
	NodeSelector               map[string]string
	Affinity                   *affinity
	Tolerations                []toleration
	InitContainers, Containers []container
	Overhead                   map[string]quantity
	Resources                  requests // of the pod as a whole
	TopologySpreadConstraints  []spreadConstraint
}

type container struct {
	Name, Image, RestartPolicy string
	Resources                  requests
}

type requests struct{ Requests map[string]quantity }

type spreadConstraint struct {
	MaxSkew                        int
	TopologyKey, WhenUnsatisfiable string
}

// controller is what keeps pods: a DaemonSet, a Deployment and its kin, a Job.
type controller struct {
	kind     string
	Metadata metadata
	Spec     struct {
		Replicas *int
		Template struct{ Spec podSpec }
	}
	Status struct {
		DesiredNumberScheduled, UpdatedNumberScheduled int
	}
}

// scaler is a HorizontalPodAutoscaler.
type scaler struct {
	Metadata metadata
	Spec     struct {
		MinReplicas    *int
		MaxReplicas    int
		ScaleTargetRef struct{ Kind, Name string }
	}
}

// budget is a PodDisruptionBudget.
type budget struct {
	Metadata metadata
	Spec     struct {
		MinAvailable, MaxUnavailable quantity // a number, or a percentage
		Selector                     struct {
			MatchLabels      map[string]string
			MatchExpressions []skipped
		}
	}
}

type cronJob struct {
	Metadata metadata
	Spec     struct {
		Schedule    string
		Suspend     bool
		JobTemplate struct {
			Spec struct {
				Parallelism *int
				Template    struct{ Spec podSpec }
			}
		}
	}
}

type eniConfig struct {
	Metadata metadata
	Spec     struct{ Subnet string }
}

// nodePool is a NodePool of Karpenter, or a Provisioner of before.
type nodePool struct {
	Metadata metadata
	Spec     struct {
		Template struct {
			Spec struct {
				Requirements []requirement
				NodeClassRef struct{ Group, Kind, Name string }
				Taints       []taint
			}
		}
		Disruption struct {
			ConsolidationPolicy, ConsolidateAfter string
		}
		Limits map[string]quantity
	}
}

type requirement struct {
	Key, Operator string
	Values        []string
}

// nodeClass is an EC2NodeClass of Karpenter.
type nodeClass struct {
	Metadata metadata
	Spec     struct {
		SubnetSelectorTerms []subnetTerm
	}
}

type subnetTerm struct {
	ID   string
	Tags map[string]string
}

// kube takes an object of Kubernetes.
func (f *file) kube(p *passage, from int64, text []byte) error {
	kind, group := kindOf(text)
	f.kinds[kind]++
	o := kubeObject{f, p, from, text}
	switch kind {
	case "List":
		f.kinds[kind]--
		delete(f.kinds, kind)
		return &input.Error{Message: "a List within a list"}
	case "Node":
		return enter(o, &f.nodes, "the node", new(node), func(x *node) string { return x.Metadata.Name })
	case "Pod":
		return enter(o, &f.pods, "the pod", new(pod), func(x *pod) string { return x.Metadata.Namespace + "/" + x.Metadata.Name })
	case "DaemonSet", "Deployment", "StatefulSet", "Job":
		return o.controller(kind)
	case "HorizontalPodAutoscaler":
		return enter(o, &f.scalers, "the HorizontalPodAutoscaler", new(scaler), func(x *scaler) string { return x.Metadata.full() })
	case "CronJob":
		return enter(o, &f.cronJobs, "the CronJob", new(cronJob), func(x *cronJob) string { return x.Metadata.full() })
	case "PodDisruptionBudget":
		return enter(o, &f.budgets, "the PodDisruptionBudget", new(budget), func(x *budget) string { return x.Metadata.full() })
	case "ENIConfig":
		return o.eniConfig()
	case "NodePool", "Provisioner":
		return enter(o, &f.pools, "the "+kind, new(nodePool), func(x *nodePool) string { return x.Metadata.Name })
	case "EC2NodeClass":
		return enter(o, &f.classes, "the EC2NodeClass", new(nodeClass), func(x *nodeClass) string { return x.Metadata.Name })
	case "NodeClass":
		if strings.HasPrefix(group, "eks.amazonaws.com/") {
			f.autoClasses++
		}
	}
	return o.decode(&skipped{})
}

// kubeObject is an object of Kubernetes as a file has it.
type kubeObject struct {
	file *file
	at   *passage
	from int64
	text []byte
}

func (o kubeObject) decode(into any) error { return decodeKube(o.at, o.from, o.text, into) }

// enter reads an object into x, and puts it into its table under its name.
func enter[T any](o kubeObject, t *table[T], what string, x *T, name func(*T) string) error {
	if err := o.decode(x); err != nil {
		return err
	}
	return add(o.file, t, what, name(x), x)
}

// full is the name with its namespace.
func (m *metadata) full() string { return m.Namespace + "/" + m.Name }

// controller enters what keeps pods.
func (o kubeObject) controller(kind string) error {
	f, x := o.file, &controller{kind: kind}
	t := map[string]*table[controller]{"DaemonSet": &f.daemons, "Job": &f.jobs}[kind]
	if t == nil {
		t = &f.deployments
	}
	err := enter(o, t, "the "+kind, x, func(x *controller) string { return kind + " " + x.Metadata.full() })
	if err == nil && kind == "DaemonSet" && x.Metadata.Name == "aws-node" {
		err = f.awsNode(o.text, x)
	}
	return err
}

func (o kubeObject) eniConfig() error {
	x := new(eniConfig)
	if err := o.decode(x); err != nil {
		return err
	}
	if err := placeholder("the ENIConfig", x.Metadata.Name, x.Spec.Subnet); err != nil {
		return err
	}
	return add(o.file, &o.file.eniConfigs, "the ENIConfig", x.Metadata.Name, x)
}

// placeholder refuses what a template has where a value should be.
func placeholder(what string, values ...string) error {
	for _, v := range values {
		if strings.Contains(v, "${") || strings.Contains(v, "{{") {
			return &input.Error{Message: what + " has the placeholder " + v + ": it is a template that has not been filled in; `kubectl get eniconfigs -o json` prints what is applied"}
		}
	}
	return nil
}

// usualHead is how kubectl begins each object.
var usualHead = regexp.MustCompile(`^\{\s*"apiVersion":\s*"([^"\\]*)",\s*"kind":\s*"([^"\\]*)"`)

// kindOf is the kind and the version of an object. Rows of a NodeList or a
// PodList as the API answers them have none and are told by what they have.
func kindOf(text []byte) (kind, version string) {
	if m := usualHead.FindSubmatch(text[:min(len(text), 256)]); m != nil {
		return string(m[2]), string(m[1])
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.Token()
	for d.More() && (kind == "" || version == "") {
		key, _ := d.Token()
		switch key {
		case "kind", "apiVersion":
			value, _ := d.Token()
			if s, ok := value.(string); ok && key == "kind" {
				kind = s
			} else if ok {
				version = s
			}
		default:
			if d.Decode(&skipped{}) != nil {
				return kind, version
			}
		}
	}
	if kind != "" {
		return kind, version
	}
	var is struct {
		Spec struct {
			NodeName, Containers, ProviderID, PodCIDR, Taints *skipped
		}
		Status struct{ Phase, PodIP, Allocatable, NodeInfo *skipped }
	}
	if json.Unmarshal(text, &is) != nil {
		return "an object without a kind", ""
	}
	switch {
	case is.Spec.Containers != nil:
		return "Pod", ""
	case is.Status.Allocatable != nil || is.Status.NodeInfo != nil:
		return "Node", ""
	}
	return "an object without a kind", ""
}

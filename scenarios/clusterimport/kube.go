package clusterimport

import (
	"bytes"
	"encoding/json"
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
	InitContainers, Containers []container
	Overhead                   map[string]quantity
	Resources                  requests // of the pod as a whole
	TopologySpreadConstraints  []spreadConstraint
}

type affinity struct{ NodeAffinity, PodAffinity, PodAntiAffinity *skipped }

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
	name := func(m *metadata) string { return m.Namespace + "/" + m.Name }
	into := func(x any) error { return decodeKube(p, from, text, x) }
	var err error
	switch kind {
	case "List":
		f.kinds[kind]--
		delete(f.kinds, kind)
		return &input.Error{Message: "a List within a list"}
	case "Node":
		x := new(node)
		if err = into(x); err == nil {
			err = add(f, &f.nodes, "the node", x.Metadata.Name, x)
		}
	case "Pod":
		x := new(pod)
		if err = into(x); err == nil {
			err = add(f, &f.pods, "the pod", x.Metadata.Namespace+"/"+x.Metadata.Name, x)
		}
	case "DaemonSet", "Deployment", "StatefulSet", "Job":
		x := &controller{kind: kind}
		if err = into(x); err != nil {
			return err
		}
		t := map[string]*table[controller]{"DaemonSet": &f.daemons, "Job": &f.jobs}[kind]
		if t == nil {
			t = &f.deployments
		}
		if err = add(f, t, "the "+kind, kind+" "+name(&x.Metadata), x); err == nil && kind == "DaemonSet" && x.Metadata.Name == "aws-node" {
			err = f.awsNode(p, from, text, x)
		}
	case "HorizontalPodAutoscaler":
		x := new(scaler)
		if err = into(x); err == nil {
			err = add(f, &f.scalers, "the HorizontalPodAutoscaler", name(&x.Metadata), x)
		}
	case "CronJob":
		x := new(cronJob)
		if err = into(x); err == nil {
			err = add(f, &f.cronJobs, "the CronJob", name(&x.Metadata), x)
		}
	case "PodDisruptionBudget":
		x := new(budget)
		if err = into(x); err == nil {
			err = add(f, &f.budgets, "the PodDisruptionBudget", name(&x.Metadata), x)
		}
	case "ENIConfig":
		x := new(eniConfig)
		if err = into(x); err == nil {
			err = placeholder("the ENIConfig", x.Metadata.Name, x.Spec.Subnet)
		}
		if err == nil {
			err = add(f, &f.eniConfigs, "the ENIConfig", x.Metadata.Name, x)
		}
	case "NodePool", "Provisioner":
		x := new(nodePool)
		if err = into(x); err == nil {
			err = add(f, &f.pools, "the "+kind, x.Metadata.Name, x)
		}
	case "EC2NodeClass":
		x := new(nodeClass)
		if err = into(x); err == nil {
			err = add(f, &f.classes, "the EC2NodeClass", x.Metadata.Name, x)
		}
	case "NodeClass":
		if strings.HasPrefix(group, "eks.amazonaws.com/") {
			f.autoClasses++
		}
		err = into(&skipped{})
	default:
		err = into(&skipped{})
	}
	return err
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

// kindOf is the kind and the version of an object. Rows of a NodeList or a
// PodList as the API answers them have none and are told by what they have.
func kindOf(text []byte) (kind, version string) {
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

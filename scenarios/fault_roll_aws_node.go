package scenarios

import (
	"fmt"
	"maps"
)

// FaultRollAWSNode is a rolling update of the DaemonSet.
const FaultRollAWSNode FaultKind = "roll-aws-node"

// shippedMaxUnavailable is how many pods may be away in the shipped manifest:
// config/master/aws-k8s-cni.yaml of amazon-vpc-cni-k8s v1.23.1.
var shippedMaxUnavailable = IntOrPercent{Number: 10, Percent: true}

var rollAWSNode = faultKind{
	name:  FaultRollAWSNode,
	keys:  []string{"group", "maxUnavailable", "cni"},
	doc:   "A rolling update of the DaemonSet.",
	check: checkRollout,
	words: func(f *Fault) string {
		most := f.MayBeUnavailable()
		text := "aws-node is rolled"
		if f.Group != "" {
			text += " on " + f.Group
		}
		text += fmt.Sprintf(", %s of its pods at a time", most.Words())
		for _, key := range sortedKeys(f.CNI) {
			text += fmt.Sprintf(", %s=%s", key, f.CNI[key])
		}
		return text
	},
}

// checkRollout checks the environment of a rollout's new pods on the groups
// that get it, until one of them has a mistake: the next would tell the same.
func checkRollout(c *faultCheck) {
	f, path, name := c.fault, c.path+".cni", c.name+".cni"
	if !c.knownCNI(path, name, f.CNI) || len(f.CNI) == 0 {
		return
	}
	told, once := false, *c.checker
	once.problem = func(at Position, format string, args ...any) { told = true; c.problem(at, format, args...) }
	once.warning = func(at Position, format string, args ...any) { told = true; c.warning(at, format, args...) }
	for i := 0; i < len(c.s.NodeGroups) && !told; i++ {
		g := c.s.NodeGroups[i]
		if f.Group != "" && g.Name != f.Group || !c.readable("nodeGroups.%d", i) {
			continue
		}
		g.CNI = overlaid(g.CNI, f.CNI)
		once.refusals(path, name, g.Environment())
		once.surprises(path, name, &g)
	}
}

func overlaid(below, above map[string]string) map[string]string {
	both := make(map[string]string, len(below)+len(above))
	maps.Copy(both, below)
	maps.Copy(both, above)
	return both
}

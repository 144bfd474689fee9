package scenarios

import (
	"fmt"

	"ipamsim/internal/words"
)

// FaultSlowMetadata lets instance metadata lag further behind.
const FaultSlowMetadata FaultKind = "slow-metadata"

var slowMetadata = faultKind{
	name:  FaultSlowMetadata,
	lasts: true,
	keys:  ofNodes("factor", "add"),
	doc:   "What changes meanwhile shows in instance metadata `factor` times as late, and `add` later. ipamd looks for a new interface there and deletes it when it does not show in time. 18 s ([amazon-ecs-cni-plugins#66](https://github.com/aws/amazon-ecs-cni-plugins/pull/66)) and 30 s ([CNI PR#1311](https://github.com/aws/amazon-vpc-cni-k8s/pull/1311)) have been reported, and a wait of 150 s was proposed ([cilium#47570](https://github.com/cilium/cilium/issues/47570)). On nodes that join meanwhile too, each with the same share.",
	check: func(c *faultCheck) {
		if !c.has("factor") && !c.has("add") {
			c.problem(c.at("%s", c.path), "%s needs factor or add: how much later a change shows was expected", c.what)
		}
	},
	words: func(f *Fault) string {
		var later []string
		if f.Factor != nil {
			later = append(later, fmt.Sprintf("%g times as late", *f.Factor))
		}
		if f.Add != nil {
			later = append(later, f.Add.String()+" later")
		}
		return fmt.Sprintf("changes show in instance metadata %s on %s", words.And(later), f.nodes(f.Share))
	},
}

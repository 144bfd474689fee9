package reports

import (
	"encoding/json"
	"slices"
	"strings"
)

// nodesOf is what a scenario says of its nodes' images, or nothing where it says
// nothing. Groups with the same are named together.
func nodesOf(scenario json.RawMessage) string {
	var s struct {
		NodeGroups []struct {
			Name, AMIFamily, KubernetesVersion string
			Launch                             struct{ SystemImages string }
		}
	}
	if json.Unmarshal(scenario, &s) != nil {
		return ""
	}
	var images []string
	groups := map[string][]string{}
	for _, g := range s.NodeGroups {
		if g.AMIFamily == "" {
			continue
		}
		image := g.AMIFamily + ", kubelet " + g.KubernetesVersion + ", images of kube-proxy and aws-node " + g.Launch.SystemImages
		if !slices.Contains(images, image) {
			images = append(images, image)
		}
		groups[image] = append(groups[image], g.Name)
	}
	if len(images) == 1 {
		return images[0]
	}
	for i, image := range images {
		images[i] = strings.Join(groups[image], ", ") + ": " + image
	}
	return strings.Join(images, "; ")
}

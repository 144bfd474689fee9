package clusterimport_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"ipamsim/scenarios/clusterimport"
)

// large is a cluster of 1,000 nodes with 30 pods each, whose pods are as large as
// kubectl prints them: about 6 KiB.
func large() *made {
	m := newMade("10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16")
	m.settings("v1.23.1", object{"WARM_IP_TARGET": "5", "MINIMUM_IP_TARGET": "30"})
	padding := func(name string) object {
		var env, volumes, tolerations, conditions []any
		for i := range 12 {
			env = append(env, object{"name": fmt.Sprintf("SETTING_%d", i), "value": "a value as applications have it"})
		}
		for i := range 4 {
			volumes = append(volumes, object{"name": fmt.Sprintf("volume-%d", i), "configMap": object{"defaultMode": 420, "name": "settings"}})
			tolerations = append(tolerations, object{"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300})
			conditions = append(conditions, object{"lastProbeTime": nil, "lastTransitionTime": "2026-03-30T12:02:32Z", "status": "True", "type": "Ready"})
		}
		return object{"volumes": volumes, "tolerations": tolerations, "containers": []any{object{"name": name, "image": "111122223333.dkr.ecr.us-west-2.amazonaws.com/" + name + ":1.2.3", "env": env,
			"livenessProbe": object{"httpGet": object{"path": "/healthz", "port": 8080}}, "volumeMounts": volumes, "resources": object{"requests": object{"cpu": "50m", "memory": "64Mi"}}}}, "padding": conditions}
	}
	for k := range 1000 {
		n := m.node(fmt.Sprintf("ip-10-%d-%d-%d.us-west-2.compute.internal", k%3, k/250, k%250), "m5.2xlarge", m.subnets[k%3], 58, object{"karpenter.sh/nodepool": fmt.Sprintf("pool-%d", k%3)})
		for range 3 {
			n.attach(n.subnet, 12, 0, nil)
		}
		for p := range 30 {
			app := fmt.Sprintf("service-%d", (k+p)%200)
			n.pod("shop", "ReplicaSet", app+"-6d4cf56db6", padding(app))
		}
	}
	return m
}

// A cluster of 1,000 nodes and 30,000 pods, to its time 0. `go test -bench Large
// -benchmem ./scenarios/clusterimport` prints what it takes.
func BenchmarkImportLarge(b *testing.B) {
	m := large()
	files := m.files()
	if dir := os.Getenv("IPAMSIM_IMPORT_DIR"); dir != "" { // for a look at a process of its own
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	size := 0
	for _, text := range files {
		size += len(text)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		r := imported(b, files, clusterimport.Options{})
		if err := agrees(r, m); err != nil {
			b.Fatal(err)
		}
	}
}

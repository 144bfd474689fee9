package kubelet_test

import (
	"testing"

	"ipamsim/sim/kubelet"
)

// printf workers-0/12 | sha256sum
func TestContainerIDsLookLikeTheRuntimes(t *testing.T) {
	if got := kubelet.ContainerID("workers-0/12"); got != "6394158609fa38401863bcaabd32d4fd81aa00ab82f1eccee7646829ac2d3dd4" {
		t.Errorf("got %s", got)
	}
}

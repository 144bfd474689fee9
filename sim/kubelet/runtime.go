package kubelet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// What the container runtime and kubelet call a pod's things.

// ContainerID is a sandbox's name in the form of a container runtime's: 64
// hexadecimal digits, random on a real node.
func ContainerID(sandbox string) string {
	sum := sha256.Sum256([]byte(sandbox))
	return hex.EncodeToString(sum[:])
}

// Netns is where containerd mounts a sandbox's network namespace. Its name
// ends in a UUID, random on a real node.
func Netns(sandbox string) string { return "/var/run/netns/cni-" + uuid(sandbox) }

// uuid is the SHA-256 of a text in the form of a UUID.
func uuid(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// UID is the pod's, random on a real cluster.
func (p *Pod) UID() string { return uuid(p.Key + "@" + p.Bound.String()) }

// Netns is the path of the sandbox's network namespace. It has gone when
// kubelet removes the dead sandbox.
func (p *Pod) Netns() string {
	if p.stage == gone {
		return ""
	}
	return Netns(p.sandbox)
}

// HasResult says whether libcni has the result of the sandbox's ADD: from its
// success until a DEL succeeds.
func (p *Pod) HasResult() bool { return p.stage == releasing }

// Package ami is what the families of EKS's node images make of the start of a
// node: how long one boots until kubelet starts, and which container images it
// has on its disk. The families are called as amiFamily of Karpenter's
// EC2NodeClass calls them.
package ami

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Span is from where to where durations lie, each as likely as the others.
// Equal ends are a constant.
type Span struct{ Min, Max time.Duration }

// draw is one of them, in whole microseconds. A constant draws nothing.
func (s Span) draw(r *rand.Rand) time.Duration {
	if s.Max <= s.Min {
		return s.Min
	}
	return s.Min + time.Duration(r.Int64N(int64((s.Max-s.Min)/time.Microsecond)))*time.Microsecond
}

// Family is a family of node images.
type Family struct {
	Name    string
	Kubelet Span // the machine runs until kubelet starts
	// Cached says that the images of kube-proxy and aws-node are on the disk;
	// where they are not, a new node pulls them.
	Cached bool
	// Kubernetes is the version that its nodes have unless told otherwise.
	Kubernetes string
	// Last says that there are no images for later versions.
	Last bool
}

// instance is EC2's part: the launch call until the machine runs.
var instance = Span{12 * time.Second, 16 * time.Second}

// The most usual family comes first: it is the default.
var families = []Family{
	{Name: "AL2023", Kubelet: Span{24 * time.Second, 30 * time.Second}, Kubernetes: "1.35"},
	{Name: "AL2", Kubelet: Span{8 * time.Second, 8 * time.Second}, Cached: true, Kubernetes: "1.32", Last: true},
	{Name: "Bottlerocket", Kubelet: Span{10 * time.Second, 16 * time.Second}, Kubernetes: "1.35"},
}

// Named finds a family. Without a name it is the default.
func Named(name string) (Family, bool) {
	for _, f := range families {
		if f.Name == name || name == "" {
			return f, true
		}
	}
	return Family{}, false
}

// Extra is what images or machines add to their family's time.
type Extra string

// The extras.
const (
	Fast  Extra = "fast"  // nothing
	Slow  Extra = "slow"  // an image with more in it
	Metal Extra = "metal" // a machine whose firmware starts first
)

var extras = map[Extra]time.Duration{Slow: 10 * time.Second, Metal: 45 * time.Second}

// Boot draws the time from the launch call until kubelet starts.
func (f Family) Boot(e Extra) func(*rand.Rand) time.Duration {
	return func(r *rand.Rand) time.Duration { return instance.draw(r) + f.Kubelet.draw(r) + extras[e] }
}

// Versions of Kubernetes that nodes may have: 1.Oldest is that of the oldest
// release of the VPC CNI here, 1.Newest the newest whose kubelet was read.
const (
	Oldest = 14
	Newest = 37
)

// Client is kubelet's client of the API server, and what it sends there for pods.
type Client struct {
	QPS, Burst int // requests a second, and at once
	// InTurn says that every change of a status is told in turn, however old it is.
	InTurn bool
	// Tokens says that each pod has a token of its own, which is asked for.
	Tokens bool
}

// clients has what begins with a version, the oldest first.
var clients = []struct {
	from int
	Client
}{
	{Oldest, Client{QPS: 5, Burst: 10, InTurn: true}},
	{21, Client{QPS: 5, Burst: 10, InTurn: true, Tokens: true}},
	{22, Client{QPS: 10, Burst: 20, InTurn: true, Tokens: true}},
	{27, Client{QPS: 50, Burst: 100, Tokens: true}},
}

// ClientOf is the client of a version's kubelet on AWS's images.
func ClientOf(version string) (c Client) {
	minor, _ := Minor(version)
	for _, one := range clients {
		if minor >= one.from {
			c = one.Client
		}
	}
	return c
}

// onDemand is the first version whose kubelet looks at a pod's containers as
// soon as it has started them.
const onDemand = 36

// Minor is the number behind the dot of a version as 1.35; ok is false for
// anything else, and for versions that nodes may not have.
func Minor(version string) (minor int, ok bool) {
	digits, is := strings.CutPrefix(version, "1.")
	minor, err := strconv.Atoi(digits)
	return minor, is && err == nil && minor >= Oldest && minor <= Newest && strconv.Itoa(minor) == digits
}

// SeesAtOnce says whether the kubelet of a version looks at containers when it
// has started them. Older ones see them at their next relist.
func SeesAtOnce(version string) bool {
	minor, ok := Minor(version)
	return ok && minor >= onDemand
}

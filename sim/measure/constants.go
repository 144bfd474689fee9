package measure

import (
	"time"

	"ipamsim/internal/source"
)

// lateAfter is from when on a pod that has had a failed ADD was late: kubelet
// comes back after 10 s at the earliest.
const lateAfter = 5 * time.Second

// churnWindow is within which three interfaces without any pod are given back
// by a node that does so for ever: the loop of v1.23.1 takes 72 to 90 s, and
// the slowest that was reported, of v1.7, 250 s.
const churnWindow = 10 * time.Minute

// Constants are the bounds of what is measured.
func Constants() []source.Constant {
	return []source.Constant{
		source.Number("leaked.after", LeakedAfter.Seconds(), "s", source.Assumption, "how long an interface of the VPC CNI is attached to nothing until it counts as leaked: longer than creating, attaching and deleting take"),
		source.Number("churn.window", churnWindow.Seconds(), "s", source.Assumption, "within which a node gives three interfaces back that never had a pod if it goes on for ever: over twice the 250 s that https://github.com/aws/amazon-vpc-cni-k8s/issues/1451 reports of one turn"),
		source.Number("samples.most", samplesPerRun, "per run", source.Assumption, "of who holds which address, at least a second apart; extremes are exact whatever this is"),
	}
}

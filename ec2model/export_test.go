package ec2model

import "time"

// Unlimited is a bucket that never rejects.
var Unlimited = unlimited

// Mean is the distribution's mean, the cut at the longest draw aside.
func (l Latency) Mean() time.Duration {
	if l.kind == uniform {
		return l.min + (l.max-l.min)/2
	}
	return l.mean
}

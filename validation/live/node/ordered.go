package main

import (
	"math/rand/v2"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd"

	"ipamsim/validation/live"
)

// What a build for ordered runs lets be set; see package patch. In another build
// nobody reads these.

//go:linkname mapOrder github.com/aws/amazon-vpc-cni-k8s/pkg/bubble.Order
var mapOrder string

//go:linkname mapRandom github.com/aws/amazon-vpc-cni-k8s/pkg/bubble.Random
var mapRandom *rand.Rand

//go:linkname loopOverhead github.com/aws/amazon-vpc-cni-k8s/pkg/bubble.Overhead
var loopOverhead time.Duration

//go:linkname jitterPart github.com/aws/amazon-vpc-cni-k8s/pkg/bubble.JitterPart
var jitterPart float64

// earlyContext is the context of the daemon while it initialises itself.
//
//go:linkname earlyContext github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd.BubbleContext
var earlyContext *ipamd.IPAMContext

// leaveNothingToChance sets them.
func leaveNothingToChance(job *live.Job) {
	mapOrder, mapRandom = job.Maps, rand.New(rand.NewPCG(job.Seed, 0))
	loopOverhead = time.Duration(job.Scenario.LoopOverheadNS)
	jitterPart = job.Scenario.BackoffJitterFraction
}

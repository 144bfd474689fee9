package main

import (
	dice "math/rand"
	"math/rand/v2"
	"sync/atomic"
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

// earlyContext is the context of the daemon while it initialises itself.
//
//go:linkname earlyContext github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd.BubbleContext
var earlyContext *ipamd.IPAMContext

// leaveNothingToChance sets them.
func leaveNothingToChance(job *live.Job) {
	mapOrder, mapRandom = job.Maps, rand.New(rand.NewPCG(job.Seed, 0))
	loopOverhead = time.Duration(job.Scenario.LoopOverheadNS)
	thrown.Store(dice.New(zeros{}))
}

// thrown is what the functions of package math/rand draw from: the daemon's own
// back-offs do, and the libraries of Kubernetes. (What the SDK draws is elsewhere,
// see draws; maps take their order from the runtime.)
//
//go:linkname thrown math/rand.globalRandGenerator
var thrown atomic.Pointer[dice.Rand]

// zeros is a source of zeros: no jitter.
type zeros struct{}

func (zeros) Int63() int64   { return 0 }
func (zeros) Uint64() uint64 { return 0 }
func (zeros) Seed(int64)     {}

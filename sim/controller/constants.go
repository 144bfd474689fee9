package controller

import (
	"time"

	"ipamsim/internal/source"
)

const (
	kubernetes = "https://github.com/kubernetes/kubernetes/blob/v1.37.2/"
	record     = kubernetes + "staging/src/k8s.io/client-go/tools/record/"
)

// slowStart is SlowStartInitialBatchSize: the first batch; each next has twice as many.
const slowStart = 1

// answerTime is how long the API server takes to answer a controller. It spaces
// the batches of a sync and the events, nothing else: our assumption.
const answerTime = 10 * time.Millisecond

// Constants are the package's numbers with their sources.
func Constants() []source.Constant {
	return []source.Constant{
		source.Number("controller.slowStart", slowStart, "pods", source.FromCode, "SlowStartInitialBatchSize; each batch has twice as many as the one before: "+kubernetes+"pkg/controller/controller_utils.go"),
		source.Duration("controller.answerTime", answerTime, source.Assumption, "nothing is published: our choice; a healthy API server answers a controller, whose next batch, update of status or event waits for it"),
		source.Number("controller.eventBurst", eventBurst, "events", source.FromCode, "about one object that are written one after another, defaultSpamBurst: "+record+"events_cache.go"),
		source.Duration("controller.eventRefill", eventRefill, source.FromCode, "then one in so long, defaultSpamQPS: "+record+"events_cache.go"),
		source.Number("controller.eventQueue", eventQueue, "events", source.FromCode, "that wait to be written, one at a time; more are dropped, maxQueuedEvents: "+record+"event.go"),
	}
}

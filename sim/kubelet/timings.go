package kubelet

import (
	"math/rand/v2"
	"time"

	"ipamsim/internal/portable"
)

// Range is a uniform distribution of durations over [Min, Max). Equal ends
// are a constant.
type Range struct{ Min, Max time.Duration }

// draw takes one number from the stream and returns whole microseconds.
func (d Range) draw(r *rand.Rand) time.Duration {
	u := r.Float64()
	span := float64((d.Max - d.Min) / time.Microsecond)
	return d.Min + portable.Microseconds(u*span)
}

// Timings are the durations and limits of a node. DefaultTimings has values
// for all fields; [Timings.Constants] says where they come from.
type Timings struct {
	// A pod's way.
	Sync     Range         // bound until kubelet asks for the sandbox; volumes are mounted in it
	Netns    Range         // RunPodSandbox until the CNI plugin is started
	Plugin   Range         // start of the plugin until it has ipamd's answer, on ADD and on DEL
	Wiring   Range         // answer until the pod's network is wired
	Pause    Range         // end of the ADD until the sandbox runs
	Teardown Range         // end of the DEL until the sandbox is gone
	Start    Range         // containers are started, image on the node
	Relist   time.Duration // kubelet looks so often for what has started; 0 is at once
	Stop     Range         // containers end after SIGTERM

	// CPU time on the node. As long as fewer jobs run than it has cores, it is part
	// of the durations above.
	SandboxCPU time.Duration // of a sandbox, once its network is set up
	StartCPU   time.Duration // to start the containers

	// Retries.
	SyncRetry    Range         // after a failed sync
	NetworkRetry Range         // after a sync that found the network not ready
	Ticker       time.Duration // kubelet looks for due retries this often
	SandboxGC    time.Duration // kubelet removes dead sandboxes this often; 0 is never

	// Its client of the API server.
	APIInterval  time.Duration // one more request is allowed after each; kubeAPIQPS is its inverse; 0 is no limit
	APIBurst     int           // kubeAPIBurst
	StatusPeriod time.Duration // the status manager looks at all pods so often
	StatusInTurn bool          // in between it tells of each change in turn, however old; otherwise of all pods as they are
	PodTokens    bool          // each pod has a token of its own, which is a request

	// Image pulls from a registry.
	PullInterval    time.Duration // one more pull is allowed after each; registryPullQPS is its inverse
	PullBurst       int           // registryBurst
	ImageBackoff    time.Duration // after the first refused pull, then doubling
	ImageBackoffMax time.Duration

	// The node's own start.
	ProxyStart   Range         // kubelet has registered until kube-proxy runs, its image on the node
	ProxyRules   Range         // kube-proxy runs until its rules are written
	ProxyPull    Range         // its image comes from the registry
	InitPull     Range         // that of aws-node's init container does
	AgentPull    Range         // that of aws-node does
	AgentStart   Range         // kubelet has registered until the aws-node container runs, its images on the node
	ProcessStart Range         // start of the container until ipamd begins its node init
	Conflist     Range         // ipamd serves until its entrypoint has written the CNI configuration
	Ready        Range         // CNI configuration until the node is Ready, in kubelet's first FastReady
	ReadyLate    Range         // the same later on
	FastReady    time.Duration // after its start, in which kubelet looks at the runtime every 100 ms

	// The aws-node container's probe and restarts.
	LivenessDelay    time.Duration // start of the container until it is probed
	LivenessPeriod   time.Duration
	LivenessFailures int
	LivenessTimeout  time.Duration // of one probe that cannot connect
	ReadinessDelay   time.Duration // start of the container until its first readiness probe
	ReadinessPeriod  time.Duration
	Restart          Range         // end of a container until the next one runs, without back-off
	CrashBackoff     time.Duration // before the second restart in a row, then doubling
	CrashBackoffMax  time.Duration // twice this without a restart forgets the back-off
}

// DefaultTimings are those of a node with the images on its disk.
func DefaultTimings() Timings {
	const ms = time.Millisecond
	return Timings{
		Sync:     Range{310 * ms, 400 * ms},
		Netns:    Range{20 * ms, 50 * ms},
		Plugin:   Range{20 * ms, 50 * ms},
		Wiring:   Range{50 * ms, 150 * ms},
		Pause:    Range{100 * ms, 250 * ms},
		Teardown: Range{50 * ms, 150 * ms},
		Start:    Range{300 * ms, 900 * ms},
		Relist:   time.Second,
		Stop:     Range{50 * ms, 1000 * ms},

		SandboxCPU: 200 * ms,
		StartCPU:   200 * ms,

		SyncRetry:    Range{10 * time.Second, 15 * time.Second},
		NetworkRetry: Range{1000 * ms, 1500 * ms},
		Ticker:       time.Second,
		SandboxGC:    time.Minute,

		APIInterval:  20 * ms,
		APIBurst:     100,
		StatusPeriod: 10 * time.Second,
		PodTokens:    true,

		PullInterval:    200 * ms,
		PullBurst:       10,
		ImageBackoff:    10 * time.Second,
		ImageBackoffMax: 300 * time.Second,

		ProxyStart:   Range{1500 * ms, 2200 * ms},
		ProxyRules:   Range{300 * ms, 800 * ms},
		ProxyPull:    Range{1000 * ms, 2500 * ms},
		InitPull:     Range{2500 * ms, 5500 * ms},
		AgentPull:    Range{2000 * ms, 5000 * ms},
		AgentStart:   Range{2000 * ms, 3000 * ms},
		ProcessStart: Range{200 * ms, 500 * ms},
		Conflist:     Range{0, 1000 * ms},
		Ready:        Range{100 * ms, 1000 * ms},
		ReadyLate:    Range{0, 15 * time.Second},
		FastReady:    120 * time.Second,

		LivenessDelay:    60 * time.Second,
		LivenessPeriod:   10 * time.Second,
		LivenessFailures: 3,
		LivenessTimeout:  5 * time.Second,
		ReadinessDelay:   time.Second,
		ReadinessPeriod:  10 * time.Second,
		Restart:          Range{1000 * ms, 2000 * ms},
		CrashBackoff:     10 * time.Second,
		CrashBackoffMax:  300 * time.Second,
	}
}

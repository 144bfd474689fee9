package fault

import (
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// SlowMetadata: instance metadata lags further behind.
const SlowMetadata = scenarios.FaultSlowMetadata

var slowMetadata = effect{
	kind: SlowMetadata,
	plan: func(i *Injector, f *Fault) {
		w := &lagWindow{nodeWindow: i.newNodeWindow(f), instances: map[string]*cluster.Node{}}
		w.began = func(n *cluster.Node) {
			f.hits++
			w.instances[n.Instance.ID] = n
		}
		i.lags = append(i.lags, w)
	},
}

// lagWindow finds its nodes by their instances.
type lagWindow struct {
	*nodeWindow
	instances map[string]*cluster.Node // that were hit
}

// observeMetadata lets EC2 ask how late a change shows, if there is a reason.
func (i *Injector) observeMetadata() {
	if len(i.lags) == 0 {
		return
	}
	i.Account.SetMetadataSlowdown(func(instance string, lag time.Duration) time.Duration {
		for _, w := range i.lags {
			if n := w.instances[instance]; n != nil && w.nodes[n] != nil {
				lag = w.slowed(lag)
			}
		}
		return lag
	})
}

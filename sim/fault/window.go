package fault

import (
	"math"
	"math/rand/v2"
	"time"

	"ipamsim/ec2model"
)

// window is a time in which requests are disturbed.
type window struct {
	*Fault
	random *rand.Rand
}

// disturbRequests lets EC2 ask about each request, if there is a reason.
func (i *Injector) disturbRequests() {
	if len(i.failing) > 0 {
		i.Account.SetFault(func(_ ec2model.Caller, action ec2model.Action, start time.Duration) *ec2model.Error {
			for _, w := range i.failing {
				if w.fails(action, start) {
					w.hits++
					return w.err()
				}
			}
			return nil
		})
	}
	if len(i.slow) > 0 {
		i.Account.SetSlowdown(func(_ ec2model.Caller, action ec2model.Action, start, latency time.Duration) time.Duration {
			for _, w := range i.slow {
				if w.concerns(action, start) {
					w.hits++
					latency = w.slowed(latency)
				}
			}
			return latency
		})
	}
}

// during says whether a moment is in one of the times that a fault lasts.
// Each has its first instant and not its last.
func (f *Fault) during(t time.Duration) bool {
	if t < f.At {
		return false
	}
	n, since := time.Duration(0), t-f.At
	if f.Every > 0 {
		n, since = since/f.Every, since%f.Every
	}
	return since < f.For && (f.Times == 0 || n < time.Duration(f.Times))
}

func (w *window) concerns(action ec2model.Action, start time.Duration) bool {
	return w.during(start) && (w.Action == nil || *w.Action == action)
}

func (w *window) fails(action ec2model.Action, start time.Duration) bool {
	return w.concerns(action, start) && (w.Share >= 1 || w.random.Float64() < w.Share)
}

// longestLatency is longer than any run.
const longestLatency = 10000 * time.Hour

// slowed is in whole microseconds, as latencies are.
func (w *window) slowed(latency time.Duration) time.Duration {
	us := math.Round(float64(latency.Microseconds()) * w.Factor)
	return time.Duration(min(us, float64(longestLatency.Microseconds())))*time.Microsecond + w.Add
}

func (w *window) err() *ec2model.Error {
	return ec2model.NewError(w.Code, "injected by the scenario")
}

// storm lets other tenants send requests.
func (i *Injector) storm(f *Fault) {
	f.hits++
	end := Forever
	if f.For != Forever {
		end = i.Kernel.Now() + f.For
	}
	i.Account.Background(*f.Action, f.Rate, i.Kernel.Now(), end)
}

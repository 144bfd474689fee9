package kubelet_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/kubelet"
)

// daemon is a process whose Init takes a time and may fail.
type daemon struct {
	kernel *des.Kernel
	init   time.Duration
	err    error
	log    *[]string
}

func (d *daemon) say(what string) {
	*d.log = append(*d.log, fmt.Sprintf("%s %v", what, d.kernel.Now().Round(time.Second)))
}

func (d *daemon) Init() error {
	d.kernel.Sleep(d.init)
	return d.err
}

func (d *daemon) RunPool() {
	defer d.say("pool ended")
	for {
		d.kernel.Sleep(5 * time.Second)
	}
}

// agentWorld is a node whose agent's latencies are the middle of their
// ranges, so that its moments can be said exactly.
type agentWorld struct {
	kernel  *des.Kernel
	agent   *kubelet.Agent
	kubelet *kubelet.Kubelet
	timings kubelet.Timings
	daemon  func(n int) *daemon // of the n-th container, from 1
	started []time.Duration     // Init began
	serving []time.Duration
	ready   []time.Duration
	exits   []exit
	log     []string
}

type exit struct {
	at  time.Duration
	err error
}

func newAgentWorld(t *testing.T, d func(n int) *daemon) *agentWorld {
	w := &agentWorld{kernel: des.New(1, 0, des.Limits{}), timings: kubelet.DefaultTimings(), daemon: d}
	t.Cleanup(w.kernel.Close)
	for _, r := range []*kubelet.Range{
		&w.timings.AgentStart, &w.timings.ProcessStart, &w.timings.Conflist, &w.timings.Ready, &w.timings.ReadyLate, &w.timings.Restart,
	} {
		middle := (r.Min + r.Max) / 2
		*r = kubelet.Range{Min: middle, Max: middle}
	}
	w.kubelet = kubelet.New(w.kernel, "n", kubelet.Options{Plugin: newPlugin(w.kernel, 0), Timings: &w.timings})
	w.agent = kubelet.NewAgent(w.kernel, "n", kubelet.AgentOptions{
		Kubelet: w.kubelet, Timings: &w.timings,
		NewDaemon: func() kubelet.Daemon {
			w.started = append(w.started, w.kernel.Now())
			d := w.daemon(len(w.started))
			d.kernel, d.log = w.kernel, &w.log
			return d
		},
		OnServing: func() { w.serving = append(w.serving, w.kernel.Now()) },
		OnReady:   func() { w.ready = append(w.ready, w.kernel.Now()) },
		OnExit:    func(err error) { w.exits = append(w.exits, exit{w.kernel.Now(), err}) },
	})
	return w
}

func (w *agentWorld) run(t *testing.T, until time.Duration) {
	t.Helper()
	if err := w.kernel.Run(until); err != nil {
		t.Fatal(err)
	}
}

func quick(int) *daemon { return &daemon{init: 800 * ms} }

func TestANodeBecomesReadyStageByStage(t *testing.T) {
	w := newAgentWorld(t, quick)
	w.kernel.At(20*time.Second, w.agent.Boot)
	pod := &kubelet.Pod{Key: "kube-system/agent"}
	w.kernel.At(20*time.Second, func() { w.kubelet.Start(pod, nil) })
	w.run(t, time.Minute)
	start := 20*time.Second + 2500*ms + 350*ms
	serving := start + 800*ms
	ready := serving + 500*ms + 550*ms
	if !slices.Equal(w.started, []time.Duration{start}) || !slices.Equal(w.serving, []time.Duration{serving}) || !slices.Equal(w.ready, []time.Duration{ready}) {
		t.Errorf("init at %v, serving at %v, ready at %v; want %v, %v, %v", w.started, w.serving, w.ready, start, serving, ready)
	}
	if !w.agent.Serving() || len(w.exits) != 0 {
		t.Errorf("serving %v, exits %v", w.agent.Serving(), w.exits)
	}
	// it had no network until the CNI configuration came
	within(t, "first ADD", pod.Times().FirstAdd, serving+500*ms, serving+500*ms+2500*ms)
}

func TestDefaultTimingsMakeANodeReadyWithinSecondsOfRegistration(t *testing.T) {
	for i := range 50 {
		w := newAgentWorld(t, quick)
		w.timings = kubelet.DefaultTimings()
		w.kernel.At(0, w.agent.Boot)
		w.run(t, time.Duration(10+i)*time.Second)
		if len(w.ready) != 1 {
			t.Fatal("never ready")
		}
		within(t, "ready", w.ready[0], 3*time.Second, 7*time.Second)
	}
}

func TestAnInitThatFailsCrashLoops(t *testing.T) {
	failing := errors.New("throttled")
	w := newAgentWorld(t, func(int) *daemon { return &daemon{init: time.Second, err: failing} })
	w.agent.Boot()
	w.run(t, 30*time.Minute)
	want := []time.Duration{0, 10, 20, 40, 80, 160, 300, 300}
	for i, e := range w.exits[:len(want)] {
		if e.err != failing {
			t.Errorf("exit %+v", e)
		}
		if got := w.started[i+1] - e.at; got != want[i]*time.Second+1500*ms+350*ms {
			t.Errorf("restart %d after %v, want a back-off of %d s", i+1, got, want[i])
		}
	}
	if len(w.serving)+len(w.ready) != 0 || w.agent.Serving() {
		t.Errorf("served at %v, ready at %v", w.serving, w.ready)
	}
}

func TestACrashLoopEndsWhenInitSucceedsAndIsForgottenAfterALongLife(t *testing.T) {
	w := newAgentWorld(t, func(n int) *daemon {
		if n <= 3 {
			return &daemon{init: time.Second, err: errors.New("throttled")}
		}
		return quick(n)
	})
	w.agent.Boot()
	w.run(t, 2*time.Minute)
	if len(w.started) != 4 || len(w.serving) != 1 || len(w.ready) != 1 {
		t.Fatalf("%d starts, served at %v, ready at %v", len(w.started), w.serving, w.ready)
	}
	w.kernel.At(20*time.Minute, w.agent.Restart)
	w.run(t, 30*time.Minute)
	if got := w.started[4] - 20*time.Minute; got != 1500*ms+350*ms {
		t.Errorf("after 18 minutes of life it was restarted after %v", got)
	}
}

func TestLivenessKillsAnInitThatTakesTooLong(t *testing.T) {
	w := newAgentWorld(t, func(int) *daemon { return &daemon{init: 10 * time.Minute} })
	w.agent.Boot()
	w.run(t, 5*time.Minute)
	if len(w.exits) < 2 {
		t.Fatalf("exits %v", w.exits)
	}
	for i, e := range w.exits {
		life := e.at - (w.started[i] - 350*ms)
		if e.err != kubelet.ErrLiveness {
			t.Errorf("exit %+v", e)
		}
		// 60 s, up to a period until the first probe, two more, and the
		// time-out of the last
		within(t, "life of the container", life, 85*time.Second, 95*time.Second)
	}
}

func TestLivenessSparesAnInitThatEndsInTime(t *testing.T) {
	w := newAgentWorld(t, func(int) *daemon { return &daemon{init: 80 * time.Second} })
	w.agent.Boot()
	w.run(t, 10*time.Minute)
	if len(w.exits) != 0 || len(w.ready) != 1 || !w.agent.Serving() {
		t.Errorf("exits %v, ready at %v", w.exits, w.ready)
	}
}

func TestARestartInterruptsServiceAndLeavesTheNodeReady(t *testing.T) {
	w := newAgentWorld(t, quick)
	w.agent.Boot()
	w.kernel.At(30*time.Second, func() {
		w.agent.Restart()
		w.agent.Restart() // there is nothing left to restart
		if w.agent.Serving() {
			t.Error("it serves without a container")
		}
	})
	w.run(t, time.Minute)
	want := []time.Duration{3650 * ms, 30*time.Second + 1500*ms + 350*ms + 800*ms}
	if !slices.Equal(w.serving, want) || len(w.ready) != 1 || len(w.exits) != 1 || w.exits[0].err != kubelet.ErrRestarted {
		t.Errorf("serving at %v, want %v; ready %v, exits %v", w.serving, want, w.ready, w.exits)
	}
	if !slices.Equal(w.log, []string{"pool ended 30s"}) {
		t.Errorf("log %v", w.log)
	}
}

func TestARestartBeforeTheCNIConfigurationDelaysReady(t *testing.T) {
	w := newAgentWorld(t, quick)
	w.agent.Boot()
	w.kernel.At(3700*ms, w.agent.Restart) // it serves, and the configuration is not written
	w.run(t, time.Minute)
	want := 3700*ms + 1500*ms + 350*ms + 800*ms + 500*ms + 550*ms
	if !slices.Equal(w.ready, []time.Duration{want}) {
		t.Errorf("ready at %v, want %v", w.ready, want)
	}
}

func TestANodeWhoseNetworkComesLateIsNoticedLate(t *testing.T) {
	w := newAgentWorld(t, func(n int) *daemon {
		if n == 1 {
			return &daemon{init: 10 * time.Minute}
		}
		return &daemon{init: 80 * time.Second}
	})
	w.agent.Boot()
	w.run(t, 10*time.Minute)
	if len(w.ready) != 1 || w.ready[0]-w.serving[0] != 500*ms+7500*ms {
		t.Errorf("serving at %v, ready at %v", w.serving, w.ready)
	}
}

func TestAReplacedPodStartsFromTheImage(t *testing.T) {
	w := newAgentWorld(t, quick)
	w.agent.Boot()
	w.kernel.At(30*time.Second, w.agent.Replace)
	w.run(t, time.Minute)
	if len(w.serving) != 2 || w.serving[1] != 30*time.Second+3650*ms || len(w.ready) != 1 || len(w.exits) != 1 {
		t.Errorf("serving at %v, ready at %v, exits %v", w.serving, w.ready, w.exits)
	}
}

// A new pod's containers have no history: its first restart comes at once,
// however long the old one had to wait for its next.
func TestAReplacedPodRemembersNoCrashBackoff(t *testing.T) {
	const restart, process = 1500 * ms, 350 * ms
	for name, at := range map[string]time.Duration{"between its containers": 100 * time.Second, "in its container": 0} {
		t.Run(name, func(t *testing.T) {
			w := newAgentWorld(t, func(int) *daemon { return &daemon{init: 800 * ms, err: errors.New("no")} })
			w.agent.Boot()
			w.run(t, 100*time.Second)
			if at == 0 { // into the start of the next one
				for n := len(w.started); len(w.started) == n; {
					w.run(t, w.kernel.Now()+100*ms)
				}
			}
			if len(w.exits) < 4 {
				t.Fatalf("exits %v", w.exits)
			}
			w.agent.Replace()
			begun := len(w.started)
			w.run(t, w.kernel.Now()+2*time.Minute)
			for i, want := range []time.Duration{0, 10 * time.Second, 20 * time.Second} {
				if len(w.started) <= begun+i+1 {
					t.Fatalf("the new pod's containers start at %v", w.started[begun:])
				}
				if got := w.started[begun+i+1] - w.started[begun+i] - 800*ms - restart - process; got != want {
					t.Errorf("restart %d of the new pod waits %v, want %v", i+1, got, want)
				}
			}
		})
	}
}

func TestWhatADaemonSpawnsEndsWithIt(t *testing.T) {
	for what, end := range map[string]func(*agentWorld){
		"restart":  func(w *agentWorld) { w.agent.Restart() },
		"replace":  func(w *agentWorld) { w.agent.Replace() },
		"shutdown": func(w *agentWorld) { w.agent.Shutdown() },
	} {
		t.Run(what, func(t *testing.T) {
			w := newAgentWorld(t, quick)
			ran, ended := 0, 0
			w.agent.Spawn("too early", func() { t.Error("it ran without a container") })
			w.agent.Boot()
			w.kernel.At(10*time.Second, func() {
				for i := range 3 {
					w.agent.Spawn("child", func() {
						defer func() { ended++ }()
						w.kernel.Sleep(time.Duration(i) * time.Minute)
						ran++
					})
				}
			})
			w.kernel.At(30*time.Second, func() { end(w) })
			w.run(t, 10*time.Minute)
			if ran != 1 || ended != 3 {
				t.Errorf("%d of 3 came to their end, %d were ended", ran, ended)
			}
			if len(w.log) != 1 {
				t.Errorf("the daemon's log: %v", w.log)
			}
		})
	}
}

// A fault may strike in the daemon's own code, in the middle of a call.
func TestADaemonMayRestartItself(t *testing.T) {
	for what, fault := range map[string]func(*kubelet.Agent){"restart": (*kubelet.Agent).Restart, "replace": (*kubelet.Agent).Replace} {
		t.Run(what, func(t *testing.T) {
			w := newAgentWorld(t, quick)
			survived := false
			w.agent.Boot()
			w.kernel.At(10*time.Second, func() {
				w.agent.Spawn("worker", func() {
					fault(w.agent)
					survived = true
				})
			})
			w.run(t, time.Minute)
			if survived || len(w.serving) != 2 || len(w.exits) != 1 || !w.agent.Serving() {
				t.Errorf("survived %v, serving at %v, exits %v", survived, w.serving, w.exits)
			}
		})
	}
}

func TestAfterAShutdownNothingHappens(t *testing.T) {
	for _, at := range []time.Duration{0, 1, 2600 * ms, 3 * time.Second, 3700 * ms, 4500 * ms, 30 * time.Second} {
		w := newAgentWorld(t, quick)
		w.agent.Boot()
		w.run(t, at)
		w.agent.Shutdown()
		serving, ready := len(w.serving), len(w.ready)
		w.agent.Restart()
		w.agent.Replace()
		w.run(t, 10*time.Minute)
		if len(w.serving) != serving || len(w.ready) != ready || len(w.exits) != 0 || w.agent.Serving() || w.kernel.Pending() != 0 {
			t.Errorf("shut down at %v: serving at %v, ready at %v, exits %v", at, w.serving, w.ready, w.exits)
		}
	}
}

// The readiness probe looks 1 s after the container's start and every 10 s
// from then on.
func TestAPodIsAvailableWhenItsReadinessProbeFindsItServing(t *testing.T) {
	for init, want := range map[time.Duration]time.Duration{
		200 * ms: 1 * time.Second, 650 * ms: 1 * time.Second, 651 * ms: 11 * time.Second, 10650 * ms: 11 * time.Second, 25 * time.Second: 31 * time.Second,
	} {
		w := newAgentWorld(t, func(int) *daemon { return &daemon{init: init} })
		w.agent.Boot()
		w.run(t, 2*time.Second)
		if _, ok := w.agent.Available(); ok {
			t.Error("it is available before its container runs")
		}
		w.run(t, time.Minute)
		if from, ok := w.agent.Available(); !ok || from != 2500*ms+want {
			t.Errorf("init of %v: available from %v (%v), want %v after the container's start at 2.5 s", init, from, ok, want)
		}
		w.agent.Restart()
		if _, ok := w.agent.Available(); ok {
			t.Error("it is available without a container")
		}
	}
}

package main

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ipamsim/ec2model"
	"ipamsim/ec2model/queryapi"
	"ipamsim/validation"
	"ipamsim/validation/live"
	"ipamsim/validation/live/real/host"
)

// node is the one of the scenario.
type node struct {
	ctx       context.Context
	pump      *pump
	stage     *validation.Stage
	api       *queryapi.Handler
	kube      client.Client
	wires     *wires
	links     host.Links
	daemon    *daemon       // nil before it answers the plugin
	processes int           // of the daemon so far
	ended     time.Duration // when the last but one of them has; 0 if none has

	environment map[string]string // that the scenario gives the daemon
	restarts    bool              // the scenario has some
	unseen      []int64           // times of samples
}

func newNode(job *live.Job) (*node, error) {
	leaveNothingToChance(job)
	wait.NeverStop = make(chan struct{}) // the package's own is of no bubble, and would stop its clock
	n := &node{ctx: context.Background(), pump: newPump(job.Scenario.Seed), wires: newWires(), links: host.Links{}, environment: job.Scenario.Environment()}
	var err error
	if n.stage, err = validation.NewStage(n.pump.kernel, job.Scenario); err != nil {
		return nil, err
	}
	n.restarts = slices.ContainsFunc(job.Scenario.Events, func(e validation.Event) bool { return e.Kind == validation.Restart })
	service := queryapi.New(n.stage.Account(), n.pump.kernel, queryapi.Options{Region: "zone", Epoch: n.pump.start})
	n.api = queryapi.NewHandler(service, n.pump, nil)
	if n.kube, err = cluster(n.stage); err != nil {
		return nil, err
	}
	if err := host.Loopback(); err != nil {
		return nil, err
	}
	n.stage.Account().OnInstanceChange(n.stage.Instance(), func(ec2model.Caller, bool) { n.plug() })
	n.plug()
	return n, nil
}

// plug makes the network devices those of the attached interfaces.
func (n *node) plug() {
	attached := map[string]*types.NetworkInterface{}
	account := n.stage.Account()
	for _, id := range account.InterfaceIDs() {
		if e, ok := account.Interface(id); ok && e.Attachment != nil && *e.Attachment.InstanceId == n.stage.Instance() && e.Status == types.NetworkInterfaceStatusInUse {
			attached[id] = &e
		}
	}
	if err := n.links.Sync(attached); err != nil {
		fail(err)
	}
}

// run plays the scenario.
func (n *node) run() error {
	if err := n.launch(); err != nil {
		return err
	}
	s := n.stage.Scenario()
	for i := range s.Events {
		e := &s.Events[i]
		n.pump.atLate(milliseconds(e.AtMS), func() { n.event(e) })
	}
	for i := range s.Workload {
		step := &s.Workload[i]
		n.pump.atLate(milliseconds(step.AtMS), func() { go n.request(step) })
	}
	n.pump.atLate(validation.FirstSample, n.sample)
	return n.pump.runUntil(milliseconds(s.DurationMS) + validation.FirstSample)
}

func milliseconds(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// launch starts a process of the daemon.
func (n *node) launch() error {
	n.processes++
	if err := n.setEnvironment(); err != nil {
		return err
	}
	n.drawForSDK()
	ec2, imds := hosts(n.processes)
	n.wires.serve(ec2, &notes{node: n, process: n.processes, next: n.api, calls: map[string]int{}})
	n.wires.serve(imds, http.HandlerFunc(n.serveMetadata))
	go n.start()
	return nil
}

// restart starts a process in place of the one that runs. A bubble cannot end
// that: it stays, and whatever it asks for fails.
func (n *node) restart(more map[string]string) {
	ec2, imds := hosts(n.processes)
	n.ended = n.pump.now()
	n.wires.end(ec2)
	n.wires.end(imds)
	n.daemon, earlyContext = nil, nil
	maps.Copy(n.environment, more)
	if err := n.launch(); err != nil {
		fail(err)
	}
}

func (n *node) act(fn func()) {
	if err := n.pump.Act(func(time.Duration) { fn() }); err != nil {
		fail(err)
	}
}

// event is one change by somebody else.
func (n *node) event(e *validation.Event) {
	if e.Kind == validation.Restart {
		n.restart(e.Env)
		return
	}
	n.act(func() { n.stage.Play(e) })
	if err := n.cordon(); err != nil {
		fail(err)
	}
}

// sample notes the daemon's statistics, and does so again and again.
func (n *node) sample() {
	n.pump.atLate(n.pump.now()+validation.SampleInterval, n.sample)
	pool := n.pool()
	if n.daemon == nil {
		n.unseen = append(n.unseen, n.pump.now().Milliseconds())
	}
	n.act(func() { n.stage.Sample(pool) })
}

// serveMetadata answers as 169.254.169.254 does on the node.
func (n *node) serveMetadata(w http.ResponseWriter, r *http.Request) {
	r.URL.Path = "/instances/" + n.stage.Instance() + r.URL.Path
	n.api.ServeHTTP(w, r)
}

package cluster

import (
	"slices"
	"time"

	"ipamsim/sim/controller"
	"ipamsim/sim/des"
)

// scheduler binds pods in the order in which they were queued, at a limited
// rate, each to the best node with room. Pods with equal needs form a class:
// if the first of a class fits nowhere, none does, and the class is parked
// until a node that could take one of them gets room. So a pod costs one
// search and not one per event, as kube-scheduler's queueing hints intend.
//
// Pods of DaemonSets do not come here: their node is known when it registers.
type scheduler struct {
	cluster *Cluster
	client  *controller.Client // which sends the bindings
	seq     uint32             // of the latest pod
	queued  int                // pods
	byNeeds map[needs]*class
	classes []*class // in the order of their first pod
	active  []*class // heap by their first pod's place in the queue
	parked  []*class
	demand  func() // told that a pod fits nowhere; may be nil
	zones   zones
}

// needs are what makes pods equal for the scheduler.
type needs struct {
	Resources
	groups string    // that the workload may go to
	spread *Workload // whose pods are spread; nil for others
}

// class is a queue of equal pods.
type class struct {
	request Resources
	groups  []*Group
	spread  *Workload // whose constraints hold; nil for none
	// comparesZones says that the groups are in several zones, and that the
	// default constraints hold for pods of Deployments.
	comparesZones bool

	queue    []*Pod // from head on; pods that were deleted meanwhile stay until they come first
	head     int
	waiting  int // pods of the queue that still wait
	state    classState
	parkedAt time.Duration // last time; des.Never
	wokenAt  time.Duration // last time that it was no longer parked; des.Never
	unmetTo  uint32        // place of the last pod that was found to have no room
}

type classState uint8

const (
	idle   classState = iota // nobody waits
	active                   // may fit
	parked                   // fits nowhere
)

func newScheduler(c *Cluster) *scheduler {
	s := &scheduler{cluster: c, byNeeds: map[needs]*class{}}
	s.client = controller.NewClient(c.kernel, c.cfg.Scheduling, s.run)
	return s
}

// class finds or makes the class of a request on some of the groups.
func (s *scheduler) class(q Resources, on groupSet, w *Workload) *class {
	if len(w.Spread) == 0 {
		w = nil
	}
	key := needs{Resources: q, groups: on.key, spread: w}
	cl := s.byNeeds[key]
	if cl == nil {
		cl = &class{request: q, groups: on.groups, spread: w, parkedAt: des.Never, wokenAt: des.Never}
		cl.comparesZones = w == nil && on.zones() > 1 && s.cluster.cfg.Scoring != Packing
		s.byNeeds[key] = cl
		s.classes = append(s.classes, cl)
	}
	return cl
}

// groupSet are the groups that a workload may go to.
type groupSet struct {
	groups []*Group
	key    string
}

// zones is the number of zones in which the groups are.
func (set groupSet) zones() int {
	var zones []string
	for _, g := range set.groups {
		zones = append(zones, g.zones...)
	}
	slices.Sort(zones)
	return len(slices.Compact(zones))
}

func (c *Cluster) groupsFor(w *Workload) groupSet {
	var set groupSet
	for _, g := range c.groups {
		if !slices.Contains(w.NotOn, g.Name) {
			set.groups = append(set.groups, g)
			set.key += g.Name + "\x00"
		}
	}
	return set
}

// enqueue takes a new pod in, which Cluster.admits has let pass.
func (s *scheduler) enqueue(p *Pod) {
	s.seq++
	p.seq = s.seq
	cl := p.class
	cl.queue = append(cl.queue, p)
	cl.waiting++
	s.queued++
	switch cl.state {
	case idle:
		s.activate(cl)
	case parked:
		s.hasNoRoom(cl)
		s.wanting()
	}
}

// hasNoRoom notes that the class's pods fit nowhere, each once.
func (s *scheduler) hasNoRoom(cl *class) {
	i := len(cl.queue)
	for i > cl.head && cl.queue[i-1].seq > cl.unmetTo {
		i--
	}
	cl.unmetTo = cl.queue[len(cl.queue)-1].seq
	for _, p := range cl.queue[i:] {
		if p.state == Queued {
			p.unmet = true
			s.tell(p)
		}
	}
}

// leaves takes a pod out of the queue's counts.
func (s *scheduler) leaves(p *Pod) {
	s.queued--
	if p.unmet {
		p.unmet = false
		s.tell(p)
	}
}

func (s *scheduler) tell(p *Pod) {
	if hook := s.cluster.hooks.PodUnschedulable; hook != nil {
		hook(p, p.unmet)
	}
}

// drop takes a pod out that was deleted while it waited.
func (s *scheduler) drop(p *Pod) {
	p.class.waiting--
	s.leaves(p)
}

// roomOn says that a node has become schedulable or that a pod has left it.
func (s *scheduler) roomOn(n *Node) {
	woken := false
	kept := s.parked[:0]
	for _, cl := range s.parked {
		if n.room.fits(cl.request) && slices.Contains(cl.groups, n.Group) {
			woken = true
			cl.wokenAt = s.cluster.kernel.Now()
			s.activate(cl)
		} else {
			kept = append(kept, cl)
		}
	}
	s.parked = kept
	if woken {
		n.roomAt = s.cluster.kernel.Now()
	}
}

func (s *scheduler) activate(cl *class) {
	cl.state = active
	if cl.skipDeleted(); cl.waiting == 0 {
		cl.state = idle
		return
	}
	s.push(cl)
	s.client.Ask()
}

// run binds one pod. Attempts that find no node cost nothing.
func (s *scheduler) run() {
	for len(s.active) > 0 {
		cl := s.active[0]
		if cl.skipDeleted(); cl.waiting == 0 {
			s.pop()
			cl.state = idle
			continue
		}
		n := cl.best(cl.queue[cl.head].Workload)
		if n == nil {
			s.pop()
			s.park(cl)
			continue
		}
		p := cl.take()
		s.leaves(p)
		if cl.skipDeleted(); cl.waiting == 0 {
			s.pop()
			cl.state = idle
		} else {
			s.sink() // its first pod has changed
		}
		s.bind(p, n)
		break
	}
	if len(s.active) > 0 {
		s.client.Ask()
	}
}

func (s *scheduler) bind(p *Pod, n *Node) {
	now := s.cluster.kernel.Now()
	if now >= s.cluster.cfg.WarmUp { // the warm-up is for settling: no limit in it
		s.client.Take(now)
	}
	p.Schedulable = p.Created
	if p.class.parkedAt >= p.Created || p.class.wokenAt > p.Created {
		p.Schedulable = max(p.Created, n.roomAt)
	}
	s.cluster.place(p, n)
}

func (s *scheduler) park(cl *class) {
	cl.state = parked
	cl.parkedAt = s.cluster.kernel.Now()
	s.parked = append(s.parked, cl)
	s.hasNoRoom(cl)
	s.wanting()
}

func (s *scheduler) wanting() {
	if s.demand != nil {
		s.demand()
	}
}

// best is the node to bind a pod of the class and of a workload to, or nil.
func (cl *class) best(w *Workload) *Node {
	switch {
	case cl.spread != nil:
		return cl.bestSpread()
	case cl.comparesZones && w.Kind == Deployment:
		return w.cluster.scheduler.zones.best(cl, w)
	}
	var node *Node
	var high int64 = -1
	for _, g := range cl.groups {
		if n, score := g.find(cl.request); score > high {
			node, high = n, score
		}
	}
	return node
}

// starved says that pods wait for which no node had room when it was tried.
func (cl *class) starved() bool {
	return cl.waiting > 0 && (cl.state == parked || cl.parkedAt >= cl.queue[cl.head].Created)
}

func (cl *class) first() uint32 { return cl.queue[cl.head].seq }

func (cl *class) take() *Pod {
	p := cl.queue[cl.head]
	cl.queue[cl.head] = nil
	cl.head++
	cl.waiting--
	if cl.head >= 1024 && 2*cl.head >= len(cl.queue) { // give the used half back
		cl.queue = cl.queue[:copy(cl.queue, cl.queue[cl.head:])]
		clear(cl.queue[len(cl.queue):cap(cl.queue)])
		cl.head = 0
	}
	return p
}

// skipDeleted moves the head to a pod that still waits.
func (cl *class) skipDeleted() {
	for cl.head < len(cl.queue) && cl.queue[cl.head].state != Queued {
		cl.queue[cl.head] = nil
		cl.head++
	}
	if cl.head == len(cl.queue) {
		cl.queue, cl.head = cl.queue[:0], 0
	}
}

// The heap of active classes.

func (s *scheduler) push(cl *class) {
	s.active = append(s.active, cl)
	h := s.active
	for i := len(h) - 1; i > 0 && h[i].first() < h[(i-1)/2].first(); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
}

func (s *scheduler) pop() {
	last := len(s.active) - 1
	s.active[0], s.active[last] = s.active[last], nil
	s.active = s.active[:last]
	s.sink()
}

// sink restores the order after the root has changed.
func (s *scheduler) sink() {
	h := s.active
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && h[child+1].first() < h[child].first() {
			child++
		}
		if h[i].first() <= h[child].first() {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

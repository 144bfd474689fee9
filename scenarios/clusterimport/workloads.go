package clusterimport

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/scenarios/awsnode"
)

// workload is what keeps some of the pods.
type workload struct {
	name, namespace, owner string
	kind                   string // as the owner is called: Deployment, StatefulSet, CronJob…
	hostNetwork            bool
	request                request // the largest of its pods'
	at                     placement
	spread                 []spreadConstraint
	running, waiting       int // pods on modelled nodes; pods without a node or an address
	nodes                  map[*machine]bool
	label                  string // of the groups that it runs on, where not all do
	schedule               *schedule
	replicas               *int     // that its owner asks for
	mostReplicas           int      // of a HorizontalPodAutoscaler
	recorded               bool     // by Prometheus
	changes                []change // of its replicas, by that
	labels                 map[string]string
	budget                 string // of its PodDisruptionBudget, as the language has it
}

// onNode are the pods of a workload on a node.
type onNode struct {
	load   *workload
	named  []netip.Addr
	count  int // on the host's network
	branch int
}

// static says whether the model runs it without being told to.
func static(namespace, kind, owner string) bool {
	return kind == "DaemonSet" && namespace == "kube-system" && (owner == "aws-node" || owner == "kube-proxy")
}

// replicaHash is what a Deployment puts behind the names of its ReplicaSets, and
// timeHash what a CronJob puts behind those of its Jobs.
// k8s.io/apimachinery/pkg/util/rand: its alphabet; pkg/controller/cronjob: minutes.
var (
	replicaHash = regexp.MustCompile(`-[bcdfghjklmnpqrstvwxz2456789]{1,10}$`)
	timeHash    = regexp.MustCompile(`-\d{7,}$`)
)

// ownerOf is who keeps a pod.
func (w *world) ownerOf(p *pod) (kind, name string) {
	var o owner
	for _, x := range p.Metadata.OwnerReferences {
		if o.Name == "" || x.Controller {
			o = x
		}
	}
	switch o.Kind {
	case "":
		return "Pod", ""
	case "Node":
		return "static pod", strings.TrimSuffix(p.Metadata.Name, "-"+p.Spec.NodeName)
	case "ReplicaSet":
		if short := replicaHash.ReplaceAllString(o.Name, ""); short != o.Name {
			return "Deployment", short
		}
	case "Job":
		if j := w.jobs.get("Job " + p.Metadata.Namespace + "/" + o.Name); j != nil {
			for _, x := range j.Metadata.OwnerReferences {
				if x.Kind == "CronJob" {
					return "CronJob", x.Name
				}
			}
			return "Job", o.Name
		}
		if short := timeHash.ReplaceAllString(o.Name, ""); short != o.Name {
			return "CronJob", short
		}
	}
	return o.Kind, o.Name
}

// gather puts the pods together by who keeps them, and on their nodes.
func (w *world) gather() {
	loads, lifetimes := w.byKeeper()
	w.owners(loads)
	slices.SortFunc(w.loads, func(a, b *workload) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.owner, b.owner), cmp.Compare(a.kind, b.kind), a.request.compare(b.request))
	})
	taken := map[string]bool{}
	for _, l := range w.loads {
		name := l.owner
		if name == "" {
			name = "pods"
		}
		l.name = unique(taken, nameOf(l.namespace+"-"+name))
		l.plan(w, lifetimes[l])
	}
	w.replay()
}

// byKeeper takes the pods one by one.
func (w *world) byKeeper() (map[string]*workload, map[*workload][]lifetime) {
	byName := map[string]*machine{}
	for _, m := range w.machines {
		byName[m.name] = m
	}
	out := map[string]bool{}
	for _, n := range w.not {
		out[n.Name] = true
	}
	loads, lifetimes := map[string]*workload{}, map[*workload][]lifetime{}
	nowhere, elsewhere := 0, 0
	for _, p := range w.pods.list {
		kind, owner := w.ownerOf(p)
		if static(p.Metadata.Namespace, kind, owner) {
			w.compare(p)
			continue
		}
		m := byName[p.Spec.NodeName]
		switch {
		case p.Status.Phase == "Succeeded" || p.Status.Phase == "Failed":
			if kind != "CronJob" {
				continue
			}
		case p.Spec.NodeName != "" && m == nil && out[p.Spec.NodeName]:
			elsewhere++
			continue
		case p.Spec.NodeName != "" && m == nil:
			nowhere++
			continue
		}
		key := kind + " " + p.Metadata.Namespace + "/" + owner
		r, err := requestOf(&p.Spec)
		if err != nil {
			w.problem("the pod %s/%s: %v", words.Printable(p.Metadata.Namespace), words.Printable(p.Metadata.Name), err)
			continue
		}
		if kind == "Pod" { // with others of its size
			key += fmt.Sprint(r, p.Spec.HostNetwork, placementOf(&p.Spec))
		}
		load := loads[key]
		if load == nil {
			load = w.workload(p, kind, owner)
			loads[key] = load
		}
		load.request = load.request.or(r)
		if life, ok := lifetimeOf(p); ok {
			lifetimes[load] = append(lifetimes[load], life)
		}
		if p.Status.Phase != "Succeeded" && p.Status.Phase != "Failed" {
			w.put(p, m, load)
		}
	}
	for _, tag := range sorted(w.otherTags) {
		w.say("%s of aws-node with %s, and its DaemonSet has %s: a roll-out is under way, or stuck; all nodes are taken to have what the DaemonSet has", words.Plural(w.otherTags[tag], "pod"), words.Printable(tag), words.Printable(w.settings.version))
	}
	if nowhere > 0 {
		w.assume("%s on nodes that are not among the nodes of the files are left out", words.Plural(nowhere, "pod"))
	}
	if elsewhere > 0 {
		w.say("%s on nodes that are not modelled are left out; their addresses count as held", words.Plural(elsewhere, "pod"))
	}
	return loads, lifetimes
}

// workload is a new one, of which a pod is the first that is seen.
func (w *world) workload(p *pod, kind, owner string) *workload {
	load := &workload{namespace: p.Metadata.Namespace, owner: owner, kind: kind, nodes: map[*machine]bool{},
		hostNetwork: p.Spec.HostNetwork, at: placementOf(&p.Spec), spread: p.Spec.TopologySpreadConstraints, labels: p.Metadata.Labels}
	w.loads = append(w.loads, load)
	return load
}

// compare counts pods of aws-node that run another image than their DaemonSet has.
func (w *world) compare(p *pod) {
	for _, c := range p.Spec.Containers {
		tag := awsnode.Tag(c.Image)
		if c.Name != "aws-node" || w.settings == nil || tag == "" || tag == w.settings.version {
			continue
		}
		if w.otherTags == nil {
			w.otherTags = map[string]int{}
		}
		w.otherTags[tag]++
	}
}

// put puts a pod that has not ended on its node, or among those that wait.
func (w *world) put(p *pod, m *machine, load *workload) {
	addr, err := netip.ParseAddr(p.Status.PodIP)
	has := err == nil && addr.Is4()
	if m == nil || !p.Spec.HostNetwork && !has && p.Metadata.Annotations.Branch == "" {
		load.waiting++
		return
	}
	load.running++
	load.nodes[m] = true
	var at *onNode
	if n := len(m.pods); n > 0 && m.pods[n-1].load == load {
		at = m.pods[n-1]
	}
	for _, x := range m.pods {
		if x.load == load {
			at = x
		}
	}
	if at == nil {
		at = &onNode{load: load}
		m.pods = append(m.pods, at)
	}
	switch {
	case p.Spec.HostNetwork:
		at.count++
	case p.Metadata.Annotations.Branch != "":
		at.branch++
	default:
		at.named = append(at.named, addr)
	}
}

// owners takes what the objects that keep pods say, and those of which no pod is
// there.
func (w *world) owners(loads map[string]*workload) {
	for _, d := range w.deployments.list {
		key := d.kind + " " + d.Metadata.Namespace + "/" + d.Metadata.Name
		l := loads[key]
		if l == nil {
			if d.Spec.Replicas != nil && *d.Spec.Replicas == 0 || len(w.pods.list) > 0 {
				continue // it has no pods, or all of them are on nodes that are not modelled
			}
			r, err := requestOf(&d.Spec.Template.Spec)
			if err != nil {
				w.problem("the %s %s: %v", d.kind, words.Printable(d.Metadata.Name), err)
				continue
			}
			l = &workload{namespace: d.Metadata.Namespace, owner: d.Metadata.Name, kind: d.kind, nodes: map[*machine]bool{}, request: r,
				hostNetwork: d.Spec.Template.Spec.HostNetwork, at: placementOf(&d.Spec.Template.Spec), spread: d.Spec.Template.Spec.TopologySpreadConstraints}
			loads[key] = l
			w.loads = append(w.loads, l)
		}
		l.replicas = d.Spec.Replicas
	}
	for _, h := range w.scalers.list {
		key := h.Spec.ScaleTargetRef.Kind + " " + h.Metadata.Namespace + "/" + h.Spec.ScaleTargetRef.Name
		if l := loads[key]; l != nil {
			l.mostReplicas = h.Spec.MaxReplicas
		} else {
			w.say("the HorizontalPodAutoscaler %s is of no workload on the modelled nodes", words.Printable(h.Metadata.Name))
		}
	}
	w.crons(loads)
	w.protect(loads)
}

// amount is what a PodDisruptionBudget may say.
var amount = regexp.MustCompile(`^(\d{1,6}|\d{1,3}%)$`)

// protect gives workloads their PodDisruptionBudgets.
func (w *world) protect(loads map[string]*workload) {
	for _, b := range w.budgets.list {
		found := false
		text := ""
		switch s := b.Spec; {
		case amount.MatchString(string(s.MinAvailable)):
			text = "{minAvailable: " + string(s.MinAvailable) + "}"
		case amount.MatchString(string(s.MaxUnavailable)):
			text = "{maxUnavailable: " + string(s.MaxUnavailable) + "}"
		}
		for _, key := range sorted(loads) {
			l := loads[key]
			if l.namespace != b.Metadata.Namespace || len(b.Spec.Selector.MatchLabels) == 0 || len(b.Spec.Selector.MatchExpressions) > 0 || text == "" {
				continue
			}
			matches := true
			for k, v := range b.Spec.Selector.MatchLabels { // any order: all have to
				matches = matches && l.labels[k] == v
			}
			if matches && l.budget == "" && l.kind != "DaemonSet" && l.kind != "CronJob" {
				l.budget, found = text, true
			}
		}
		if !found {
			w.unprotected++
		}
	}
}

// request is what a pod asks for.
type request struct{ milliCPU, bytes int64 }

func (r request) or(o request) request {
	return request{max(r.milliCPU, o.milliCPU), max(r.bytes, o.bytes)}
}

func (r request) compare(o request) int {
	return cmp.Or(cmp.Compare(r.milliCPU, o.milliCPU), cmp.Compare(r.bytes, o.bytes))
}

// requestOf is what the scheduler counts for a pod: the largest of its init
// containers, each with the sidecars before it, or all containers and sidecars
// together, and what the runtime takes.
// https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
func requestOf(s *podSpec) (request, error) {
	var all, sidecars, most request
	for _, c := range s.InitContainers {
		r, err := c.Resources.read()
		if err != nil {
			return all, err
		}
		if c.RestartPolicy == "Always" {
			sidecars = request{sidecars.milliCPU + r.milliCPU, sidecars.bytes + r.bytes}
			most = most.or(sidecars)
			continue
		}
		most = most.or(request{sidecars.milliCPU + r.milliCPU, sidecars.bytes + r.bytes})
	}
	all = sidecars
	for _, c := range s.Containers {
		r, err := c.Resources.read()
		if err != nil {
			return all, err
		}
		all = request{all.milliCPU + r.milliCPU, all.bytes + r.bytes}
	}
	all = all.or(most)
	if whole, err := s.Resources.read(); err != nil {
		return all, err
	} else { // of the pod as a whole: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#pod-level-resource-specification
		if whole.milliCPU > 0 {
			all.milliCPU = whole.milliCPU
		}
		if whole.bytes > 0 {
			all.bytes = whole.bytes
		}
	}
	extra, err := requests{s.Overhead}.read()
	return request{all.milliCPU + extra.milliCPU, all.bytes + extra.bytes}, err
}

func (r requests) read() (request, error) {
	cpu, err := r.Requests["cpu"].thousandths()
	if err != nil {
		return request{}, fmt.Errorf("cpu: %w", err)
	}
	memory, err := r.Requests["memory"].thousandths()
	if err != nil {
		return request{}, fmt.Errorf("memory: %w", err)
	}
	return request{cpu, (memory + 999) / 1000}, nil
}

// spreads are the constraints that the language has, and how many it has not.
func (l *workload) spreads() (known []string, others int) {
	for _, c := range l.spread {
		over := map[string]string{"topology.kubernetes.io/zone": "zones", "failure-domain.beta.kubernetes.io/zone": "zones", "kubernetes.io/hostname": "hosts"}[c.TopologyKey]
		if over == "" || c.MaxSkew < 1 {
			others++
			continue
		}
		when := c.WhenUnsatisfiable
		if when == "" {
			when = "DoNotSchedule"
		}
		known = append(known, sprintf("{over: %s, maxSkew: %d, whenUnsatisfiable: %s}", over, c.MaxSkew, plain(when)))
	}
	return known, others
}

// wanted is how many pods it wants.
func (l *workload) wanted() int {
	if l.replicas != nil {
		return *l.replicas
	}
	return l.running + l.waiting
}

// name makes a name of the language of any.
func nameOf(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	name := strings.Trim(b.String(), "-")
	if len(name) > 56 {
		name = strings.TrimRight(name[:56], "-")
	}
	if name == "" {
		name = "unnamed"
	}
	return name
}

// unique makes a name one that is not taken yet.
func unique(taken map[string]bool, name string) string {
	for n, base := 2, name; taken[name]; n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	taken[name] = true
	return name
}

// sorted are the keys of a map.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

package result

// Trends are the distributions while they are put together.
type Trends struct {
	StartTrends
	Phases PhaseSums // of pods from created to running

	Workloads, NodeGroups, Zones []SetTrends
	Selected                     []SelectedTrends
}

// StartTrends are those of how pods and nodes start: what conditions may be set on.
type StartTrends struct{ PodCreation, PodStart, PodPending, PodAddressWait, NodeReady Durations }

// SetTrends are those of one workload, node group or zone.
type SetTrends struct{ PodStart, PodPending Durations }

// SelectedTrends are those of the pods, and of the nodes, that some of the
// scenario's conditions are about.
type SelectedTrends struct {
	Part
	StartTrends
}

// of are the trends of a part that was asked for.
func (t *Trends) of(part Part) *SelectedTrends {
	for i := range t.Selected {
		if t.Selected[i].equal(part) {
			return &t.Selected[i]
		}
	}
	panic("result: nobody has measured the pods of " + part.Selector.String() + " " + part.Window.String())
}

// Merge takes other trends in.
func (t *Trends) Merge(more *Trends) {
	t.StartTrends.merge(&more.StartTrends)
	t.Phases.merge(&more.Phases)
	mergeSets(&t.Workloads, more.Workloads)
	mergeSets(&t.NodeGroups, more.NodeGroups)
	mergeSets(&t.Zones, more.Zones)
	if t.Selected == nil {
		t.Selected = make([]SelectedTrends, len(more.Selected))
	}
	for i := range more.Selected {
		to, from := &t.Selected[i], &more.Selected[i]
		to.Part = from.Part
		to.StartTrends.merge(&from.StartTrends)
	}
}

func (t *StartTrends) merge(more *StartTrends) {
	t.PodCreation.merge(&more.PodCreation)
	t.PodStart.merge(&more.PodStart)
	t.PodPending.merge(&more.PodPending)
	t.PodAddressWait.merge(&more.PodAddressWait)
	t.NodeReady.merge(&more.NodeReady)
}

// mergeSets relies on equal lists: replications have the same workloads.
func mergeSets(to *[]SetTrends, more []SetTrends) {
	if *to == nil {
		*to = make([]SetTrends, len(more))
	}
	for i := range more {
		(*to)[i].PodStart.merge(&more[i].PodStart)
		(*to)[i].PodPending.merge(&more[i].PodPending)
	}
}

// Distributions are their histograms.
func (t *Trends) Distributions() Distributions {
	return Distributions{
		PodStart: t.PodStart.distribution(), PodPending: t.PodPending.distribution(),
		PodAddressWait: t.PodAddressWait.distribution(), PodCreation: t.PodCreation.distribution(), NodeReady: t.NodeReady.distribution(),
	}
}

// Describe puts the trends' quantiles into an outcome.
func (t *Trends) Describe(o *Outcome) {
	o.Pods.Start, o.Pods.Pending, o.Pods.AddressWait = t.PodStart.quantiles(), t.PodPending.quantiles(), t.PodAddressWait.quantiles()
	o.Pods.Creation = t.PodCreation.quantiles()
	o.Pods.Phases = t.Phases.times()
	o.Nodes.Ready = t.NodeReady.quantiles()
	describeSets(o.Workloads, t.Workloads)
	describeSets(o.NodeGroups, t.NodeGroups)
	describeSets(o.Zones, t.Zones)
}

func describeSets(sets []PodSet, trends []SetTrends) {
	for i := range trends {
		sets[i].Start, sets[i].Pending = trends[i].PodStart.quantiles(), trends[i].PodPending.quantiles()
	}
}

package result

import "slices"

// Trends are the distributions while they are put together.
type Trends struct {
	PodStart, PodPending, PodAddressWait, NodeReady Durations

	Ways Ways // of pods from created to running

	Workloads, NodeGroups, Zones []SetTrends
	Selected                     []SelectedTrends
}

// SetTrends are those of one workload, node group or zone.
type SetTrends struct{ PodStart, PodPending Durations }

// SelectedTrends are those of the pods that a selector means.
type SelectedTrends struct {
	Selector                             Selector
	PodStart, PodPending, PodAddressWait Durations
}

// of are the trends of the pods that a selector means.
func (t *Trends) of(s Selector) *SelectedTrends {
	part := s.Pods()
	for i := range t.Selected {
		if slices.Equal(t.Selected[i].Selector, part) {
			return &t.Selected[i]
		}
	}
	panic("result: nobody has measured the pods of " + part.String())
}

// Merge takes other trends in.
func (t *Trends) Merge(more *Trends) {
	t.PodStart.Merge(&more.PodStart)
	t.PodPending.Merge(&more.PodPending)
	t.PodAddressWait.Merge(&more.PodAddressWait)
	t.NodeReady.Merge(&more.NodeReady)
	t.Ways.Merge(&more.Ways)
	mergeSets(&t.Workloads, more.Workloads)
	mergeSets(&t.NodeGroups, more.NodeGroups)
	mergeSets(&t.Zones, more.Zones)
	if t.Selected == nil {
		t.Selected = make([]SelectedTrends, len(more.Selected))
	}
	for i := range more.Selected {
		to, from := &t.Selected[i], &more.Selected[i]
		to.Selector = from.Selector
		to.PodStart.Merge(&from.PodStart)
		to.PodPending.Merge(&from.PodPending)
		to.PodAddressWait.Merge(&from.PodAddressWait)
	}
}

// mergeSets relies on equal lists: replications have the same workloads.
func mergeSets(to *[]SetTrends, more []SetTrends) {
	if *to == nil {
		*to = make([]SetTrends, len(more))
	}
	for i := range more {
		(*to)[i].PodStart.Merge(&more[i].PodStart)
		(*to)[i].PodPending.Merge(&more[i].PodPending)
	}
}

// Distributions are their histograms.
func (t *Trends) Distributions() Distributions {
	return Distributions{
		PodStart: t.PodStart.Distribution(), PodPending: t.PodPending.Distribution(),
		PodAddressWait: t.PodAddressWait.Distribution(), NodeReady: t.NodeReady.Distribution(),
	}
}

// Describe puts the trends' quantiles into an outcome.
func (t *Trends) Describe(o *Outcome) {
	o.Pods.Start, o.Pods.Pending, o.Pods.AddressWait = t.PodStart.Quantiles(), t.PodPending.Quantiles(), t.PodAddressWait.Quantiles()
	o.Pods.Phases = t.Ways.Times()
	o.Nodes.Ready = t.NodeReady.Quantiles()
	describeSets(o.Workloads, t.Workloads)
	describeSets(o.NodeGroups, t.NodeGroups)
	describeSets(o.Zones, t.Zones)
}

func describeSets(sets []PodSet, trends []SetTrends) {
	for i := range trends {
		sets[i].Start, sets[i].Pending = trends[i].PodStart.Quantiles(), trends[i].PodPending.Quantiles()
	}
}

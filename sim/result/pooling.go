package result

// Pooling is what a metric is of several replications.
type Pooling string

// The rules. A count, and a level at the end of a run, is a mean; a peak and a
// minimum is that of the replication in which it was worst, so that a gate on it
// holds in each.
const (
	Together Pooling = "together"
	Mean     Pooling = "mean"
	Highest  Pooling = "highest"
	Lowest   Pooling = "lowest"
	Longest  Pooling = "longest"
)

// AboutPooling is a rule in words.
type AboutPooling struct {
	Rule Pooling
	Doc  string
}

// Poolings are all rules, in the order of the reference page.
var Poolings = []AboutPooling{
	{Together, "The durations of all replications are one distribution."},
	{Mean, "The mean of the replications, not rounded: what happened in one of ten is 0.1 and not 0."},
	{Highest, "The highest of any replication."},
	{Lowest, "The lowest of any replication."},
	{Longest, "The longest of any replication, and not observed where one replication did not come to it."},
}

// reading is a metric's value in one replication.
type reading struct {
	value    float64
	observed bool
}

// of is what the rule makes of the readings of a variant's replications, of
// which there is at least one. What none has observed is not observed.
func (p Pooling) of(list []reading) (all reading) {
	all = list[0]
	sum := 0.0
	for _, r := range list {
		sum += r.value
		switch p {
		case Highest, Longest:
			all.value = max(all.value, r.value)
		case Lowest:
			all.value = min(all.value, r.value)
		}
		if p == Longest {
			all.observed = all.observed && r.observed
		} else {
			all.observed = all.observed || r.observed
		}
	}
	if p == Mean {
		all.value = sum / float64(len(list))
	}
	return all
}

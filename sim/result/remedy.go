package result

// Remedy is a change of the scenario that is to end a failure mode, or to
// lessen it.
type Remedy struct {
	Set []string `json:"set"` // the change, as --set takes it: path=value
	// Kubectl is the command that makes the change on a cluster, and AddOn the
	// configuration of the EKS add-on that does; empty where it is not one of
	// the aws-node container's environment.
	Kubectl string `json:"kubectl,omitempty"`
	AddOn   string `json:"add_on,omitempty"`

	// Tried is what running the scenario with the change came to, by metric;
	// absent where it was not tried.
	Tried   map[string]Change `json:"tried,omitempty"`
	Verdict Verdict           `json:"verdict,omitempty"` // absent where it was not tried
}

// Verdict is what trying a remedy showed of the finding that it is against.
type Verdict string

// The verdicts. Either says besides that nothing else got worse: not more pods
// that never start or lose packets, nor a start that takes longer beyond a
// bound.
const (
	Cures Verdict = "cures" // the finding is gone, and nothing has come in its place
	Helps Verdict = "helps" // what it is about has become less
)

// Change is a metric without a remedy and with it; null where it has no value,
// such as a quantile of pods that never start.
type Change struct {
	Before *float64 `json:"before"`
	After  *float64 `json:"after"`
}

package scenarios

// FaultPauseDeletes keeps pods from ending.
const FaultPauseDeletes FaultKind = "pause-deletes"

var pauseDeletes = faultKind{
	name:  FaultPauseDeletes,
	lasts: true,
	keys:  []string{"workload"},
	doc:   "No pod of a workload ends: those whose lifetime is over run on, and replicas that are too many stay. When it is over they go.",
	check: func(c *faultCheck) {
		if c.usable("%s.workload", c.path) {
			c.known(c.path+".workload", "workload", c.fault.Workload, c.workloadNames("Deployment", "Job", "Pod", "Trace"))
		}
	},
	words: func(f *Fault) string {
		if f.Workload == "" {
			return "no pod ends"
		}
		return "no pod of " + f.Workload + " ends"
	},
}

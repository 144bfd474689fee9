package kubelet

// The stages that Options.OnStage tells of, in the order of a pod's way.
const (
	Mounting  = mounting
	Syncing   = syncing
	Unwired   = unwired
	Preparing = preparing
	Adding    = adding
	Wiring    = wiring
	Queuing   = queuing
	Pausing   = pausing
	Undoing   = undoing
	Clearing  = clearing
	Pulling   = pulling
	Waiting   = waiting
	Starting  = starting
	Reporting = reporting
	Stopping  = stopping
	Releasing = releasing
	Removing  = removing
)

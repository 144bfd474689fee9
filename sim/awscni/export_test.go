package awscni

import "ipamsim/sim/kubelet"

// UnheardLog calls all that writes the log for a pod of a plugin that nobody
// listens to.
func UnheardLog() {
	for _, err := range []error{nil, errDial} {
		unheard.logAdd(&pod)
		unheard.logAnswer(&pod, err)
		unheard.logWired(&pod, err, false)
		unheard.logNotUndone(&pod, err)
		unheard.logDel(&pod)
		unheard.logDelAnswer(&pod, pod.Address(), pod.Device(), err)
		unheard.logUnwired(&pod, pod.Address(), pod.Device(), err)
		unheard.logWithoutAnswer(&pod)
		unheard.logByResult(&pod, err)
	}
}

var (
	unheard = New(Options{})
	pod     = kubelet.Pod{Key: "default/unheard"}
)

package kubelet

import "reflect"

// Fields are the names of the fields of Timings.
func (t Timings) Fields() (names []string) {
	for f := range reflect.TypeOf(t).Fields() {
		names = append(names, f.Name)
	}
	return names
}

// UnheardLog calls all that writes the log for a pod of a kubelet that nobody
// listens to.
func UnheardLog() {
	for _, err := range []error{nil, ErrDial} {
		unheard.logAdd()
		unheard.logAnswer(err)
		unheard.logWired(err, false)
		unheard.logNotUndone(err)
		unheard.logDel()
		unheard.logDelAnswer(unheard.Address, unheard.Device, err)
		unheard.logUnwired(unheard.Address, unheard.Device, err)
		unheard.logWithoutAnswer()
		unheard.logByResult(err)
	}
}

var unheard = &Pod{Key: "default/unheard", kubelet: &Kubelet{}}

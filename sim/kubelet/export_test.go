package kubelet

import "reflect"

// Fields are the names of the fields of Timings.
func (t Timings) Fields() (names []string) {
	for f := range reflect.TypeOf(t).Fields() {
		names = append(names, f.Name)
	}
	return names
}

package kubelet

import (
	"math/rand/v2"
	"reflect"
	"time"
)

// Fields are the names of the fields of Timings.
func (t Timings) Fields() (names []string) {
	for f := range reflect.TypeOf(t).Fields() {
		names = append(names, f.Name)
	}
	return names
}

// Draw is a duration of the range.
func (r Range) Draw(random *rand.Rand) time.Duration { return r.draw(random) }

// ErrLiveness and ErrRestarted are why containers end.
var ErrLiveness, ErrRestarted = errLiveness, errRestarted

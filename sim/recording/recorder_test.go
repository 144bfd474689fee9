package recording

import (
	"errors"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
)

// Every request of a recorded node is in the recording, and each belongs to
// one call.
func TestRecordingHasEveryRequestOfItsNodes(t *testing.T) {
	w, err := fleet.New(scenariotest.Expand(t, scenariotest.Cliff, scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	recorder := Attach(w, Selection{})
	if err := w.Run(t.Context(), w.End, nil); err != nil {
		t.Fatal(err)
	}
	in := 0
	for _, n := range recorder.Finish().Nodes {
		for _, c := range n.Calls {
			if !c.Cut && len(c.Attempts) == 0 || c.End < c.Start {
				t.Errorf("%s: %+v", n.Name, c)
			}
			in += len(c.Attempts)
		}
	}
	sent := 0
	for _, a := range w.Outcome().API {
		sent += a.Attempts
	}
	// The collector counts from time 0 on, and the autoscaler's requests too.
	if in < sent-20 || in == 0 {
		t.Errorf("%d requests recorded, %d sent", in, sent)
	}
}

// Beyond its bound a recording takes nothing more in, and the run ends.
func TestRecordingIsBounded(t *testing.T) {
	w, err := fleet.New(scenariotest.Expand(t, scenariotest.Cliff, scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	recorder := Attach(w, Selection{})
	recorder.entries = Limit - 5000
	err = w.Run(t.Context(), w.End, nil)
	if !errors.Is(err, ErrLimit) {
		t.Fatal(err)
	}
	out, entries := recorder.Finish(), 0
	for _, p := range out.Pods {
		entries += len(p.Stages) + len(p.Adds)
	}
	for _, n := range out.Nodes {
		entries += len(n.Pauses) + len(n.Pool)
	}
	if entries > 5000 {
		t.Errorf("%d entries were kept", entries)
	}
}
